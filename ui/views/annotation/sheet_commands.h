#pragma once

#include "views/annotation/sheet_exchange.h"

namespace lacuna::ui {

/// Asks whose sheet and which file, then hands on.
class SheetCommands : public QObject {
  Q_OBJECT
 public:
  SheetCommands(SheetExchange& exchange, QWidget* window);
  void exportSheet();
  void importAnswers();
  void importAnswers(const QString& file);          ///< of a file at hand, as one dropped

 private:
  void askRater(const QString& title, const QString& name, std::function<void(const QString&)> then);
  SheetExchange& m_exchange;
  QWidget* m_window;
};

}  // namespace lacuna::ui

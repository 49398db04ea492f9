#pragma once

#include <QFrame>
#include <functional>

class QLabel;
class QPushButton;

namespace lacuna::ui {

enum class InfoKind { Note, Warning, Error, Success };

/// A message in the page: what happened, why, what to do, with its code; never a dialog. Errors stay until dismissed.
class InfoBar : public QFrame {
  Q_OBJECT
 public:
  explicit InfoBar(QWidget* parent = nullptr);
  void showMessage(InfoKind kind, const QString& text, const QString& actionText = {}, std::function<void()> action = {});
  QString text() const;

 private:
  QLabel* m_text;
  QPushButton* m_action;
  std::function<void()> m_run;
};

}  // namespace lacuna::ui

#pragma once

#include <QFrame>

class QLineEdit;
class QListWidget;

namespace lacuna::ui {

class ActionRegistry;

/// Letters of `pattern` in order inside `text`, ignoring case: higher is better, −1 no match. Starts of words count most.
int fuzzyScore(const QString& pattern, const QString& text);

/// Finds any command by some of its letters; shows its shortcut, and why it is disabled. A child of the window, not a dialog.
class CommandPalette : public QFrame {
  Q_OBJECT
 public:
  CommandPalette(const ActionRegistry& registry, QWidget* window);
  void open();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void filter(const QString& pattern);
  void trigger();
  const ActionRegistry& m_registry;
  QLineEdit* m_input;
  QListWidget* m_list;
};

}  // namespace lacuna::ui

#pragma once

#include <QAction>
#include <QObject>
#include <functional>
#include <vector>

namespace lacuna::ui {

struct ActionSpec {
  QString id;            ///< unique; also the action's objectName: "run.start"
  QString text, category, icon, shortcut;
  QString disabledReason;   ///< said by the palette while the action is disabled
};

/// Every command of the window, once: menus, tool bars, shortcuts and the command palette are fed from here.
class ActionRegistry : public QObject {
  Q_OBJECT
 public:
  explicit ActionRegistry(QWidget* window);
  /// A second action of the same id or shortcut is a fault of the program.
  QAction* add(const ActionSpec& spec, QObject* owner, std::function<void()> triggered);
  /// Takes in an action that someone else made, as the toggle of a dock.
  void adopt(QAction* action, const QString& category);
  QAction* find(const QString& id) const;
  QString category(const QAction* action) const { return action->property("category").toString(); }
  QString disabledReason(const QAction* action) const { return action->property("disabledReason").toString(); }
  const std::vector<QAction*>& actions() const { return m_actions; }

 private:
  QWidget* m_window;
  std::vector<QAction*> m_actions;
};

}  // namespace lacuna::ui

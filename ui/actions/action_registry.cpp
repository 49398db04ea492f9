#include "actions/action_registry.h"

#include <QWidget>

#include "lacuna/base/error.h"
#include "theme/icons.h"

namespace lacuna::ui {

ActionRegistry::ActionRegistry(QWidget* window) : QObject(window), m_window(window) {}

QAction* ActionRegistry::add(const ActionSpec& spec, QObject* owner, std::function<void()> triggered) {
  const QKeySequence shortcut(spec.shortcut);
  for (const QAction* other : m_actions)
    LACUNA_CHECK(other->objectName() != spec.id && (shortcut.isEmpty() || other->shortcut() != shortcut));
  auto* action = new QAction(spec.text, this);
  action->setObjectName(spec.id);
  action->setShortcut(shortcut);
  action->setProperty("category", spec.category);
  action->setProperty("disabledReason", spec.disabledReason);
  if (!spec.icon.isEmpty()) action->setIcon(icon(spec.icon));
  connect(action, &QAction::triggered, owner, [triggered = std::move(triggered)] { triggered(); });
  m_window->addAction(action);
  m_actions.push_back(action);
  return action;
}

void ActionRegistry::adopt(QAction* action, const QString& category) {
  LACUNA_CHECK(!find(action->objectName()));
  action->setProperty("category", category);
  m_actions.push_back(action);
}

QAction* ActionRegistry::find(const QString& id) const {
  for (QAction* action : m_actions)
    if (action->objectName() == id) return action;
  return nullptr;
}

}  // namespace lacuna::ui

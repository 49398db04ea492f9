#include "actions/command_palette.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "actions/action_registry.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

int fuzzyScore(const QString& pattern, const QString& text) {
  int score = 0;
  qsizetype at = -1;
  for (const QChar letter : pattern) {
    if (letter.isSpace()) continue;
    const qsizetype next = text.indexOf(letter, at + 1, Qt::CaseInsensitive);
    if (next < 0) return -1;
    const bool wordStart = next == 0 || !text[next - 1].isLetterOrNumber();
    score += (wordStart ? 8 : 1) + (next == at + 1 ? 4 : 0);
    at = next;
  }
  return score;
}

CommandPalette::CommandPalette(const ActionRegistry& registry, QWidget* window)
    : QFrame(window), m_registry(registry), m_input(new QLineEdit(this)), m_list(new QListWidget(this)) {
  setObjectName(u"card"_s);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(m_input);
  layout->addWidget(m_list);
  m_input->setPlaceholderText(tr("Find a command"));
  m_input->setAccessibleName(tr("Find a command"));
  m_list->setAccessibleName(tr("Commands"));
  m_list->setFocusPolicy(Qt::NoFocus);
  m_list->setFrameShape(QFrame::NoFrame);
  m_input->installEventFilter(this);
  connect(m_input, &QLineEdit::textChanged, this, &CommandPalette::filter);
  connect(m_list, &QListWidget::itemActivated, this, [this] { trigger(); });
  connect(m_list, &QListWidget::itemClicked, this, [this] { trigger(); });
  hide();
}

void CommandPalette::open() {
  const QWidget* window = parentWidget();
  const int width = std::min(560, window->width() - 64);
  setGeometry((window->width() - width) / 2, 56, width, 380);
  m_input->clear();
  filter({});
  show();
  raise();
  m_input->setFocus();
}

void CommandPalette::filter(const QString& pattern) {
  std::vector<std::pair<int, QAction*>> found;
  for (QAction* action : m_registry.actions()) {
    const int score = fuzzyScore(pattern, m_registry.category(action) + u' ' + action->text());
    if (score >= 0) found.emplace_back(-score, action);
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  m_list->clear();
  for (const auto& [score, action] : found) {
    QString text = m_registry.category(action) + u": "_s + action->text().remove(u'&');
    if (!action->shortcut().isEmpty()) text += u"    "_s + action->shortcut().toString(QKeySequence::NativeText);
    if (!action->isEnabled()) text += u"    — "_s + m_registry.disabledReason(action);
    auto* item = new QListWidgetItem(action->icon(), text, m_list);
    item->setData(Qt::UserRole, action->objectName());
    if (!action->isEnabled()) item->setFlags(item->flags() & ~Qt::ItemIsEnabled);
  }
  m_list->setCurrentRow(0);
}

void CommandPalette::trigger() {
  const QListWidgetItem* item = m_list->currentItem();
  QAction* action = item ? m_registry.find(item->data(Qt::UserRole).toString()) : nullptr;
  hide();
  if (action && action->isEnabled()) action->trigger();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::FocusOut) hide();
  const bool override = event->type() == QEvent::ShortcutOverride;
  if (!override && event->type() != QEvent::KeyPress) return QFrame::eventFilter(watched, event);
  const int key = static_cast<QKeyEvent*>(event)->key();
  if (override) {   // Esc closes the palette before it is anyone's shortcut
    event->setAccepted(key == Qt::Key_Escape);
    return key == Qt::Key_Escape;
  }
  if (key == Qt::Key_Escape) hide();
  else if (key == Qt::Key_Return || key == Qt::Key_Enter) trigger();
  else if (key == Qt::Key_Down) m_list->setCurrentRow(std::min(m_list->currentRow() + 1, m_list->count() - 1));
  else if (key == Qt::Key_Up) m_list->setCurrentRow(std::max(m_list->currentRow() - 1, 0));
  else return false;
  return true;
}

}  // namespace lacuna::ui

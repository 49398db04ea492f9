#include "views/tasks/task_item_view.h"

#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QTextBrowser>
#include <QVBoxLayout>

#include "theme/theme.h"

namespace lacuna::ui {

TaskItemView::TaskItemView(StudyContext& study, QWidget* parent) : TaskItemView(new TaskItemViewModel(study), new QWidget, parent) {}

TaskItemView::TaskItemView(TaskItemViewModel* model, QWidget* content, QWidget* parent)
    : ViewFrame(model, content, nullptr, parent), m_item(model), m_number(new QSpinBox(this)), m_show(new QPushButton(tr("Show the item"), content)),
      m_text(new QTextBrowser(content)) {
  auto* layout = new QVBoxLayout(content);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(m_show, 0, Qt::AlignLeft);
  layout->addWidget(m_text, 1);
  m_show->setAccessibleName(m_show->text());
  m_show->setToolTip(tr("Loads the model's tokenizer and weights once"));
  m_text->setAccessibleName(model->title());
  m_number->setAccessibleName(tr("Number of the item"));
  m_number->setPrefix(tr("item "));
  addOption(m_number);
  connect(m_number, &QSpinBox::valueChanged, model, [model](int number) { model->setItem(number - 1); });
  connect(m_show, &QPushButton::clicked, model, &TaskItemViewModel::ask);
  refresh();
}

void TaskItemView::updateContent() {
  if (!m_item) return;
  const QSignalBlocker blocker(m_number);
  m_number->setRange(1, std::max(1, m_item->items()));
  m_number->setValue(m_item->item() + 1);
  m_show->setVisible(!m_item->asked());
  const Theme& theme = Theme::of(palette());
  m_text->setHtml(m_item->html(theme.raised, theme.selection, theme.textSecondary));
}

}  // namespace lacuna::ui

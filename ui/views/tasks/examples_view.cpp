#include "views/tasks/examples_view.h"

#include <QComboBox>
#include <QItemSelectionModel>
#include <QSplitter>
#include <QTextBrowser>

#include "widgets/table_model.h"

namespace lacuna::ui {

ExamplesView::ExamplesView(StudyContext& study, QWidget* parent) : ExamplesView(new ExamplesViewModel(study), new QSplitter(Qt::Horizontal), parent) {}

ExamplesView::ExamplesView(ExamplesViewModel* model, QWidget* content, QWidget* parent)
    : ViewFrame(model, content, nullptr, parent), m_examples(model), m_table(new TableView(model->title())), m_reader(new QTextBrowser), m_filter(new QComboBox(this)) {
  auto* splitter = static_cast<QSplitter*>(content);
  splitter->addWidget(m_table);
  splitter->addWidget(m_reader);
  splitter->setSizes({500, 240});
  splitter->setChildrenCollapsible(false);
  m_reader->setAccessibleName(tr("Reader of the chosen item"));
  for (const QString& text : {tr("all items"), tr("lost ↓"), tr("won ↑")}) m_filter->addItem(text);
  m_filter->setAccessibleName(tr("Which flips are shown"));
  m_filter->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  addOption(m_filter);
  connect(m_filter, &QComboBox::activated, model, [model](int index) { model->setFilter(static_cast<ExamplesViewModel::Filter>(index)); });
  connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, model, [this](const QModelIndex& index) {
    if (index.isValid() && !m_filling) m_examples->activateRow(m_table->tableModel().sourceRow(index.row()));
  });
  refresh();
}

void ExamplesView::updateContent() {
  if (!m_filter || m_filling) return;
  m_filling = true;
  m_filter->setCurrentIndex(static_cast<int>(m_examples->filter()));
  if (const int version = m_examples->tableVersion(); std::exchange(m_shown, version) != version) m_table->setTable(m_examples->table());
  m_reader->setHtml(m_examples->readerHtml());
  m_filling = false;
}

}  // namespace lacuna::ui

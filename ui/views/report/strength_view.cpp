#include "views/report/strength_view.h"

#include <QItemSelectionModel>
#include <QSplitter>

#include "widgets/table_model.h"

namespace lacuna::ui {

StrengthView::StrengthView(StudyContext& study, QWidget* parent)
    : StrengthView(new StrengthViewModel(study), new QSplitter(Qt::Vertical), new SeriesPlot, parent) {}

StrengthView::StrengthView(StrengthViewModel* model, QWidget* content, SeriesPlot* curve, QWidget* parent)
    : ViewFrame(model, content, curve, parent), m_strengths(model), m_curve(curve), m_table(new TableView(tr("Safe strengths"))) {
  auto* splitter = static_cast<QSplitter*>(content);
  splitter->addWidget(m_table);
  splitter->addWidget(m_curve);
  splitter->setSizes({130, 190});
  splitter->setChildrenCollapsible(false);
  m_table->setMinimumHeight(60);
  connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, model, [this](const QModelIndex& index) {
    if (index.isValid() && !m_filling) m_strengths->activateRow(m_table->tableModel().sourceRow(index.row()));
  });
  refresh();
}

void StrengthView::updateContent() {
  if (!m_table || m_filling) return;
  m_filling = true;
  const QModelIndex current = m_table->currentIndex();
  m_table->setTable(m_strengths->strengths());
  const std::vector<int> shown = m_strengths->highlightedRows();
  m_table->tableModel().setHighlighted(shown);
  if (const int row = shown.empty() ? -1 : m_table->tableModel().rowOfSource(shown.front()); row >= 0)
      m_table->scrollTo(m_table->tableModel().index(row, 0));
  if (current.isValid() && m_table->hasFocus()) m_table->setCurrentIndex(m_table->tableModel().index(current.row(), current.column()));
  m_filling = false;
  m_curve->setFigure(m_strengths->figure());
}

}  // namespace lacuna::ui

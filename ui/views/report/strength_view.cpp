#include "views/report/strength_view.h"

#include <QDoubleSpinBox>
#include <QItemSelectionModel>
#include <QSplitter>
#include <QToolButton>

#include "theme/icons.h"
#include "widgets/table_model.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

StrengthView::StrengthView(StudyContext& study, QWidget* parent)
    : StrengthView(new StrengthViewModel(study), new QSplitter(Qt::Vertical), new SeriesPlot, parent) {
  addBudget(study);
  refresh();
}

StrengthView::StrengthView(StrengthViewModel* model, QWidget* content, SeriesPlot* curve, QWidget* parent)
    : ViewFrame(model, content, curve, parent), m_strengths(model), m_curve(curve), m_table(new TableView(tr("Safe strengths"))), m_budget(new QDoubleSpinBox) {
  auto* splitter = static_cast<QSplitter*>(content);
  splitter->addWidget(m_table);
  splitter->addWidget(m_curve);
  splitter->setSizes({130, 190});
  splitter->setChildrenCollapsible(false);
  m_table->setMinimumHeight(60);
  connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, model, [this](const QModelIndex& index) {
    if (index.isValid() && !m_filling) m_strengths->activateRow(m_table->tableModel().sourceRow(index.row()));
  });
  connect(curve, &SeriesPlot::lineMoved, model, &StrengthViewModel::moveLine);
}

/// Nothing can be tuned where nothing was run: the controls stay away.
void StrengthView::addBudget(StudyContext& study) {
  auto* tune = new QToolButton;
  tune->setObjectName(u"tune"_s);
  tune->setIcon(icon(u"play"));
  tune->setIconSize({16, 16});
  tune->setMinimumSize(24, 24);
  tune->setAccessibleName(tr("Find the largest safe strength"));
  tune->setToolTip(tr("Find the largest ε of the panel's perturbation that keeps this budget"));
  m_budget->setRange(0.001, 1);
  m_budget->setDecimals(3);
  m_budget->setSingleStep(0.005);
  m_budget->setAccessibleName(tr("Loss budget, nats a token"));
  m_budget->setToolTip(tr("What a perturbation may cost on unrelated data, nats a token; 0.02 is about 2 % of perplexity. The shaded band; its upper edge can be dragged."));
  m_budget->setKeyboardTracking(false);
  m_budget->setMinimumWidth(m_budget->sizeHint().width());   // the title gives way, not the number
  for (QWidget* option : std::initializer_list<QWidget*>{m_budget, tune}) addOption(option);
  SelectionModel* selection = &study.selection();
  const auto show = [this, tune, selection] {
    m_budget->setValue(selection->lossBudget());
    m_budget->setVisible(m_strengths->tunable());
    tune->setVisible(m_strengths->tunable());
  };
  connect(m_budget, &QDoubleSpinBox::valueChanged, selection, &SelectionModel::setLossBudget);
  connect(tune, &QToolButton::clicked, this, [this] { Q_EMIT actionRequested(u"run.tune"_s); });
  connect(m_strengths, &ViewModel::changed, this, show);
  show();
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

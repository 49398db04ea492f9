#include "views/trust/k_curve_view.h"

#include <QMenu>
#include <QToolButton>

#include "plots/series_plot.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

KCurveView::KCurveView(StudyContext& study, QWidget* parent) : KCurveView(new KCurveViewModel(study), new SeriesPlot, parent) {}

KCurveView::KCurveView(KCurveViewModel* model, SeriesPlot* plot, QWidget* parent)
    : ViewFrame(model, plot, plot, parent), m_curve(model), m_series(plot), m_tried(new QToolButton(this)) {
  m_tried->setObjectName(u"disclosure"_s);
  m_tried->setText(tr("k ▾"));
  m_tried->setMinimumHeight(24);
  m_tried->setFocusPolicy(Qt::StrongFocus);
  m_tried->setPopupMode(QToolButton::InstantPopup);
  m_tried->setMenu(new QMenu(m_tried));
  m_tried->setToolTip(tr("Take another number of clusters: one that was tried, or others. Points of the curve can be clicked, too."));
  addOption(m_tried);
  connect(plot, &PlotBase::activated, this, &KCurveView::pickItem);
  plot->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(plot, &QWidget::customContextMenuRequested, this, &KCurveView::showMenu);
  refresh();
}

void KCurveView::addUse(QMenu* menu, int k) {
  const bool kept = m_curve->isChosen(k);
  QAction* use = menu->addAction(kept ? tr("k = %1 is the study's").arg(k) : tr("Use k = %1").arg(k), this, [this, k] { Q_EMIT useRequested(k); });
  use->setEnabled(!kept);
}

void KCurveView::addOthers(QMenu* menu) {
  menu->addSeparator();
  menu->addAction(tr("Try other numbers…"), this, [this] { Q_EMIT actionRequested(u"study.choose-k"_s); });
}

void KCurveView::updateContent() {
  if (!m_tried) return;
  m_series->setFigure(m_curve->figure());
  m_tried->setAccessibleName(tr("Number of clusters: %1 is looked at").arg(m_curve->picked()));
  m_tried->menu()->clear();
  for (const int k : m_curve->tried()) addUse(m_tried->menu(), k);
  addOthers(m_tried->menu());
}

void KCurveView::pickItem(int item) {
  const auto [series, point] = m_series->seriesOf(item);
  if (series < 0) return;
  m_curve->pick(static_cast<int>(m_series->data().series[static_cast<std::size_t>(series)].x[static_cast<std::size_t>(point)]));
}

void KCurveView::showMenu(QPoint at) {
  if (const int item = m_series->itemAt(at); item >= 0) pickItem(item);
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  addUse(menu, m_curve->picked());
  addOthers(menu);
  menu->popup(m_series->mapToGlobal(at));
}

}  // namespace lacuna::ui

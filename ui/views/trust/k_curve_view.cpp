#include "views/trust/k_curve_view.h"

#include <QComboBox>
#include <QMenu>
#include <QPushButton>
#include <QVBoxLayout>

#include "plots/series_plot.h"
#include "theme/theme.h"
#include "widgets/flow_layout.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

KCurveView::KCurveView(StudyContext& study, QWidget* parent) : KCurveView(new KCurveViewModel(study), new SeriesPlot, new QWidget, parent) {}

KCurveView::KCurveView(KCurveViewModel* model, SeriesPlot* plot, QWidget* content, QWidget* parent)
    : ViewFrame(model, content, plot, parent), m_curve(model), m_series(plot) {
  build(content);
  connect(plot, &PlotBase::activated, this, &KCurveView::pickItem);
  plot->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(plot, &QWidget::customContextMenuRequested, this, &KCurveView::showMenu);
  refresh();
}

void KCurveView::build(QWidget* content) {
  auto* layout = new QVBoxLayout(content);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(4);
  layout->addWidget(m_series, 1);
  auto* line = new QWidget(content);
  auto* flow = new FlowLayout(line, unit);
  layout->addWidget(line);
  m_tried = new QComboBox(line);
  m_tried->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  m_tried->setAccessibleName(tr("Number of clusters that was tried"));
  m_tried->setToolTip(tr("A number of clusters that was tried; points of the curve can be clicked too"));
  m_use = new QPushButton(line);
  m_use->setToolTip(tr("Make this the study's number of clusters; the clusters are then out of date"));
  auto* others = new QPushButton(tr("Try others…"), line);
  others->setToolTip(tr("Choose among other numbers of clusters"));
  for (QWidget* widget : std::initializer_list<QWidget*>{m_tried, m_use, others}) flow->addWidget(widget);
  connect(m_tried, &QComboBox::activated, this, [this](int place) { m_curve->pick(m_tried->itemData(place).toInt()); });
  connect(m_use, &QPushButton::clicked, this, [this] { Q_EMIT useRequested(m_curve->picked()); });
  connect(others, &QPushButton::clicked, this, [this] { Q_EMIT actionRequested(u"study.choose-k"_s); });
}

void KCurveView::updateContent() {
  if (!m_use) return;
  m_series->setFigure(m_curve->figure());
  const std::vector<int> tried = m_curve->tried();
  m_tried->clear();
  for (const int k : tried) m_tried->addItem(tr("k = %1").arg(k), k);
  m_tried->setCurrentIndex(m_tried->findData(m_curve->picked()));
  m_use->setText(tr("Use k = %1").arg(m_curve->picked()));
  m_use->setAccessibleName(m_use->text());
  m_use->setEnabled(m_curve->canUsePicked());
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
  QAction* use = menu->addAction(tr("Use k = %1").arg(m_curve->picked()), this, [this] { Q_EMIT useRequested(m_curve->picked()); });
  use->setEnabled(m_curve->canUsePicked());
  menu->addAction(tr("Try other numbers…"), this, [this] { Q_EMIT actionRequested(u"study.choose-k"_s); });
  menu->popup(m_series->mapToGlobal(at));
}

}  // namespace lacuna::ui

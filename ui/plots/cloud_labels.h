#pragma once

#include <QRectF>
#include <vector>

#include "plots/figure_data.h"
#include "plots/plot_style.h"
#include "plots/qcp.h"

namespace lacuna::ui {

/// Boxes moved into `frame`, then up or down by whole heights, as little as it takes to keep clear of those before them; a box for which
/// nothing within five heights is free is empty in the answer.
std::vector<QRectF> withoutOverlaps(std::vector<QRectF> boxes, const QRectF& frame);

/// Names of clusters on a map, each on a halo at its place, none on top of another: one that had to move points to its place with a line, one
/// without room is left out (hover tells it). The first names have the first choice.
class CloudLabels : public QCPAbstractItem {
 public:
  CloudLabels(QCustomPlot& canvas, std::vector<CloudFigure::Label> labels, const PlotStyle& style);
  double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }

 protected:
  void draw(QCPPainter* painter) override;

 private:
  std::vector<CloudFigure::Label> m_labels;
  PlotStyle m_style;
};

}  // namespace lacuna::ui

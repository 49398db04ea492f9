#pragma once

#include <functional>

#include "plots/figure_data.h"
#include "plots/plot_base.h"

namespace lacuna::ui {

/// Silhouettes as knives: one blade a cluster, its documents sorted, drawn as one area. Where a pixel holds several documents it spans from
/// the least to the largest of them, so that no negative value is lost at any number.
class KnifePlot : public PlotBase {
  Q_OBJECT
 public:
  static constexpr bool scrolls = true;            ///< every blade has a line; a view puts it into a scroll area
  using PlotBase::PlotBase;
  void setFigure(KnifeFigure figure);
  const KnifeFigure& data() const { return m_data; }

  /// Items are blades; behind them, for the pointer alone, the documents of all blades in order.
  int itemCount() const override { return static_cast<int>(m_data.blades.size()); }
  QPointF itemPosition(int item) const override;
  QString itemText(int item) const override;
  void setDescriber(std::function<QString(int blade, int document)> describe) { m_describe = std::move(describe); }
  struct Place { int blade = -1, document = -1; };   ///< document: place among the blade's values; −1: the blade itself
  Place placeOf(int item) const;
  int itemAt(QPointF pixel) const override;
  /// A line of text for every blade.
  QSize minimumSizeHint() const override;

 protected:
  void compose(QCustomPlot& canvas, const PlotStyle& style) const override;

 private:
  struct Extent { double top = 0, bottom = 0; };
  /// Where the names and numbers of the blades go: lines apart, next to their blades.
  struct Lines { std::vector<double> at; std::vector<QString> left, right; int rightWidth = 0; };
  Lines lines(const QCustomPlot& canvas, const PlotStyle& style, const std::vector<Extent>& extents) const;
  std::vector<Extent> extents() const;
  /// Documents a pixel's height stands for, at least 1.
  std::size_t documentsPerPixel(const QCustomPlot& canvas, const PlotStyle& style, const KnifeFigure::Blade& blade, Extent extent) const;
  void composeBlade(QCustomPlot& canvas, const PlotStyle& style, const KnifeFigure::Blade& blade, Extent extent) const;
  void composeMean(QCustomPlot& canvas, const PlotStyle& style) const;
  void composeMarked(QCustomPlot& canvas, const PlotStyle& style, const KnifeFigure::Blade& blade, Extent extent) const;
  KnifeFigure m_data;
  std::function<QString(int blade, int document)> m_describe;
};

}  // namespace lacuna::ui

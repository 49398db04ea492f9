#pragma once

#include "plots/figure_data.h"
#include "plots/plot_style.h"
#include "plots/qcp.h"

/// Small drawing steps that several plots share.
namespace lacuna::ui {

/// Empties the canvas and gives it one axis rect in the style. Afterwards canvas.xAxis and yAxis are valid again.
QCPAxisRect* freshAxes(QCustomPlot& canvas, const PlotStyle& style);
void styleAxis(QCPAxis* axis, const PlotStyle& style);

/// Text at axis coordinates or, where `ratioX`, at a share of the axis rect's width; never clipped to the axis rect.
QCPItemText* addText(QCustomPlot& canvas, const PlotStyle& style, const QString& text, QPointF at, Qt::Alignment alignment);
QCPItemText* addTextAtRatioX(QCustomPlot& canvas, const PlotStyle& style, const QString& text, double ratioX, double y,
                             Qt::Alignment alignment);

void addLine(QCustomPlot& canvas, const PlotStyle& style, const ReferenceLine& line);
/// Grey rectangle over the whole height (vertical) or width of the axis rect.
void addBand(QCustomPlot& canvas, const QColor& colour, double low, double high, bool vertical);

/// Category labels on an axis at 0 … n−1.
void setCategories(QCPAxis* axis, const std::vector<QString>& labels);

/// A strip of the colour table with its range, to the right of the axes; drawn as vector strips.
void addColourBar(QCustomPlot& canvas, const PlotStyle& style, ColourMap map, double low, double high, const QString& label);

QPixmap sprite(const PlotStyle& style, Shape shape, const QColor& fill, double diameter, double pixelRatio);
void drawMark(QPainter& painter, Shape shape, QPointF at, double diameter, const QColor& colour, bool filled, const QColor& ground);

/// Moves labels apart along y (pixels, sorted output order kept) so that they are at least `gap` apart and within [low, high].
std::vector<double> spreadLabels(std::vector<double> wanted, double gap, double low, double high);

int textWidth(const QFont& font, const QString& text);
/// In two lines where one is wider than `width`.
QString broken(const QString& text, const QFont& font, int width);

}  // namespace lacuna::ui

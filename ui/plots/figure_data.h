#pragma once

#include <QColor>
#include <QPointF>
#include <QString>
#include <memory>
#include <optional>
#include <vector>

#include "plots/cloud_points.h"
#include "plots/heatmap_pooling.h"
#include "theme/colours.h"

/// What each plot draws, as plain values: view models fill them, plots paint them. No widget and no engine type here.
namespace lacuna::ui {

/// Colour of a mark: a cluster's index into the categorical palette, or one of the neutral tones.
enum Tone : int { toneMuted = -1, toneAccent = -2, toneText = -3 };

/// A part of a sum, drawn behind a row's dot from where the part before it ended.
struct RowBar { double from = 0, to = 0; int tone = toneMuted; };

struct ForestRow {
  QString label, group, right, tooltip;
  double estimate = 0, low = 0, high = 0;
  double controlLow = 0, controlHigh = 0;      ///< random-control interval; equal: none drawn
  std::vector<RowBar> bars = {};
  std::optional<double> mark = {};             ///< a red line over the row's height: what the row is compared with
  bool computed = true, filled = false, highlighted = false;   ///< not computed: neither dot nor interval
  int tone = toneMuted;
};
struct ForestFigure {
  std::vector<ForestRow> rows;
  QString axisLabel, axisHint, markLabel;      ///< hint: the sign convention in words; mark: what the red lines are
};

struct Series {
  QString name;
  int tone = toneMuted;
  bool dashed = false, faint = false, ribbon = true, labelled = true;
  std::vector<double> x, y, low, high;         ///< low, high empty: no interval
};
struct ReferenceLine {
  double at = 0;
  QString label;
  bool vertical = false, dashed = true, movable = false;
};
struct SeriesFigure {
  QString xLabel, yLabel, hint;
  std::vector<Series> series;
  std::vector<ReferenceLine> lines;
  std::vector<double> xTicks;
  std::vector<QString> xTickLabels;            ///< empty: numbers
  bool logX = false, logY = false, zeroLine = false, markers = true;
  std::optional<double> yLow, yHigh;
  std::optional<std::pair<double, double>> band;   ///< y from, to: shaded on the screen, as movable lines are
};

struct MatrixFigure {
  std::vector<QString> rowLabels, columnLabels;
  std::vector<int> rowTones;                   ///< empty: no swatches
  Grid grid;
  std::vector<QString> texts, tooltips;        ///< one a cell, row-major; may be empty
  std::vector<bool> marked;                    ///< significant
  ColourMap map = ColourMap::Sequential;
  double low = 0, high = 1;
  QString scaleLabel, xLabel, yLabel, markMeaning;
  bool diagonal = false, gaps = true;
  std::vector<std::pair<int, int>> highlighted;  ///< row, column
};

struct NeuronFigure {
  Grid grid;                                   ///< [layers, neurons]
  std::vector<QString> rowLabels;
  std::vector<std::vector<std::int32_t>> selected;   ///< columns of S_i, one list a row
  ColourMap map = ColourMap::Sequential;
  double low = 0, high = 1;
  QString scaleLabel, xLabel;
  std::optional<std::pair<int, int>> cursor;   ///< row, column of the primary neuron
  bool sorted = false;
};

struct CloudFigure {
  std::shared_ptr<const CloudPoints> points = std::make_shared<CloudPoints>();
  std::vector<std::uint8_t> selected;          ///< one a point; empty: nothing selected, all points at full strength
  int primary = -1;
  struct Label { QString text; QPointF at; int tone; };
  std::vector<Label> labels;
};

struct KnifeFigure {
  struct Blade {
    QString label, right, shorter;             ///< shorter: in place of `right` where there is no room for it
    int tone = toneMuted;
    bool faint = false;
    std::vector<double> values;                ///< descending
    std::vector<int> marked;                   ///< indices of selected documents, drawn in full colour over a faint blade
  };
  std::vector<Blade> blades;
  double mean = 0;
  QString axisLabel;
};

struct BarFigure {
  struct Bar {
    QString label, right, tooltip;
    double value = 0;
    int tone = toneAccent;
    bool highlighted = false;
    std::optional<double> mark = {};           ///< a line across the bar: what it is compared with
  };
  std::vector<Bar> bars;
  QString axisLabel;
  bool upright = false;                        ///< upright bars (histograms) instead of rows
};

/// A tree as an icicle: time grows downwards, widths are sizes. Nodes lie in the order of drawing, parents first.
struct IcicleFigure {
  struct Node {
    QString label, tooltip;                    ///< the label is written inside where there is room
    double left = 0, right = 0, top = 0, half = 0, bottom = 0;   ///< half: from here on it is drawn half as wide
    int tone = toneMuted;
    bool chosen = false, highlighted = false, faint = false;     ///< chosen: outlined in its colour
  };
  std::vector<Node> nodes;
  double low = 0, high = 1, width = 1;         ///< of the y axis; of the root
  bool logarithmic = false;
  QString xLabel, yLabel;
};

struct PointsFigure {
  struct Point {
    double x = 0, y = 0;
    QString label, tooltip;
    int tone = toneMuted;
    bool filled = false, highlighted = false, labelled = false;
  };
  std::vector<Point> points;
  std::vector<ReferenceLine> lines;
  QString xLabel, yLabel, hint;
};

}  // namespace lacuna::ui

#include "plots/heatmap_pooling.h"

#include <QTest>
#include <cmath>

#include "lacuna/base/rng.h"
#include "plots/neuron_plot.h"
#include "theme/colours.h"
#include "plots/qcp.h"

using namespace lacuna;
using namespace lacuna::ui;

class HeatmapPoolingTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  /// Drawn by sampling, the hot cell is visible in none of 50 maps.
  void oneHotNeuronAmongManyIsAlwaysVisible() {
    Rng rng(1, "hot-cells");
    int pooledVisible = 0, sampledVisible = 0;
    for (int map = 0; map < 50; ++map) {
      Grid grid{40, 14336, std::vector<float>(40 * 14336, 0.01F)};
      const auto row = static_cast<std::int64_t>(rng.below(40)), column = static_cast<std::int64_t>(rng.below(14336));
      grid.values[static_cast<std::size_t>(row * 14336 + column)] = map % 2 == 0 ? 1.0F : -1.0F;
      const Grid pooled = poolMaxAbs(grid, {0, 14336, 0, 40}, 950, 400);
      pooledVisible += std::any_of(pooled.values.begin(), pooled.values.end(), [](float v) { return std::abs(v) == 1.0F; }) ? 1 : 0;
      for (int x = 0; x < 950; ++x) sampledVisible += std::abs(grid.at(row, static_cast<std::int64_t>((x + 0.5) * 14336 / 950))) == 1.0F ? 1 : 0;
    }
    QCOMPARE(pooledVisible, 50);
    QVERIFY(sampledVisible < 10);
  }

  void signAndPlaceAreKept() {
    const Grid grid{1, 6, {0.1F, -0.9F, 0.2F, 0.3F, 0.5F, -0.4F}};
    const Grid pooled = poolMaxAbs(grid, {0, 6, 0, 1}, 3, 1);
    QCOMPARE(pooled.values, (std::vector<float>{-0.9F, 0.3F, 0.5F}));
  }

  void cellsLargerThanPixelsAreExact() {
    const Grid grid{2, 2, {1, 2, 3, 4}};
    const Grid pooled = poolMaxAbs(grid, {0, 2, 0, 2}, 4, 4);
    QCOMPARE(pooled.at(0, 0), 1.0F);
    QCOMPARE(pooled.at(0, 3), 2.0F);
    QCOMPARE(pooled.at(3, 0), 3.0F);
    QCOMPARE(pooled.at(3, 3), 4.0F);
  }

  void missingCellsStayMissingOnlyWhereNothingElseIs() {
    const float nan = std::nanf("");
    const Grid pooled = poolMaxAbs({1, 4, {nan, nan, nan, 0.2F}}, {0, 4, 0, 1}, 2, 1);
    QVERIFY(std::isnan(pooled.values[0]));
    QCOMPARE(pooled.values[1], 0.2F);
  }

  /// The same through the widget: the last pixel of a rendered plot holds the hot colour.
  void theDrawnPlotShowsTheHotNeuron() {
    NeuronFigure figure;
    figure.grid = {40, 14336, std::vector<float>(40 * 14336, 0.0F)};
    figure.grid.values[17 * 14336 + 9001] = 1;
    for (int i = 0; i < 40; ++i) figure.rowLabels.push_back(QString::number(i));
    NeuronPlot plot;
    plot.resize(1000, 500);
    plot.setFigure(figure);
    plot.refreshNow();
    const QImage image = plot.canvas()->toPixmap(1000, 500).toImage();
    const QRgb hot = colourAt(ColourMap::Sequential, 1);
    int found = 0;
    const QRect cells = plot.canvas()->xAxis->axisRect()->rect();
    for (int y = cells.top(); y < cells.bottom(); ++y)
      for (int x = cells.left(); x < cells.right(); ++x) found += (image.pixel(x, y) & 0xffffff) == (hot & 0xffffff) ? 1 : 0;
    QVERIFY(found > 0);
    QVERIFY(plot.neuronsPerPixel() > 10);
  }
};

QTEST_MAIN(HeatmapPoolingTest)
#include "heatmap_pooling_test.moc"

#include "plots/cloud_points.h"

#include <QTest>
#include <cmath>

#include "lacuna/base/rng.h"
#include "plot_driver.h"
#include "plots/cloud_labels.h"
#include "plots/cloud_plot.h"
#include "plots/point_cloud.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

/// Points in three bent heaps; the same at every call.
std::shared_ptr<const CloudPoints> heaps(std::size_t n) {
  std::vector<float> x(n), y(n);
  std::vector<std::int32_t> tone(n);
  Rng rng(3, "heaps");
  for (std::size_t i = 0; i < n; ++i) {
    const double a = 2 * rng.uniform(), r = 1 + 0.2 * rng.normal();
    tone[i] = static_cast<std::int32_t>(i % 3);
    x[i] = static_cast<float>(r * std::cos(a + 2.1 * tone[i]));
    y[i] = static_cast<float>(r * std::sin(a + 2.1 * tone[i]));
  }
  return std::make_shared<CloudPoints>(std::move(x), std::move(y), std::move(tone));
}

QPolygonF star(double size) {
  QPolygonF polygon;
  for (int i = 0; i < 24; ++i) polygon << QPointF(std::cos(i * M_PI / 12), std::sin(i * M_PI / 12)) * (i % 2 ? size : 0.45 * size);
  return polygon;
}

CloudFigure figureOf(std::shared_ptr<const CloudPoints> points) {
  CloudFigure f;
  f.points = std::move(points);
  return f;
}

PointCloud& cloudOf(CloudPlot& plot) { return *plottablesOf<PointCloud>(drawn(plot)).front(); }

}  // namespace

/// The grid under the embedding map gives what looking at every point gives.
class CloudPointsTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void lassoIsExactWhateverItsForm_data() {
    QTest::addColumn<QPolygonF>("polygon");
    QTest::newRow("star") << star(1.4);
    QTest::newRow("small star") << star(0.9).translated(0.4, -0.3);
    QTest::newRow("triangle") << QPolygonF({{-2, -2}, {2, -1.5}, {0, 1.7}});
    QTest::newRow("crossing itself") << QPolygonF({{-1.5, -1.5}, {1.5, 1.5}, {1.5, -1.5}, {-1.5, 1.5}});
    QTest::newRow("around everything") << QPolygonF(QRectF(-9, -9, 18, 18));
    QTest::newRow("beside everything") << QPolygonF(QRectF(5, 5, 1, 1));
    QTest::newRow("sliver") << QPolygonF({{-2, 0}, {2, 0.001}, {2, 0.02}, {-2, 0.021}});
  }
  void lassoIsExactWhateverItsForm() {
    QFETCH(QPolygonF, polygon);
    const auto points = heaps(20000);
    std::vector<int> expected;
    for (std::size_t i = 0; i < points->size(); ++i)
      if (polygon.boundingRect().contains(points->at(i)) && polygon.containsPoint(points->at(i), Qt::OddEvenFill)) expected.push_back(static_cast<int>(i));
    QVERIFY(points->inside(polygon) == expected);
  }

  void theViewGivesItsPointsInDrawingOrderOrSaysMany() {
    const auto points = heaps(20000);
    const QRectF rect(0.2, -0.4, 0.7, 1.1);
    std::vector<std::uint32_t> expected;
    for (const std::uint32_t i : points->order()) {
      const QPointF at = points->at(i);
      if (at.x() >= rect.left() && at.x() <= rect.right() && at.y() >= rect.top() && at.y() <= rect.bottom()) expected.push_back(i);
    }
    bool many = true;
    QVERIFY(points->inside(rect, 100000, many) == expected);
    QVERIFY(!many);
    QVERIFY(points->inside(rect, expected.size() - 1, many).empty());
    QVERIFY(many);
  }

  void theOrderIsAShuffleOfAll() {
    const auto points = heaps(70000);
    std::vector<std::uint32_t> sorted = points->order();
    QVERIFY(!std::is_sorted(sorted.begin(), sorted.end()));
    std::sort(sorted.begin(), sorted.end());
    for (std::uint32_t i = 0; i < sorted.size(); ++i) QCOMPARE(sorted[i], i);
  }

  void theNearestPointIsTheNearest() {
    const auto points = heaps(5000);
    Rng rng(1, "places");
    for (int k = 0; k < 200; ++k) {
      const QPointF place(2 * rng.uniform() - 1, 2 * rng.uniform() - 1);
      const QSizeF reach(0.05, 0.02);
      int expected = -1;
      double least = 1;
      for (std::size_t i = 0; i < points->size(); ++i) {
        const double dx = (points->at(i).x() - place.x()) / reach.width(), dy = (points->at(i).y() - place.y()) / reach.height();
        if (dx * dx + dy * dy < least) least = dx * dx + dy * dy, expected = static_cast<int>(i);
      }
      QCOMPARE(points->nearest(place, reach), expected);
    }
  }

  void degenerateClouds() {
    QVERIFY(CloudPoints().inside(star(1)).empty());
    QCOMPARE(CloudPoints().nearest({0, 0}, {1, 1}), -1);
    const CloudPoints one({1, 1, 1}, {2, 2, 2}, {0, 0, 0});
    QCOMPARE(one.inside(QPolygonF(QRectF(0, 0, 3, 3))).size(), std::size_t(3));
    QCOMPARE(one.nearest({1.001, 2}, {0.1, 0.1}) >= 0, true);
  }

  /// Names stay at their places where there is room and move by lines where there is none.
  void namesDoNotCoverEachOther() {
    const QRectF frame(0, 0, 400, 300);
    const std::vector<QRectF> apart{{10, 10, 80, 20}, {200, 10, 80, 20}, {10, 100, 80, 20}};
    QCOMPARE(withoutOverlaps(apart, frame), apart);
    const std::vector<QRectF> heap{{100, 100, 80, 20}, {120, 105, 80, 20}, {90, 95, 80, 20}, {110, 100, 80, 20}};
    const std::vector<QRectF> placed = withoutOverlaps(heap, frame);
    for (std::size_t i = 0; i < placed.size(); ++i) {
      QCOMPARE(placed[i].size(), heap[i].size());
      QCOMPARE(placed[i].x(), heap[i].x());
      QVERIFY(std::abs(placed[i].y() - heap[i].y()) <= 60 && frame.contains(placed[i]));
      for (std::size_t k = 0; k < i; ++k) QVERIFY(!placed[i].intersects(placed[k]));
    }
    const std::vector<QRectF> edge{{0, 0, 80, 20}, {0, 1, 80, 20}};
    QCOMPARE(withoutOverlaps(edge, frame)[1], QRectF(0, 21, 80, 20));                       // not out at the top
    QVERIFY(withoutOverlaps(std::vector<QRectF>(12, QRectF(0, 140, 80, 20)), frame).back().isEmpty());   // no room left: it is not shown
    QCOMPARE(withoutOverlaps({QRectF(-30, 50, 80, 20)}, frame)[0], QRectF(0, 50, 80, 20));               // moved in from the left edge
  }

  /// A bin of two pixels is the same bin four times; a view that begins elsewhere in the same drawing board leaves nothing behind.
  void largerBinsAreTheSameBins() {
    const CloudFigure figure = figureOf(heaps(30000));
    const PlotStyle style;
    const QRectF view(-1.5, -1.5, 3, 3);
    const QImage small = DensityImage().draw(figure, style, view, {120, 90});
    DensityImage board;
    board.draw(figure, style, QRectF(-9, -9, 3, 3), {120, 90}, 2);
    const QImage large = board.draw(figure, style, view, {120, 90}, 2);
    QCOMPARE(large.size(), QSize(240, 180));
    for (int y = 0; y < large.height(); ++y)
      for (int x = 0; x < large.width(); ++x) QCOMPARE(large.pixel(x, y), small.pixel(x / 2, y / 2));
  }

  void manyPointsAreADensityAndComeBackWhenClose() {
    CloudPlot plot;
    plot.resize(700, 500);
    plot.setFigure(figureOf(heaps(120000)));
    plot.show();
    QVERIFY(cloudOf(plot).drawsDensity());
    plot.setZoom(QRectF(QPointF(0.9, 0.0), QPointF(1.1, 0.2)));
    QVERIFY(!cloudOf(plot).drawsDensity());
    plot.setZoom(std::nullopt);
    QVERIFY(cloudOf(plot).drawsDensity());
  }

  void theDensityShowsTheSelection() {
    CloudFigure figure = figureOf(heaps(120000));
    const PlotStyle style = PlotStyle::screen(Theme::lightTheme(), QFont());
    const QRectF view = figure.points->bounds();
    const QImage all = DensityImage().draw(figure, style, view, {200, 200});
    figure.selected.assign(figure.points->size(), 0);
    for (const int i : figure.points->inside(QPolygonF(QRectF(0, -2, 2, 4)))) figure.selected[static_cast<std::size_t>(i)] = 1;
    const QImage half = DensityImage().draw(figure, style, view, {200, 200});
    const auto strongest = [](const QImage& image, int from, int to) {
      int most = 0;
      for (int y = 0; y < image.height(); ++y)
        for (int x = from; x < to; ++x) most = std::max(most, qAlpha(image.pixel(x, y)));
      return most;
    };
    const int zero = static_cast<int>(-view.left() / view.width() * 200);
    QVERIFY(strongest(all, 0, zero - 1) > 200);
    QVERIFY(strongest(half, 0, zero - 1) < 60);
    QCOMPARE(strongest(half, zero + 1, 200), strongest(all, zero + 1, 200));
  }

  void aLassoOnTheDensitySelects() {
    CloudPlot plot;
    plot.resize(700, 500);
    plot.setFigure(figureOf(heaps(120000)));
    plot.show();
    std::vector<int> got;
    QObject::connect(&plot, &CloudPlot::lassoed, &plot, [&](const std::vector<int>& points, SelectionMode) { got = points; });
    drag(plot, {{0, -2}, {2, -2}, {2, 2}, {0, 2}});
    std::size_t right = 0;
    for (std::size_t i = 0; i < plot.data().points->size(); ++i) right += plot.data().points->at(i).x() > 0;
    QVERIFY(std::abs(static_cast<double>(got.size()) - static_cast<double>(right)) < 0.02 * static_cast<double>(right));
  }
};

QTEST_MAIN(CloudPointsTest)
#include "cloud_points_test.moc"

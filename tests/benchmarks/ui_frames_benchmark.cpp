// What does a frame cost on a corpus of a million documents (workbench.md U-22: 16 ms)? Generated documents in 40 clusters; each line is the
// median and the worst of some repeats, of a view as large as given (a maximised one, unless said otherwise; a card of a page is about 560 × 400).
// Run it as: QT_QPA_PLATFORM=offscreen QT_SCALE_FACTOR=2 benchmark_ui_frames [documents] [width height]
#include <QApplication>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>

#include "composition.h"
#include "fake_session.h"
#include "plot_driver.h"
#include "plots/cloud_plot.h"
#include "plots/knife_plot.h"
#include "theme/theme.h"
#include "views/clusters/cluster_view_models.h"
#include "widgets/view_frame.h"

using namespace lacuna;
using namespace lacuna::ui;

namespace {

constexpr int clusterCount = 40;

study::Results generated(int n) {
  study::Results r = test::syntheticResults();
  r.clusters.clear();
  r.documents.clear();
  r.documents.reserve(static_cast<std::size_t>(n));
  for (int c = 0; c < clusterCount; ++c) r.clusters.push_back({ClusterId(c), "cluster " + std::to_string(c), 0, 0.3, 0.1, false, {}});
  Rng rng(1, "frames");
  for (int i = 0; i < n; ++i) {
    study::DocumentRow d;
    d.id = DocumentId(i);
    d.cluster = i % clusterCount;
    const double angle = 6.283 * d.cluster / clusterCount;
    d.x = 3 * std::cos(angle) + 0.6 * rng.normal();
    d.y = 3 * std::sin(angle) + 0.6 * rng.normal();
    d.silhouette = 0.3 + 0.2 * rng.normal();
    d.text = "document";
    ++r.clusters[static_cast<std::size_t>(d.cluster)].size;
    r.documents.push_back(std::move(d));
  }
  r.documentsTotal = n;
  return r;
}

void measure(const char* what, int repeats, const std::function<void(int)>& act) {
  std::vector<double> ms;
  for (int k = 0; k < repeats; ++k) {
    const auto begin = std::chrono::steady_clock::now();
    act(k);
    ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  std::sort(ms.begin(), ms.end());
  std::printf("%-58s median %8.2f ms   worst %8.2f ms\n", what, ms[ms.size() / 2], ms.back());
}

std::vector<std::int32_t> everyThird(int n) {
  std::vector<std::int32_t> ids;
  for (int i = 0; i < n; i += 3) ids.push_back(i);
  return ids;
}

void map(StudyContext& study, int n, QSize size) {
  const std::unique_ptr<ViewFrame> view(app::makeView(QStringLiteral("map"), study));
  view->resize(size);
  view->show();
  if (!QTest::qWaitFor([&] { return study.jobs().idle(); }, 60000)) return;
  QCoreApplication::processEvents();
  auto& plot = dynamic_cast<CloudPlot&>(*view->plot());
  auto& model = dynamic_cast<MapViewModel&>(view->model());
  measure("map: density drawn anew (another view)", 20, [&](int k) { plot.setZoom(QRectF(QPointF(-5 - 0.01 * k, -5), QPointF(5, 5))), test::drawn(plot); });
  measure("map: the same density drawn again (hover, lasso, resize)", 20, [&](int) { test::drawn(plot); });
  plot.setZoom(std::nullopt);
  measure("map: another selection, figure and drawing", 10, [&](int k) { study.selection().setCluster(ClusterId(k)), plot.setFigure(model.figure()), test::drawn(plot); });
  study.selection().setDocuments(everyThird(n), DocumentId(0));
  measure("map: a third of all documents selected, figure and drawing", 10, [&](int) { plot.setFigure(model.figure()), test::drawn(plot); });
  const QPolygonF round = [] {
    QPolygonF p;
    for (int i = 0; i < 200; ++i) p << QPointF(2.5 * std::cos(i * 0.0314), 3.5 * std::sin(i * 0.0314));
    return p;
  }();
  std::size_t inside = 0;
  measure("map: lasso of 200 corners, points inside", 10, [&](int) { inside = plot.pointsInside(round).size(); });
  std::printf("  (%zu of %d points)\n", inside, n);
  measure("map: hover, nearest point", 100, [&](int k) { plot.itemAt(QPointF(200 + 7 * k, 400)); });
  plot.setZoom(QRectF(QPointF(2.7, -0.25), QPointF(3.3, 0.25)));
  measure("map: close, points as sprites", 20, [&](int) { test::drawn(plot); });
}

void silhouettes(StudyContext& study, int n, QSize size) {
  const std::unique_ptr<ViewFrame> view(app::makeView(QStringLiteral("silhouette"), study));
  view->resize(size);
  view->show();
  auto& plot = dynamic_cast<KnifePlot&>(*view->plot());
  auto& model = dynamic_cast<SilhouetteViewModel&>(view->model());
  study.selection().clear();
  measure("silhouette: figure", 10, [&](int) { plot.setFigure(model.figure()); });
  measure("silhouette: drawing", 10, [&](int) { test::drawn(plot); });
  study.selection().setDocuments(everyThird(n), DocumentId(0));
  measure("silhouette: a third selected, figure and drawing", 10, [&](int) { plot.setFigure(model.figure()), test::drawn(plot); });
}

}  // namespace

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM") ? "offscreen" : qgetenv("QT_QPA_PLATFORM"));
  QApplication application(argc, argv);
  applyTheme(application, ThemeChoice::Light);
  const int n = argc > 1 ? std::atoi(argv[1]) : 1000000;
  StudyContext study(std::make_shared<test::FakeSession>(generated(n)));
  std::printf("%d documents, %d clusters\n", n, clusterCount);
  const QSize size = argc > 3 ? QSize(std::atoi(argv[2]), std::atoi(argv[3])) : QSize(1200, 800);
  map(study, n, size);
  silhouettes(study, n, size);
}

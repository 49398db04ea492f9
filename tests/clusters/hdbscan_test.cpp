#include <QtTest>

#include <cstring>
#include <limits>

#include "known_answers.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/clusters/clusters.h"
#include "lacuna/clusters/hdbscan.h"

using namespace lacuna;
using clusters::hdbscan;
using clusters::HdbscanConfig;

namespace {

HdbscanConfig sizes(int minClusterSize, int minSamples) {
  HdbscanConfig config;
  config.minClusterSize = minClusterSize;
  config.minSamples = minSamples;
  return config;
}

MatrixD groups(Eigen::Index n, Eigen::Index d, std::uint64_t seed) {
  Rng rng(seed, "test.hdbscan");
  MatrixD x(n, d);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < d; ++j) x(i, j) = rng.normal() + ((i % 7) >> (j % 3) & 1 ? 9.0 : 0.0) + static_cast<double>(i % 7);
  return x;
}

/// Prim's algorithm by the definition: the total of a minimum spanning tree of mutual reachability distances.
double treeLengthByDefinition(const MatrixD& x, const std::vector<double>& core) {
  const auto n = static_cast<std::size_t>(x.rows());
  std::vector<double> nearest(n, std::numeric_limits<double>::infinity());
  std::vector<bool> in(n, false);
  std::size_t now = 0;
  double total = 0;
  for (std::size_t step = 1; step < n; ++step) {
    in[now] = true;
    std::size_t next = n;
    for (std::size_t j = 0; j < n; ++j) {
      if (in[j]) continue;
      const double distance = (x.row(static_cast<Eigen::Index>(now)) - x.row(static_cast<Eigen::Index>(j))).norm();
      nearest[j] = std::min(nearest[j], std::max({distance, core[now], core[j]}));
      if (next == n || nearest[j] < nearest[next]) next = j;
    }
    total += nearest[next];
    now = next;
  }
  return total;
}

double treeLength(const clusters::HdbscanResult& result) {
  double total = 0;
  for (const auto& edge : result.spanningTree) total += edge.distance;
  return total;
}

RunContext withThreads(int threads) {
  RunContext context;
  context.threads = threads;
  return context;
}

}  // namespace

class HdbscanTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void knownAnswerSevenPoints_data() {
    QTest::addColumn<QString>("entry");
    QTest::addColumn<int>("minSamples");
    QTest::newRow("min_samples 1") << "hdbscan_ms1" << 1;
    QTest::newRow("min_samples 2") << "hdbscan_ms2" << 2;
  }
  void knownAnswerSevenPoints() {
    QFETCH(QString, entry);
    QFETCH(int, minSamples);
    const QJsonObject known = testing::knownAnswer(qPrintable(entry));
    const auto result = hdbscan(testing::matrix(known["x"]), sizes(known["mcs"].toInt(), minSamples), {});
    const std::vector<double> labels = testing::numbers(known["labels"]), weights = testing::numbers(known["mst_w"]);
    QCOMPARE(result.labels, (std::vector<std::int32_t>(labels.begin(), labels.end())));
    QCOMPARE(result.coreDistances, testing::numbers(known["core"]));
    QCOMPARE(result.spanningTree.size(), weights.size());
    for (std::size_t i = 0; i < weights.size(); ++i) QCOMPARE(result.spanningTree[i].distance, weights[i]);
    const std::vector<double> stabilities = testing::numbers(known["stability"]);
    QCOMPARE(result.stabilities.size(), stabilities.size());
    for (std::size_t i = 0; i < stabilities.size(); ++i) LACUNA_NEAR(result.stabilities[i], stabilities[i], 1e-12);
    QCOMPARE(result.strengths, testing::numbers(known["prob"]));
  }

  void knownAnswerNodesOfTheTree_data() { knownAnswerSevenPoints_data(); }
  void knownAnswerNodesOfTheTree() {
    QFETCH(QString, entry);
    QFETCH(int, minSamples);
    const QJsonObject known = testing::knownAnswer(qPrintable(entry));
    const auto result = hdbscan(testing::matrix(known["x"]), sizes(known["mcs"].toInt(), minSamples), {});
    const std::vector<clusters::TreeNode> nodes = clusters::treeNodes(result.condensedTree);
    const std::vector<double> stabilities = testing::numbers(known["stability"]);
    QCOMPARE(nodes.size(), stabilities.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      QCOMPARE(nodes[i].node, static_cast<std::int32_t>(7 + i));
      LACUNA_NEAR(nodes[i].stability, stabilities[i], 1e-12);
    }
    QCOMPARE(nodes[0].size, 7);
    QCOMPARE(nodes[0].parent, -1);
    QCOMPARE(nodes[1].size + nodes[2].size, 6);
    LACUNA_NEAR(nodes[1].birth, nodes[0].end, 1e-12);   // the root ends where it splits
  }

  void nodesEndWhereTheirPointsLeave() {
    const auto result = hdbscan(groups(300, 3, 5), sizes(8, 3), {});
    const std::vector<clusters::TreeNode> nodes = clusters::treeNodes(result.condensedTree);
    QVERIFY(nodes.size() > 5);
    for (const clusters::TreeNode& node : nodes) {
      std::vector<double> leaving;   // one a point: the λ at which it is no longer of the node
      for (const auto& row : result.condensedTree)
        if (row.parent == node.node) leaving.insert(leaving.end(), static_cast<std::size_t>(row.size), row.lambda);
      std::sort(leaving.begin(), leaving.end());
      QCOMPARE(std::ssize(leaving), std::ptrdiff_t{node.size});
      QCOMPARE(node.end, leaving.back());
      QCOMPARE(node.half, leaving[leaving.size() / 2]);
      QCOMPARE(node.birth, result.births[static_cast<std::size_t>(node.node - 300)]);
    }
    QVERIFY(clusters::treeNodes({}).empty());
  }

  void equalsTheReferencePackage_data() {
    QTest::addColumn<QJsonObject>("entry");
    const QJsonArray cases = testing::readJson("hdbscan_reference.json")["cases"].toArray();
    QVERIFY(cases.size() >= 20);
    for (const QJsonValue& entry : cases) QTest::newRow(qPrintable(entry["name"].toString())) << entry.toObject();
  }
  void equalsTheReferencePackage() {
    QFETCH(QJsonObject, entry);
    HdbscanConfig config = sizes(entry["min_cluster_size"].toInt(), entry["min_samples"].toInt());
    config.selection = entry["leaf"].toBool() ? clusters::Selection::Leaf : clusters::Selection::ExcessOfMass;
    config.allowSingleCluster = entry["single"].toBool();
    const auto result = hdbscan(testing::matrix(entry["x"]), config, {});
    const std::vector<double> labels = testing::numbers(entry["labels"]), strengths = testing::numbers(entry["strengths"]);
    QCOMPARE(result.labels, (std::vector<std::int32_t>(labels.begin(), labels.end())));
    for (std::size_t i = 0; i < strengths.size(); ++i) LACUNA_NEAR(result.strengths[i], strengths[i], 1e-12);
    const std::vector<double> persistence = testing::numbers(entry["persistence"]);
    QCOMPARE(result.persistence.size(), persistence.size());
    for (std::size_t c = 0; c < persistence.size(); ++c) LACUNA_NEAR(result.persistence[c], persistence[c], 1e-12);
  }

  void spanningTreeIsMinimal_data() {
    QTest::addColumn<int>("n");
    QTest::addColumn<int>("d");
    QTest::newRow("tree, few rows") << 30 << 2;
    QTest::newRow("tree") << 900 << 5;
    QTest::newRow("products, lists answer little") << 700 << 20;
    QTest::newRow("products, fewer rows than a list") << 20 << 40;
  }
  void spanningTreeIsMinimal() {
    QFETCH(int, n);
    QFETCH(int, d);
    const MatrixD x = groups(n, d, 3);
    const auto result = hdbscan(x, sizes(5, 4), {});
    QCOMPARE(result.spanningTree.size(), static_cast<std::size_t>(n) - 1);
    LACUNA_NEAR(treeLength(result), treeLengthByDefinition(x, result.coreDistances), 1e-10);
  }

  void treeAndProductsAgree() {
    const MatrixD x = groups(600, 4, 8);
    MatrixD padded = MatrixD::Zero(600, 20);
    padded.leftCols(4) = x;
    const auto byTree = hdbscan(x, sizes(10, 5), {}), byProducts = hdbscan(padded, sizes(10, 5), {});
    QCOMPARE(byTree.labels, byProducts.labels);
    for (std::size_t i = 0; i < 600; ++i) LACUNA_NEAR(byTree.strengths[i], byProducts.strengths[i], 1e-9);
  }

  void sameBitsAtAnyThreadCount_data() {
    QTest::addColumn<int>("d");
    QTest::newRow("tree") << 3;
    QTest::newRow("products") << 30;
  }
  void sameBitsAtAnyThreadCount() {
    QFETCH(int, d);
    const MatrixD x = groups(2500, d, 4);
    const auto one = hdbscan(x, sizes(10, 5), withThreads(1)), two = hdbscan(x, sizes(10, 5), withThreads(2));
    QCOMPARE(one.labels, two.labels);
    QCOMPARE(std::memcmp(one.strengths.data(), two.strengths.data(), one.strengths.size() * sizeof(double)), 0);
  }

  void condensedTreeHoldsEveryPointOnce() {
    const auto result = hdbscan(groups(300, 3, 5), sizes(8, 3), {});
    std::vector<int> seen(300, 0);
    for (const auto& row : result.condensedTree) {
      if (row.child < 300) ++seen[static_cast<std::size_t>(row.child)];
      QVERIFY(row.parent >= 300 && row.lambda >= result.births[static_cast<std::size_t>(row.parent - 300)]);
    }
    QCOMPARE(seen, std::vector<int>(300, 1));
  }

  void duplicatesAreOneDenseCluster() {
    MatrixD x = MatrixD::Zero(30, 2);
    for (Eigen::Index i = 12; i < 30; ++i) x.row(i) << 5 + static_cast<double>(i), 3 * static_cast<double>(i % 5);
    const auto result = hdbscan(x, sizes(5, 3), {});
    for (std::size_t i = 0; i < 12; ++i) {
      QCOMPARE(result.labels[i], result.labels[0]);
      QCOMPARE(result.strengths[i], 1.0);
    }
    QVERIFY(result.labels[0] >= 0);
  }

  void newRowsGoWhereTheyBelong() {
    const MatrixD x = groups(350, 3, 6);
    const HdbscanConfig config = sizes(10, 3);
    const auto fitted = hdbscan(x, config, {});
    MatrixD added(351, 3);
    added.topRows(350) = x.array() + 1e-9;   // as good as the training rows themselves
    added.row(350).setConstant(1e4);
    const auto placed = clusters::assignByDensity(fitted, x, added, config, {});
    int moved = 0;
    for (std::size_t i = 0; i < 350; ++i) moved += fitted.labels[i] >= 0 && placed.labels[i] != fitted.labels[i];
    QVERIFY2(moved <= 7, qPrintable(QString::number(moved)));
    QCOMPARE(placed.labels[350], -1);
    QCOMPARE(placed.strengths[350], 0.0);
    for (const double strength : placed.strengths) QVERIFY(strength >= 0 && strength <= 1);
  }

  void tooFewRowsAreNoise_data() {
    QTest::addColumn<int>("n");
    for (const int n : {0, 1, 2, 4}) QTest::addRow("%d", n) << n;
  }
  void tooFewRowsAreNoise() {
    QFETCH(int, n);
    const auto result = hdbscan(groups(n, 2, 1), sizes(5, 5), {});
    QCOMPARE(result.labels, std::vector<std::int32_t>(static_cast<std::size_t>(n), -1));
  }

  void refusesByName_data() {
    QTest::addColumn<int>("minClusterSize");
    QTest::addColumn<int>("minSamples");
    QTest::addColumn<double>("bad");
    QTest::addColumn<QString>("named");
    QTest::newRow("cluster of one") << 1 << 5 << 0.0 << "found 1";
    QTest::newRow("no neighbour") << 5 << 0 << 0.0 << "found 0";
    QTest::newRow("not finite") << 5 << 5 << std::nan("") << "row 3";
  }
  void refusesByName() {
    QFETCH(int, minClusterSize);
    QFETCH(int, minSamples);
    QFETCH(double, bad);
    QFETCH(QString, named);
    MatrixD x = groups(20, 2, 1);
    x(3, 1) += bad;
    try {
      hdbscan(x, sizes(minClusterSize, minSamples), {});
      QFAIL("nothing was thrown");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1601"));
      QVERIFY2(error.message().find(named.toStdString()) != std::string::npos, error.what());
    }
  }

  void canBeCancelled() {
    std::stop_source stop;
    stop.request_stop();
    RunContext context;
    context.stop = stop.get_token();
    QVERIFY_THROWS_EXCEPTION(Cancelled, hdbscan(groups(200, 2, 1), sizes(5, 5), context));
  }
};

QTEST_GUILESS_MAIN(HdbscanTest)
#include "hdbscan_test.moc"

#include <QtTest>

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/clusters/clusters.h"

using namespace lacuna;

namespace {

nlohmann::json knownAnswers() {
  std::ifstream file(LACUNA_TEST_DATA "/known_answers.json");
  return nlohmann::json::parse(file);
}

MatrixF unitRows(const MatrixF& x) {
  return x.rowwise().normalized();
}

MatrixF randomUnitRows(Eigen::Index n, Eigen::Index d, std::uint64_t seed) {
  Rng rng(seed, "test.silhouette");
  MatrixF x(n, d);
  for (Eigen::Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(rng.normal());
  return unitRows(x);
}

std::vector<std::int32_t> randomLabels(std::size_t n, std::int32_t clusters, std::uint64_t seed) {
  Rng rng(seed, "test.labels");
  std::vector<std::int32_t> labels(n);
  for (auto& label : labels) label = static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(clusters) + 1)) - 1;
  return labels;
}

/// Rousseeuw's definition, pair by pair.
double byDefinition(const MatrixF& x, const std::vector<std::int32_t>& labels, std::size_t i) {
  std::map<std::int32_t, std::pair<double, int>> distances;
  for (std::size_t j = 0; j < labels.size(); ++j) {
    if (labels[j] < 0 || j == i) continue;
    const auto a = x.row(static_cast<Eigen::Index>(i)).cast<double>().eval(), b = x.row(static_cast<Eigen::Index>(j)).cast<double>().eval();
    auto& [sum, count] = distances[labels[j]];
    sum += 1 - a.dot(b) / (a.norm() * b.norm());
    ++count;
  }
  if (!distances.contains(labels[i])) return 0;
  const double own = distances[labels[i]].first / distances[labels[i]].second;
  double other = std::numeric_limits<double>::infinity();
  for (const auto& [label, entry] : distances)
    if (label != labels[i]) other = std::min(other, entry.first / entry.second);
  return (other - own) / std::max(own, other);
}

}  // namespace

class SilhouetteTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void knownAnswerCosine() {
    const auto kat = knownAnswers().at("silhouette_B_cosine");
    MatrixF x(6, 2);
    std::vector<std::int32_t> labels;
    for (int i = 0; i < 6; ++i) {
      x.row(i) << kat["X"][static_cast<std::size_t>(i)][0].get<float>(), kat["X"][static_cast<std::size_t>(i)][1].get<float>();
      labels.push_back(kat["y"][static_cast<std::size_t>(i)].get<std::int32_t>());
    }
    const auto values = clusters::cosineSilhouettes(x, labels, {});
    for (std::size_t i = 0; i < 6; ++i) QVERIFY2(std::abs(values[i] - kat["sil"][i].get<double>()) < 1e-6, qPrintable(QString::number(values[i])));
  }

  void knownAnswerEuclidean_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QList<double>>("expected");
    QTest::newRow("euclidean") << "euclidean" << QList<double>{.865603, .820827, .822670, .843826, .861325, 0};
    QTest::newRow("squared") << "squared" << QList<double>{.981982, .967033, .967742, .975610, .980769, 0};
    QTest::newRow("simplified") << "simplified" << QList<double>{};
  }
  void knownAnswerEuclidean() {
    QFETCH(QString, kind);
    QFETCH(QList<double>, expected);
    MatrixF x(6, 2);
    x << 0, 0, 0, 1, 1, 0, 5, 5, 5, 6, 9, 0;
    const std::vector<std::int32_t> labels{0, 0, 0, 1, 1, 2};
    const auto values = kind == "euclidean" ? clusters::euclideanSilhouettes(x, labels, {})
                        : kind == "squared" ? clusters::squaredEuclideanSilhouettes(x, labels, {}) : clusters::simplifiedSilhouettes(x, labels, {});
    for (qsizetype i = 0; i < expected.size(); ++i)
      QVERIFY2(std::abs(values[static_cast<std::size_t>(i)] - expected[i]) < 1.01e-6, qPrintable(QString::number(values[static_cast<std::size_t>(i)], 'g', 9)));
    const auto summary = clusters::summarise(values, labels);
    if (kind == "euclidean") QVERIFY(std::abs(summary.mean - .702375) < 1e-6 && std::abs(summary.macro - .562981) < 1e-6);
    if (kind == "simplified") QVERIFY(std::abs(summary.mean - .761459) < 1e-6);
    if (kind == "simplified") QCOMPARE(values[5], 0.0);
  }

  void euclideanEqualsTheDefinition_data() {
    QTest::addColumn<bool>("squared");
    QTest::addColumn<float>("offset");
    QTest::newRow("distances") << false << 0.0F;
    QTest::newRow("squares") << true << 0.0F;
    QTest::newRow("distances far from the origin") << false << 500.0F;
    QTest::newRow("squares far from the origin") << true << 500.0F;
  }
  void euclideanEqualsTheDefinition() {
    QFETCH(bool, squared);
    QFETCH(float, offset);
    MatrixF x = randomUnitRows(300, 5, 12);
    x.row(7) = x.row(8);
    x.array() += offset;
    const auto labels = randomLabels(300, 4, 13);
    const auto values = squared ? clusters::squaredEuclideanSilhouettes(x, labels, {}) : clusters::euclideanSilhouettes(x, labels, {});
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (labels[i] < 0) {
        QVERIFY(std::isnan(values[i]));
        continue;
      }
      std::map<std::int32_t, std::pair<double, int>> mean;
      for (std::size_t j = 0; j < labels.size(); ++j) {
        if (labels[j] < 0 || j == i) continue;
        const double s = (x.row(static_cast<Eigen::Index>(i)).cast<double>() - x.row(static_cast<Eigen::Index>(j)).cast<double>()).squaredNorm();
        mean[labels[j]].first += squared ? s : std::sqrt(s);
        ++mean[labels[j]].second;
      }
      double b = std::numeric_limits<double>::infinity();
      const double a = mean[labels[i]].first / mean[labels[i]].second;
      for (const auto& [label, entry] : mean)
        if (label != labels[i]) b = std::min(b, entry.first / entry.second);
      QVERIFY2(std::abs(values[i] - (b - a) / std::max(a, b)) < 1e-6, qPrintable(QString::number(values[i] - (b - a) / std::max(a, b))));
    }
  }

  void samplesComeCloseAndSaySo() {
    const MatrixF x = randomUnitRows(4000, 6, 21);
    std::vector<std::int32_t> labels(4000);
    for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = x(static_cast<Eigen::Index>(i), 0) > .4F ? 1 : x(static_cast<Eigen::Index>(i), 1) > 0 ? 0 : 2;
    const auto exact = clusters::summarise(clusters::euclideanSilhouettes(x, labels, {}), labels);
    const auto sampled = clusters::sampledSilhouettes(x, labels, 200, 400, {});
    QVERIFY(sampled.standardError > 0 && sampled.standardError < .02);
    QVERIFY(std::abs(sampled.macro - exact.macro) < 4 * sampled.standardError);
    QVERIFY(std::abs(sampled.mean - exact.mean) < 5 * sampled.standardError);
    const auto all = clusters::sampledSilhouettes(x, labels, 4000, 4000, {});
    QVERIFY(std::abs(all.macro - exact.macro) < 1e-12 && all.standardError == 0.0);
  }

  void equalsTheDefinitionPairByPair_data() {
    QTest::addColumn<int>("n");
    QTest::addColumn<int>("d");
    QTest::addColumn<int>("k");
    QTest::newRow("two clusters") << 40 << 3 << 2;
    QTest::newRow("several blocks of rows") << 600 << 17 << 5;
    QTest::newRow("more clusters than dimensions") << 300 << 2 << 40;
  }
  void equalsTheDefinitionPairByPair() {
    QFETCH(int, n);
    QFETCH(int, d);
    QFETCH(int, k);
    const MatrixF x = randomUnitRows(n, d, 5);
    const auto labels = randomLabels(static_cast<std::size_t>(n), k, 6);
    const auto values = clusters::cosineSilhouettes(x, labels, {});
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (labels[i] < 0) QVERIFY(std::isnan(values[i]));
      else QVERIFY(std::abs(values[i] - byDefinition(x, labels, i)) < 1e-9);
    }
  }

  void staysExactForAlmostIdenticalRows() {
    MatrixF x = randomUnitRows(60, 32, 1);
    for (Eigen::Index i = 0; i < 60; ++i) x.row(i) = x.row(i / 30) + 1e-3F * x.row(i);
    x = unitRows(x);
    std::vector<std::int32_t> labels(60);
    for (std::size_t i = 0; i < 60; ++i) labels[i] = static_cast<std::int32_t>(i % 30 < 15);
    const auto values = clusters::cosineSilhouettes(x, labels, {});
    for (std::size_t i = 0; i < 60; ++i) QVERIFY(std::abs(values[i] - byDefinition(x, labels, i)) < 1e-6);
  }

  void sameBitsAtAnyThreadCount() {
    const MatrixF x = randomUnitRows(3000, 48, 2);
    const auto labels = randomLabels(3000, 7, 3);
    RunContext one, two;
    one.threads = 1;
    two.threads = 2;
    const auto a = clusters::cosineSilhouettes(x, labels, one), b = clusters::cosineSilhouettes(x, labels, two);
    QCOMPARE(std::memcmp(a.data(), b.data(), a.size() * sizeof(double)), 0);
  }

  void namesOfClustersDoNotMatter() {
    const MatrixF x = randomUnitRows(50, 8, 4);
    auto labels = randomLabels(50, 3, 9);
    const auto values = clusters::cosineSilhouettes(x, labels, {});
    for (auto& label : labels)
      if (label >= 0) label = 1000000 - 17 * label;
    const auto renamed = clusters::cosineSilhouettes(x, labels, {});
    for (std::size_t i = 0; i < 50; ++i) QVERIFY(std::abs(values[i] - renamed[i]) < 1e-12 || std::isnan(values[i]));
  }

  void oneClusterIsNotIdentified() {
    for (const double value : clusters::cosineSilhouettes(randomUnitRows(9, 3, 1), std::vector<std::int32_t>(9, 0), {})) QVERIFY(std::isnan(value));
  }

  void singletonsAndIdenticalRowsAreZero() {
    MatrixF x = MatrixF::Zero(4, 3);
    x.col(0).setOnes();
    for (const double value : clusters::cosineSilhouettes(x, {0, 0, 1, 2}, {})) QCOMPARE(value, 0.0);
  }

  void canBeCancelled() {
    std::stop_source stop;
    stop.request_stop();
    RunContext context;
    context.stop = stop.get_token();
    QVERIFY_THROWS_EXCEPTION(Cancelled, clusters::cosineSilhouettes(randomUnitRows(9, 3, 1), randomLabels(9, 3, 1), context));
  }
};

QTEST_GUILESS_MAIN(SilhouetteTest)
#include "silhouette_test.moc"

#include <QtTest>

#include <cmath>

#include "lacuna/base/rng.h"
#include "lacuna/clusters/cluster_sizes.h"

using namespace lacuna;

/// Sizes of clusters in the corpus, estimated from a sample with design weights.
class ClusterSizesTest : public QObject {
  Q_OBJECT

  struct Sample {
    corpus::Corpus corpus;
    clusters::ClusterSet set;

    void add(const std::string& source, int cluster, double weight, int family = -1, int chunk = 0) {
      corpus::Document document;
      document.id = DocumentId(static_cast<std::int64_t>(corpus.documents.size()));
      document.family = FamilyId(family < 0 ? document.id.value : family);
      document.source = source;
      document.weight = weight;
      document.chunk = chunk;
      corpus.documents.push_back(document);
      set.labels.push_back(cluster);
    }
    std::vector<clusters::SizeEstimate> sizes(int k) {
      set.clusters.clear();
      for (int c = 0; c < k; ++c) {
        set.clusters.emplace_back();
        set.clusters.back().id = ClusterId(c);
      }
      return clusters::estimateSizes(corpus, set);
    }
  };

 private Q_SLOTS:
  void theFormulaOfTwoStrata() {
    // n = (1000, 40), m = (10, 20): cluster 0 has 3 of 10 and 5 of 20.
    Sample sample;
    for (int i = 0; i < 10; ++i) sample.add("web", i < 3 ? 0 : 1, 100);
    for (int i = 0; i < 20; ++i) sample.add("code", i < 5 ? 0 : 1, 2);
    const auto sizes = sample.sizes(2);
    QCOMPARE(sizes[0].documents, 310.0);
    QCOMPARE(sizes[1].documents, 730.0);
    // n²(1 − m/n)·p(1 − p)/(m − 1) of each stratum
    const double variance = 1000.0 * 1000 * .99 * .21 / 9 + 40.0 * 40 * .5 * .1875 / 19;
    QVERIFY(std::abs(sizes[0].high - (310 + 1.959963984540054 * std::sqrt(variance))) < 1e-9);
    QCOMPARE(sizes[0].low, 12.0);   // the normal bound lies below what was seen: 3 + 5 … 310 − 298
  }

  void aWholeCorpusIsKnown() {
    Sample sample;
    for (int i = 0; i < 30; ++i) sample.add("a", i % 3, 1);
    for (const auto& size : sample.sizes(3)) {
      QCOMPARE(size.documents, 10.0);
      QCOMPARE(size.low, 10.0);
      QCOMPARE(size.high, 10.0);
    }
  }

  void partsAreOneDocument() {
    Sample parts, whole;
    for (int i = 0; i < 40; ++i) {
      whole.add("a", i % 4 == 0 ? 0 : 1, 25);
      for (int part = 0; part < 4; ++part) parts.add("a", i % 4 == 0 ? 0 : 1, 25.0 / 4, i, part);
    }
    const auto a = parts.sizes(2), b = whole.sizes(2);
    QCOMPARE(a[0].documents, b[0].documents);
    QCOMPARE(a[0].high, b[0].high);
  }

  void oneDocumentOfMoreSaysNothing() {
    Sample sample;
    sample.add("a", 0, 500);
    const auto sizes = sample.sizes(2);
    QCOMPARE(sizes[0].low, 1.0);
    QCOMPARE(sizes[1].documents, 0.0);
    QCOMPARE(sizes[1].high, 500.0);
  }

  void intervalsCoverTheTruth() {
    int covered = 0;
    constexpr int kTrials = 1000;
    for (int trial = 0; trial < kTrials; ++trial) {
      Rng rng(11, "cover", static_cast<std::uint64_t>(trial));
      Sample sample;
      double truth = 0;
      for (const auto& [source, n, m, share] : {std::tuple{"a", 4000, 120, .3}, std::tuple{"b", 600, 60, .7}}) {
        const int inside = static_cast<int>(n * share);
        truth += inside;
        for (const std::int64_t i : rng.sample(n, m)) sample.add(source, i < inside ? 0 : 1, static_cast<double>(n) / m);
      }
      const auto size = sample.sizes(2)[0];
      covered += size.low <= truth && truth <= size.high ? 1 : 0;
    }
    QVERIFY2(covered > 925 && covered < 975, qPrintable(QString::number(covered)));
  }
};

QTEST_GUILESS_MAIN(ClusterSizesTest)
#include "cluster_sizes_test.moc"

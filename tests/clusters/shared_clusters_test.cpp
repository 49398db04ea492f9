#include <QtTest>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "known_answers.h"
#include "lacuna/clusters/cluster_sizes.h"
#include "lacuna/clusters/clusters.h"

using namespace lacuna;
using clusters::ClusterConfig;

namespace {

corpus::Corpus corpusOf(const std::vector<std::pair<std::string, std::string>>& languagesAndTexts) {
  corpus::Corpus corpus;
  for (const auto& [language, text] : languagesAndTexts) {
    corpus::Document& d = corpus.documents.emplace_back();
    d.id = DocumentId(std::ssize(corpus.documents) - 1);
    d.family = FamilyId(d.id.value);
    d.text = text;
    d.metadata["language"] = language;
  }
  return corpus;
}

ClusterConfig filters(std::vector<clusters::NamedFilter> list) {
  ClusterConfig config;
  config.method = "filters";
  config.filters = std::move(list);
  config.multiLabel = true;
  config.minSize = 2;
  return config;
}

corpus::Corpus animals() {
  return corpusOf({{"en", "dog barks"}, {"en", "cat sleeps"}, {"de", "hund bellt"}, {"fr", "chien aboie"}, {"", "nothing"}});
}

const ClusterConfig kOverlap = filters({{"English", "language == \"en\""},
                                        {"Germanic", "language == \"en\" or language == \"de\""},
                                        {"dogs", "text contains \"dog\""},
                                        {"never", "language == \"xx\""}});

}  // namespace

class SharedClustersTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void aDocumentIsInEveryClusterItPasses() {
    const auto set = clusters::cluster(animals(), MatrixF(), kOverlap, {});
    QCOMPARE(set.members.size(), std::size_t{4});
    QCOMPARE(set.members[0], (std::vector<std::int64_t>{0, 1}));
    QCOMPARE(set.members[1], (std::vector<std::int64_t>{0, 1, 2}));
    QCOMPARE(set.members[2], (std::vector<std::int64_t>{0}));
    QVERIFY(set.members[3].empty());
    QCOMPARE(set.labels, (std::vector<std::int32_t>{0, 0, 1, -1, -1}));   // the first
    QCOMPARE(set.clusters[1].size, std::int64_t{3});
    QVERIFY(set.clusters[2].tooFew && !set.clusters[1].tooFew);
    QVERIFY(std::isnan(set.clusters[0].silhouette));   // without vectors
    QVERIFY2(set.description.find("2 in several") != std::string::npos, set.description.c_str());
  }

  void wordsCountInEachCluster() {
    const auto set = clusters::cluster(animals(), MatrixF(), kOverlap, {});
    const auto has = [&](std::size_t cluster, const char* word) {
      return std::any_of(set.clusters[cluster].terms.begin(), set.clusters[cluster].terms.end(), [&](const auto& term) { return term.word == word; });
    };
    QVERIFY(has(0, "dog") && has(1, "dog") && has(2, "dog"));
    QVERIFY(has(1, "hund") && !has(0, "hund"));
    QVERIFY(set.clusters[3].terms.empty());
  }

  void sizesCountEveryMembership() {
    const auto corpus = animals();
    const auto sizes = clusters::estimateSizes(corpus, clusters::cluster(corpus, MatrixF(), kOverlap, {}));
    QCOMPARE(sizes[0].documents, 2.0);
    QCOMPARE(sizes[1].documents, 3.0);
    QCOMPARE(sizes[3].documents, 0.0);
  }

  /// scikit-learn, each cluster against the rest (make_shared_reference.py).
  void silhouettesAreAgainstTheRest() {
    const nlohmann::json known = nlohmann::json::parse(std::ifstream(LACUNA_TEST_DATA "/shared_reference.json"));
    const auto n = known["x"].size();
    MatrixF x(static_cast<Eigen::Index>(n), 4);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < 4; ++j) x(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = known["x"][i][j].get<float>();
    const auto corpus = corpusOf(std::vector<std::pair<std::string, std::string>>(n, {"en", "text"}));
    const auto set = clusters::describeShared(corpus, x, known["members"].get<std::vector<std::vector<std::int64_t>>>(), {"a", "b", "c"}, {}, {});
    double sum = 0, members = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      LACUNA_NEAR(set.clusters[c].silhouette, known["silhouettes"][c].get<double>(), 1e-6);
      LACUNA_NEAR(set.clusters[c].shareNegative, known["share_negative"][c].get<double>(), 1e-12);
      sum += set.clusters[c].silhouette * static_cast<double>(set.clusters[c].size);
      members += static_cast<double>(set.clusters[c].size);
      QCOMPARE(set.clusters[c].representatives.size(), std::size_t{3});
      for (const std::int64_t row : set.clusters[c].representatives) QVERIFY(std::binary_search(set.members[c].begin(), set.members[c].end(), row));
    }
    LACUNA_NEAR(set.meanSilhouette, sum / members, 1e-12);
    for (std::size_t i = 0; i < n; ++i) {
      if (known["documents"][i].is_null()) QVERIFY(std::isnan(set.silhouettes[i]) && set.labels[i] == -1 && set.strengths[i] == 0);
      else LACUNA_NEAR(set.silhouettes[i], known["documents"][i].get<double>(), 1e-6);
    }
  }

  /// A cluster of documents without a direction has no silhouette, and the study's is that of the others.
  void withoutDirectionsThereIsNoSilhouette() {
    const auto corpus = animals();
    MatrixF x = MatrixF::Zero(5, 2);
    x(0, 0) = x(1, 0) = x(2, 1) = 1;
    const auto some = filters({{"English", "language == \"en\""}, {"German", "language == \"de\""}});
    auto more = some;
    more.filters.push_back({"French", "language == \"fr\""});
    const auto expected = clusters::cluster(corpus, x, some, {}), set = clusters::cluster(corpus, x, more, {});
    QVERIFY(std::isnan(set.clusters[2].silhouette) && set.clusters[2].size == 1);
    QVERIFY(std::isfinite(set.meanSilhouette));
    QCOMPARE(set.meanSilhouette, expected.meanSilhouette);
    QCOMPARE(set.macroSilhouette, expected.macroSilhouette);
  }

  void clustersThatShareNothingAreAPartition() {
    auto config = filters({{"en", "language == \"en\""}, {"de", "language == \"de\""}});
    const auto shared = clusters::cluster(animals(), MatrixF(), config, {});
    config.multiLabel = false;
    const auto apart = clusters::cluster(animals(), MatrixF(), config, {});
    QCOMPARE(shared.labels, apart.labels);
    for (std::size_t c = 0; c < 2; ++c) {
      QCOMPARE(shared.clusters[c].size, apart.clusters[c].size);
      QCOMPARE(shared.clusters[c].terms.size(), apart.clusters[c].terms.size());
    }
    QVERIFY(apart.members.empty());
  }
};

QTEST_GUILESS_MAIN(SharedClustersTest)
#include "shared_clusters_test.moc"

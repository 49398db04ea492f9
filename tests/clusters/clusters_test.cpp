#include <QtTest>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/clusters/clusters.h"

using namespace lacuna;

namespace {

corpus::Corpus corpusOf(const std::vector<std::pair<std::string, std::string>>& sourcesAndTexts) {
  corpus::Corpus corpus;
  for (const auto& [source, text] : sourcesAndTexts) {
    corpus::Document document;
    document.id = DocumentId(static_cast<std::int64_t>(corpus.documents.size()));
    document.source = source;
    document.text = text;
    document.metadata["language"] = text.size() % 2 == 0 ? "en" : "fr";
    corpus.documents.push_back(document);
  }
  return corpus;
}

corpus::Corpus animals() {
  return corpusOf({{"cats", "The cat purrs, the cat sleeps"}, {"cats", "A cat and a kitten"}, {"dogs", "The dog barks at the dog"},
                   {"", "no source here"}, {"dogs", "Dogs and a dog"}, {"dogs", "a puppy is a dog"}, {"birds", "birds fly"}});
}

MatrixF vectorsOf(const corpus::Corpus& corpus) {
  MatrixF x = MatrixF::Zero(static_cast<Eigen::Index>(corpus.documents.size()), 3);
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    const std::string& source = corpus.documents[static_cast<std::size_t>(i)].source;
    if (!source.empty()) x(i, source == "cats" ? 0 : source == "dogs" ? 1 : 2) = 1;
  }
  return x;
}

clusters::ClusterConfig metadataConfig(const std::string& field) {
  clusters::ClusterConfig config;
  config.method = "metadata";
  config.field = field;
  config.minSize = 2;
  return config;
}

}  // namespace

class ClustersTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void classTfIdfKnownAnswer() {
    std::ifstream file(LACUNA_TEST_DATA "/known_answers.json");
    const auto kat = nlohmann::json::parse(file).at("ctfidf");
    MatrixD counts(2, 4);
    for (int r = 0; r < 2; ++r)
      for (int c = 0; c < 4; ++c) counts(r, c) = kat["counts"][static_cast<std::size_t>(r)][static_cast<std::size_t>(c)].get<double>();
    const MatrixD weights = clusters::classTfIdf(counts);
    for (int r = 0; r < 2; ++r)
      for (int c = 0; c < 4; ++c)
        QVERIFY(std::abs(weights(r, c) - kat["W"][static_cast<std::size_t>(r)][static_cast<std::size_t>(c)].get<double>()) < 1e-12);
  }

  void classTfIdfOfEmptyClassesIsZero() {
    MatrixD counts = MatrixD::Zero(2, 2);
    counts(0, 0) = 3;
    const MatrixD weights = clusters::classTfIdf(counts);
    QVERIFY(weights.allFinite());
    QCOMPARE(weights(1, 0), 0.0);
    QVERIFY(weights(0, 0) > 0);
  }

  void metadataValuesBySizeThenName() {
    const auto corpus = animals();
    const auto set = clusters::cluster(corpus, vectorsOf(corpus), metadataConfig("source"), {});
    QCOMPARE(set.labels, (std::vector<std::int32_t>{1, 1, 0, -1, 0, 0, 2}));
    QCOMPARE(set.clusters[0].label, std::string("dogs"));
    QCOMPARE(set.clusters[2].label, std::string("birds"));
    QCOMPARE(set.clusters[0].size, 3);
    QVERIFY(!set.clusters[1].tooFew && set.clusters[2].tooFew);
    QCOMPARE(set.clusters[0].terms.at(0).word, std::string("dog"));
    QVERIFY(std::isnan(set.silhouettes[3]));
    QCOMPARE(set.silhouettes[0], 1.0);
    QCOMPARE(set.silhouettes[6], 0.0);
    QVERIFY(std::abs(set.meanSilhouette - 5.0 / 6) < 1e-12);
    QVERIFY(std::abs(set.macroSilhouette - 2.0 / 3) < 1e-12);
    QCOMPARE(set.shareNegative, 0.0);
  }

  void metadataFieldsAndMissingVectors() {
    const auto set = clusters::cluster(animals(), MatrixF(), metadataConfig("language"), {});
    QCOMPARE(set.clusters.size(), std::size_t{2});
    QVERIFY(std::isnan(set.meanSilhouette));
    QVERIFY(std::isnan(set.clusters[0].silhouette));
  }

  void kMeansClustersAreNamedByTheirTerms() {
    const auto corpus = animals();
    clusters::ClusterConfig config;
    config.k = 3;
    const auto set = clusters::cluster(corpus, vectorsOf(corpus), config, {});
    QCOMPARE(set.clusters.size(), std::size_t{3});
    QCOMPARE(set.labels[3], -1);
    QVERIFY2(set.clusters[0].label.starts_with("dog, "), set.clusters[0].label.c_str());
    QVERIFY(set.objective > 5.99 && set.objective < 6.01);
    for (const auto& entry : set.clusters)
      for (const auto& term : entry.terms) QVERIFY(term.word != "the" && term.word != "a" && term.word != "source");
  }

  void refusesByName_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("named");
    QTest::newRow("unknown method") << "ward" << "source" << "ward";
    QTest::newRow("absent field") << "metadata" << "colour" << "colour";
  }
  void refusesByName() {
    QFETCH(QString, method);
    QFETCH(QString, field);
    QFETCH(QString, named);
    auto config = metadataConfig(field.toStdString());
    config.method = method.toStdString();
    const auto corpus = animals();
    try {
      clusters::cluster(corpus, vectorsOf(corpus), config, {});
      QFAIL("nothing was thrown");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1601"));
      QVERIFY(error.message().find(named.toStdString()) != std::string::npos);
    }
  }

  void refusesAFieldThatGroupsNothing() {
    corpus::Corpus corpus;
    for (int i = 0; i < 1001; ++i) {
      corpus.documents.emplace_back();
      corpus.documents.back().metadata["url"] = std::to_string(i);
    }
    QVERIFY_THROWS_EXCEPTION(Error, clusters::cluster(corpus, MatrixF(), metadataConfig("url"), {}));
  }
};

QTEST_GUILESS_MAIN(ClustersTest)
#include "clusters_test.moc"

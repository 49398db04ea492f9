#include <QtTest>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "known_answers.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
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

  /// BERTopic's own transformer on random counts (make_terms_reference.py); its negative BM25 weights are 0 here.
  void weightsAreBertopics() {
    std::ifstream file(LACUNA_TEST_DATA "/terms_reference.json");
    const nlohmann::json reference = nlohmann::json::parse(file);
    int compared = 0;
    for (const auto& set : reference.at("sets")) {
      const auto rows = set.at("counts").get<std::vector<std::vector<double>>>();
      MatrixD counts(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(rows.front().size()));
      for (Eigen::Index r = 0; r < counts.rows(); ++r)
        for (Eigen::Index c = 0; c < counts.cols(); ++c) counts(r, c) = rows[static_cast<std::size_t>(r)][static_cast<std::size_t>(c)];
      for (const auto& [name, weighting] : {std::pair{"c_tf_idf", clusters::TermWeighting::ClassTfIdf}, std::pair{"bm25", clusters::TermWeighting::Bm25}}) {
        const auto expected = set.at(name).get<std::vector<std::vector<double>>>();
        const MatrixD weights = clusters::classTfIdf(counts, weighting);
        for (Eigen::Index r = 0; r < counts.rows(); ++r)
          for (Eigen::Index c = 0; c < counts.cols(); ++c, ++compared)
            LACUNA_NEAR(weights(r, c), std::max(0.0, expected[static_cast<std::size_t>(r)][static_cast<std::size_t>(c)]), 1e-12);
      }
    }
    QCOMPARE(compared, 2 * (2 * 9 + 5 * 24 + 3 * 40 + 8 * 15));
  }

  /// Spectral start, map, tree and words: the bits of one thread on any number.
  void topicsAreTheSameAtAnyThreadCount() {
    std::vector<std::pair<std::string, std::string>> texts;
    MatrixF vectors(240, 16);
    Rng rng(5, "topics");
    for (Eigen::Index i = 0; i < vectors.rows(); ++i) {
      const Eigen::Index group = i % 4;
      for (Eigen::Index c = 0; c < vectors.cols(); ++c) vectors(i, c) = static_cast<float>((c == group ? 3 : 0) + 0.5 * rng.normal());
      vectors.row(i).normalize();
      texts.emplace_back("", "word" + std::to_string(group) + " thing" + std::to_string(i % 7));
    }
    const auto corpus = corpusOf(texts);
    clusters::ClusterConfig config;
    config.method = "topics";
    RunContext one, four;
    one.threads = 1;
    four.threads = 4;
    const auto a = clusters::cluster(corpus, vectors, config, one), b = clusters::cluster(corpus, vectors, config, four);
    QVERIFY(a.labels == b.labels && *std::max_element(a.labels.begin(), a.labels.end()) >= 3);
    QVERIFY(a.strengths == b.strengths && a.silhouettes == b.silhouettes);
    for (std::size_t c = 0; c < a.clusters.size(); ++c) QCOMPARE(a.clusters[c].label, b.clusters[c].label);
  }

  void classTfIdfOfEmptyClassesIsZero() {
    MatrixD counts = MatrixD::Zero(2, 2);
    counts(0, 0) = 3;
    const MatrixD weights = clusters::classTfIdf(counts);
    QVERIFY(weights.allFinite());
    QCOMPARE(weights(1, 0), 0.0);
    QVERIFY(weights(0, 0) > 0);
  }

  void bm25IsNeverNegative() {
    LACUNA_NEAR(clusters::inverseFrequency(4, 9, clusters::TermWeighting::ClassTfIdf), std::log(1 + 4.0 / 9), 1e-12);
    QCOMPARE(clusters::inverseFrequency(4, 9, clusters::TermWeighting::Bm25), 0.0);   // log(1 − 4.5/9.5) = −.642
    LACUNA_NEAR(clusters::inverseFrequency(4, 2, clusters::TermWeighting::Bm25), std::log(2.0), 1e-12);
    MatrixD counts(2, 2);
    counts << 5, 0, 4, 1;
    QVERIFY((clusters::classTfIdf(counts, clusters::TermWeighting::Bm25).array() >= 0).all());
  }

  void topicsThatSayTheSameAreMerged() {
    const auto corpus = corpusOf({{"", "red apple apple tree"}, {"", "apple tree red"}, {"", "apple red tree tree"}, {"", "blue whale sea"}, {"", "whale sea blue sea"},
                                  {"", "quantum boson"}});
    const std::vector<std::int32_t> labels{0, 0, 1, 2, 2, 3};
    const auto alike = clusters::mergeTopics(corpus, labels, .8, 0, clusters::TermWeighting::ClassTfIdf, {});
    QCOMPARE(alike.labels, (std::vector<std::int32_t>{0, 0, 0, 1, 1, 2}));
    QCOMPARE(alike.merges.size(), std::size_t{1});
    QCOMPARE(alike.merges[0].from, 1);
    QCOMPARE(alike.merges[0].into, 0);
    const auto fewer = clusters::mergeTopics(corpus, labels, 2, 2, clusters::TermWeighting::ClassTfIdf, {});
    QCOMPARE(fewer.merges.size(), std::size_t{2});
    QCOMPARE(*std::max_element(fewer.labels.begin(), fewer.labels.end()), 1);
    QCOMPARE(clusters::mergeTopics(corpus, labels, 2, 0, clusters::TermWeighting::ClassTfIdf, {}).labels, labels);
    auto withNoise = labels;
    withNoise[3] = -1;
    QCOMPARE(clusters::mergeTopics(corpus, withNoise, .8, 0, clusters::TermWeighting::ClassTfIdf, {}).labels[3], -1);
  }

  void representativesAreTheMostTypical() {
    MatrixF x(5, 2);
    x << 1, 0, .6F, .8F, .8F, .6F, 0, 1, 0, 1;
    const auto found = clusters::representatives(x, {0, 0, 0, 1, -1}, 3, 2);
    QCOMPARE(found[0], (std::vector<std::int64_t>{2, 1}));   // mean direction (2.4, 1.4): 2.4, 2.56, 2.76
    QCOMPARE(found[1], (std::vector<std::int64_t>{3}));
    QVERIFY(found[2].empty());
    QVERIFY(clusters::representatives(MatrixF(), {0, 0}, 1, 2)[0].empty());
  }

  void densityAndTopicsFindPlantedGroups_data() {
    QTest::addColumn<QString>("method");
    for (const char* method : {"hdbscan", "topics", "euclidean", "kmeans"}) QTest::newRow(method) << method;
  }
  void densityAndTopicsFindPlantedGroups() {
    QFETCH(QString, method);
    Rng rng(3, "test.topics");
    corpus::Corpus corpus;
    MatrixF x(120, 12);
    std::vector<std::int32_t> truth;
    for (Eigen::Index i = 0; i < 120; ++i) {
      const auto group = static_cast<std::int32_t>(i < 50 ? 0 : i < 90 ? 1 : 2);
      truth.push_back(group);
      for (Eigen::Index j = 0; j < 12; ++j) x(i, j) = (j == 4 * group ? 1.0F : 0.0F) + .1F * static_cast<float>(rng.normal());
      corpus.documents.emplace_back();
      corpus.documents.back().id = DocumentId(i);
      corpus.documents.back().text = group == 0 ? "apple pear plum" : group == 1 ? "whale shark squid" : "boson quark muon";
    }
    x = x.rowwise().normalized().eval();
    clusters::ClusterConfig config;
    config.method = method.toStdString();
    config.k = 3;
    const auto set = clusters::cluster(corpus, x, config, {});
    QCOMPARE(set.clusters.size(), std::size_t{3});
    QVERIFY(clusters::agreement(set.labels, truth).ari > .99);
    QCOMPARE(set.clusters[0].terms.size(), std::size_t{3});
    QVERIFY(set.clusters[0].size >= set.clusters[1].size && set.clusters[1].size >= set.clusters[2].size);
    QCOMPARE(set.clusters[0].representatives.size(), std::size_t{3});
    const bool density = method == "hdbscan" || method == "topics";
    QCOMPARE(set.condensedTree.empty(), !density);
    for (std::size_t i = 0; i < 120; ++i) QVERIFY(set.labels[i] < 0 ? set.strengths[i] == 0 : set.strengths[i] > 0 && set.strengths[i] <= 1);
    if (method == "topics") {
      config.topics = 2;
      const auto fewer = clusters::cluster(corpus, x, config, {});
      QCOMPARE(fewer.clusters.size(), std::size_t{2});
      QCOMPARE(fewer.merges.size(), std::size_t{1});
    }
  }

  void filtersNameTheirClusters() {
    clusters::ClusterConfig config;
    config.method = "filters";
    config.filters = {{"English", "language == \"en\""}, {"all", ""}, {"never", "language == \"xx\""}};
    const auto set = clusters::cluster(animals(), MatrixF(), config, {});
    QCOMPARE(set.clusters.size(), std::size_t{3});
    QCOMPARE(set.clusters[0].label, std::string("English"));
    QCOMPARE(set.clusters[2].size, 0);
    for (const auto label : set.labels) QVERIFY(label == 0 || label == 1);
    config.filters = {{"broken", "language =="}};
    QVERIFY_THROWS_EXCEPTION(Error, clusters::cluster(animals(), MatrixF(), config, {}));
    config.filters = {};
    QVERIFY_THROWS_EXCEPTION(Error, clusters::cluster(animals(), MatrixF(), config, {}));
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

  /// Clusters that lost all of their documents, as by merging or refining, keep their ids and are no class of c-TF-IDF.
  void idsWithoutDocumentsAreNoClass() {
    const auto corpus = animals();
    const auto few = clusters::describe(corpus, MatrixF(), {0, 0, 1, -1, 1, 1, 2}, {"", "", ""}, {}, {}, {});
    const auto gaps = clusters::describe(corpus, MatrixF(), {1, 1, 4, -1, 4, 4, 6}, std::vector<std::string>(9), {}, {}, {});
    QCOMPARE(gaps.clusters.size(), std::size_t{9});
    for (const auto& [a, b] : {std::pair<std::size_t, std::size_t>{0, 1}, {1, 4}, {2, 6}}) {
      QCOMPARE(gaps.clusters[b].terms.size(), few.clusters[a].terms.size());
      for (std::size_t t = 0; t < few.clusters[a].terms.size(); ++t) {
        QCOMPARE(gaps.clusters[b].terms[t].word, few.clusters[a].terms[t].word);
        QCOMPARE(gaps.clusters[b].terms[t].weight, few.clusters[a].terms[t].weight);
      }
    }
  }

  void hostsOfAddressesGroup() {
    auto corpus = animals();
    for (std::size_t i = 0; i < corpus.documents.size(); ++i) corpus.documents[i].metadata["url"] = (i % 3 == 0 ? "https://A.org/" : "http://b.net:80/x?") + std::to_string(i);
    const auto set = clusters::cluster(corpus, MatrixF(), metadataConfig("url.host"), {});
    QCOMPARE(set.labels, (std::vector<std::int32_t>{1, 0, 0, 1, 0, 0, 1}));
    QCOMPARE(set.clusters[1].label, std::string("a.org"));
  }

  /// Documents without a vector are in their metadata cluster, and in no silhouette.
  void rowsWithoutADirectionAreInNoSilhouette() {
    const auto corpus = animals();
    MatrixF x = vectorsOf(corpus);
    const auto whole = clusters::cluster(corpus, x, metadataConfig("source"), {});
    x.row(1).setZero();
    const auto set = clusters::cluster(corpus, x, metadataConfig("source"), {});
    QCOMPARE(set.clusters[1].size, whole.clusters[1].size);
    QVERIFY(std::isnan(set.silhouettes[1]));
    QCOMPARE(set.silhouettes[0], 0.0);   // alone now
    for (const std::size_t i : {2, 4, 5, 6}) QCOMPARE(set.silhouettes[i], whole.silhouettes[i]);
    QCOMPARE(set.clusters[1].silhouette, 0.0);
    QVERIFY(std::abs(set.meanSilhouette - 3.0 / 5) < 1e-12);
  }

  void stabilityOfAnyMethod() {
    MatrixF x(200, 2);
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      const double angle = (i % 2 == 0 ? 0.1 : 1.4) + 0.1 * Rng(1, "test", static_cast<std::uint64_t>(i)).uniform();
      x.row(i) << static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle));
    }
    for (const char* method : {"kmeans", "euclidean", "hdbscan"}) {
      clusters::ClusterConfig config;
      config.method = method;
      config.k = 2;
      config.stabilityPairs = 4;
      config.minClusterSize = 20;
      const clusters::Stability s = clusters::stabilityOf(x, config, {});
      QCOMPARE(s.values.size(), std::size_t{4});
      QVERIFY2(s.mean > .99, method);
    }
    MatrixF noise(300, 16);   // no groups: where they are cut is chance
    Rng rng(2, "test");
    for (Eigen::Index i = 0; i < noise.size(); ++i) noise.data()[i] = static_cast<float>(rng.uniform() - .5);
    noise.rowwise().normalize();
    for (const char* method : {"kmeans", "euclidean"}) {
      clusters::ClusterConfig config;
      config.method = method;
      config.k = 10;
      config.stabilityPairs = 3;
      QVERIFY2(clusters::stabilityOf(noise, config, {}).mean < .5, method);
    }
    clusters::ClusterConfig metadata = metadataConfig("source");
    QVERIFY(std::isnan(clusters::stabilityOf(x, metadata, {}).mean));
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

#include <QtTest>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "known_answers.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/clusters/clusters.h"

using namespace lacuna;
using Labels = std::vector<std::int32_t>;

namespace {

/// Unit rows around axis `group[i]` of d.
MatrixF around(const Labels& group, Eigen::Index d, float noise, std::uint64_t seed) {
  Rng rng(seed, "test.validity");
  MatrixF x(std::ssize(group), d);
  for (Eigen::Index i = 0; i < x.rows(); ++i)
    for (Eigen::Index j = 0; j < d; ++j) x(i, j) = (j == group[static_cast<std::size_t>(i)] ? 1.0F : 0.0F) + noise * static_cast<float>(rng.normal());
  return x.rowwise().normalized();
}

Labels cyclic(int n, int groups) {
  Labels labels;
  for (int i = 0; i < n; ++i) labels.push_back(i % groups);
  return labels;
}

clusters::RefineConfig small() {
  clusters::RefineConfig config;
  config.minSize = 20;
  return config;
}

qsizetype countOf(const Labels& labels, std::int32_t value) { return std::count(labels.begin(), labels.end(), value); }

const nlohmann::json& reference() {
  static const nlohmann::json all = nlohmann::json::parse(std::ifstream(LACUNA_TEST_DATA "/refine_reference.json"));
  return all["cases"];
}

MatrixF matrixOf(const nlohmann::json& rows) {
  MatrixF x(std::ssize(rows), std::ssize(rows[0]));
  for (Eigen::Index i = 0; i < x.rows(); ++i)
    for (Eigen::Index j = 0; j < x.cols(); ++j) x(i, j) = rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)].get<float>();
  return x;
}

}  // namespace

class RefineTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// numpy, scipy and scikit-learn, written apart from the engine (make_refine_reference.py).
  void equalsTheReference_data() {
    QTest::addColumn<QString>("name");
    for (const auto& [name, data] : reference().items()) QTest::newRow(name.c_str()) << QString::fromStdString(name);
  }
  void equalsTheReference() {
    QFETCH(QString, name);
    const nlohmann::json& c = reference()[name.toStdString()];
    clusters::RefineConfig config;
    config.minSize = c["min_size"];
    config.rounds = c["rounds_at_most"];
    const auto found = clusters::refine(matrixOf(c["x"]), c["labels"].get<Labels>(), c["metadata"].get<Labels>(), config, {});
    QCOMPARE(found.rounds.size(), c["rounds"].size());
    for (std::size_t r = 0; r < found.rounds.size(); ++r) {
      const nlohmann::json& expected = c["rounds"][r];
      const bool last = r + 1 == found.rounds.size();
      QCOMPARE(last ? found.labels : found.rounds[r + 1].labels, expected["labels"].get<Labels>());
      QCOMPARE(found.rounds[r].changed, expected["changed"].get<std::int64_t>());
      const clusters::RefineState after = last ? found.after : found.rounds[r + 1].before;
      LACUNA_NEAR(found.rounds[r].before.macroPurity, expected["before"][0].get<double>(), 1e-9);
      LACUNA_NEAR(found.rounds[r].before.macroSilhouette, expected["before"][1].get<double>(), 1e-6);
      LACUNA_NEAR(after.macroPurity, expected["after"][0].get<double>(), 1e-9);
      LACUNA_NEAR(after.macroSilhouette, expected["after"][1].get<double>(), 1e-6);
    }
    QCOMPARE(found.log.size(), c["log"].size());
    for (std::size_t s = 0; s < found.log.size(); ++s) {
      const clusters::RefineStep& step = found.log[s];
      const nlohmann::json& expected = c["log"][s];
      QCOMPARE(step.round, expected[0].get<int>());
      QCOMPARE(step.action, expected[1].get<std::string>());
      QCOMPARE(step.cluster, expected[2].get<std::int32_t>());
      QCOMPARE(step.other, expected[3].get<std::int32_t>());
      QCOMPARE(step.documents, expected[4].get<std::int64_t>());
      LACUNA_NEAR(step.purity, expected[5].get<double>(), 1e-9);
      LACUNA_NEAR(step.silhouette, expected[6].get<double>(), 1e-6);
    }
  }

  void everyRuleIsSomewhereInTheReference() {
    std::set<std::string> actions;
    for (const auto& [name, c] : reference().items())
      for (const nlohmann::json& step : c["log"]) actions.insert(step[1].get<std::string>());
    QCOMPARE(actions, (std::set<std::string>{"ambiguous", "drop", "merge", "split"}));
  }

  void splitsWhatIsImpure() {
    const Labels truth = cyclic(200, 2);
    const auto refined = clusters::refine(around(truth, 4, .1F, 6), Labels(200, 0), truth, small(), {});
    QVERIFY(clusters::agreement(refined.labels, truth).ari > .99);
    QCOMPARE(refined.log.at(0).action, std::string("split"));
    QCOMPARE(refined.rounds.at(0).labels, Labels(200, 0));
    LACUNA_NEAR(refined.rounds.front().before.macroPurity, .5, 1e-12);
    QVERIFY(std::isnan(refined.rounds.front().before.macroSilhouette));   // of one cluster
    LACUNA_NEAR(refined.after.macroPurity, 1.0, 1e-12);
    QCOMPARE(refined.after.clusters, 2);
  }

  /// A document without a direction has no silhouette, and takes none from its cluster.
  void oneWithoutADirectionChangesNothing() {
    const Labels truth = cyclic(200, 2);
    MatrixF x(201, 4);
    x << around(truth, 4, .1F, 6), Eigen::RowVectorXf::Zero(4);
    Labels first = truth, metadata = truth;
    first.push_back(0);
    metadata.push_back(0);
    const auto with = clusters::refine(x, first, metadata, small(), {});
    const auto without = clusters::refine(around(truth, 4, .1F, 6), truth, truth, small(), {});
    LACUNA_NEAR(with.after.macroSilhouette, without.after.macroSilhouette, 1e-12);
    QCOMPARE(with.after.clusters, without.after.clusters);
  }

  void oneCloudIsNotSplit() {   // impure as it is: BIC does not see two
    const Labels metadata = cyclic(200, 2);
    const auto refined = clusters::refine(around(Labels(200, 0), 5, .1F, 2), Labels(200, 0), metadata, small(), {});
    QCOMPARE(refined.labels, Labels(200, 0));
    QVERIFY(refined.log.empty());
  }

  void mergesOneDirection() {
    Labels metadata = cyclic(240, 2), labels = metadata;
    for (std::size_t i = 0; i < 240; i += 4) labels[i] = 2;   // a part of group 0 apart from it
    const auto refined = clusters::refine(around(metadata, 4, .03F, 7), labels, metadata, small(), {});
    QVERIFY(std::any_of(refined.log.begin(), refined.log.end(), [](const auto& step) { return step.action == "merge"; }));
    QVERIFY(clusters::agreement(refined.labels, metadata).ari > .99);
  }

  void aMergeThatLosesAgreementIsNotMade() {   // one direction, but metadata tells them apart
    const Labels labels = cyclic(200, 3), directions = [] {
      Labels out;
      for (int i = 0; i < 200; ++i) out.push_back(i % 3 == 2 ? 1 : 0);
      return out;
    }();
    clusters::RefineConfig config = small();
    config.leastSilhouette = -1;
    const auto kept = clusters::refine(around(directions, 4, .01F, 7), labels, labels, config, {});
    QVERIFY(std::none_of(kept.log.begin(), kept.log.end(), [](const auto& step) { return step.action == "merge"; }));
    const auto unknown = clusters::refine(around(directions, 4, .01F, 7), labels, Labels(200, -1), config, {});
    QVERIFY(std::any_of(unknown.log.begin(), unknown.log.end(), [](const auto& step) { return step.action == "merge"; }));
    QVERIFY(std::isnan(unknown.after.macroPurity));
  }

  void setsAsideAndDrops() {
    Labels truth = cyclic(200, 2), labels = truth;
    for (std::size_t i = 0; i < 8; ++i) labels[i] = 1 - labels[i];   // in the wrong cluster
    for (std::size_t i = 190; i < 200; ++i) truth[i] = labels[i] = 3;
    const auto refined = clusters::refine(around(truth, 5, .05F, 8), labels, truth, small(), {});
    QCOMPARE(countOf(refined.labels, -2), qsizetype{8});
    for (std::size_t i = 0; i < 8; ++i) QCOMPARE(refined.labels[i], -2);
    for (std::size_t i = 190; i < 200; ++i) QCOMPARE(refined.labels[i], -1);
    qint64 logged = 0;
    for (const auto& step : refined.log)
      if (step.action == "ambiguous") logged += step.documents;
    QCOMPARE(logged, qint64{8});
  }

  void goodClustersAreLeftAlone() {
    const Labels truth = cyclic(200, 3);
    const auto refined = clusters::refine(around(truth, 5, .05F, 9), truth, truth, small(), {});
    QCOMPARE(refined.labels, truth);
    QVERIFY(refined.log.empty());
    QCOMPARE(refined.rounds.size(), std::size_t{1});
    QVERIFY(refined.stopped.find("1 %") != std::string::npos);
  }

  void idsAreNeverUsedTwice() {
    const Labels truth = cyclic(200, 2);
    clusters::RefineConfig config = small();
    config.taken = 7;   // as clusters without documents
    const auto refined = clusters::refine(around(truth, 4, .1F, 6), Labels(200, 0), truth, config, {});
    QCOMPARE(refined.log.at(0).other, 7);
  }

  void nothingLeftIsAnError() {
    clusters::RefineConfig config;
    config.minSize = 1000;
    try {
      clusters::refine(around(cyclic(200, 2), 4, .1F, 6), cyclic(200, 2), cyclic(200, 2), config, {});
      QFAIL("nothing was thrown");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1604"));
      QVERIFY(error.message().find("100") != std::string::npos);   // the largest
    }
  }

  void threadsDoNotMatter() {
    const nlohmann::json& c = reference()["all rules"];
    clusters::RefineConfig config;
    config.minSize = c["min_size"];
    RunContext one, many;
    one.threads = 1;
    many.threads = 3;
    const auto a = clusters::refine(matrixOf(c["x"]), c["labels"].get<Labels>(), c["metadata"].get<Labels>(), config, one);
    const auto b = clusters::refine(matrixOf(c["x"]), c["labels"].get<Labels>(), c["metadata"].get<Labels>(), config, many);
    QCOMPARE(a.labels, b.labels);
    QCOMPARE(a.after.macroSilhouette, b.after.macroSilhouette);
  }

  void noRoundsChangeNothing() {
    clusters::RefineConfig config;
    config.rounds = 0;
    const auto refined = clusters::refine(around(cyclic(200, 2), 4, .1F, 6), cyclic(200, 2), cyclic(200, 2), config, {});
    QCOMPARE(refined.labels, cyclic(200, 2));
    QVERIFY(refined.rounds.empty() && refined.log.empty());
  }
};

QTEST_GUILESS_MAIN(RefineTest)
#include "refine_test.moc"

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/store/store.h"
#include "lacuna/study/study.h"
#include "tiny_study.h"

using namespace lacuna;
using namespace lacuna::study;

/// Pairs of clusters through a whole study: what is run, what is stored, and that it is the arithmetic of the single cells.
class PairsTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::filesystem::path m_file;
  nlohmann::json m_spec;
  Results m_results;

  StudySpec spec(const nlohmann::json& interactions) {
    nlohmann::json json = m_spec;
    json["interactions"] = interactions;
    return parseSpec(json.dump(), m_folder.path().toStdString());
  }
  const EffectRow* cell(ClusterId cluster, const InteractionRow& pair) const {
    for (const EffectRow& e : m_results.effects)
      if (e.cluster == cluster && e.method == pair.method && e.dose == pair.dose && e.task == pair.task && e.metric == pair.metric) return &e;
    return nullptr;
  }
  std::vector<store::ArmRow> armsOf(const std::filesystem::path& file, std::int64_t run) const {
    std::vector<store::ArmRow> own;
    for (const store::ArmRow& arm : store::Store::open(file, true)->arms())
      if (arm.run == run) own.push_back(arm);
    return own;
  }

 private Q_SLOTS:
  void initTestCase() {
    const std::filesystem::path folder = m_folder.path().toStdString();
    m_spec = nlohmann::json::parse(files::readText(tests::writeTinyStudy(folder, LACUNA_TEST_DATA "/models/gpt2_default")));
    m_file = folder / "pairs.lacuna";
    QCOMPARE(runStudy(spec(nlohmann::json::object()), m_file, {}).cellsRun, std::int64_t(12));
    QVERIFY(readResults(m_file).interactions.empty());
    // Asked for later, the pairs are all that is run.
    const RunSummary summary = runStudy(spec({{"pairs", "all"}}), m_file, {});
    QCOMPARE(summary.cellsRun, std::int64_t(3));
    QCOMPARE(summary.cellsUpToDate, std::int64_t(12));
    m_results = readResults(m_file);
  }

  void everyPairHasEveryTask() {
    std::set<std::tuple<std::int64_t, std::int64_t, std::string>> seen;
    for (const InteractionRow& row : m_results.interactions) {
      QVERIFY(row.first < row.second);
      QCOMPARE(row.method, std::string("mean"));
      QCOMPARE(row.dose, 1.0);
      if (row.metric == "margin") seen.insert({row.first.value, row.second.value, row.task});
    }
    QCOMPARE(seen.size(), std::size_t(3 * 2));
  }

  void theInteractionIsWhatTheSinglesLeaveOver() {
    for (const InteractionRow& row : m_results.interactions) {
      if (row.status == "AT_FLOOR") {   // a random model answers no better than chance
        QVERIFY(row.metric == "acc" && std::isnan(row.interaction.value) && !row.reason.empty());
        continue;
      }
      QVERIFY(std::abs(row.interaction.value - (row.aceJoint.value - row.aceFirst.value - row.aceSecond.value)) < 1e-12);
      QVERIFY(row.interaction.low <= row.interaction.value && row.interaction.value <= row.interaction.high);
      if (row.metric != "margin") continue;
      const EffectRow *first = cell(row.first, row), *second = cell(row.second, row);
      QVERIFY(first && second && first->n == row.n && second->n == row.n);
      QVERIFY(std::abs(first->ace - row.aceFirst.value) < 1e-12 && std::abs(second->ace - row.aceSecond.value) < 1e-12);
      QVERIFY(std::abs(first->low - row.aceFirst.low) < 1e-12);
    }
  }

  void aNeuronOfBothIsMovedOnce() {
    int shared = 0, pairs = 0;
    for (const RunRow& run : m_results.runs) {
      if (run.kind != "pair") continue;
      ++pairs;
      QCOMPARE(run.status, std::string("done"));
      const auto arms = armsOf(m_file, run.number);
      QCOMPARE(arms.size(), std::size_t(3));
      std::map<int, std::set<int>> together, apart;   // neurons by layer
      std::size_t parts = 0;
      for (const store::ArmRow& arm : arms) {
        const auto json = nlohmann::json::parse(arm.parameters);
        for (const auto& p : json.is_array() ? json : nlohmann::json::array({json})) {
          const std::set<int> neurons = p.at("neurons").get<std::set<int>>();
          (arm.draw < 0 ? together : apart)[p.at("layer").get<int>()].insert(neurons.begin(), neurons.end());
          if (arm.draw >= 0) parts += neurons.size();
        }
      }
      QVERIFY(together == apart);
      std::size_t joint = 0;
      for (const auto& [layer, neurons] : together) joint += neurons.size();
      shared += parts > joint;
    }
    QCOMPARE(pairs, 3);
    QVERIFY(shared > 0);   // otherwise this has shown nothing
  }

  void pairsAreNoCells() {
    std::set<std::int64_t> pairs;
    for (const RunRow& run : m_results.runs)
      if (run.kind == "pair") pairs.insert(run.number);
    for (const EffectRow& e : m_results.effects) QVERIFY(!pairs.contains(e.run));
    QCOMPARE(m_results.effects.size(), std::size_t(12 * 2 * 2));
    for (const RunRow& run : m_results.runs) QCOMPARE(run.partner.valid(), run.kind == "pair");
    const auto said = [&](const char* words) {
      return std::any_of(m_results.caveats.begin(), m_results.caveats.end(), [&](const std::string& c) { return c.find(words) != std::string::npos; });
    };
    QVERIFY(!said("not measured"));
    QVERIFY(said("perturbed in pairs"));
  }

  void nothingIsRunTwice() {
    const RunSummary again = runStudy(spec({{"pairs", {{0, 1}, {0, 2}, {1, 2}}}}), m_file, {});
    QCOMPARE(again.cellsRun, std::int64_t(0));
    QCOMPARE(again.cellsUpToDate, std::int64_t(15));
    const Plan plan = planStudy(spec({{"pairs", "all"}}), m_file, {});
    QCOMPARE(plan.cells, std::int64_t(15));
    QCOMPARE(plan.cellsDone, std::int64_t(15));
  }

  void subspacesAreProjectedOutTogether() {
    const std::filesystem::path copy = m_file.parent_path() / "subspaces.lacuna";
    std::filesystem::copy_file(m_file, copy);
    runStudy(spec({{"pairs", {{2, 0}}}, {"method", "project"}}), copy, {});
    for (const RunRow& run : readResults(copy).runs) {
      if (run.kind != "pair" || run.method != "project") continue;
      const auto arms = armsOf(copy, run.number);
      const auto joint = nlohmann::json::parse(arms.front().parameters);
      // At one layer a plane; at two layers one direction in each.
      if (joint.is_object()) QCOMPARE(joint.at("basis").size(), std::size_t(2));
      else QCOMPARE(joint.size(), std::size_t(2));
      return;
    }
    QFAIL("no joint projection was run");
  }

  void anUnknownClusterIsNamed() {
    try {
      runStudy(spec({{"pairs", {{0, 7}}}}), m_file.parent_path() / "unknown.lacuna", {});
      QFAIL("accepted");
    } catch (const Error& e) {
      QVERIFY2(e.code() == "LAC-1401" && e.message().find("no cluster 7") != std::string::npos, e.what());
    }
  }

  void theTableHoldsWhatIsDrawn() {
    const auto files = exportStudy(m_file, m_file.parent_path() / "tables", {"interactions"}, "csv");
    const std::string csv = files::readText(files.front());
    QVERIFY(csv.rfind("run,first_id,first_label,second_id,", 0) == 0);
    QCOMPARE(std::count(csv.begin(), csv.end(), '\n'), static_cast<std::ptrdiff_t>(m_results.interactions.size() + 1));
  }
};

QTEST_GUILESS_MAIN(PairsTest)
#include "pairs_test.moc"

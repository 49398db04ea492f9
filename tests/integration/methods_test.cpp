#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "lacuna/files/files.h"
#include "lacuna/store/store.h"
#include "lacuna/study/session.h"
#include "lacuna/study/study.h"
#include "tiny_study.h"

using namespace lacuna;
using namespace lacuna::study;

/// Every method, span, token scope, dose mode and control kind through a whole study.
class MethodsTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::filesystem::path m_file;
  Results m_results;

  const RunRow& run(const std::string& method) const {
    for (const RunRow& r : m_results.runs)
      if (r.method == method) return r;
    qFatal("no run of %s", method.c_str());
  }

 private Q_SLOTS:
  void initTestCase() {
    const std::filesystem::path folder = m_folder.path().toStdString();
    const auto plain = tests::writeTinyStudy(folder, LACUNA_TEST_DATA "/models/gpt2_default");
    auto spec = nlohmann::json::parse(files::readText(plain));
    spec["tau"] = {{"rule", "perm-null"}, {"permutations", 40}};
    spec["probes"]["rankings"] = {"probeless", "gradients"};
    spec["controls"] = {{"draws", 4}, {"kinds", {"matched", "permuted", "other", "noise"}}};
    spec["perturbations"] = nlohmann::json::parse(R"([
      {"method": "mean", "epsilons": [0.5, 1.0]}, {"method": "resample", "epsilons": [1.0]}, {"method": "leace", "epsilons": [1.0]},
      {"method": "grad_l2", "epsilons": [0.2]}, {"method": "flip", "epsilons": [1.0]},
      {"method": "project", "subspace": "pca", "rank": 2, "epsilons": [1.0]}, {"method": "project", "subspace": "inlp", "rank": 2, "epsilons": [1.0]},
      {"method": "project", "tokens": "gated", "epsilons": [1.0]}, {"method": "project", "span": "onward", "epsilons": [1.0], "layer": 0},
      {"method": "project", "displacements": [0.1, 0.2]}, {"method": "mean", "displacements": [0.1], "keep_norm": false}])");
    files::writeFileAtomically(folder / "study.json", spec.dump());
    m_file = folder / "methods.lacuna";
    runStudy(readSpec(folder / "study.json"), m_file, {});
    m_results = readResults(m_file);
  }

  void everyRecipeHasItsCells() {
    std::map<std::string, int> cells;
    for (const RunRow& r : m_results.runs) ++cells[r.method];
    for (const char* name : {"resample", "leace", "grad_l2", "flip", "project:pca2", "project:inlp2", "project@gated", "project+onward"}) QCOMPARE(cells[name], 3);
    QCOMPARE(cells["mean"], 3 * 3);
    QCOMPARE(cells["project"], 3 * 2);
  }

  void equalDosesMoveStatesByWhatWasAskedFor() {
    int seen = 0;
    for (const RunRow& r : m_results.runs) {
      if (!r.equalDose || r.status != "done") continue;
      QVERIFY(std::isfinite(r.epsilon) && r.epsilon > 0 && r.epsilon <= 2);
      ++seen;
    }
    QVERIFY(seen >= 6);
    // ε is linear in δ: twice the displacement is twice the ε.
    std::map<std::pair<std::int64_t, double>, double> epsilons;
    for (const RunRow& r : m_results.runs)
      if (r.method == "project" && r.equalDose && r.status == "done") epsilons[{r.cluster.value, r.dose}] = r.epsilon;
    for (const auto& [key, epsilon] : epsilons)
      if (key.second == 0.1 && epsilons.contains({key.first, 0.2})) QVERIFY(std::abs(epsilons.at({key.first, 0.2}) - 2 * epsilon) < 1e-9);
  }

  void everyKindOfControlIsCompared() {
    std::map<std::string, std::set<int>> sizes;
    for (const ControlRow& c : m_results.controls) {
      sizes[c.kind].insert(c.controls);
      QVERIFY(c.p >= 1.0 / (c.controls + 1) - 1e-12 && c.p <= 1);
    }
    QVERIFY(sizes["matched"].contains(4) && sizes["noise"].contains(4));
    QVERIFY(sizes["permuted"].contains(4));
    QVERIFY(!sizes["other"].empty());
  }

  void theMainControlsAreTheFirstKind() {
    std::map<std::tuple<std::int64_t, std::string, std::string>, const ControlRow*> matched;
    for (const ControlRow& c : m_results.controls)
      if (c.kind == "matched") matched[{c.run, c.task, c.metric}] = &c;
    int compared = 0;
    for (const EffectRow& e : m_results.effects) {
      const auto found = matched.find({e.run, e.task, e.metric});
      if (found == matched.end() || !std::isfinite(e.controlMean)) continue;
      QVERIFY(std::abs(found->second->mean - e.controlMean) < 1e-12 && found->second->p == e.pControl);
      ++compared;
    }
    QVERIFY(compared > 10);
  }

  void probesAreJudged() {
    for (const ProbeRow& p : m_results.probes) {
      if (p.status != "OK") continue;
      QVERIFY(p.averagePrecision > 0 && p.averagePrecision <= 1);
      QVERIFY(std::isfinite(p.gain));
      QVERIFY(p.gain <= p.auc);
      QCOMPARE(p.beta.size(), p.importance.size());
      QVERIFY(p.effectiveCount >= 1 && p.effectiveCount <= static_cast<double>(p.importance.size()) + 1e-9);
      if (p.site != "mlp_hidden") continue;
      QVERIFY(p.nullThreshold > 0);
      for (std::size_t j = 0; j < p.beta.size(); ++j) {
        const bool chosen = std::find(p.selected.begin(), p.selected.end(), static_cast<std::int32_t>(j)) != p.selected.end();
        QCOMPARE(chosen, std::abs(static_cast<double>(p.beta[j])) > p.nullThreshold);
      }
    }
    QVERIFY(!m_results.rankings.empty());
    for (const RankingRow& r : m_results.rankings) QVERIFY(std::isnan(r.spearman) || (r.spearman >= -1 && r.spearman <= 1));
  }

  void anEmptySetIsNotIdentifiedAndSaysWhy() {
    for (const EffectRow& e : m_results.effects) {
      if (e.status != "NOT_IDENTIFIED") continue;
      QVERIFY(std::isnan(e.ace));
      QVERIFY(!e.reason.empty());
    }
  }

  void derivedTablesAreFilledAndExported() {
    QVERIFY(!m_results.curves.empty());
    QVERIFY(!m_results.specificity.empty());
    QVERIFY(!m_results.regression.empty());
    QVERIFY(!m_results.robustness.empty());
    QVERIFY(!m_results.caveats.empty());
    const std::filesystem::path out = m_folder.path().toStdString() + "/tables";
    for (const char* name : {"rankings", "controls", "curves", "specificity", "regression", "robustness", "strength", "curation"}) {
      exportStudy(m_file, out, {name}, "csv");
      QVERIFY(std::filesystem::file_size(out / (std::string(name) + ".csv")) > 20);
    }
  }

  void statisticsRunAgainWithoutTheModel() {
    const std::filesystem::path folder = m_folder.path().toStdString();
    auto spec = nlohmann::json::parse(files::readText(folder / "study.json"));
    spec["statistics"]["alpha"] = 0.01;
    files::writeFileAtomically(folder / "study.json", spec.dump());
    const RunSummary summary = runStudy(readSpec(folder / "study.json"), m_file, {});
    QCOMPARE(summary.cellsRun, std::int64_t(0));
    QCOMPARE(summary.stagesRun, std::vector<std::string>{"effects"});
    const Results again = readResults(m_file);
    QCOMPARE(again.effects.size(), m_results.effects.size());
    for (std::size_t i = 0; i < again.effects.size(); ++i)
      if (std::isfinite(again.effects[i].ace)) QVERIFY(again.effects[i].ace == m_results.effects[i].ace);
  }

  void theWindowsPanelRunsTheSameCell() {
    const auto session = Session::open(m_file, true);
    PanelParameters panel;
    panel.cluster = run("leace").cluster;
    panel.method = "leace";
    panel.layer = run("leace").layer;
    panel.tauRule = "perm-null";
    panel.epsilon = 1;
    const PreviewResult preview = session->preview(panel, 8, {});
    QCOMPARE(preview.tasks.size(), std::size_t(2));
    for (const PreviewTask& task : preview.tasks) QVERIFY2(std::isfinite(task.ace), task.status.c_str());
  }
};

QTEST_GUILESS_MAIN(MethodsTest)
#include "methods_test.moc"

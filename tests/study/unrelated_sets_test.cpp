#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <fstream>
#include <set>

#include "lacuna/files/files.h"
#include "lacuna/perturbation/perturbation.h"
#include "lacuna/study/study.h"
#include "lacuna/study/tune.h"
#include "material.h"
#include "tiny_study.h"
#include "unrelated_sets.h"

using namespace lacuna;
using namespace lacuna::study;
using effects::Half;

/// What a strength is tuned on: documents of other clusters, items of tasks unlike the cluster.
class UnrelatedSetsTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::filesystem::path m_file;
  StudySpec m_spec;
  std::unique_ptr<store::Store> m_store;
  std::unique_ptr<Workspace> m_workspace;

  model::Arm meanAblation(ClusterId cluster, double epsilon = 1) const {
    const Material material(*m_store);
    TargetRequest request{cluster, recipeNamed(m_spec, "mean"), material.bestLayer(cluster, "mlp_hidden"), m_spec.tau, {epsilon, false}};
    return perturbation::makeArm(material.target(request).set);
  }

 private Q_SLOTS:
  /// The tiny study with a third task and enough tuning items for intervals.
  void initTestCase() {
    const std::filesystem::path folder = m_folder.path().toStdString();
    nlohmann::json json = nlohmann::json::parse(files::readText(tests::writeTinyStudy(folder, LACUNA_TEST_DATA "/tasks/models/gpt2-trained")));
    for (const auto& [name, kind] : std::map<std::string, int>{{"stones", 0}, {"sums", 2}, {"loops", 1}}) tests::writeTask(folder / "tasks", name, kind, 60);
    json["tasks"].push_back({{"file", "tasks/loops.json"}});
    json["statistics"]["tune_share"] = .5;
    json["perturbations"] = {{{"method", "mean"}, {"epsilons", {1.0}}}};
    json["controls"]["draws"] = 2;
    m_spec = parseSpec(json.dump(), folder);
    m_file = folder / "tiny.lacuna";
    runStudy(m_spec, m_file, {});
    m_store = store::Store::open(m_file, true);
    m_workspace = std::make_unique<Workspace>(m_spec, *m_store, RunContext());
  }

  void theLeastAlikeThirdOfTheTasksIsTaken() {
    for (const ClusterRow& cluster : m_store->clusters()) {
      const std::vector<std::size_t> unlike = unlikeTasks(*m_workspace, cluster.id);
      QCOMPARE(unlike.size(), std::size_t(1));   // ⌊3/3⌋
      std::map<std::string, double> similarity;
      for (const store::RelationRow& row : m_store->relations())
        if (row.cluster == cluster.id) similarity[row.task] = row.similarity;
      QCOMPARE(similarity.size(), std::size_t(3));
      for (const auto& [task, value] : similarity) QVERIFY(value >= similarity.at(m_workspace->tasks()[unlike[0]].name));
    }
  }

  void documentsAreThoseOfOtherClusters() {
    const ClusterId cluster(1);
    const UnrelatedSet set = unrelatedDocuments(*m_workspace, cluster, false, {});
    std::set<std::int32_t> families;
    std::int64_t expected = 0;
    for (const DocumentRow& document : m_store->documents())
      if (document.role == "tune" && document.cluster != cluster.value) {
        ++expected;
        families.insert(document.family);
      }
    QVERIFY(expected > 30);
    QCOMPARE(set.texts(), expected);
    QCOMPARE(set.groups(), std::int64_t(families.size() / 2));
  }

  void halvesShareNoGroup() {
    std::vector<UnrelatedText> texts;
    for (int i = 0; i < 30; ++i) texts.push_back({{{{1, 2, 3 + i}, -1, false}}, {{0, 1}, {0, 2}}, i / 3});   // ten groups of three
    UnrelatedSet set(m_workspace->model(), "made up", std::move(texts));
    QCOMPARE(set.groups(), std::int64_t(5));
    const model::Arm clean;
    for (const Half half : {Half::Tune, Half::Confirm}) {
      const auto increase = set.increases(half, std::span(&clean, 1), {})[0];
      QCOMPARE(increase.perItem.size(), std::size_t(15));
      std::map<std::int32_t, int> sizes;
      for (const std::int32_t group : increase.groups) ++sizes[group];
      QCOMPARE(sizes.size(), std::size_t(5));
      for (const auto& [group, size] : sizes) QVERIFY(group >= 0 && group < 5 && size == 3);
    }
  }

  void theCleanArmAndZeroCostNothing() {
    UnrelatedSet set = unrelatedDocuments(*m_workspace, ClusterId(0), false, {});
    const std::vector<model::Arm> arms{meanAblation(ClusterId(0)), {}, meanAblation(ClusterId(0), 0)};
    const auto increases = set.increases(Half::Tune, arms, {});
    double moved = 0;
    for (std::size_t i = 0; i < increases[0].perItem.size(); ++i) {
      QVERIFY(increases[1].perItem[i] == 0 && increases[2].perItem[i] == 0);
      moved += std::abs(increases[0].perItem[i]);
    }
    QVERIFY(moved > 0);
    // Alone or beside other arms, before or after the clean losses are known: the same bits.
    QVERIFY(set.increases(Half::Tune, std::span(arms).first(1), {})[0].perItem == increases[0].perItem);
  }

  /// Losses of items are the scorer's log-likelihood of the right choice, a token.
  void itemsAreScoredByTheRightAnswer() {
    const tasks::Task& task = m_workspace->tasks()[1];
    UnrelatedSet set = unrelatedItems(*m_workspace, task, {});
    const std::vector<model::Arm> arms{{}, meanAblation(ClusterId(0))};
    std::vector<std::int64_t> tuning;
    for (const store::TaskItems& items : m_store->taskItems())
      for (std::size_t i = 0; items.task == task.name && i < items.evaluate.size(); ++i)
        if (!items.evaluate[i]) tuning.push_back(static_cast<std::int64_t>(i));
    QCOMPARE(set.texts(), static_cast<std::int64_t>(tuning.size()));
    const auto scores = tasks::scoreItems(m_workspace->model(), task, tuning, arms, false, {});
    std::vector<double> wanted, got;
    for (std::size_t c = 0; c < scores[0].choices.size(); ++c) {
      const tasks::ChoiceScore &clean = scores[0].choices[c], &perturbed = scores[1].choices[c];
      if (clean.choice != task.items[static_cast<std::size_t>(clean.item)].gold) continue;
      const auto n = static_cast<double>(clean.tokens);
      wanted.push_back(clean.logLikelihood / n - perturbed.logLikelihood / n);
    }
    for (const Half half : {Half::Tune, Half::Confirm}) {
      const auto increase = set.increases(half, std::span(arms).subspan(1), {})[0];
      got.insert(got.end(), increase.perItem.begin(), increase.perItem.end());
    }
    std::sort(wanted.begin(), wanted.end());
    std::sort(got.begin(), got.end());
    QVERIFY(wanted == got);
  }

  /// The worst set speaks; it may be the task.
  void theTaskTakesPartInTuning() {
    const auto before = unlikeTasks(*m_workspace, ClusterId(1));
    const std::string task = "task " + m_workspace->tasks()[before[0]].name;
    const model::Arm arm = meanAblation(ClusterId(1), .4);
    std::vector<UnrelatedSet> sets{unrelatedDocuments(*m_workspace, ClusterId(1), false, {}), unrelatedItems(*m_workspace, m_workspace->tasks()[before[0]], {})};
    std::vector<effects::StrengthCost> costs;
    for (UnrelatedSet& set : sets)
      costs.push_back(effects::costOf(set.increases(Half::Tune, std::span(&arm, 1), {})[0], .95, {.draws = m_spec.bootstrapDraws, .seed = m_spec.seed}));
    const std::size_t worst = costs[1].upper > costs[0].upper ? 1 : 0;
    TuneRequest request;
    request.cluster = ClusterId(1);
    request.method = "mean";
    request.budget = 100;
    request.grid = {.4};
    m_workspace.reset();
    m_store.reset();
    const StrengthRow row = tuneStrength(m_spec, m_file, request, {}).strength;
    const auto probes = nlohmann::json::parse(row.probes);
    QCOMPARE(probes[0]["set"].get<std::string>(), worst == 1 ? task : std::string("held-out documents of other clusters"));
    QVERIFY(probes[0]["upper"].get<double>() == costs[worst].upper && probes[0]["mean"].get<double>() == costs[worst].mean);
    QVERIFY(row.reason.find("left out") == std::string::npos && row.reason.find("no task") == std::string::npos);
  }
};

QTEST_GUILESS_MAIN(UnrelatedSetsTest)
#include "unrelated_sets_test.moc"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/effects/strength.h"
#include "lacuna/files/files.h"
#include "lacuna/model/forward.h"
#include "lacuna/perturbation/perturbation.h"
#include "lacuna/store/store.h"
#include "lacuna/study/session.h"
#include "lacuna/study/study.h"
#include "lacuna/study/tune.h"
#include "tiny_study.h"

using namespace lacuna;
using namespace lacuna::study;

namespace {

bool sameNumber(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

bool same(const StrengthRow& a, const StrengthRow& b) {
  return a.cluster == b.cluster && a.method == b.method && a.layer == b.layer && a.budget == b.budget && sameNumber(a.epsilon, b.epsilon) &&
         sameNumber(a.displacement, b.displacement) && a.nonMonotone == b.nonMonotone && a.binding == b.binding && a.probes == b.probes &&
         a.status == b.status && a.reason == b.reason;
}

TuneRequest requestOf(const std::string& method, double budget) {
  TuneRequest request;
  request.cluster = ClusterId(1);
  request.method = method;
  request.budget = budget;
  return request;
}

}  // namespace

/// ε against a budget on unrelated data, over the whole path of a tiny study.
class TuneTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::filesystem::path m_spec, m_file;

  StudySpec spec() const { return readSpec(m_spec); }
  StrengthRow tuned(const TuneRequest& request, int threads = 0) const {
    RunContext context;
    context.threads = threads;
    return tuneStrength(spec(), m_file, request, context).strength;
  }
  std::string codeOf(const TuneRequest& request) const {
    try {
      tuned(request);
    } catch (const Error& e) {
      return e.code();
    }
    return "no error";
  }

 private Q_SLOTS:
  void initTestCase() {
    const std::filesystem::path folder = m_folder.path().toStdString();
    m_spec = tests::writeTinyStudy(folder, LACUNA_TEST_DATA "/models/gpt2_default");
    m_file = folder / "tiny.lacuna";
    runStudy(spec(), m_file, {});
  }

  void aTinyBudgetLeavesNoSafeStrength() {
    const StrengthRow row = tuned(requestOf("grad_sign", 1e-12));
    QCOMPARE(row.status, std::string("NOT_IDENTIFIED"));
    QCOMPARE(row.epsilon, 0.0);
    QCOMPARE(row.displacement, 0.0);
    QVERIFY(row.reason.find("no safe strength") != std::string::npos);
    QCOMPARE(row.binding, std::string("held-out documents of other clusters"));
    QCOMPARE(nlohmann::json::parse(row.probes).size(), TuneRequest().grid.size());
  }

  void aHugeBudgetIsNeverReached() {
    const StrengthRow row = tuned(requestOf("mean", 100));
    QCOMPARE(row.status, std::string("AT_CEILING"));
    QCOMPARE(row.epsilon, 1.0);
    QVERIFY(row.displacement > 0);
    QVERIFY(row.binding.empty());
    QCOMPARE(nlohmann::json::parse(row.probes).size(), TuneRequest().grid.size() + 1);   // and one confirmation
    QVERIFY(row.reason.find("at least 200 are advised") != std::string::npos);
  }

  /// A budget inside the measured curve: ε* keeps it and lies below the first strength that breaks it.
  void aBudgetInsideTheCurveIsBisected() {
    TuneRequest request = requestOf("grad_sign", 100);
    request.grid = {.1, .2, .4};
    const auto curve = nlohmann::json::parse(tuned(request).probes);
    double low = 0, high = 0;
    for (const auto& probe : curve)
      if (probe["half"] == "tune" && probe["epsilon"] == .2) low = probe["upper"];
      else if (probe["half"] == "tune" && probe["epsilon"] == .4) high = probe["upper"];
    QVERIFY(high > low && low > 0);
    request.budget = (low + high) / 2;
    const StrengthRow row = tuned(request);
    QCOMPARE(row.status, std::string("OK"));
    QCOMPARE(row.binding, std::string("held-out documents of other clusters"));
    QVERIFY(std::abs(row.displacement - row.epsilon) < 1e-12);   // a full sign step moves every row by one ρ√d
    const auto probes = nlohmann::json::parse(row.probes);
    double kept = 0, broken = 1;   // what bisection closed in on
    for (const auto& probe : probes)
      if (probe["half"] != "tune") continue;
      else if (probe["upper"] <= request.budget) kept = std::max(kept, probe["epsilon"].get<double>());
      else broken = std::min(broken, probe["epsilon"].get<double>());
    QVERIFY(kept >= .2 && broken <= .4 && std::abs(broken - kept - .2 / 256) < 1e-12);
    QVERIFY(probes[11]["half"] == "confirm" && probes[11]["epsilon"] == kept);   // 3 of the grid, 8 bisections
    QVERIFY(probes.back()["epsilon"] == row.epsilon && probes.back()["upper"] <= request.budget);
    for (std::size_t i = 0; i < request.grid.size(); ++i) QVERIFY(probes[i] == curve[i]);   // the same numbers, whatever else is asked
  }

  void threadsDoNotChangeANumber() {
    for (const char* method : {"mean", "project", "grad_sign"}) {
      const StrengthRow one = tuned(requestOf(method, .002), 1), two = tuned(requestOf(method, .002), 2);
      QVERIFY(same(one, two));
    }
  }

  /// The mean increase at one ε again, from the store's documents and the model alone.
  void increasesAreLossDifferencesOfOtherClusters() {
    TuneRequest request = requestOf("mean", 100);
    request.grid = {1};
    const auto probes = nlohmann::json::parse(tuned(request).probes);
    const double reported = (probes[0]["mean"].get<double>() + probes[1]["mean"].get<double>()) / 2;
    const auto store = store::Store::open(m_file, true);
    perturbation::PerturbationSet set;
    for (const RunRow& run : store->runs())
      for (const store::ArmRow& arm : store->arms())
        if (run.cluster == request.cluster && run.method == "mean" && run.epsilon == 1 && arm.run == run.number && arm.draw == -1)
          set = perturbation::setFromJson(nlohmann::json::parse(arm.parameters));
    QVERIFY(!set.empty());
    const auto model = model::Model::load(LACUNA_TEST_DATA "/models/gpt2_default", {});
    const std::vector<model::Arm> arms{{}, perturbation::makeArm(set)};
    double sum = 0;
    int n = 0;
    for (const DocumentRow& document : store->documents()) {
      if (document.role != "tune" || document.cluster == request.cluster.value) continue;
      model::Forest forest{{model->tokenizer().encode(document.text).ids, -1, false}};
      forest[0].ids.resize(std::min<std::size_t>(forest[0].ids.size(), 32));
      model::ForwardRequest wanted;
      for (int t = 1; t < static_cast<int>(forest[0].ids.size()); ++t) wanted.scored.push_back({0, t});
      const auto logProbs = model::forward(*model, forest, arms, wanted, {}).logProbs;
      double increase = 0;
      for (std::size_t t = 0; t < wanted.scored.size(); ++t) increase += static_cast<double>(logProbs[0][t]) - static_cast<double>(logProbs[1][t]);
      sum += increase / static_cast<double>(wanted.scored.size());
      ++n;
    }
    QVERIFY(n > 20);
    QVERIFY(std::abs(reported - sum / n) < std::abs(sum / n) / n + 1e-9);   // halves may differ by one document
  }

  /// At ε* = 1 the perturbation is the grid's own cell: the same ACE and interval on the same items.
  void everyAbilitysEffectAtTheStrengthIsThatOfTheCell() {
    const Tuned tuned = tuneStrength(spec(), m_file, requestOf("mean", 100), {});
    QCOMPARE(tuned.strength.epsilon, 1.0);
    int compared = 0;
    for (const EffectRow& cell : readResults(m_file).effects) {
      if (cell.cluster != ClusterId(1) || cell.method != "mean" || cell.epsilon != 1) continue;
      const auto found = std::find_if(tuned.effects.begin(), tuned.effects.end(),
                                      [&](const StrengthEffectRow& e) { return e.task == cell.task && e.metric == cell.metric; });
      QVERIFY(found != tuned.effects.end());
      QVERIFY(sameNumber(found->ace, cell.ace) && sameNumber(found->low, cell.low) && sameNumber(found->high, cell.high));
      QCOMPARE(found->status, cell.status);
      QCOMPARE(found->n, cell.n);
      QVERIFY(!found->unrelated && std::isfinite(found->similarity));   // of two tasks none is in a lowest third
      ++compared;
    }
    QCOMPARE(compared, 4);
    const StrengthEffectRow& documents = tuned.effects.back();
    QCOMPARE(documents.metric, std::string("log_prob"));
    QVERIFY(documents.unrelated && documents.low <= documents.ace && documents.ace <= documents.high);
    const auto confirmed = nlohmann::json::parse(tuned.strength.probes).back();
    QVERIFY(confirmed["half"] == "confirm" && std::abs(confirmed["mean"].get<double>() - documents.ace) < 1e-12);
  }

  void effectsAreStoredWithTheirStrength() {
    const auto stored = [&] {
      std::vector<StrengthEffectRow> rows;
      for (const StrengthEffectRow& row : readResults(m_file).strengthEffects)
        if (row.method == "mean" && row.budget == 77) rows.push_back(row);
      return rows;
    };
    const Tuned tuned = tuneStrength(spec(), m_file, requestOf("mean", 77), {});
    QCOMPARE(stored().size(), tuned.effects.size());
    QVERIFY(stored()[0].ace == tuned.effects[0].ace && stored()[0].task == tuned.effects[0].task);
    QVERIFY(tuneStrength(spec(), m_file, requestOf("grad_sign", 1e-12), {}).effects.empty());   // no strength: no effect
    const std::filesystem::path out = m_folder.path().toStdString() + "/tables";
    exportStudy(m_file, out, {"strength_effects"}, "csv");
    QVERIFY(std::filesystem::file_size(out / "strength_effects.csv") > 500);
  }

  /// What the command prints is what the library found, in words and as JSON.
  void theCommandPrintsTheEffects() {
    const auto run = [&](bool asJson) {
      QStringList arguments{"tune", QString::fromStdString(m_spec.string()), "--study", QString::fromStdString(m_file.string()), "--cluster", "1", "--method", "mean",
                            "--budget", "55"};
      if (asJson) arguments << "--json";
      QProcess process;
      process.start(LACUNA_BIN_DIR "/lacuna-cli", arguments);
      process.waitForFinished(120000);
      if (process.exitCode() != 0) qFatal("tune: %s", process.readAllStandardError().constData());
      return process.readAllStandardOutput();
    };
    const auto json = nlohmann::json::parse(run(true).toStdString());
    const Tuned tuned = tuneStrength(spec(), m_file, requestOf("mean", 55), {});
    QCOMPARE(json["epsilon"].get<double>(), tuned.strength.epsilon);
    QCOMPARE(json["effects"].size(), tuned.effects.size());
    for (std::size_t i = 0; i < tuned.effects.size(); ++i) {
      const auto& printed = json["effects"][i];
      QCOMPARE(printed["task"].get<std::string>(), tuned.effects[i].task);
      QCOMPARE(printed["unrelated"].get<bool>(), tuned.effects[i].unrelated);
      if (std::isfinite(tuned.effects[i].ace)) QVERIFY(printed["ace"] == tuned.effects[i].ace && printed["high"] == tuned.effects[i].high);
      else QVERIFY(printed["ace"].is_null());
    }
    const QByteArray words = run(false);
    QVERIFY(words.contains("stones / margin") && words.contains("log_prob  unrelated"));
  }

  /// Three tasks: the least like one is unrelated, its loss was watched, and its ability is marked.
  void theLeastLikeTaskIsMarked() {
    const std::filesystem::path folder = m_folder.path().toStdString() + "/three";
    auto json = nlohmann::json::parse(files::readText(tests::writeTinyStudy(folder, LACUNA_TEST_DATA "/models/gpt2_default")));
    tests::writeTask(folder / "tasks", "loops", 1, 60);
    json["tasks"].push_back({{"file", "tasks/loops.json"}});
    json["statistics"]["tune_share"] = 0.5;
    json["perturbations"] = {{{"method", "mean"}, {"epsilons", {1.0}}}};
    json["controls"] = {{"draws", 0}};
    const StudySpec three = parseSpec(json.dump(), folder);
    runStudy(three, folder / "three.lacuna", {});
    const Tuned tuned = tuneStrength(three, folder / "three.lacuna", requestOf("mean", 100), {});
    std::map<std::string, double> similarity;
    std::string marked;
    for (const StrengthEffectRow& row : tuned.effects) {
      if (row.metric != "margin") continue;
      similarity[row.task] = row.similarity;
      if (row.unrelated) marked += row.task;
    }
    QCOMPARE(similarity.size(), std::size_t(3));
    for (const auto& [task, value] : similarity) QVERIFY(value >= similarity.at(marked));
  }

  void theRowIsStoredAndReplaced() {
    const StrengthRow first = tuned(requestOf("mean", .5));
    const auto stored = [&] {
      std::vector<StrengthRow> rows;
      for (const StrengthRow& row : readResults(m_file).strengths)
        if (row.method == "mean" && row.budget == .5) rows.push_back(row);
      return rows;
    };
    QCOMPARE(stored().size(), std::size_t(1));
    QVERIFY(same(stored()[0], first));
    TuneRequest coarse = requestOf("mean", .5);
    coarse.grid = {.5, 1};
    const StrengthRow second = tuned(coarse);
    QCOMPARE(stored().size(), std::size_t(1));
    QVERIFY(same(stored()[0], second));
  }

  void thePanelTunesThroughTheSameFunction() {
    const StrengthRow wanted = tuned(requestOf("project", .3));
    const auto session = Session::open(m_file);
    PanelParameters panel;
    panel.cluster = ClusterId(1);
    panel.method = "project";
    QVERIFY(same(session->tune(panel, .3, {}), wanted));
    const auto& rows = session->results()->strengths;
    QVERIFY(std::any_of(rows.begin(), rows.end(), [&](const StrengthRow& row) { return same(row, wanted); }));
    QVERIFY_EXCEPTION_THROWN(Session::open(m_file, true)->tune(panel, .3, {}), Error);
  }

  void whatCannotBeTunedSaysWhy() {
    StudySpec last = spec();
    PerturbationSpec recipe;
    recipe.site = "mlp_hidden";
    recipe.tokens = "last";
    last.perturbations.push_back(recipe);
    const StrengthRow scope = tuneStrength(last, m_file, requestOf(recipeName(recipe), .02), {}).strength;
    QCOMPARE(scope.status, std::string("TOO_FEW"));
    QVERIFY(std::isnan(scope.epsilon) && std::isnan(scope.displacement) && scope.reason.find("last token") != std::string::npos);
    TuneRequest nowhere = requestOf("mean", .02);
    nowhere.layer = LayerIndex(99);
    QCOMPARE(tuned(nowhere).status, std::string("NOT_IDENTIFIED"));
    QCOMPARE(tuned(nowhere).probes, std::string("[]"));
  }

  void wrongRequestsAreRefused() {
    TuneRequest cluster = requestOf("mean", .02), grid = requestOf("mean", .02);
    cluster.cluster = ClusterId(17);
    grid.grid = {.4, .2};
    QCOMPARE(codeOf(cluster), std::string("LAC-1401"));
    QCOMPARE(codeOf(grid), std::string("LAC-1401"));
    QCOMPARE(codeOf(requestOf("mean", 0)), std::string("LAC-1401"));
    QCOMPARE(codeOf(requestOf("juggle", .02)), std::string("LAC-1201"));
    StudySpec other = spec();
    other.seed = 12;
    QVERIFY_EXCEPTION_THROWN(tuneStrength(other, m_file, requestOf("mean", .02), {}), Error);
  }

  void aStopIsHeardAndStoresNothing() {
    const std::size_t before = readResults(m_file).strengths.size();
    std::stop_source stop;
    RunContext context;
    context.stop = stop.get_token();
    int reports = 0;
    context.progress = [&](const Progress& p) {
      if (p.stage == "Loss on held-out documents of other clusters" && ++reports == 2) stop.request_stop();
    };
    QVERIFY_EXCEPTION_THROWN(tuneStrength(spec(), m_file, requestOf("mean", .0123), context), Cancelled);
    QCOMPARE(readResults(m_file).strengths.size(), before);
  }
};

QTEST_GUILESS_MAIN(TuneTest)
#include "tune_test.moc"

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <map>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/statistics/correlation.h"
#include "lacuna/store/store.h"
#include "lacuna/study/screening.h"
#include "lacuna/study/session.h"
#include "lacuna/study/study.h"
#include "tiny_study.h"

using namespace lacuna;
using namespace lacuna::study;

/// Attribution screening of a tiny study's grid, against its exact effects.
class ScreenTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::filesystem::path m_spec, m_file;

  StudySpec spec() const { return readSpec(m_spec); }
  /// One method at falling doses.
  StudySpec dosed(const std::string& method, std::vector<double> epsilons) const {
    StudySpec out = spec();
    PerturbationSpec recipe;
    recipe.method = method;
    recipe.site = editsNeurons(method) ? "mlp_hidden" : "resid_post";
    recipe.subspace = method == "project" ? "meandiff" : "";
    recipe.epsilons = std::move(epsilons);
    out.perturbations = {recipe};
    return out;
  }

 private Q_SLOTS:
  void initTestCase() {
    const std::filesystem::path folder = m_folder.path().toStdString();
    m_spec = tests::writeTinyStudy(folder, LACUNA_TEST_DATA "/tasks/models/gpt2-trained");
    m_file = folder / "tiny.lacuna";
    runStudy(spec(), m_file, {});
  }

  void everyCellIsEstimatedAndAShareIsRun() {
    const Screen screen = screenStudy(spec(), m_file, {}, {});
    QCOMPARE(screen.rows.size(), std::size_t(12 * 2));   // 3 clusters × (2 + 1 + 1) doses × tasks
    std::map<std::string, std::map<std::string, int>> run;
    for (const ScreenRow& row : screen.rows) {
      QCOMPARE(row.status, std::string("OK"));
      QVERIFY(std::isfinite(row.estimate) && row.items > 0 && row.items < 20);
      QCOMPARE(std::isfinite(row.exact), !row.verified.empty());
      ++run[row.task][row.verified];
    }
    for (const auto& [task, counts] : run) {
      QCOMPARE(counts.at("top"), 3);      // ⌈20 % of 12⌉
      QCOMPARE(counts.at("random"), 2);   // ⌈10 % of 12⌉
    }
  }

  /// estimate / exact → 1, its error shrinking with ε, for a shift and for an ablation towards the mean.
  void firstOrderIsRightAsTheDoseVanishes_data() {
    QTest::addColumn<std::string>("method");
    QTest::newRow("shift") << std::string("grad_sign");
    QTest::newRow("mean ablation") << std::string("mean");
    QTest::newRow("projection") << std::string("project");
  }
  void firstOrderIsRightAsTheDoseVanishes() {
    QFETCH(std::string, method);
    const std::vector<double> doses{.4, .1, .025};
    const Screen screen = screenStudy(dosed(method, doses), m_file, {.topShare = 1, .randomShare = 0}, {});
    std::map<double, double> worst, mean;
    std::map<double, int> cells;
    double largest = 0;
    for (const ScreenRow& row : screen.rows) largest = std::max(largest, std::abs(row.estimate) / row.dose);
    for (const ScreenRow& row : screen.rows) {
      QCOMPARE(row.verified, std::string("top"));
      const double size = std::abs(row.estimate) / row.dose;   // first order: the same at every dose
      if (size < 2e-3) continue;                               // below what fp32 resolves at the smallest dose
      // Where the first order all but vanishes, the second rules at any dose: small slopes count by a tenth of the largest.
      const double error = std::abs(row.exact - row.estimate) / row.dose / std::max(size, largest / 10);
      worst[row.dose] = std::max(worst[row.dose], error);
      mean[row.dose] += error;
      ++cells[row.dose];
    }
    QCOMPARE(cells.size(), doses.size());
    for (const double dose : doses) QVERIFY(cells[dose] == cells[doses[0]] && cells[dose] >= 4);
    QVERIFY(worst[.025] < worst[.1] / 3);
    QVERIFY(mean[.1] < mean[.4] / 2);
    QVERIFY(mean[.025] < mean[.1] / 3 && mean[.025] > mean[.1] / 5);   // a quarter of the dose, a quarter of the error
  }

  /// Estimates at several doses of one linear edit are proportional to the dose.
  void estimatesAreLinearInTheDose() {
    std::map<std::string, double> slope;
    for (const ScreenRow& row : screenStudy(dosed("mean", {.25, 1}), m_file, {.topShare = 0, .randomShare = 0}, {}).rows) {
      const std::string key = std::to_string(row.cluster.value) + row.task;
      if (row.dose == .25) slope[key] = row.estimate / .25;
      else QVERIFY(std::abs(row.estimate - slope.at(key)) < 1e-4 * std::abs(slope.at(key)) + 1e-9);
      QVERIFY(row.verified.empty() && std::isnan(row.exact));
    }
  }

  /// An exact effect is what a preview, which runs the scorer on the same tuning items, calls the ACE.
  void exactEffectsAreTheScorers() {
    const Screen screen = screenStudy(dosed("mean", {1}), m_file, {.topShare = 1, .randomShare = 0}, {});
    const auto session = Session::open(m_file, true);
    for (const ScreenRow& row : screen.rows) {
      PanelParameters panel;
      panel.cluster = row.cluster;
      panel.method = "mean";
      panel.tasks = {row.task};
      const PreviewResult preview = session->preview(panel, 1000, {});
      QCOMPARE(preview.tasks.size(), std::size_t(1));
      QCOMPARE(preview.tasks[0].n, row.items);
      QVERIFY(std::abs(preview.tasks[0].ace - row.exact) < 1e-12);
    }
  }

  void agreementIsTheRankCorrelationOfTheTable() {
    const Screen screen = screenStudy(spec(), m_file, {.topShare = .5, .randomShare = .3}, {});
    QCOMPARE(screen.rankings.size(), std::size_t(3));   // all, and each task
    for (const ScreenRanking& ranking : screen.rankings) {
      std::vector<double> estimates, exact;
      for (const ScreenRow& row : screen.rows)
        if (!row.verified.empty() && (ranking.task.empty() || ranking.task == row.task)) {
          estimates.push_back(row.estimate);
          exact.push_back(row.exact);
        }
      QCOMPARE(ranking.verified.n, std::int64_t(estimates.size()));
      QVERIFY(std::abs(ranking.verified.value - statistics::spearman(estimates, exact)) < 1e-12);
      QVERIFY(ranking.verified.low < ranking.verified.value && ranking.verified.value < ranking.verified.high);
      QVERIFY(inWords(ranking).find("ρ = ") != std::string::npos);
    }
    ScreenRanking doubtful;
    doubtful.verified.n = 9;
    doubtful.verified.value = .1 * 3 + .7;   // 1, but for rounding
    QVERIFY(inWords(doubtful).find("in the same order throughout") != std::string::npos);
    doubtful.verified.n = 3;
    doubtful.random.n = 9;
    doubtful.random.status = statistics::Status::NotIdentified;
    QVERIFY(inWords(doubtful).find("too few to say") != std::string::npos && inWords(doubtful).find("one side is constant") != std::string::npos);
  }

  void threadsDoNotChangeANumberAndNothingIsStored() {
    const auto bytes = files::readText(m_file);
    RunContext one, two;
    one.threads = 1;
    two.threads = 2;
    const Screen a = screenStudy(spec(), m_file, {}, one), b = screenStudy(spec(), m_file, {}, two);
    QCOMPARE(a.rows.size(), b.rows.size());
    for (std::size_t i = 0; i < a.rows.size(); ++i) {
      QVERIFY(a.rows[i].estimate == b.rows[i].estimate && a.rows[i].verified == b.rows[i].verified);
      QVERIFY(a.rows[i].exact == b.rows[i].exact || a.rows[i].verified.empty());
    }
    QVERIFY(files::readText(m_file) == bytes);
  }

  void whatHasNoPerturbationSaysWhy() {
    StudySpec none = dosed("mean", {1});
    none.perturbations[0].layer = 99;
    for (const ScreenRow& row : screenStudy(none, m_file, {}, {}).rows) {
      QCOMPARE(row.status, std::string("NOT_IDENTIFIED"));
      QVERIFY(std::isnan(row.estimate) && !row.reason.empty());
    }
  }

  /// A model of few learned positions: texts that fill them all have a last token without a position.
  void itemsLeftOutAreCounted() {
    const std::filesystem::path folder = m_folder.path().toStdString() + "/short";
    const StudySpec narrow = readSpec(tests::writeTinyStudy(folder, LACUNA_TEST_DATA "/models/gpt2_default"));
    runStudy(narrow, folder / "short.lacuna", {});
    std::int64_t screened = 0, tuning = 0;
    for (const store::TaskItems& items : store::Store::open(folder / "short.lacuna", true)->taskItems())
      for (const std::uint8_t evaluated : items.evaluate) tuning += evaluated ? 0 : 1;
    std::map<std::string, std::int64_t> leftOut;
    for (const ScreenRow& row : screenStudy(narrow, folder / "short.lacuna", {}, {}).rows) {
      QCOMPARE(row.status, std::string(row.items > 0 ? "OK" : "TOO_FEW"));
      QCOMPARE(std::isnan(row.estimate), row.items == 0);
      QCOMPARE(row.leftOut > 0, row.reason.find("beyond_positions") != std::string::npos);
      if (leftOut.emplace(row.task, row.leftOut).second) screened += row.items;
    }
    QVERIFY(leftOut.at("stones") > 0);
    QCOMPARE(screened + leftOut.at("stones") + leftOut.at("sums"), tuning);
  }

  void aStudyOfAnotherSpecIsRefused() {
    StudySpec other = spec();
    other.tuneShare = .5;   // other tuning items
    try {
      screenStudy(other, m_file, {}, {});
      QFAIL("expected an error");
    } catch (const Error& e) {
      QCOMPARE(e.code(), std::string("LAC-2005"));
      QVERIFY(e.message().find("'tasks'") != std::string::npos);
    }
  }

  void aStopIsHeard() {
    std::stop_source stop;
    RunContext context;
    context.stop = stop.get_token();
    context.progress = [&](const Progress& p) {
      if (p.stage == "Screening") stop.request_stop();
    };
    QVERIFY_EXCEPTION_THROWN(screenStudy(spec(), m_file, {}, context), Cancelled);
  }
};

QTEST_GUILESS_MAIN(ScreenTest)
#include "screen_test.moc"

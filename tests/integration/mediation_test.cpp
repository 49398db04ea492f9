#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/store/store.h"
#include "lacuna/study/study.h"
#include "tiny_study.h"

using namespace lacuna;
using namespace lacuna::study;

namespace {

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// Questions of five words, which the tiny model's 48 positions hold; two of them change places: as many tokens. Every fifth item gets a
/// longer question, every fifth none.
std::string withCounterfactuals(const std::string& jsonl) {
  std::string out;
  std::istringstream lines(jsonl);
  std::string line;
  for (int i = 0; std::getline(lines, line); ++i) {
    nlohmann::json item = nlohmann::json::parse(line);
    std::istringstream text(item.at("question").get<std::string>());
    std::vector<std::string> words{std::istream_iterator<std::string>(text), {}};
    words.resize(5);
    item["question"] = join(words);
    std::swap(words[2], words[4]);
    if (i % 5 == 1) words.emplace_back("more");
    if (i % 5 != 2) item["counterfactual"] = join(words);
    out += item.dump() + "\n";
  }
  return out;
}

}  // namespace

/// Counterfactual prompts through a whole study: exchanged states, stored outcomes, and rows that are the arithmetic of those.
class MediationTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::filesystem::path m_file;
  StudySpec m_spec;
  Results m_results;

 private Q_SLOTS:
  void initTestCase() {
    const std::filesystem::path folder = m_folder.path().toStdString();
    const auto spec = tests::writeTinyStudy(folder, LACUNA_TEST_DATA "/models/gpt2_default");
    const auto data = folder / "tasks" / "stones.jsonl";
    files::writeFileAtomically(data, withCounterfactuals(files::readText(data)));
    m_spec = readSpec(spec);
    m_file = folder / "mediation.lacuna";
    QCOMPARE(runStudy(m_spec, m_file, {}).cellsRun, std::int64_t(12 + 3));
    m_results = readResults(m_file);
  }

  void everyClusterHasTheTaskWithCounterfactuals() {
    QCOMPARE(m_results.mediation.size(), std::size_t(3));
    for (const MediationRow& row : m_results.mediation) {
      QCOMPARE(row.task, std::string("stones"));
      QVERIFY2(row.neurons > 0 && row.n > 10 && row.leftOut > 0, qPrintable(QString("%1 neurons, n = %2, left out %3").arg(row.neurons).arg(row.n).arg(row.leftOut)));
      QVERIFY(row.reason.find("items have no counterfactual prompt with as many tokens") != std::string::npos);
    }
  }

  void bothDecompositionsAddUp() {
    for (const MediationRow& row : m_results.mediation) {
      const double te = row.total.value;
      QVERIFY(std::abs(te - (row.base - row.counterfactual)) < 1e-9);
      QVERIFY(std::abs(te - (row.pureDirect.value + row.totalIndirect.value)) < 1e-9);
      QVERIFY(std::abs(te - (row.totalDirect.value + row.pureIndirect.value)) < 1e-9);
      QVERIFY(std::abs(row.interaction.value - (row.totalIndirect.value - row.pureIndirect.value)) < 1e-9);
      QVERIFY(row.totalIndirect.low <= row.totalIndirect.value && row.totalIndirect.value <= row.totalIndirect.high);
      QVERIFY(row.totalIndirect.value != 0);   // the exchange reached the model
    }
  }

  void onlyAlignedReportedItemsHaveOutcomes() {
    const auto store = store::Store::open(m_file, true);
    const store::TaskItems items = store->taskItems()[0];
    std::vector<double> other;
    for (const store::OutcomeRow& row : store->outcomes())
      if (row.arm == "counterfactual" && row.task == "stones") other = row.values;
    QCOMPARE(other.size(), items.items.size());
    for (std::size_t i = 0; i < other.size(); ++i) {
      const bool expected = items.evaluate[i] && i % 5 != 1 && i % 5 != 2;
      QCOMPARE(std::isfinite(other[i]), expected);
    }
  }

  void mediationIsNoCellAndNoPerturbation() {
    for (const RunRow& run : m_results.runs) {
      if (run.kind != "mediation") continue;
      QCOMPARE(run.status, std::string("done"));
      for (const EffectRow& e : m_results.effects) QVERIFY(e.run != run.number);
      QVERIFY_EXCEPTION_THROWN(runPerturbation(m_file, run.number, false), Error);
    }
  }

  void nothingIsRunTwice() {
    const RunSummary again = runStudy(m_spec, m_file, {});
    QCOMPARE(again.cellsRun, std::int64_t(0));
    QCOMPARE(again.cellsUpToDate, std::int64_t(15));
    const Plan plan = planStudy(m_spec, m_file, {});
    QCOMPARE(plan.cells, plan.cellsDone);
    // Another layer is another run, and nothing else.
    StudySpec fixed = m_spec;
    fixed.mediation.layer = 0;
    const std::filesystem::path copy = m_file.parent_path() / "layer.lacuna";
    std::filesystem::copy_file(m_file, copy);
    QVERIFY(runStudy(fixed, copy, {}).cellsRun <= 3);
    int atLayer = 0;
    for (const MediationRow& row : readResults(copy).mediation) atLayer += row.layer.value == 0;
    QVERIFY(atLayer >= 3);
  }

  void itCanBeLeftOut() {
    StudySpec without = m_spec;
    without.mediation.run = false;
    const std::filesystem::path file = m_file.parent_path() / "without.lacuna";
    QCOMPARE(runStudy(without, file, {}).cellsRun, std::int64_t(12));
    QVERIFY(readResults(file).mediation.empty());
  }

  void theTableHoldsWhatIsDrawn() {
    const auto files = exportStudy(m_file, m_file.parent_path() / "tables", {"mediation"}, "csv");
    const std::string csv = files::readText(files.front());
    QVERIFY(csv.rfind("run,cluster_id,cluster_label,task,site,layer,n_neurons,y11,y00,te,", 0) == 0);
    QCOMPARE(std::count(csv.begin(), csv.end(), '\n'), std::ptrdiff_t(4));
  }
};

QTEST_GUILESS_MAIN(MediationTest)
#include "mediation_test.moc"

#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/statistics/multiplicity.h"
#include "lacuna/study/study.h"
#include "tiny_study.h"

using namespace lacuna;
using namespace lacuna::study;

/// A primary analysis fixed before its results: what is confirmatory, what is refused.
class LockTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::filesystem::path m_spec, m_locked, m_late;

  StudySpec spec() const { return readSpec(m_spec); }
  static PrimaryAnalysis primary() { return {"project", 1, "margin", {}}; }
  static std::string codeOf(const std::function<void()>& body) {
    try {
      body();
    } catch (const Error& e) {
      return e.code() + " " + e.message();
    }
    return "no error";
  }

 private Q_SLOTS:
  void initTestCase() {
    const std::filesystem::path folder = m_folder.path().toStdString();
    m_spec = tests::writeTinyStudy(folder, LACUNA_TEST_DATA "/models/gpt2_default");
    m_locked = folder / "locked.lacuna";
    m_late = folder / "late.lacuna";
    const LockedPlan plan = lockStudy(spec(), m_locked, primary(), false);
    QVERIFY(plan.prospective);
    QCOMPARE(plan.hash.size(), std::size_t(32));
    runStudy(spec(), m_locked, {});
    runStudy(spec(), m_late, {});
  }

  void theLockedFamilyIsConfirmatoryUnderHolm() {
    const Results r = readResults(m_locked);
    QVERIFY(!r.lock.empty());
    std::vector<double> p, adjusted;
    for (const EffectRow& e : r.effects) {
      const bool primaryCell = e.method == "project" && e.epsilon == 1 && e.metric == "margin";
      QCOMPARE(e.analysis, std::string(primaryCell ? "confirmatory" : "exploratory"));
      QCOMPARE(e.pAdjustedMethod, std::string(primaryCell ? "holm" : "bh"));
      if (!primaryCell) continue;
      QCOMPARE(e.familySize, std::int64_t(3 * 2));  // clusters × tasks
      p.push_back(e.p);
      adjusted.push_back(e.pAdjusted);
    }
    QCOMPARE(p.size(), std::size_t(6));
    QCOMPARE(adjusted, statistics::holm(p));
  }

  void effectsThemselvesDoNotChange() {
    const Results locked = readResults(m_locked), late = readResults(m_late);
    QCOMPARE(locked.effects.size(), late.effects.size());
    for (std::size_t i = 0; i < locked.effects.size(); ++i) {
      const EffectRow &a = locked.effects[i], &b = late.effects[i];
      QVERIFY(a.ace == b.ace || (std::isnan(a.ace) && std::isnan(b.ace)));
      QVERIFY(a.low == b.low || (std::isnan(a.low) && std::isnan(b.low)));
      QCOMPARE(late.effects[i].analysis, std::string("exploratory"));
    }
  }

  void aSecondLockIsRefused() { QVERIFY(codeOf([&] { lockStudy(spec(), m_locked, primary(), true); }).find("LAC-1404") == 0); }

  void lockingAfterTheFactNeedsToBeSaidAndStaysExploratory() {
    QVERIFY(codeOf([&] { lockStudy(spec(), m_late, primary(), false); }).find("perturbed outcomes") != std::string::npos);
    QVERIFY(!lockStudy(spec(), m_late, primary(), true).prospective);
    runStudy(spec(), m_late, {});
    for (const EffectRow& e : readResults(m_late).effects) QCOMPARE(e.analysis, std::string("exploratory"));
  }

  void whatTheSpecDoesNotRunCannotBeLocked() {
    PrimaryAnalysis dose = primary(), task = primary();
    dose.epsilon = 0.123;
    task.tasks = {"juggling"};
    QVERIFY(codeOf([&] { lockStudy(spec(), m_folder.path().toStdString() + "/x.lacuna", dose, false); }).find("dose") != std::string::npos);
    QVERIFY(codeOf([&] { lockStudy(spec(), m_folder.path().toStdString() + "/x.lacuna", task, false); }).find("juggling") != std::string::npos);
    QVERIFY(!std::filesystem::exists(m_folder.path().toStdString() + "/x.lacuna"));
  }
};

QTEST_GUILESS_MAIN(LockTest)
#include "lock_test.moc"

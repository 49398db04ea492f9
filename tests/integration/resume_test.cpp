#include <QElapsedTimer>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <random>

#include "lacuna/store/store.h"
#include "lacuna/study/study.h"
#include "tiny_study.h"

using namespace lacuna;

/// A run that is killed at any moment goes on where it was and ends with the same numbers.
class ResumeTest : public QObject {
  Q_OBJECT

  static void run(const std::filesystem::path& spec, const std::filesystem::path& file, int killAfterMs, bool& killed) {
    QProcess process;
    process.start(LACUNA_BIN_DIR "/lacuna-cli", {"run", QString::fromStdString(spec.string()), "--study", QString::fromStdString(file.string())});
    killed = !process.waitForFinished(killAfterMs < 0 ? 120000 : killAfterMs);
    if (killed) {
      ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
      process.waitForFinished();
    } else {
      QVERIFY2(process.exitCode() == 0, process.readAllStandardError().constData());
    }
  }

 private Q_SLOTS:
  void twentyKillsChangeNothing() {
    QTemporaryDir folder;
    const std::filesystem::path root = folder.path().toStdString();
    const auto spec = tests::writeTinyStudy(root, LACUNA_TEST_DATA "/models/gpt2_default");
    bool killed = false;
    QElapsedTimer clock;
    clock.start();
    run(spec, root / "whole.lacuna", -1, killed);
    const int whole = int(clock.elapsed());
    std::mt19937 random(1);
    int kills = 0;
    for (int i = 0; i < 20; ++i) {
      run(spec, root / "killed.lacuna", 10 + int(random() % unsigned(std::max(whole, 50) / 3)), killed);
      kills += killed ? 1 : 0;
    }
    run(spec, root / "killed.lacuna", -1, killed);
    QVERIFY2(kills >= 3, qPrintable(QString("only %1 runs were killed in time").arg(kills)));
    compare(root / "whole.lacuna", root / "killed.lacuna");
  }

 private:
  static void compare(const std::filesystem::path& whole, const std::filesystem::path& killed) {
    const auto a = store::Store::open(whole, true), b = store::Store::open(killed, true);
    const auto outcomes = [](const store::Store& store) {
      std::map<std::string, std::string> all;
      for (const store::OutcomeRow& row : store.outcomes())
        all[row.arm + "|" + row.task + "|" + row.metric] = std::string(reinterpret_cast<const char*>(row.values.data()), row.values.size() * sizeof(double));
      return all;
    };
    QVERIFY(!outcomes(*a).empty());
    QVERIFY(outcomes(*a) == outcomes(*b));
    const auto effects = [](const store::Store& store) {
      std::map<std::string, std::vector<double>> all;
      for (const store::EffectRow& e : store.effects())
        all[std::to_string(e.cluster.value) + e.method + std::to_string(e.epsilon) + e.task + e.metric] = {e.ace, e.low, e.high, e.p, e.pAdjusted, e.aceAdjusted, double(e.n)};
      return all;
    };
    const auto left = effects(*a), right = effects(*b);
    QCOMPARE(left.size(), right.size());
    for (const auto& [key, values] : left)
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double other = right.at(key)[i];
        QVERIFY2(values[i] == other || (std::isnan(values[i]) && std::isnan(other)), key.c_str());
      }
    QCOMPARE(a->runs().size(), b->runs().size());
  }
};

QTEST_GUILESS_MAIN(ResumeTest)
#include "resume_test.moc"

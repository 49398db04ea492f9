#include <QTest>

#include "lacuna/base/error.h"
#include "lacuna/probes/probes.h"

using namespace lacuna;
using namespace lacuna::probes;

namespace {
VectorD shares() {
  VectorD w(10);
  w << .30, .22, .15, .10, .08, .06, .04, .03, .02, 0;
  return w;
}
QList<int> indices(const std::vector<NeuronIndex>& neurons) {
  QList<int> result;
  for (const NeuronIndex j : neurons) result.append(j.value);
  return result;
}
}  // namespace

class ImportanceTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void tauRules_data();
  void tauRules();
  void mostImportantComesFirstTiesByIndex();
  void orderOfInputsDoesNotMatter();
  void noWeightMeansEmptySet();
  void badTauIsRefused();
  void concentrationNumbers();
  void aucKnownAnswers_data();
  void aucKnownAnswers();
};

void ImportanceTest::tauRules_data() {
  QTest::addColumn<int>("rule");
  QTest::addColumn<double>("value");
  QTest::addColumn<int>("count");
  QTest::newRow("uniform 2/d") << int(TauRule::Uniform) << 2.0 << 2;
  QTest::newRow("uniform 0: all with weight") << int(TauRule::Uniform) << 0.0 << 9;
  QTest::newRow("uniform above the largest") << int(TauRule::Uniform) << 3.0 << 0;
  QTest::newRow("mass .5") << int(TauRule::Mass) << 0.5 << 2;
  QTest::newRow("mass .52 is reached by two") << int(TauRule::Mass) << 0.52 << 2;
  QTest::newRow("mass .8") << int(TauRule::Mass) << 0.8 << 5;
  QTest::newRow("mass 1") << int(TauRule::Mass) << 1.0 << 9;
  QTest::newRow("mass 0") << int(TauRule::Mass) << 0.0 << 0;
  QTest::newRow("top 3") << int(TauRule::TopK) << 3.0 << 3;
  QTest::newRow("top 99: never one without weight") << int(TauRule::TopK) << 99.0 << 9;
}

void ImportanceTest::tauRules() {
  QFETCH(int, rule);
  QFETCH(double, value);
  QFETCH(int, count);
  const QList<int> chosen = indices(selectNeurons(shares(), {static_cast<TauRule>(rule), value}));
  QCOMPARE(chosen.size(), count);
  for (int i = 0; i < count; ++i) QCOMPARE(chosen[i], i);
}

void ImportanceTest::mostImportantComesFirstTiesByIndex() {
  VectorD w(5);
  w << .2, .1, .3, .2, .2;
  QCOMPARE(indices(selectNeurons(w, {TauRule::TopK, 4})), QList<int>({2, 0, 3, 4}));
}

void ImportanceTest::orderOfInputsDoesNotMatter() {
  const QList<int> backwards = indices(selectNeurons(shares().reverse(), {TauRule::Mass, 0.8}));
  QCOMPARE(backwards, QList<int>({9, 8, 7, 6, 5}));
}

void ImportanceTest::noWeightMeansEmptySet() {
  for (const TauRule rule : {TauRule::Uniform, TauRule::Mass, TauRule::TopK})
    QVERIFY(selectNeurons(VectorD::Zero(4), {rule, 1}).empty());
}

void ImportanceTest::badTauIsRefused() { QVERIFY_EXCEPTION_THROWN(selectNeurons(shares(), {TauRule::Mass, -1}), Error); }

void ImportanceTest::concentrationNumbers() {
  const Concentration c = concentration(shares());
  QVERIFY(std::abs(c.effectiveCount - 5.44069640914037) < 1e-12);
  QVERIFY(std::abs(c.entropyCount - 6.633825352675477) < 1e-12);
  QVERIFY(std::abs(c.gini - 0.49) < 1e-12);
  const Concentration even = concentration(VectorD::Constant(8, 0.3));
  QVERIFY(std::abs(even.effectiveCount - 8) < 1e-12);
  QVERIFY(std::abs(even.entropyCount - 8) < 1e-12);
  QVERIFY(std::abs(even.gini) < 1e-12);
  QCOMPARE(concentration(VectorD::Zero(3)).effectiveCount, 0.0);
}

void ImportanceTest::aucKnownAnswers_data() {
  QTest::addColumn<std::vector<double>>("scores");
  QTest::addColumn<std::vector<std::uint8_t>>("labels");
  QTest::addColumn<double>("expected");
  using Scores = std::vector<double>;
  using Labels = std::vector<std::uint8_t>;
  QTest::newRow("ties") << Scores{.1, .4, .4, .8, .4, .9} << Labels{0, 0, 1, 1, 0, 1} << 0.8888888888888888;
  QTest::newRow("constant") << Scores{1, 1, 1} << Labels{0, 1, 0} << 0.5;
  QTest::newRow("reversed") << Scores{3, 2, 1} << Labels{0, 0, 1} << 0.0;
  QTest::newRow("one class") << Scores{3, 2, 1} << Labels{1, 1, 1} << 0.5;
}

void ImportanceTest::aucKnownAnswers() {
  QFETCH(std::vector<double>, scores);
  QFETCH(std::vector<std::uint8_t>, labels);
  QFETCH(double, expected);
  QVERIFY(std::abs(auc(scores, labels) - expected) < 1e-15);
}

QTEST_GUILESS_MAIN(ImportanceTest)
#include "importance_test.moc"

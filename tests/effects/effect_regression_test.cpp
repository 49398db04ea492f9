#include <QTest>

#include <cmath>
#include <map>

#include "known_answers.h"
#include "lacuna/base/rng.h"
#include "lacuna/effects/effect_regression.h"

using namespace lacuna;
using namespace lacuna::effects;
using namespace lacuna::testing;
using statistics::Status;

namespace {

const QJsonObject& reference() {
  static const QJsonObject all = readJson("effects_reference.json");
  return all;
}

std::vector<EffectCell> referenceCells() {
  const QJsonObject data = reference()["cells"].toObject();
  std::map<std::string, std::vector<double>> columns;
  for (const QString& name : data.keys()) columns[name.toStdString()] = numbers(data[name]);
  std::vector<EffectCell> cells;
  for (std::size_t i = 0; i < columns["effect"].size(); ++i) {
    EffectCell cell;
    cell.cluster = static_cast<std::int32_t>(columns["cluster"][i]);
    cell.task = static_cast<std::int32_t>(columns["task"][i]);
    cell.method = static_cast<std::int32_t>(columns["method"][i]);
    cell.depth = columns["depth"][i];
    cell.lnTokens = columns["lnTokens"][i];
    cell.similarity = columns["similarity"][i];
    cell.lnParameters = columns["lnParameters"][i];
    cell.lnNeurons = columns["lnNeurons"][i];
    cell.variance = columns["variance"][i];
    cell.effect = columns["effect"][i];
    cells.push_back(cell);
  }
  return cells;
}

/// statsmodels' names in ours.
std::string ours(const QString& name) {
  static const std::map<QString, std::string> names{{"Intercept", "intercept"}, {"lnTokens", "ln tokens"}, {"lnParameters", "ln parameters"}, {"lnNeurons", "ln neurons"}};
  if (const auto found = names.find(name); found != names.end()) return found->second;
  if (name.startsWith("C(")) return name.mid(2, name.indexOf(')') - 2).toStdString() + " " + name.mid(name.indexOf("T.") + 2).chopped(1).toStdString();
  return name.toStdString();
}

EffectRegressionConfig quick() {
  EffectRegressionConfig config;
  config.wildDraws = 399;
  config.wildIntervals = false;
  return config;
}

}  // namespace

class EffectRegressionTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void agreesWithStatsmodels_data() {
    QTest::addColumn<bool>("withNeurons");
    QTest::newRow("without ln neurons") << false;
    QTest::newRow("with ln neurons") << true;
  }
  void agreesWithStatsmodels() {
    QFETCH(bool, withNeurons);
    EffectRegressionConfig config = quick();
    config.withNeurons = withNeurons;
    const EffectRegression r = effectRegression(referenceCells(), config);
    const QJsonObject known = reference()[withNeurons ? "withNeurons" : "regression"].toObject();
    const QJsonArray names = known["names"].toArray();
    QCOMPARE(static_cast<qsizetype>(r.terms.size()), names.size());
    const auto b = numbers(known["b"]), hc3 = numbers(known["hc3"]), p = numbers(known["p"]), twoWay = numbers(known["twoWay"]), metaB = numbers(known["metaB"]),
               metaSe = numbers(known["metaSe"]), vif = numbers(known["vif"]);
    for (int j = 0; j < names.size(); ++j) {
      const auto at = static_cast<std::size_t>(j);
      const EffectTerm* const term = r.find(ours(names[j].toString()));
      QVERIFY2(term, qPrintable(names[j].toString()));
      LACUNA_NEAR(term->hc3.estimate.value, b[at], 1e-9);
      LACUNA_NEAR(term->hc3.estimate.se, hc3[at], 1e-9);
      LACUNA_NEAR(term->hc3.p, p[at], 1e-9);
      LACUNA_NEAR(term->twoWay.estimate.se, twoWay[at], 1e-8);
      LACUNA_NEAR(term->meta.value, metaB[at], 1e-8);
      LACUNA_NEAR(term->meta.se, metaSe[at], 1e-8);
      if (j > 0) LACUNA_NEAR(term->vif, vif[at - 1], 1e-8);
    }
    LACUNA_NEAR(r.tau2, known["tau2"].toDouble(), 1e-9);
    const QJsonObject mixed = known["mixed"].toObject();
    const auto mixedB = numbers(mixed["b"]);
    for (int j = 0; j < mixed["names"].toArray().size(); ++j)
      QVERIFY(std::abs(r.find(ours(mixed["names"].toArray()[j].toString()))->mixed.value - mixedB[static_cast<std::size_t>(j)]) < 2e-3);
    QVERIFY(std::abs(r.clusterVariance - mixed["cluster"].toDouble()) < 2e-3);
    QVERIFY(std::abs(r.residualVariance - mixed["residual"].toDouble()) < 1e-3);
    QCOMPARE(r.find("task 1")->mixed.status, Status::NotIdentified);
    QVERIFY(r.fewClusters);
    QCOMPARE(r.clusters, std::int64_t{14});
  }

  /// methods.md 9: six points, slope .94, HC3 .151524, p .003434, interval (.519302, 1.360698).
  void sixPointsKnownAnswer() {
    const double y[]{1.1, 1.9, 3.2, 3.8, 5.5, 5.4};
    std::vector<EffectCell> cells;
    for (int i = 0; i < 6; ++i) {
      EffectCell cell;
      cell.cluster = i / 2;
      cell.effect = y[i];
      cell.variance = .1;
      cell.lnTokens = i + 1;
      cells.push_back(cell);
    }
    const EffectRegression r = effectRegression(cells, quick());
    const EffectTerm* const slope = r.find("ln tokens");
    LACUNA_PRINTED(slope->hc3.estimate.value, .94, 6);
    LACUNA_PRINTED(slope->hc3.estimate.se, .151524, 6);
    LACUNA_PRINTED(slope->hc3.p, .003434, 6);
    LACUNA_PRINTED(slope->hc3.estimate.low, .519302, 6);
    LACUNA_PRINTED(slope->hc3.estimate.high, 1.360698, 6);
    LACUNA_PRINTED(slope->twoWay.estimate.se, .032903, 6);   // CR1, 3 groups of 2: absurdly small
    LACUNA_NEAR(r.find("intercept")->hc3.estimate.se, numbers(knownAnswer("ols")["HC3"])[0], 1e-9);
    QCOMPARE(slope->wild.n, std::int64_t{3});
    QCOMPARE(slope->wild.status, Status::TooFew);
    QVERIFY(slope->wild.p > .05);
  }

  void intervalsOfTheWildBootstrapHoldTheEstimate() {
    EffectRegressionConfig config = quick();
    config.wildIntervals = true;
    const EffectRegression r = effectRegression(referenceCells(), config);
    const EffectTerm* const tokens = r.find("ln tokens");
    QVERIFY(tokens->wildInterval.low < tokens->hc3.estimate.value && tokens->wildInterval.high > tokens->hc3.estimate.value);
    QCOMPARE(tokens->wild.method, std::string("wild-cluster-webb"));   // five tasks: the smaller dimension
    QCOMPARE(r.find("task 2")->wild.status, Status::NotIdentified);
  }

  /// Few clusters by task alone, twelve of them: every sign is tried.
  void upToTwelveClustersAreExhausted() {
    std::vector<EffectCell> cells;
    for (const EffectCell& cell : referenceCells())
      if (cell.task == 0 && cell.cluster < 12) cells.push_back(cell);
    QCOMPARE(effectRegression(cells, quick()).find("ln tokens")->wild.method, std::string("wild-cluster-exhaustive"));
  }

  void scaleSlopesNeedFiveSizesOfOneFamily() {
    std::vector<EffectCell> cells = referenceCells();
    QVERIFY(effectRegression(cells, quick()).find("ln parameters"));
    std::vector<EffectCell> four;
    for (const EffectCell& cell : cells)
      if (cell.lnParameters < std::log(1.2e9)) four.push_back(cell);
    const EffectRegression few = effectRegression(four, quick());
    QVERIFY(!few.find("ln parameters"));
    QVERIFY(few.notices.back().find("4 sizes, 5 are needed") != std::string::npos || few.notices.front().find("4 sizes, 5 are needed") != std::string::npos);
    for (std::size_t i = 0; i < cells.size(); i += 5) cells[i].family = 1;
    QVERIFY(!effectRegression(cells, quick()).find("ln parameters"));
  }

  void tooFewCellsAreRefused() {
    auto cells = referenceCells();
    cells.resize(5);
    const EffectRegression r = effectRegression(cells, quick());
    QCOMPARE(r.status, Status::NotIdentified);
    QVERIFY(r.terms.empty() && !r.notices.empty());
    QCOMPARE(effectRegression({}, quick()).status, Status::NotIdentified);
  }

  void dependentAndMissingColumnsAreNamed() {
    std::vector<EffectCell> cells = referenceCells();
    for (EffectCell& cell : cells) {
      cell.similarity = .5;
      cell.lnNeurons = 2 * cell.lnTokens - 3;
    }
    cells[0].effect = std::nan("");
    EffectRegressionConfig config = quick();
    config.withNeurons = true;
    const EffectRegression r = effectRegression(cells, config);
    QVERIFY(!r.find("similarity") && !r.find("ln neurons"));
    QCOMPARE(r.n, static_cast<std::int64_t>(cells.size()) - 1);
    QCOMPARE(r.notices.size(), std::size_t{3});
    QCOMPARE(r.status, Status::Ok);
  }

  /// ln tokens drives ln neurons, which drives part of the effect: taking it in lowers the slope of ln tokens.
  void neuronsAreShownBesideAndWithTheirDifference() {
    const NeuronSensitivity s = neuronSensitivity(referenceCells(), quick());
    const double without = s.without.find("ln tokens")->hc3.estimate.value, with = s.with.find("ln tokens")->hc3.estimate.value;
    QVERIFY(without > with);
    QCOMPARE(s.differences[1].first, std::string("ln tokens"));
    LACUNA_NEAR(s.differences[1].second, without - with, 1e-12);
    QVERIFY(!s.without.find("ln neurons") && s.with.find("ln neurons"));
  }

  /// methods.md 9: (.05, 12, .25) from six sizes.
  void powerLawKnownAnswer() {
    std::vector<EffectCell> cells;
    const double sizes[]{70e6, 160e6, 410e6, 1e9, 1.4e9, 2.8e9};
    for (const double size : sizes) {
      EffectCell cell;
      cell.effect = .05 + 12 * std::pow(size, -.25);
      cell.variance = 1e-6;
      cell.lnParameters = std::log(size);
      cells.push_back(cell);
    }
    const ScaleLaw law = scaleLaw(cells);
    LACUNA_PRINTED(law.effects[0], .181192, 6);
    QVERIFY(std::abs(law.power.offset - .05) < 2e-3);
    QVERIFY(std::abs(law.power.exponent - .25) < .01);
    QVERIFY(law.power.loss < law.line.loss && law.line.loss < law.constant.loss);
    QCOMPARE(law.status, Status::Ok);
    cells.pop_back();
    const ScaleLaw five = scaleLaw(cells);
    QCOMPARE(five.status, Status::NotIdentified);
    QVERIFY(five.reason.find("5 model sizes") == 0);
  }

  void cellsOfOneSizeAreAveraged() {
    std::vector<EffectCell> cells(2);
    cells[0].effect = 1;
    cells[0].variance = 1;
    cells[1].effect = 4;
    cells[1].variance = .5;
    const ScaleLaw law = scaleLaw(cells);
    LACUNA_NEAR(law.effects[0], 3, 1e-12);
    LACUNA_NEAR(law.se[0], std::sqrt(1.0 / 3), 1e-12);
  }
};

QTEST_GUILESS_MAIN(EffectRegressionTest)
#include "effect_regression_test.moc"

#include <QtTest/QtTest>

#include <QTemporaryDir>
#include <cmath>
#include <numbers>
#include <random>

#include "answer_metrics.h"
#include "encoder_texts.h"
#include "lacuna/base/error.h"
#include "lacuna/tasks/judges.h"
#include "lacuna/tasks/masked_pairs.h"
#include "task_fixtures.h"

using namespace lacuna;
using namespace lacuna::tasks;
using fixtures::Json;
namespace fs = std::filesystem;

namespace {

const fs::path kJudges = LACUNA_TEST_DATA "/judges";

Json expectedOf(const std::string& name) {
  std::ifstream file(kJudges / name / "expected.json");
  return Json::parse(file);
}

std::string messageOf(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.code() + " " + error.message();
  }
  return "no error";
}

}  // namespace

/// Models that judge texts, against transformers (tests/data/make_bleurt_reference.py).
class JudgesTest : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_folder;

  /// A copy of a judge's folder with another config.json.
  fs::path changed(const std::string& name, const std::string& as, const std::function<void(Json&)>& change) {
    const fs::path folder = fs::path(m_folder.path().toStdString()) / as;
    fs::copy(kJudges / name, folder);
    std::ifstream in(folder / "config.json");
    Json config = Json::parse(in);
    change(config);
    std::ofstream(folder / "config.json") << config;
    return folder;
  }

 private Q_SLOTS:
  void bleurtIsTheReference_data() {
    QTest::addColumn<QString>("name");
    for (const char* const name : {"bert", "bleurt", "rembert"}) QTest::newRow(name) << QString(name);
  }
  void bleurtIsTheReference() {
    QFETCH(QString, name);
    const Json expected = expectedOf(name.toStdString());
    const auto bleurt = Bleurt::load(kJudges / name.toStdString(), {});
    QCOMPARE(bleurt->maxTokens(), expected.at("max_tokens").get<std::int64_t>());
    std::vector<TextPair> pairs;
    for (const Json& pair : expected.at("pairs")) pairs.push_back({pair.at("reference"), pair.at("candidate")});
    const std::vector<double> together = bleurt->scores(pairs, {});
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const double wanted = expected.at("pairs")[i].at("score");
      QVERIFY2(std::abs(together[i] - wanted) < 1e-4, qPrintable(QString("pair %1: %2, expected %3").arg(i).arg(together[i]).arg(wanted)));
      QCOMPARE(bleurt->scores(std::span(pairs).subspan(i, 1), {}).front(), together[i]);
    }
    // Reference first: the other way round is another number.
    QVERIFY(std::abs(bleurt->scores(std::vector{TextPair{pairs[1].candidate, pairs[1].reference}}, {}).front() - together[1]) > 1e-6);
  }

  void pairsAreCutFromTheLongerSide() {
    std::vector<std::int32_t> a{1, 2, 3, 4, 5}, b{6, 7, 8};
    cutPair(a, b, 6);
    QCOMPARE(a, (std::vector<std::int32_t>{1, 2, 3}));
    cutPair(a, b, 5);   // of equal sides the second loses first
    QCOMPARE(b, (std::vector<std::int32_t>{6, 7}));
    cutPair(a, b, 0);
    QVERIFY(a.empty() && b.empty());
  }

  void foldersThatAreNoRegressorAreRefused() {
    QVERIFY(messageOf([] { Bleurt::load(kJudges / "toxic6", {}); }).find("expected a sequence classification head with one label, found 6 labels") != std::string::npos);
    QVERIFY(messageOf([] { Bleurt::load(fixtures::taskFolder() / "models/bert-mlm", {}); }).starts_with("LAC-1302"));
  }

  void labelsAndRules_data() {
    QTest::addColumn<QString>("problem");
    QTest::addColumn<QString>("label");
    QTest::addColumn<QString>("rule");
    QTest::addColumn<QString>("read");
    QTest::newRow("toxicity kinds, nothing said") << "" << "" << "" << "sigmoid";
    QTest::newRow("multi label") << "multi_label_classification" << "" << "" << "sigmoid";
    QTest::newRow("single label") << "single_label_classification" << "" << "" << "softmax";
    QTest::newRow("label by name") << "" << "INSULT" << "" << "sigmoid";
    QTest::newRow("rule given") << "multi_label_classification" << "threat" << "softmax" << "softmax";
    QTest::newRow("regression") << "regression" << "" << "" << "logits";
  }
  void labelsAndRules() {
    QFETCH(QString, problem);
    QFETCH(QString, label);
    QFETCH(QString, rule);
    QFETCH(QString, read);
    const fs::path folder = changed("toxic6", QTest::currentDataTag(), [&](Json& config) {
      if (!problem.isEmpty()) config["problem_type"] = problem.toStdString();
    });
    const auto classifier = TextClassifier::load(folder, {label.toStdString(), rule.toStdString()}, {});
    const Json expected = expectedOf("toxic6");
    const auto labels = expected.at("labels").get<std::vector<std::string>>();
    const std::string wanted = label.isEmpty() ? "toxic" : label.toLower().toStdString();
    QCOMPARE(classifier->label(), wanted);
    const auto column = static_cast<std::size_t>(std::find(labels.begin(), labels.end(), wanted) - labels.begin());
    std::vector<std::string> texts;
    for (const Json& row : expected.at("texts")) texts.push_back(row.at("text"));
    const std::vector<double> values = classifier->scores(texts, {});
    for (std::size_t i = 0; i < texts.size(); ++i)
      QVERIFY(std::abs(values[i] - expected.at("texts")[i].at(read.toStdString())[column].get<double>()) < 1e-4);
  }

  void whatIsNotKnownIsAskedFor() {
    const fs::path unnamed = changed("toxic6", "unnamed", [](Json& config) { config.erase("id2label"), config["num_labels"] = 6; });
    QVERIFY(messageOf([&] { TextClassifier::load(unnamed, {}, {}); }).find("none of the classifier's labels is known to mean toxic") != std::string::npos);
    QCOMPARE(TextClassifier::load(unnamed, {"LABEL_3", ""}, {})->rule(), LabelRule::Softmax);
    QVERIFY(messageOf([&] { TextClassifier::load(unnamed, {"rude", ""}, {}); }).find("no label \"rude\"") != std::string::npos);
    QVERIFY(messageOf([&] { TextClassifier::load(unnamed, {"LABEL_3", "max"}, {}); }).find("is not known") != std::string::npos);
    QVERIFY(messageOf([] { TextClassifier::load(fixtures::taskFolder() / "models/bert-mlm", {}, {}); }).find("no classification head") != std::string::npos);
    // One label: HF's pipelines take a sigmoid, BLEURT the number itself.
    QCOMPARE(TextClassifier::load(kJudges / "bert", {}, {})->rule(), LabelRule::Sigmoid);
    QCOMPARE(TextClassifier::load(kJudges / "bleurt", {}, {})->rule(), LabelRule::Raw);
  }

  void longTextsAreCutNotRefused() {
    const auto classifier = TextClassifier::load(kJudges / "toxic6", {}, {});
    std::string text;
    for (int i = 0; i < 200; ++i) text += "the cat ";
    const std::vector<std::string> both{text, text + "dog"};
    const std::vector<double> values = classifier->scores(both, {});
    QVERIFY(values[0] == values[1] && std::isfinite(values[0]));
  }

  void maskedModelsScorePairsAlone() {
    const auto encoder = model::Encoder::load(fixtures::taskFolder() / "models/bert-mlm", {});
    Task task = readTask(fixtures::taskFolder() / "crows_pairs/task.json");
    task.items.resize(2);
    std::string words;
    for (int i = 0; i < 120; ++i) words += "x ";
    task.items[1].choices[0] = words;
    const ArmScores scores = scoreMaskedPairs(*encoder, task, {});
    QCOMPARE(scores.items.size(), std::size_t{4});
    QCOMPARE(scores.items[2].status, std::string("too_long"));
    QVERIFY(std::isnan(scores.items[3].value));
    // The same sentence twice shares everything and ties.
    task.items.resize(1);
    task.items[0].choices[1] = task.items[0].choices[0];
    QCOMPARE(scoreMaskedPairs(*encoder, task, {}).items[1].prediction, std::string("tie"));
    task.metrics = {"pct_stereotype"};
    task.sidecar["metric"] = Json::array({"pct_stereotype"});
    QVERIFY(messageOf([&] { scoreMaskedPairs(*encoder, task, {}); }).find("needs a model that reads from left to right") != std::string::npos);
    QVERIFY(messageOf([&] { scoreMaskedPairs(*encoder, readTask(fixtures::taskFolder() / "generation/task.json"), {}); }).find("crows_pairs alone") != std::string::npos);
  }

  void chrF_data() {
    QTest::addColumn<QString>("prediction");
    QTest::addColumn<QString>("reference");
    QTest::addColumn<double>("score");
    std::ifstream file(LACUNA_TEST_DATA "/chrf_reference.json");
    int n = 0;
    for (const Json& row : Json::parse(file))
      QTest::addRow("row %d", n++) << QString::fromStdString(row.at("hypothesis")) << QString::fromStdString(row.at("reference")) << row.at("chrf").get<double>();
    QVERIFY(n > 20);
  }
  void chrF() {
    QFETCH(QString, prediction);
    QFETCH(QString, reference);
    QFETCH(double, score);
    const double got = tasks::chrF(prediction.toStdString(), reference.toStdString());
    QVERIFY2(std::abs(got - score) < 1e-9, qPrintable(QString::number(got, 'g', 17)));
  }
};

QTEST_GUILESS_MAIN(JudgesTest)
#include "judges_test.moc"

#include <QtTest/QtTest>

#include <cmath>

#include "encoded_text.h"
#include "lacuna/tasks/judges.h"
#include "lacuna/tasks/masked_pairs.h"
#include "task_fixtures.h"

using namespace lacuna;
using namespace lacuna::tasks;
using fixtures::Json;

/// Log-likelihoods, texts and metrics of every fixture run, item by item.
class ScoreFixturesTest : public QObject {
  Q_OBJECT

 private:
  RunContext m_context;
  std::map<std::string, std::shared_ptr<const model::Model>> m_models;
  std::vector<fixtures::TaskRun> m_runs = fixtures::taskRuns();

  const model::Model& load(const std::filesystem::path& folder) {
    auto& model = m_models[std::filesystem::weakly_canonical(folder).string()];
    if (!model) model = model::Model::load(folder, {});
    return *model;
  }
  static QByteArray where(const Json& item, const std::string& what) {
    return QByteArray::fromStdString("item " + std::to_string(fixtures::itemIndex(item)) + ": " + what);
  }
  static bool fragile(const Json& object) { return object.value("fragile", false) || object.value("reference_unstable", false); }

  static void compareChoices(const Json& item, const std::vector<const ChoiceScore*>& got) {
    const Json& wanted = item.at("choices");
    QCOMPARE(got.size(), wanted.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      const double error = std::abs(got[i]->logLikelihood - wanted[i].at("loglikelihood").get<double>());
      QVERIFY2(error < 1e-3, where(item, "choice " + std::to_string(i) + " off by " + std::to_string(error)).constData());
      QCOMPARE(got[i]->tokens, wanted[i].at("n_tokens").get<std::int64_t>());
      if (wanted[i].contains("n_chars")) QCOMPARE(got[i]->characters, wanted[i].at("n_chars").get<std::int64_t>());
      if (wanted[i].contains("is_greedy") && wanted[i].value("greedy_sure", true)) QCOMPARE(got[i]->greedy, wanted[i].at("is_greedy").get<bool>());
    }
  }
  static void compareMetric(const Json& item, const std::string& metric, const Json& wanted, const ItemScore& got) {
    QCOMPARE(QString::fromStdString(got.status), QString::fromStdString(wanted.value("status", std::string("ok"))));
    if (!wanted.at("value").is_null()) {
      const double tolerance = metric == "likelihood_diff" ? 2e-3 : 1e-6;
      QVERIFY2(std::abs(got.value - wanted.at("value").get<double>()) < tolerance, where(item, metric + " is " + std::to_string(got.value)).constData());
    }
    QCOMPARE(QString::fromStdString(got.prediction), QString::fromStdString(wanted.at("prediction").get<std::string>()));
    QCOMPARE(QString::fromStdString(got.target), QString::fromStdString(wanted.at("target").get<std::string>()));
  }
  static void compareItem(const Json& item, const std::map<std::string, const ItemScore*>& scores,
                          const std::vector<const ChoiceScore*>& choices) {
    if (item.contains("choices")) compareChoices(item, choices);
    if (fragile(item)) return;
    if (item.contains("generated_text"))
      QCOMPARE(QString::fromStdString(scores.at("generated_text")->prediction), QString::fromStdString(item.at("generated_text").get<std::string>()));
    for (const auto& [metric, wanted] : item.at("metrics").items()) {
      QVERIFY2(scores.contains(metric), metric.c_str());
      if (!fragile(wanted) && !QTest::currentTestFailed()) compareMetric(item, metric, wanted, *scores.at(metric));
    }
  }
  void addRows() {
    QTest::addColumn<int>("run");
    for (std::size_t i = 0; i < m_runs.size(); ++i) QTest::newRow(m_runs[i].name().c_str()) << static_cast<int>(i);
  }

 private Q_SLOTS:
  void scoresAreTheHarness_data() { addRows(); }
  void scoresAreTheHarness() {
    QFETCH(int, run);
    const fixtures::TaskRun& fixture = m_runs[static_cast<std::size_t>(run)];
    Task task = fixture.task();
    std::map<std::int64_t, std::int64_t> places;
    for (std::size_t i = 0; i < task.items.size(); ++i) places[task.items[i].index] = static_cast<std::int64_t>(i);
    std::vector<std::int64_t> items;
    for (const Json& item : fixture.run.at("items")) items.push_back(places.at(fixtures::itemIndex(item)));
    const model::Arm clean;
    const Judges judges = Judges::load(task, {.classifier = fixture.classifier(), .bleurt = {}, .choice = {}}, {});
    const bool masked = model::isEncoderFolder(fixture.model());
    const auto scores = masked ? std::vector{scoreMaskedPairs(*model::Encoder::load(fixture.model(), {}), task, {})}
                               : scoreItems(load(fixture.model()), task, items, std::span(&clean, 1), judges.options(true, m_context), m_context);
    std::map<std::int64_t, std::map<std::string, const ItemScore*>> byItem;
    std::map<std::int64_t, std::vector<const ChoiceScore*>> choices;
    for (const ItemScore& score : scores.at(0).items) byItem[score.item][score.metric] = &score;
    for (const ChoiceScore& choice : scores.at(0).choices) choices[choice.item].push_back(&choice);
    for (const Json& item : fixture.run.at("items")) {
      const std::int64_t index = fixtures::itemIndex(item);
      QVERIFY2(byItem[index].contains("margin"), where(item, "no margin").constData());
      compareItem(item, byItem[index], choices[index]);
      if (QTest::currentTestFailed()) {
        qWarning("%s", where(item, "differs").constData());
        return;
      }
    }
  }

  void tokensAreTheHarness_data() { addRows(); }
  void tokensAreTheHarness() {
    QFETCH(int, run);
    const fixtures::TaskRun& fixture = m_runs[static_cast<std::size_t>(run)];
    if (fixture.name().find("mlm") != std::string::npos) QSKIP("needs a masked language model");
    const Task task = fixture.task();
    const model::Model& model = load(fixture.model());
    const TextEncoder encoder(model);
    const auto room = static_cast<std::size_t>(model.info().maxPositions) + 1;
    std::map<std::int64_t, const Item*> items;
    for (const Item& item : task.items) items[item.index] = &item;
    std::size_t compared = 0;
    for (const Json& wanted : fixture.run.at("items")) {
      const Item& item = *items.at(fixtures::itemIndex(wanted));
      if (wanted.contains("generated_ids") && !wanted.contains("choices") && wanted.contains("context_ids")) {
        QCOMPARE(encoder.prompt(item.prompt, task.maxNewTokens), wanted.at("context_ids").get<std::vector<std::int32_t>>());
        ++compared;
      }
      for (std::size_t i = 0; i < item.choices.size() && wanted.contains("choices"); ++i) {
        const Json& choice = wanted.at("choices")[i];
        const Json& context = choice.contains("context_ids") ? choice : wanted;
        if (!context.contains("context_ids")) continue;
        auto ids = context.at("context_ids").get<std::vector<std::int32_t>>();
        const auto continuation = choice.at("continuation_ids").get<std::vector<std::int32_t>>();
        ids.insert(ids.end(), continuation.begin(), continuation.end());
        if (ids.size() > room) ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(room));
        const EncodedText got = encoder.encode(item.prompt, task.targetDelimiter + item.choices[i]);
        QCOMPARE(got.ids, ids);
        QCOMPARE(got.scored, continuation.size());
        ++compared;
      }
    }
    if (compared == 0) QSKIP("the ids of this run are not kept");
  }
};

QTEST_GUILESS_MAIN(ScoreFixturesTest)
#include "score_fixtures_test.moc"

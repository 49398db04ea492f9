#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/files/safetensors.h"
#include "lacuna/demo/demo.h"
#include "lacuna/lab/lab.h"
#include "lacuna/text/text.h"

using namespace lacuna;

class TrainTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::filesystem::path at(const char* name) const { return std::filesystem::path(m_folder.path().toStdString()) / name; }

  static lab::TrainRecipe tiny() {
    lab::TrainRecipe recipe;
    recipe.layers = 2;
    recipe.width = 32;
    recipe.heads = 2;
    recipe.mlpWidth = 64;
    recipe.vocabulary = 400;
    recipe.context = 128;
    recipe.steps = 24;
    recipe.batchTokens = 512;
    recipe.learningRate = 5e-3;
    recipe.checkpointEvery = 10;
    return recipe;
  }
  static RunContext oneThread() {
    RunContext context;
    context.threads = 1;
    return context;
  }
  lab::TrainReport trainInto(const char* folder, const lab::TrainRecipe& recipe = tiny()) {
    return lab::train(at("corpus.jsonl"), recipe, at(folder), oneThread());
  }
  bool sameBytes(const char* a, const char* b) const {
    for (const char* file : {"model.safetensors", "tokenizer.json", "config.json"})
      if (files::readText(at(a) / file) != files::readText(at(b) / file)) return false;
    return true;
  }

 private Q_SLOTS:
  void initTestCase() { demo::writeDemoCorpus(at("."), {400, 1, 5}, {}); }

  void train_lossFallsFarBelowTheStart() {
    const auto report = trainInto("whole");
    QCOMPARE(report.steps, std::int64_t{24});
    QCOMPARE(report.tokens, std::int64_t{24 * 512});
    // An untrained network knows nothing: ln 400 = 5.99 nats.
    QVERIFY2(report.lastLoss < 5.3, std::to_string(report.lastLoss).c_str());
    QVERIFY(report.heldOutLoss < 5.3);
    QVERIFY(report.seconds > 0);
  }

  void folder_isWhatHuggingFaceExpects() {
    const files::WeightFiles weights(at("whole"));
    const std::vector<std::pair<std::string, std::vector<std::int64_t>>> expected{
        {"gpt_neox.embed_in.weight", {400, 32}},
        {"gpt_neox.layers.1.attention.query_key_value.weight", {96, 32}},
        {"gpt_neox.layers.0.attention.dense.bias", {32}},
        {"gpt_neox.layers.1.mlp.dense_h_to_4h.weight", {64, 32}},
        {"gpt_neox.layers.0.mlp.dense_4h_to_h.weight", {32, 64}},
        {"gpt_neox.final_layer_norm.weight", {32}},
        {"embed_out.weight", {400, 32}}};
    for (const auto& [name, shape] : expected) {
      const auto* const tensor = weights.find(name);
      QVERIFY2(tensor, name.c_str());
      QVERIFY2(tensor->shape == shape && tensor->dtype == "F16", name.c_str());
    }
    QCOMPARE(weights.tensors().size(), std::size_t{2 + 2 + 2 * 12});
    const auto tokenizer = text::Tokenizer::load(at("whole"));
    QCOMPARE(tokenizer->id("<|endoftext|>").value_or(-1), 0);
    QVERIFY(tokenizer->vocabularySize() <= 400);
    const std::string text = "Anna has 3 apples.";
    QCOMPARE(tokenizer->decode(tokenizer->encode(text).ids, true), text);
    for (const char* file : {"config.json", "tokenizer_config.json", "generation_config.json"}) QVERIFY(std::filesystem::exists(at("whole") / file));
  }

  void train_resumedGivesTheBytesOfOneRun() {
    for (const int stopAt : {3, 13}) {
      RunContext context = oneThread();
      std::stop_source stop;
      context.stop = stop.get_token();
      context.progress = [&](const Progress& p) {
        if (p.stage.starts_with("Training, ") && p.done == static_cast<std::uint64_t>(stopAt)) stop.request_stop();
      };
      const std::string folder = "stopped" + std::to_string(stopAt);
      QVERIFY_EXCEPTION_THROWN(lab::train(at("corpus.jsonl"), tiny(), at(folder.c_str()), context), Cancelled);
      QVERIFY(!std::filesystem::exists(at(folder.c_str()) / "model.safetensors"));
      const auto report = trainInto(folder.c_str());
      QVERIFY(sameBytes("whole", folder.c_str()));
      QVERIFY(report.lastLoss < 5.3);
    }
  }

  void train_anotherSeedGivesAnotherModel() {
    auto recipe = tiny();
    recipe.seed = 2;
    recipe.steps = 2;
    trainInto("seed", recipe);
    QVERIFY(!sameBytes("whole", "seed"));
  }

  void train_refusesTheCheckpointOfAnotherRecipe() {
    auto recipe = tiny();
    recipe.learningRate = 1e-3;
    try {
      trainInto("whole", recipe);
      QFAIL("a foreign checkpoint was gone on from");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1201"));
    }
  }

  void abilities_coverEveryTask() {
    const auto scores = lab::checkAbilities(at("whole"), at("tasks"), {});
    QCOMPARE(scores.size(), std::size_t{7});
    for (const auto& score : scores) {
      QCOMPARE(score.items, std::int64_t{5});
      QVERIFY(score.accuracy >= 0 && score.accuracy <= 1);
      QVERIFY(score.task == "arithmetic" ? score.chance == 0 : score.chance >= 0.25 && score.chance < 0.34);
    }
  }

  void recipe_isReadAsWritten() {
    lab::writeRecipe(tiny(), at("recipe.json"));
    const auto read = lab::readRecipe(at("recipe.json"));
    QCOMPARE(read.vocabulary, 400);
    QCOMPARE(read.learningRate, 5e-3);
    lab::writeRecipe(read, at("again.json"));
    QVERIFY(files::readText(at("recipe.json")) == files::readText(at("again.json")));
  }

  void recipe_refusesWhatCannotBeTrained_data() {
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("key");
    QTest::newRow("unknown key") << R"({"stepz": 3})" << "/stepz";
    QTest::newRow("text for a number") << R"({"steps": "3"})" << "/steps";
    QTest::newRow("fraction") << R"({"layers": 2.5})" << "/layers";
    QTest::newRow("negative") << R"({"width": -8})" << "/width";
    QTest::newRow("zero") << R"({"batchTokens": 0})" << "/batchTokens";
    QTest::newRow("heads do not divide") << R"({"heads": 3})" << "/heads";
    QTest::newRow("vocabulary without merges") << R"({"vocabulary": 256})" << "/vocabulary";
    QTest::newRow("batch under a row") << R"({"batchTokens": 100})" << "/batchTokens";
    QTest::newRow("no object") << "[1]" << "object";
    QTest::newRow("no JSON") << "{" << "not JSON";
  }
  void recipe_refusesWhatCannotBeTrained() {
    QFETCH(QString, json);
    QFETCH(QString, key);
    std::ofstream(at("bad.json")) << json.toStdString();
    try {
      lab::readRecipe(at("bad.json"));
      QFAIL("accepted");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1201"));
      QVERIFY2(QString::fromStdString(error.message()).contains(key), error.what());
    }
  }
};

QTEST_GUILESS_MAIN(TrainTest)
#include "train_test.moc"

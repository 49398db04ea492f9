#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <fstream>

#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/files/safetensors.h"
#include "lacuna/perturbation/fold.h"
#include "perturbations.h"

using namespace lacuna;
using namespace lacuna::perturbation;
namespace fs = std::filesystem;

namespace {

fs::path fixture(const QString& name) { return fs::path(LACUNA_TEST_DATA) / "models" / name.toStdString(); }

/// All positions: weights make no exception for the first.
Perturbation example(Method method, model::Site site, int layer, std::int64_t width) {
  Perturbation p = testing::example(method, site, layer, width);
  p.includeFirst = true;
  return p;
}

MatrixF logits(const model::Model& m, const model::Arm& arm) {
  model::Forest forest = {{{}, -1, false}};
  model::ForwardRequest request;
  for (int i = 0; i < 12; ++i) {
    forest[0].ids.push_back((i * i * 7 + i * 3) % 97 + 3);
    request.logitsAt.push_back({0, i});
  }
  return model::forward(m, forest, {&arm, 1}, request, {}).logits[0];
}

/// The largest difference between the written folder's logits and the perturbed run's, and between the perturbed run and the clean.
struct Comparison { double error, effect; };
Comparison compareWritten(const QString& name, const PerturbationSet& set) {
  const QTemporaryDir place;
  const fs::path out = fs::path(place.path().toStdString()) / "edited";
  writeEditedModel(fixture(name), set, out, {});
  const auto original = model::Model::load(fixture(name), {}), written = model::Model::load(out, {});
  const MatrixF perturbed = logits(*original, makeArm(set));
  return {static_cast<double>((logits(*written, {}) - perturbed).cwiseAbs().maxCoeff()),
          static_cast<double>((logits(*original, {}) - perturbed).cwiseAbs().maxCoeff())};
}

nlohmann::json readJson(const fs::path& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

QString refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return QString::fromStdString(error.code() + ": " + error.message() + " | " + error.hint());
  }
  return QStringLiteral("no error");
}

}  // namespace

Q_DECLARE_METATYPE(lacuna::perturbation::Method)
Q_DECLARE_METATYPE(lacuna::model::Site)

class FoldTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void writtenWeightsAnswerAsThePerturbedRun_data();
  void writtenWeightsAnswerAsThePerturbedRun();
  void embeddingsTakeTheFirstLayersInput_data();
  void embeddingsTakeTheFirstLayersInput();
  void setsComposeInOrder_data();
  void setsComposeInOrder();
  void noDoseIsTheModelItself();
  void folderIsComplete();
  void biasesAreSwitchedOnOnlyWhereNeeded();
  void refusals_data();
  void refusals();
  void placesThatCannotBeFolded_data();
  void placesThatCannotBeFolded();
  void nothingIsOverwritten();
};

void FoldTest::writtenWeightsAnswerAsThePerturbedRun_data() {
  QTest::addColumn<QString>("fixtureName");
  QTest::addColumn<model::Site>("site");
  QTest::addColumn<Method>("method");
  const Method methods[] = {Method::Zero, Method::Mean, Method::Set, Method::Project, Method::Leace, Method::Shift, Method::GradL2, Method::Flip};
  for (const char* name : {"gpt2_default", "neox_parallel", "neox_sequential", "llama_mha", "llama_bias_linear", "llama_gqa_llama3", "opt_small", "opt_350m_like"})
    for (const model::Site site : {model::Site::MlpHidden, model::Site::MlpOut, model::Site::AttnOut})
      for (const Method method : methods)
        QTest::addRow("%s %s %s", name, model::siteName(site).c_str(), methodName(method).c_str()) << QString::fromUtf8(name) << site << method;
  for (const char* name : {"mistral_window", "qwen2_tied"})  // no bias can be there: changes without a constant
    QTest::addRow("%s zero", name) << QString::fromUtf8(name) << model::Site::MlpHidden << Method::Zero;
  QTest::newRow("gptj, biased MLP") << QStringLiteral("gptj") << model::Site::MlpOut << Method::Mean;
}

void FoldTest::writtenWeightsAnswerAsThePerturbedRun() {
  QFETCH(QString, fixtureName);
  QFETCH(model::Site, site);
  QFETCH(Method, method);
  const std::int64_t width = model::inspectModel(fixture(fixtureName)).siteWidth(site);
  const Comparison result = compareWritten(fixtureName, {example(method, site, 1, width)});
  QVERIFY2(result.error < 1e-4, qPrintable(QString::number(result.error)));
  QVERIFY2(result.effect > 1e-3, qPrintable(QString::number(result.effect)));
}

void FoldTest::embeddingsTakeTheFirstLayersInput_data() {
  QTest::addColumn<QString>("fixtureName");
  QTest::addColumn<Method>("method");
  for (const char* name : {"neox_parallel", "llama_mha", "gptj", "mistral_window"})
    for (const Method method : {Method::Mean, Method::Project, Method::Leace, Method::Shift})
      QTest::addRow("%s %s", name, methodName(method).c_str()) << QString::fromUtf8(name) << method;
}

void FoldTest::embeddingsTakeTheFirstLayersInput() {
  QFETCH(QString, fixtureName);
  QFETCH(Method, method);
  const std::int64_t width = model::inspectModel(fixture(fixtureName)).width;
  const Comparison result = compareWritten(fixtureName, {example(method, model::Site::ResidPre, 0, width)});
  QVERIFY2(result.error < 1e-4, qPrintable(QString::number(result.error)));
  QVERIFY2(result.effect > 1e-3, qPrintable(QString::number(result.effect)));
}

void FoldTest::setsComposeInOrder_data() {
  QTest::addColumn<QString>("fixtureName");
  QTest::addColumn<bool>("reversed");
  for (const char* name : {"gpt2_default", "neox_parallel", "llama_mha"})
    for (const bool reversed : {false, true}) QTest::addRow("%s%s", name, reversed ? ", reversed" : "") << QString::fromUtf8(name) << reversed;
}

void FoldTest::setsComposeInOrder() {
  QFETCH(QString, fixtureName);
  QFETCH(bool, reversed);
  const model::ModelInfo info = model::inspectModel(fixture(fixtureName));
  // Two changes of each place that do not commute, and both ends of one product.
  PerturbationSet set = {example(Method::Mean, model::Site::MlpHidden, 1, info.mlpWidth), example(Method::Flip, model::Site::MlpHidden, 1, info.mlpWidth),
                         example(Method::Leace, model::Site::MlpOut, 1, info.width), example(Method::Set, model::Site::MlpOut, 1, info.width),
                         example(Method::Project, model::Site::AttnOut, 0, info.width)};
  if (reversed) std::reverse(set.begin(), set.end());
  const Comparison result = compareWritten(fixtureName, set);
  QVERIFY2(result.error < 1e-4, qPrintable(QString::number(result.error)));
  QVERIFY2(result.effect > 1e-3, qPrintable(QString::number(result.effect)));
}

void FoldTest::noDoseIsTheModelItself() {
  Perturbation p = example(Method::Mean, model::Site::MlpOut, 1, 32);
  p.epsilon = 0;
  QCOMPARE(compareWritten(QStringLiteral("llama_mha"), {p}).error, 0.0);
}

void FoldTest::folderIsComplete() {
  const QTemporaryDir place;
  const fs::path out = fs::path(place.path().toStdString()) / "edited", source = fixture(QStringLiteral("gpt2_default"));
  const Perturbation p = example(Method::Zero, model::Site::MlpHidden, 0, 128);
  writeEditedModel(source, std::span(&p, 1), out, {});
  nlohmann::json expected = readJson(source / "config.json");
  expected["torch_dtype"] = "float32";
  QVERIFY(readJson(out / "config.json") == expected);
  for (const char* name : {"tokenizer.json", "tokenizer_config.json"}) QVERIFY(readJson(out / name) == readJson(source / name));
  for (const files::TensorInfo* tensor : files::WeightFiles(out).tensors()) QCOMPARE(tensor->dtype, std::string("F32"));
  QVERIFY(!fs::exists(out / "expected.safetensors"));
  const nlohmann::json record = readJson(out / "lacuna-edit.json");
  QVERIFY(record.at("perturbations") == toJson(p));
  QCOMPARE(record.at("source").get<std::string>(), model::inspectModel(source).hash);
  QVERIFY(model::Model::load(out, {})->hasTokenizer());
}

void FoldTest::biasesAreSwitchedOnOnlyWhereNeeded() {
  const QTemporaryDir place;
  const fs::path root = place.path().toStdString(), source = fixture(QStringLiteral("llama_mha"));
  const Perturbation without = example(Method::Zero, model::Site::MlpHidden, 1, 56), with = example(Method::Mean, model::Site::MlpHidden, 1, 56);
  writeEditedModel(source, std::span(&without, 1), root / "without", {});
  writeEditedModel(source, std::span(&with, 1), root / "with", {});
  QVERIFY(!readJson(root / "without" / "config.json").contains("mlp_bias"));
  const nlohmann::json config = readJson(root / "with" / "config.json");
  QCOMPARE(config.at("mlp_bias").get<bool>(), true);
  QVERIFY(!config.contains("attention_bias"));
  const files::WeightFiles weights(root / "with");
  for (const char* module : {"gate_proj", "up_proj", "down_proj"})
    for (int layer = 0; layer < 3; ++layer)
      QVERIFY(weights.find("model.layers." + std::to_string(layer) + ".mlp." + module + ".bias") != nullptr);
  QVERIFY(weights.find("model.layers.0.self_attn.o_proj.bias") == nullptr);
}

void FoldTest::refusals_data() {
  QTest::addColumn<QString>("change");
  QTest::addColumn<QString>("words");
  QTest::newRow("gate") << "gate" << "a gate";
  QTest::newRow("scope") << "scope" << "all tokens";
  QTest::newRow("first token") << "first" << "include_first";
  QTest::newRow("norm") << "norm" << "keep_norm";
  QTest::newRow("resample") << "resample" << "donors";
  QTest::newRow("noise") << "noise" << "noise";
  QTest::newRow("MLP probe") << "probe" << "linear probe";
  QTest::newRow("neuron outside") << "outside" << "32 wide";
}

void FoldTest::refusals() {
  QFETCH(QString, change);
  QFETCH(QString, words);
  Perturbation p = example(Method::Zero, model::Site::MlpOut, 1, 32);
  if (change == "gate") p.gate = {std::vector<double>(32, 1), 0};
  if (change == "scope") p.tokens = model::TokenScope::Answer;
  if (change == "first") p.includeFirst = false;
  if (change == "norm") p.keepNorm = true;
  if (change == "resample") p.method = Method::Resample;
  if (change == "noise") p.method = Method::Noise;
  if (change == "probe") {
    p.method = Method::Shift;
    p.probe = {MatrixD::Ones(1, 32), {0}, {1}};
  }
  if (change == "outside") p.neurons = {32};
  const QTemporaryDir place;
  const fs::path out = fs::path(place.path().toStdString()) / "edited";
  const QString said = refusal([&] { writeEditedModel(fixture(QStringLiteral("llama_mha")), std::span(&p, 1), out, {}); });
  QVERIFY2(said.startsWith("LAC-1201") && said.contains(words), qPrintable(said));
  QVERIFY(!fs::exists(out));
}

void FoldTest::placesThatCannotBeFolded_data() {
  QTest::addColumn<QString>("fixtureName");
  QTest::addColumn<model::Site>("site");
  QTest::addColumn<int>("layer");
  QTest::addColumn<Method>("method");
  QTest::addColumn<QString>("words");
  const auto row = [](const char* name, const char* model, model::Site site, int layer, Method method, const char* words) {
    QTest::newRow(name) << QString::fromUtf8(model) << site << layer << method << QString::fromUtf8(words);
  };
  row("stream after a block", "llama_mha", model::Site::ResidPost, 1, Method::Zero, "LAC-1201: cannot be folded into weights: resid_post of layer 1");
  row("the nearest is named", "llama_mha", model::Site::ResidPost, 1, Method::Zero, "mlp_out or attn_out of layer 1");
  row("stream before a later block", "llama_mha", model::Site::ResidPre, 1, Method::Zero, "resid_pre of layer 1");
  row("behind the final norm", "llama_mha", model::Site::LastHidden, 2, Method::Zero, "mlp_out of layer 2");
  row("position table", "gpt2_default", model::Site::ResidPre, 0, Method::Zero, "learned positions");
  row("tied head", "qwen2_tied", model::Site::ResidPre, 0, Method::Zero, "tied");
  row("no bias in Mistral", "mistral_window", model::Site::MlpOut, 0, Method::Mean, "mistral has no bias at layers.0.mlp.down_proj");
  row("no bias in Qwen2's attention", "qwen2_tied", model::Site::AttnOut, 0, Method::Shift, "qwen2 has no bias at layers.0.self_attn.o_proj");
  row("no bias in GPT-J's attention", "gptj", model::Site::AttnOut, 0, Method::Set, "gptj has no bias at h.0.attn.out_proj");
  row("layer", "llama_mha", model::Site::MlpOut, 3, Method::Zero, "LAC-1004: A change names layer 3; the model has layers 0 to 2");
}

void FoldTest::placesThatCannotBeFolded() {
  QFETCH(QString, fixtureName);
  QFETCH(model::Site, site);
  QFETCH(int, layer);
  QFETCH(Method, method);
  QFETCH(QString, words);
  const QTemporaryDir place;
  const fs::path out = fs::path(place.path().toStdString()) / "edited";
  const Perturbation p = example(method, site, layer, model::inspectModel(fixture(fixtureName)).siteWidth(site));
  const QString said = refusal([&] { writeEditedModel(fixture(fixtureName), std::span(&p, 1), out, {}); });
  QVERIFY2(said.contains(words), qPrintable(said));
  QVERIFY(!fs::exists(out));
}

void FoldTest::nothingIsOverwritten() {
  const QTemporaryDir place;
  const fs::path out = place.path().toStdString();
  std::ofstream(out / "mine.txt") << "mine";
  const Perturbation p = example(Method::Zero, model::Site::MlpOut, 1, 32);
  QVERIFY(refusal([&] { writeEditedModel(fixture(QStringLiteral("llama_mha")), std::span(&p, 1), out, {}); }).startsWith("LAC-3002"));
  QVERIFY(!fs::exists(out / "model.safetensors"));
}

QTEST_GUILESS_MAIN(FoldTest)
#include "fold_test.moc"

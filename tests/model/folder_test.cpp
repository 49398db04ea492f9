#include <QTest>

#include <fstream>

#include "copied_fixture.h"
#include "families.h"

using namespace lacuna;
using namespace lacuna::model;

namespace {

std::int64_t parametersOf(const std::string& json) {
  const Config config(nlohmann::json::parse(json), "config.json");
  ModelInfo info;
  Decoder decoder;
  describe(familyOf(config), config, info, decoder);
  return info.parameters;
}

}  // namespace

class FolderTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void parametersFollowFromTheConfig_data();
  void parametersFollowFromTheConfig();
  void inspectionSaysWhatTheFolderIs();
  void hashFollowsConfigAndWeights();
  void refusals_data();
  void refusals();
  void everyMissingAndMisshapenTensorIsListed();
  void otherWeightFormatsAreNamed();
  void unusedTensorsAreAWarning();
  void bodyWithoutAHeadGivesStatesButNoScores();
  void loadingReportsAndCanBeCancelled();
  void layersLeftInTheFilesGiveTheSameBits_data();
  void layersLeftInTheFilesGiveTheSameBits();
  void roundedProductsStayNearTheExactOnes();
  void manyBatchesShareAPass_data();
  void manyBatchesShareAPass();
  void theBudgetDecidesWhatIsHeld();
  void siteNamesGoBothWays();
};

void FolderTest::parametersFollowFromTheConfig_data() {
  QTest::addColumn<QString>("config");
  QTest::addColumn<qint64>("parameters");
  const auto gpt2 = [](int layers, int width, int heads) {
    return QString(R"({"model_type":"gpt2","n_layer":%1,"n_embd":%2,"n_head":%3})").arg(layers).arg(width).arg(heads);
  };
  const auto pythia = [](int layers, int width, int heads, int vocabulary) {
    return QString(R"({"model_type":"gpt_neox","num_hidden_layers":%1,"hidden_size":%2,"intermediate_size":%3,"num_attention_heads":%4,"vocab_size":%5})")
        .arg(layers).arg(width).arg(4 * width).arg(heads).arg(vocabulary);
  };
  const auto llama = [](const char* more) { return QString(R"({"architectures":["LlamaForCausalLM"]%1})").arg(more); };
  const auto row = [](const char* name, const QString& config, qint64 parameters) { QTest::newRow(name) << config << parameters; };
  row("gpt2", gpt2(12, 768, 12), 124'439'808);
  row("gpt2-medium", gpt2(24, 1024, 16), 354'823'168);
  row("gpt2-large", gpt2(36, 1280, 20), 774'030'080);
  row("gpt2-xl", gpt2(48, 1600, 25), 1'557'611'200);
  row("pythia-70m", pythia(6, 512, 8, 50304), 70'426'624);
  row("pythia-160m", pythia(12, 768, 12, 50304), 162'322'944);
  row("pythia-1b", pythia(16, 2048, 8, 50304), 1'011'781'632);
  row("pythia-12b", pythia(36, 5120, 40, 50688), 11'846'072'320);
  row("neox-20b", R"({"model_type":"gpt_neox"})", 20'554'567'680);
  row("llama-2-7b", llama(""), 6'738'415'616);
  row("llama-2-13b", llama(R"(,"hidden_size":5120,"intermediate_size":13824,"num_hidden_layers":40,"num_attention_heads":40)"), 13'015'864'320);
  row("llama-2-70b", llama(R"(,"hidden_size":8192,"intermediate_size":28672,"num_hidden_layers":80,"num_attention_heads":64,"num_key_value_heads":8)"), 68'976'648'192);
  row("llama-3-8b", llama(R"(,"intermediate_size":14336,"num_key_value_heads":8,"vocab_size":128256)"), 8'030'261'248);
  row("llama-3.2-1b", llama(R"(,"hidden_size":2048,"intermediate_size":8192,"num_hidden_layers":16,"num_key_value_heads":8,"vocab_size":128256,"tie_word_embeddings":true)"),
      1'235'814'400);
  row("mistral-7b", R"({"model_type":"mistral"})", 7'241'732'096);
  row("qwen2-0.5b", R"({"model_type":"qwen2","hidden_size":896,"intermediate_size":4864,"num_hidden_layers":24,"num_attention_heads":14,"num_key_value_heads":2,"tie_word_embeddings":true})",
      494'032'768);
  row("opt-125m", R"({"model_type":"opt"})", 125'239'296);
  row("opt-350m", R"({"model_type":"opt","hidden_size":1024,"ffn_dim":4096,"num_hidden_layers":24,"num_attention_heads":16,"word_embed_proj_dim":512,"do_layer_norm_before":false})",
      331'196'416);
  row("gpt-j-6b", R"({"model_type":"gptj"})", 6'050'882'784);
}

void FolderTest::parametersFollowFromTheConfig() {
  QFETCH(QString, config);
  QFETCH(qint64, parameters);
  QCOMPARE(static_cast<qint64>(parametersOf(config.toStdString())), parameters);
}

void FolderTest::inspectionSaysWhatTheFolderIs() {
  const ModelInfo info = inspectModel(fixture("llama_gqa_llama3"));
  QCOMPARE(info.architecture, std::string("LlamaForCausalLM"));
  QCOMPARE(info.family, std::string("llama"));
  QCOMPARE(info.layers, 3);
  QCOMPARE(info.width, 36);
  QCOMPARE(info.mlpWidth, 44);
  QCOMPARE(info.heads, 6);
  QCOMPARE(info.kvHeads, 2);
  QCOMPARE(info.headDim, 12);
  QCOMPARE(info.vocabulary, 127);
  QCOMPARE(info.maxPositions, 256);
  QVERIFY(!info.learnedPositions);
  QCOMPARE(info.dtype, std::string("F32"));
  QCOMPARE(info.eos, std::vector<std::int32_t>{2});
  QCOMPARE(info.bos, std::optional<std::int32_t>(1));
  QCOMPARE(inspectModel(fixture("llama_mha")).dtype, std::string("BF16"));
  const auto model = loadFixture("llama_gqa_llama3");
  QCOMPARE(model->info().hash, info.hash);
  std::int64_t elements = 0;
  const files::WeightFiles weights(fixture("llama_gqa_llama3"));
  for (const auto* const tensor : weights.tensors()) elements += tensor->elements();
  QCOMPARE(info.parameters, elements);
}

void FolderTest::hashFollowsConfigAndWeights() {
  const CopiedFixture copy("gptj");
  const std::string before = inspectModel(copy.path()).hash;
  QCOMPARE(before, inspectModel(fixture("gptj")).hash);
  copy.patch({{"summary_type", "other"}});
  const std::string patched = inspectModel(copy.path()).hash;
  QVERIFY(patched != before);
  std::filesystem::permissions(copy.path() / "model.safetensors", std::filesystem::perms::owner_all);
  std::fstream file(copy.path() / "model.safetensors", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(-3, std::ios::end);
  file.put('\x11');
  file.close();
  QVERIFY(inspectModel(copy.path()).hash != patched);
}

void FolderTest::refusals_data() {
  QTest::addColumn<QString>("patch");
  QTest::addColumn<QString>("message");
  const auto row = [](const char* name, const char* patch, const char* message) { QTest::newRow(name) << QString(patch) << QString(message); };
  row("architecture", R"({"architectures":["MambaForCausalLM"],"model_type":"mamba"})", "MambaForCausalLM");
  row("encoder", R"({"architectures":["BertModel"],"model_type":"bert"})", "not supported as a language model");
  row("rope type", R"({"rope_scaling":{"rope_type":"longrope","factor":2}})", "unsupported rope_type \"longrope\"");
  row("yarn keys", R"({"rope_scaling":{"rope_type":"yarn","factor":2,"mscale":1}})", "\"mscale\"");
  row("llama3 keys", R"({"rope_scaling":{"rope_type":"llama3","factor":2,"low_freq_factor":null}})", "low_freq_factor");
  row("rope by layer type", R"({"rope_parameters":{"full_attention":{"rope_theta":1.0},"sliding_attention":{"rope_theta":2.0}}})", "differs between layer types");
  row("activation", R"({"hidden_act":"swiglu9"})", "unknown activation \"swiglu9\"");
  row("wrong type", R"({"hidden_size":"36"})", "\"hidden_size\" should be a whole number");
  row("heads do not divide", R"({"num_key_value_heads":4})", "sizes do not fit");
}

void FolderTest::refusals() {
  QFETCH(QString, patch);
  QFETCH(QString, message);
  const CopiedFixture copy("llama_gqa_llama3");
  copy.patch(nlohmann::json::parse(patch.toStdString()));
  const auto error = QString::fromStdString(errorOf([&] { inspectModel(copy.path()); }));
  QVERIFY2(error.startsWith("LAC-1002") && error.contains(message), qPrintable(error));
}

void FolderTest::everyMissingAndMisshapenTensorIsListed() {
  const CopiedFixture copy("opt_small");
  copy.patch({{"ffn_dim", 73}, {"num_hidden_layers", 3}});
  const auto error = QString::fromStdString(errorOf([&] { Model::load(copy.path(), {}); }));
  QVERIFY2(error.startsWith("LAC-1004"), qPrintable(error));
  for (const char* const part : {"layers.0.fc1.weight: expected [73, 32], found [72, 32]", "layers.1.fc2.weight: expected [32, 73], found [32, 72]",
                                 "layers.2.self_attn.q_proj.bias: missing, expected [32]"})
    QVERIFY2(error.contains(part), part);
}

void FolderTest::otherWeightFormatsAreNamed() {
  const CopiedFixture copy("gptj");
  std::filesystem::rename(copy.path() / "model.safetensors", copy.path() / "pytorch_model.bin");
  const auto error = QString::fromStdString(errorOf([&] { Model::load(copy.path(), {}); }));
  QVERIFY2(error.startsWith("LAC-1001") && error.contains("pytorch_model.bin"), qPrintable(error));
  QVERIFY(errorOf([] { Model::load("/nowhere/at/all", {}); }).starts_with("LAC-1001"));
}

void FolderTest::unusedTensorsAreAWarning() {
  QVERIFY(loadFixture("gpt2_inverse_layer")->warnings().empty());  // its mask buffers are nothing to warn of
  const CopiedFixture copy("gptj");
  copy.patch({{"n_layer", 1}});
  const auto model = Model::load(copy.path(), {});
  QCOMPARE(model->warnings().size(), std::size_t{1});
  QVERIFY(QString::fromStdString(model->warnings().front()).contains("h.1.attn.k_proj.weight"));
}

void FolderTest::bodyWithoutAHeadGivesStatesButNoScores() {
  const CopiedFixture copy("neox_parallel");
  copy.patch({{"architectures", {"GPTNeoXForSequenceClassification"}}});
  QVERIFY(Model::load(copy.path(), {})->decoder().head.empty());
  copy.patch({{"architectures", {"GPTNeoXModel"}}});
  const auto model = Model::load(copy.path(), {});
  const auto whole = loadFixture("neox_parallel");
  const Arm clean;
  ForwardRequest request;
  request.captures = {{Site::LastHidden, LayerIndex(2)}};
  const Forest forest{{someIds(9, 1), -1, false}};
  const auto states = forward(*model, forest, std::span(&clean, 1), request, {});
  QVERIFY(sameBits(states.captured[0][0], forward(*whole, forest, std::span(&clean, 1), request, {}).captured[0][0]));
  request.logitsAt = {{0, 0}};
  QVERIFY(errorOf([&] { forward(*model, forest, std::span(&clean, 1), request, {}); }).starts_with("LAC-1004"));
}

void FolderTest::loadingReportsAndCanBeCancelled() {
  std::vector<Progress> seen;
  std::stop_source stop;
  RunContext context;
  context.stop = stop.get_token();
  context.progress = [&](const Progress& progress) { seen.push_back(progress); };
  Model::load(fixture("llama_mha"), context);
  QVERIFY(!seen.empty());
  QCOMPARE(seen.back().done, seen.back().total);
  stop.request_stop();
  QVERIFY_EXCEPTION_THROWN(Model::load(fixture("llama_mha"), context), Cancelled);
}

void FolderTest::layersLeftInTheFilesGiveTheSameBits_data() {
  QTest::addColumn<Residence>("residence");
  QTest::addColumn<Precision>("precision");
  QTest::newRow("layers") << Residence::LayersInFiles << Precision::Fp32;
  QTest::newRow("tables too") << Residence::TablesInFiles << Precision::Fp32;
  QTest::newRow("layers, bf16") << Residence::LayersInFiles << Precision::Bf16;
  QTest::newRow("tables too, bf16") << Residence::TablesInFiles << Precision::Bf16;
}

void FolderTest::layersLeftInTheFilesGiveTheSameBits() {
  QFETCH(Residence, residence);
  QFETCH(Precision, precision);
  for (const char* const name : {"llama_mha", "gpt2_default", "neox_sequential", "opt_350m_like", "qwen2_tied"}) {
    const auto streamed = Model::load(fixture(name), {}, {0, residence, true, precision});
    const auto held = Model::load(fixture(name), {}, {.precision = precision});
    QVERIFY(streamed->decoder().readLayer);
    QCOMPARE(streamed->decoder().readHead != nullptr, residence == Residence::TablesInFiles);
    QVERIFY(streamed->decoder().layers[0].up.empty());
    QVERIFY(!held->decoder().readLayer);
    const std::vector<Arm> arms{{}, {{makeEdit(Site::MlpHidden, 1, {3}, 2)}}};
    ForwardRequest request;
    request.logitsAt = everyToken(0, 20);
    const Forest forest{{someIds(20, 1), -1, false}};
    const auto a = forward(*streamed, forest, arms, request, {}), b = forward(*held, forest, arms, request, {});
    for (std::size_t arm = 0; arm < 2; ++arm) QVERIFY(sameBits(a.logits[arm], b.logits[arm]));
  }
}

// In bfloat16 a logit is off by some 2^-8 of the terms it is summed from; the model says what it was computed in, takes about half the
// memory, and a row still depends on itself alone.
void FolderTest::roundedProductsStayNearTheExactOnes() {
  for (const char* const name : {"llama_gqa_llama3", "gpt2_default", "neox_parallel", "opt_350m_like"}) {
    const auto exact = loadFixture(name), rounded = Model::load(fixture(name), {}, {.precision = Precision::Bf16});
    QCOMPARE(rounded->info().precision, Precision::Bf16);
    QCOMPARE(rounded->info().hash, exact->info().hash);
    ForwardRequest request;
    request.logitsAt = everyToken(0, 12);
    const std::vector<Arm> arms{{}, {{makeEdit(Site::MlpHidden, 1, {3}, 2)}}};
    const Forest forest{{someIds(12, 1), -1, false}}, two{{someIds(12, 1), -1, false}, {someIds(9, 5), -1, false}};
    const ForwardResult a = forward(*exact, forest, arms, request, {}), b = forward(*rounded, forest, arms, request, {});
    for (std::size_t arm = 0; arm < 2; ++arm) {
      const float apart = (a.logits[arm] - b.logits[arm]).cwiseAbs().maxCoeff(), size = a.logits[arm].cwiseAbs().maxCoeff();
      QVERIFY2(apart > 0 && apart < 0.04F * size, name);
    }
    const ForwardResult beside = forward(*rounded, two, std::span(arms).first(1), request, {});
    QVERIFY(sameBits(beside.logits[0], b.logits[0]));
  }
  QCOMPARE(precisionName(precisionFromName("bf16")), std::string("bf16"));
  QVERIFY_EXCEPTION_THROWN(precisionFromName("fp16"), Error);
}

void FolderTest::manyBatchesShareAPass_data() { layersLeftInTheFilesGiveTheSameBits_data(); }

// Three forests under arms that part at the start, in the middle and at the end of a layer; one forest's states overflow.
void FolderTest::manyBatchesShareAPass() {
  QFETCH(Residence, residence);
  QFETCH(Precision, precision);
  const auto streamed = Model::load(fixture("llama_gqa_llama3"), {}, {0, residence, true, precision});
  const auto held = Model::load(fixture("llama_gqa_llama3"), {}, {.precision = precision});
  const std::vector<Arm> arms{{}, {{makeEdit(Site::ResidPre, 1, {3}, 2)}}, {{makeEdit(Site::MlpHidden, 0, {5}, 2), makeEdit(Site::ResidPost, 1, {1}, 4)}},
                              {{makeEdit(Site::ResidPost, 0, {3}, -1)}}};
  const std::vector<Arm> broken{{}, {{makeEdit(Site::ResidPost, 0, {3}, std::numeric_limits<float>::infinity())}}};
  std::vector<ForwardBatch> batches;
  for (int b = 0; b < 4; ++b) {
    ForwardRequest request;
    request.scored = {{0, 2}, {1, 0}};
    request.greedy = true;
    request.captures = {{Site::ResidPost, LayerIndex(1)}};
    request.logitsAt = {{1, 1}};
    batches.push_back({{{someIds(8 + b, 1), -1, false}, {someIds(3, 2 + b), 0, true}}, b == 2 ? std::span<const Arm>(broken) : arms, request});
  }
  std::vector<std::size_t> order;
  forwardEach(*streamed, batches, {}, [&](std::size_t b, ForwardResult&& result, const Error* notFinite) {
    order.push_back(b);
    QCOMPARE(notFinite != nullptr, b == 2);
    if (notFinite) return;
    const ForwardResult alone = forward(*held, batches[b].forest, batches[b].arms, batches[b].request, {});
    QVERIFY(result.logProbs == alone.logProbs);
    QVERIFY(result.isGreedy == alone.isGreedy);
    for (std::size_t a = 0; a < arms.size(); ++a) {
      QVERIFY(sameBits(result.captured[a][0], alone.captured[a][0]));
      QVERIFY(sameBits(result.logits[a], alone.logits[a]));
      QCOMPARE(result.edits[a].deltaSquared, alone.edits[a].deltaSquared);
    }
  });
  QVERIFY((order == std::vector<std::size_t>{0, 1, 2, 3}));
  GenerateOptions options;
  options.maxNewTokens = 6;
  const std::vector<std::vector<std::int32_t>> prompts{someIds(5, 1), someIds(9, 3)};
  QVERIFY(generate(*streamed, prompts, arms[1], options, {}) == generate(*held, prompts, arms[1], options, {}));
}

void FolderTest::theBudgetDecidesWhatIsHeld() {
  const auto withBudget = [](std::uint64_t bytes) {
    RunContext context;
    context.memoryBudget = bytes;
    return context;
  };
  const auto tooSmall = errorOf([&] { Model::load(fixture("gptj"), withBudget(1000)); });
  QVERIFY(tooSmall.starts_with("LAC-2001"));
  const auto held = Model::load(fixture("gptj"), withBudget(std::uint64_t{4} << 30));
  QVERIFY(!held->decoder().readLayer);
  QCOMPARE(held->passBytes(), std::uint64_t{0});
}

void FolderTest::siteNamesGoBothWays() {
  for (const Site site : {Site::ResidPre, Site::ResidPost, Site::MlpHidden, Site::AttnOut, Site::MlpOut, Site::LastHidden})
    QCOMPARE(siteFromName(siteName(site)), std::optional<Site>(site));
  QVERIFY(!siteFromName("resid_mid"));
}

QTEST_GUILESS_MAIN(FolderTest)
#include "folder_test.moc"

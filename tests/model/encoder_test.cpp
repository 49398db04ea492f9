#include <QTest>

#include <cmath>
#include <cstdio>

#include "copied_fixture.h"
#include "lacuna/model/encoder.h"
#include "relative_bias.h"

using namespace lacuna;
using namespace lacuna::model;

namespace {

const std::vector<std::string> names{"bert_model", "bert_pretraining", "bert_classifier", "roberta_mlm", "roberta_classifier",
                                     "xlm_roberta_model", "mpnet_mlm", "mpnet_model", "distilbert_mlm", "distilbert_classifier"};
constexpr double tolerance = 1e-4;

/// The padded batch of a case, and what the reference made of it.
class Case {
 public:
  Case(const std::string& name, int index) : m_file(fixture(name) / "expected.safetensors"), m_prefix("case" + std::to_string(index) + ".") {}
  bool exists() const { return has("input_ids"); }
  bool has(const std::string& tensor) const { return m_file.find(m_prefix + tensor) != nullptr; }

  std::vector<EncoderText> texts() const {
    const auto ids = integers("input_ids"), mask = integers("attention_mask");
    const auto types = has("token_type_ids") ? integers("token_type_ids") : std::vector<std::int64_t>();
    const auto columns = static_cast<std::size_t>(shape("input_ids")[1]);
    std::vector<EncoderText> out(static_cast<std::size_t>(shape("input_ids")[0]));
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (mask[i] == 0) continue;
      out[i / columns].ids.push_back(static_cast<std::int32_t>(ids[i]));
      if (!types.empty()) out[i / columns].types.push_back(static_cast<std::int32_t>(types[i]));
    }
    return out;
  }
  /// Real positions of one row of a [B, T, n] tensor; or the whole of a [B, n] one.
  MatrixF row(const std::string& tensor, std::size_t row, std::int64_t tokens) const {
    const auto size = shape(tensor);
    const MatrixF all = matrix(tensor);
    return all.middleRows(static_cast<Eigen::Index>(row) * size[1], tokens);
  }
  MatrixF matrix(const std::string& tensor) const {
    const auto* const info = m_file.find(m_prefix + tensor);
    MatrixF out(info->elements() / info->shape.back(), info->shape.back());
    m_file.readFloat(*info, {out.data(), static_cast<std::size_t>(out.size())});
    return out;
  }
  std::vector<std::int64_t> shape(const std::string& tensor) const { return m_file.find(m_prefix + tensor)->shape; }

 private:
  std::vector<std::int64_t> integers(const std::string& tensor) const { return m_file.readInt64(*m_file.find(m_prefix + tensor)); }
  files::SafetensorsFile m_file;
  std::string m_prefix;
};

/// Largest |a − b| / max(1, |b|).
double distance(const MatrixF& a, const MatrixF& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return INFINITY;
  double worst = 0;
  for (Eigen::Index i = 0; i < a.size(); ++i) {
    const double want = static_cast<double>(b.data()[i]), apart = std::abs(static_cast<double>(a.data()[i]) - want) / std::max(1.0, std::abs(want));
    worst = apart <= worst ? worst : apart;  // NaN counts as apart
  }
  return worst;
}

EncoderRequest everything(const EncoderInfo& info) {
  EncoderRequest request;
  request.hidden = request.lastHidden = true;
  request.pooler = info.pooler;
  request.maskedLm = info.maskedLm;
  request.classes = info.classifier;
  request.nextSentence = info.nextSentence;
  return request;
}

std::vector<EncoderText> someTexts(const EncoderInfo& info, int count) {
  std::vector<EncoderText> texts;
  for (int i = 0; i < count; ++i) {
    texts.push_back({someIds(1 + (i * 11) % static_cast<int>(info.maxPositions), i), {}});
    for (std::int32_t& id : texts.back().ids) id %= static_cast<std::int32_t>(info.vocabulary);
  }
  return texts;
}

}  // namespace

/// Encoders of texts against the reference implementation's numbers, and the promise that a row depends on nothing but itself.
class EncoderTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void parity_data() { rows(); }
  void parity();
  void aRowDependsOnItselfAlone_data() { rows(); }
  void aRowDependsOnItselfAlone();
  void bodyAloneGivesTheSameStates_data() { rows(); }
  void bodyAloneGivesTheSameStates();
  void relativeBuckets();
  void parametersFollowFromTheConfig_data();
  void parametersFollowFromTheConfig();
  void refusals_data();
  void refusals();
  void missingTensorsAreListed();
  void weightsThatAreNotFinite();
  void headsThatAreNotThere();
  void untiedDecoderIsItsOwn();
  void aBudgetThatIsTooSmallIsSaid();
  void badRows();
  void paddingInsideATextKeepsItsRow();
  void inspection();

 private:
  static void rows() {
    QTest::addColumn<QString>("name");
    for (const std::string& name : names) QTest::newRow(name.c_str()) << QString::fromStdString(name);
  }
};

void EncoderTest::parity() {
  QFETCH(QString, name);
  const auto encoder = Encoder::load(fixture(name.toStdString()), {});
  QVERIFY(encoder->warnings().empty());
  const EncoderInfo& info = encoder->info();
  double worst = 0;
  int cases = 0, compared = 0;
  const auto compare = [&](const MatrixF& made, const MatrixF& expected) {
    worst = std::max(worst, distance(made, expected));
    ++compared;
  };
  for (; Case(name.toStdString(), cases).exists(); ++cases) {
    const Case expected(name.toStdString(), cases);
    const auto texts = expected.texts();
    const EncoderResult result = encode(*encoder, texts, everything(info), {});
    for (std::size_t row = 0; row < texts.size(); ++row) {
      const auto tokens = static_cast<std::int64_t>(texts[row].ids.size());
      for (std::int64_t layer = 0; layer <= info.layers; ++layer)
        compare(result.hidden[static_cast<std::size_t>(layer)][row], expected.row("hidden." + std::to_string(layer), row, tokens));
      compare(result.lastHidden[row], expected.row("last_hidden", row, tokens));
      if (info.maskedLm) compare(result.maskedLm[row], expected.row("mlm_logits", row, tokens));
    }
    QCOMPARE(expected.has("pooler"), info.pooler);
    QCOMPARE(expected.has("mlm_logits"), info.maskedLm);
    QCOMPARE(expected.has("cls_logits"), info.classifier);
    QCOMPARE(expected.has("nsp_logits"), info.nextSentence);
    if (info.pooler) compare(result.pooler, expected.matrix("pooler"));
    if (info.classifier) compare(result.classes, expected.matrix("cls_logits"));
    if (info.nextSentence) compare(result.nextSentence, expected.matrix("nsp_logits"));
  }
  std::printf("%s: largest error %.2e over %d tensors\n", qPrintable(name), worst, compared);
  QVERIFY(cases == 2);
  QVERIFY2(worst <= tolerance, qPrintable(QString::number(worst)));
}

void EncoderTest::aRowDependsOnItselfAlone() {
  QFETCH(QString, name);
  const auto encoder = Encoder::load(fixture(name.toStdString()), {});
  const auto texts = someTexts(encoder->info(), 90);  // several packs
  const EncoderRequest request = everything(encoder->info());
  RunContext one, three;
  one.threads = 1;
  three.threads = 3;
  const EncoderResult together = encode(*encoder, texts, request, one), threaded = encode(*encoder, texts, request, three);
  const std::vector<EncoderText> reversed(texts.rbegin(), texts.rend());
  const EncoderResult backwards = encode(*encoder, reversed, request, three);
  for (std::size_t row = 0; row < texts.size(); ++row) {
    const EncoderResult alone = encode(*encoder, std::span(texts).subspan(row, 1), request, three);
    const auto r = static_cast<Eigen::Index>(row);
    QVERIFY(sameBits(alone.lastHidden[0], together.lastHidden[row]));
    QVERIFY(sameBits(alone.lastHidden[0], threaded.lastHidden[row]));
    QVERIFY(sameBits(alone.lastHidden[0], backwards.lastHidden[texts.size() - 1 - row]));
    for (std::size_t layer = 0; layer < alone.hidden.size(); ++layer) QVERIFY(sameBits(alone.hidden[layer][0], threaded.hidden[layer][row]));
    if (request.maskedLm) QVERIFY(sameBits(alone.maskedLm[0], threaded.maskedLm[row]));
    if (request.classes) QVERIFY(sameBits(MatrixF(alone.classes), MatrixF(threaded.classes.row(r))));
    if (request.pooler) QVERIFY(sameBits(MatrixF(alone.pooler), MatrixF(threaded.pooler.row(r))));
  }
}

void EncoderTest::bodyAloneGivesTheSameStates() {
  QFETCH(QString, name);
  const auto whole = Encoder::load(fixture(name.toStdString()), {}), body = Encoder::load(fixture(name.toStdString()), {}, {.heads = false});
  QVERIFY(!body->info().pooler && !body->info().maskedLm && !body->info().classifier && !body->info().nextSentence);
  const auto texts = someTexts(whole->info(), 20);
  EncoderRequest request;
  request.lastHidden = true;
  const EncoderResult a = encode(*whole, texts, request, {}), b = encode(*body, texts, request, {});
  std::vector<MatrixF> each(texts.size());
  encodeEach(*body, texts, {}, [&](std::size_t row, const float* states, std::int64_t tokens) {
    each[row] = Eigen::Map<const MatrixF>(states, tokens, body->info().width);
  });
  for (std::size_t row = 0; row < texts.size(); ++row) {
    QVERIFY(sameBits(a.lastHidden[row], b.lastHidden[row]));
    QVERIFY(sameBits(a.lastHidden[row], each[row]));
  }
}

void EncoderTest::relativeBuckets() {
  const auto bucket = [](std::int64_t distance) { return relativeBucket(distance); };
  for (std::int64_t d = 0; d < 8; ++d) QCOMPARE(bucket(-d), d);
  const std::vector<std::pair<std::int64_t, std::int64_t>> steps{{8, 8}, {12, 9}, {16, 10}, {23, 11}, {32, 12}, {46, 13}, {64, 14}, {91, 15}, {600, 15}};
  for (std::size_t i = 0; i + 1 < steps.size(); ++i)
    for (std::int64_t d = steps[i].first; d < steps[i + 1].first; ++d) {
      QCOMPARE(bucket(-d), steps[i].second);
      QCOMPARE(bucket(d), 16 + steps[i].second);
    }
  QCOMPARE(bucket(-12), 9);
  QCOMPARE(bucket(12), 25);
  QCOMPARE(bucket(1), 17);
  QCOMPARE(bucket(200), 31);
}

void EncoderTest::parametersFollowFromTheConfig_data() {
  QTest::addColumn<QString>("config");
  QTest::addColumn<qint64>("parameters");
  QTest::newRow("bert-base-uncased") << R"({"architectures":["BertModel"],"model_type":"bert"})" << qint64{109'482'240};
  QTest::newRow("bert-large") << R"({"architectures":["BertModel"],"hidden_size":1024,"num_hidden_layers":24,"num_attention_heads":16,"intermediate_size":4096})" << qint64{335'141'888};
  QTest::newRow("MiniLM-L6") << R"({"architectures":["BertModel"],"hidden_size":384,"num_hidden_layers":6,"intermediate_size":1536})" << qint64{22'713'216};
  QTest::newRow("roberta-base") << R"({"architectures":["RobertaModel"],"max_position_embeddings":514,"type_vocab_size":1})" << qint64{124'645'632};
  QTest::newRow("mpnet-base") << R"({"architectures":["MPNetModel"],"max_position_embeddings":514})" << qint64{109'486'464};
}

void EncoderTest::parametersFollowFromTheConfig() {
  QFETCH(QString, config);
  QFETCH(qint64, parameters);
  const QTemporaryDir folder;
  std::ofstream(folder.filePath("config.json").toStdString()) << config.toStdString();
  QCOMPARE(static_cast<qint64>(inspectEncoder(folder.path().toStdString()).parameters), parameters);
}

void EncoderTest::refusals_data() {
  QTest::addColumn<QString>("name");
  QTest::addColumn<QString>("patch");
  QTest::addColumn<QString>("message");
  const auto row = [](const char* title, const char* name, const char* patch, const char* message) {
    QTest::newRow(title) << QString(name) << QString(patch) << QString(message);
  };
  row("decoder", "bert_model", R"({"is_decoder":true})", "is_decoder");
  row("causal head", "roberta_mlm", R"({"architectures":["RobertaForCausalLM"]})", "RobertaForCausalLM");
  row("old decoder", "bert_model", R"({"architectures":["BertLMHeadModel"]})", "BertLMHeadModel");
  row("relative positions", "bert_model", R"({"position_embedding_type":"relative_key"})", "relative_key");
  row("pruned", "bert_model", R"({"pruned_heads":{"0":[1]}})", "pruned_heads");
  row("heads", "bert_model", R"({"num_attention_heads":5})", "multiple of 5 heads");
  row("activation", "distilbert_mlm", R"({"activation":"mish"})", "mish");
  row("buckets", "mpnet_mlm", R"({"relative_attention_num_buckets":16})", "relative_attention_num_buckets 16");
  row("family", "bert_model", R"({"architectures":["LlamaModel"],"model_type":"llama"})", "LlamaModel");
  row("wrong type", "bert_model", R"({"vocab_size":"many"})", "vocab_size");
  row("no layers", "bert_model", R"({"num_hidden_layers":0})", "\"num_hidden_layers\" is 0");
  row("absurd", "bert_model", R"({"hidden_size":16000000,"intermediate_size":16000000,"num_attention_heads":4})", "parameters");
  row("quantised", "bert_model", R"({"quantization_config":{"quant_method":"gptq"}})", "gptq");
  row("padding", "roberta_mlm", R"({"pad_token_id":99})", "pad_token_id");
}

void EncoderTest::refusals() {
  QFETCH(QString, name);
  QFETCH(QString, patch);
  QFETCH(QString, message);
  const CopiedFixture copy(name.toStdString());
  copy.patch(nlohmann::json::parse(patch.toStdString()));
  const auto error = QString::fromStdString(errorOf([&] { Encoder::load(copy.path(), {}); }));
  QVERIFY2(error.startsWith("LAC-1002") && error.contains(message), qPrintable(error));
}

void EncoderTest::missingTensorsAreListed() {
  const CopiedFixture copy("bert_model");
  copy.patch({{"num_hidden_layers", 3}, {"intermediate_size", 65}});
  const auto error = QString::fromStdString(errorOf([&] { Encoder::load(copy.path(), {}); }));
  QVERIFY2(error.startsWith("LAC-1004") && error.contains("encoder.layer.2.attention.self.query.weight: missing") &&
               error.contains("encoder.layer.0.intermediate.dense.weight: expected [65, 32], found [64, 32]"),
           qPrintable(error));
}

void EncoderTest::weightsThatAreNotFinite() {
  const CopiedFixture copy("bert_model");
  std::filesystem::permissions(copy.path() / "model.safetensors", std::filesystem::perms::owner_all);
  std::fstream file(copy.path() / "model.safetensors", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(-4, std::ios::end);
  file.write("\0\0\xC0\x7F", 4);
  file.close();
  const auto encoder = Encoder::load(copy.path(), {});
  QCOMPARE(encoder->warnings().size(), std::size_t{1});
  QVERIFY(QString::fromStdString(encoder->warnings().front()).contains("1 weights are not finite"));
}

void EncoderTest::headsThatAreNotThere() {
  const CopiedFixture copy("mpnet_model");   // a body under the name of a head, as sentence encoders are saved
  copy.patch({{"architectures", {"MPNetForMaskedLM"}}});
  const auto encoder = Encoder::load(copy.path(), {});
  QCOMPARE(encoder->warnings().size(), std::size_t{1});
  QVERIFY(encoder->info().pooler && !encoder->info().maskedLm);
  EncoderRequest request;
  request.maskedLm = true;
  const auto texts = someTexts(encoder->info(), 1);
  QVERIFY(errorOf([&] { encode(*encoder, texts, request, {}); }).starts_with("LAC-1004"));
  const CopiedFixture other("bert_classifier");
  other.patch({{"architectures", {"BertForTokenClassification"}}});
  const auto body = Encoder::load(other.path(), {});
  QCOMPARE(body->warnings().size(), std::size_t{1});
  QVERIFY(!body->info().classifier);
}

void EncoderTest::untiedDecoderIsItsOwn() {
  const CopiedFixture copy("bert_pretraining");   // its file holds the decoder, equal to the token table
  copy.patch({{"tie_word_embeddings", false}});
  const auto tied = Encoder::load(fixture("bert_pretraining"), {}), untied = Encoder::load(copy.path(), {});
  QVERIFY(untied->info().parameters > tied->info().parameters);
  const auto texts = someTexts(tied->info(), 3);
  EncoderRequest request;
  request.maskedLm = true;
  QVERIFY(sameBits(encode(*tied, texts, request, {}).maskedLm[1], encode(*untied, texts, request, {}).maskedLm[1]));
}

void EncoderTest::aBudgetThatIsTooSmallIsSaid() {
  RunContext context;
  context.memoryBudget = std::uint64_t{64} << 20;
  try {
    Encoder::load(fixture("bert_model"), context);
    QFAIL("nothing was thrown");
  } catch (const Error& error) {
    QCOMPARE(error.code(), std::string("LAC-2001"));
    QVERIFY(error.message().find("memory budget is 64") != std::string::npos);
  }
}

void EncoderTest::badRows() {
  const auto encoder = Encoder::load(fixture("bert_model"), {});
  const auto error = [&](const EncoderText& text) { return QString::fromStdString(errorOf([&] { encode(*encoder, std::span(&text, 1), {}, {}); })); };
  QVERIFY(error({{}, {}}).contains("no token ids"));
  QVERIFY(error({{1, 140}, {}}).contains("token id 140"));
  QVERIFY(error({{1, -1}, {}}).contains("token id -1"));
  QVERIFY(error({{1, 2}, {0, 2}}).contains("token type 2"));
  QVERIFY(error({{1, 2}, {0}}).contains("1 token types for 2 ids"));
  QVERIFY(error({someIds(41, 0), {}}).contains("41 tokens"));
  QCOMPARE(error({someIds(40, 0), {}}), QString("no error"));
}

void EncoderTest::paddingInsideATextKeepsItsRow() {
  const auto encoder = Encoder::load(fixture("roberta_mlm"), {});
  const EncoderText text{{0, 5, 1, 6}, {}};   // 1 is the padding id: its position row is 1, and the next token's is not moved
  EncoderRequest request;
  request.hidden = true;
  const MatrixF with = encode(*encoder, std::span(&text, 1), request, {}).hidden[0][0];
  const EncoderText without{{0, 5, 6}, {}};
  const MatrixF plain = encode(*encoder, std::span(&without, 1), request, {}).hidden[0][0];
  QVERIFY(sameBits(MatrixF(with.row(3)), MatrixF(plain.row(2))));
}

void EncoderTest::inspection() {
  QVERIFY(isEncoderFolder(fixture("distilbert_mlm")) && isEncoderFolder(fixture("dinov2")));
  QVERIFY(!isEncoderFolder(fixture("gptj")) && !isEncoderFolder(fixture("nowhere")));
  const EncoderInfo info = inspectEncoder(fixture("bert_classifier"));
  QCOMPARE(info.family, std::string("bert"));
  QCOMPARE(info.labels, (std::vector<std::string>{"toxic", "insult", "threat", "neutral"}));
  QCOMPARE(info.problemType, std::string("multi_label_classification"));
  QVERIFY(info.classifier && info.pooler && !info.maskedLm);
  QCOMPARE(inspectEncoder(fixture("xlm_roberta_model")).family, std::string("xlm-roberta"));
  QCOMPARE(inspectEncoder(fixture("roberta_classifier")).dtype, std::string("BF16"));
  QCOMPARE(inspectEncoder(fixture("roberta_mlm")).maxPositions, 40);
  QCOMPARE(Encoder::load(fixture("bert_classifier"), {})->info().hash, info.hash);
  QCOMPARE(Encoder::load(fixture("bert_classifier"), {})->info().parameters, info.parameters);
}

QTEST_GUILESS_MAIN(EncoderTest)
#include "encoder_test.moc"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>

#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/embeddings/sentence_encoder.h"
#include "lacuna/files/files.h"
#include "lacuna/files/safetensors.h"
#include "pool_tokens.h"

using namespace lacuna;
using namespace lacuna::embeddings;

namespace {

namespace fs = std::filesystem;

const std::vector<std::string> names{"bert_mean_normalize", "mpnet_cls", "distilbert_max", "roberta_sqrt",
                                     "bert_weighted_dense", "distilbert_last", "bert_concat_lower", "mpnet_prompt"};

fs::path fixture(const std::string& name) { return fs::path(LACUNA_TEST_DATA) / "sentence" / name; }

std::vector<std::string> textsOf(const std::string& name) {
  return nlohmann::json::parse(files::readText(fixture(name) / "texts.json")).get<std::vector<std::string>>();
}

MatrixF expectedOf(const std::string& name) {
  const files::SafetensorsFile file(fixture(name) / "expected.safetensors");
  const auto* const info = file.find("embeddings");
  MatrixF out(info->shape[0], info->shape[1]);
  file.readFloat(*info, {out.data(), static_cast<std::size_t>(out.size())});
  return out;
}

double distance(const MatrixF& a, const MatrixF& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return INFINITY;
  double worst = 0;
  for (Eigen::Index i = 0; i < a.size(); ++i) {
    const double want = static_cast<double>(b.data()[i]), apart = std::abs(static_cast<double>(a.data()[i]) - want) / std::max(1.0, std::abs(want));
    worst = apart <= worst ? worst : apart;
  }
  return worst;
}

bool sameBits(const MatrixF& a, const MatrixF& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(float)) == 0;
}

class CopiedFolder {
 public:
  explicit CopiedFolder(const fs::path& source) { fs::copy(source, path(), fs::copy_options::recursive | fs::copy_options::overwrite_existing); }
  fs::path path() const { return m_folder.path().toStdString(); }
  void write(const std::string& file, const nlohmann::json& json) const {
    fs::remove(path() / file);
    std::ofstream(path() / file) << json;
  }
  void patch(const std::string& file, const nlohmann::json& change) const {
    auto json = nlohmann::json::parse(files::readText(path() / file));
    json.merge_patch(change);
    write(file, json);
  }

 private:
  QTemporaryDir m_folder;
};

template <class Call>
QString errorOf(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return QString::fromStdString(error.what());
  }
  return "no error";
}

}  // namespace

/// Sentence-BERT folders against the reference library's vectors, and what is promised of them.
class SentenceEncoderTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void parity_data() { rows(); }
  void parity();
  void aVectorDependsOnItsTextAlone_data() { rows(); }
  void aVectorDependsOnItsTextAlone();
  void plainFolderIsAveraged();
  void decodersPoolTheirLastToken();
  void poolingOfHiddenPrompts();
  void limits();
  void truncationCanKeepTheEnd();
  void namedPrompts();
  void poolingModeAsAWord();
  void refusals_data();
  void refusals();
  void corpusRowsHaveLengthOne();
  void hashFollowsTheRecipe();

 private:
  static void rows() {
    QTest::addColumn<QString>("name");
    for (const std::string& name : names) QTest::newRow(name.c_str()) << QString::fromStdString(name);
  }
};

void SentenceEncoderTest::parity() {
  QFETCH(QString, name);
  const auto encoder = SentenceEncoder::load(fixture(name.toStdString()), {});
  QVERIFY(encoder->warnings().empty());
  const MatrixF expected = expectedOf(name.toStdString());
  QCOMPARE(encoder->dimensions(), static_cast<std::int64_t>(expected.cols()));
  const double worst = distance(encoder->encode(textsOf(name.toStdString()), {}), expected);
  std::printf("%s: largest error %.2e\n", qPrintable(name), worst);
  QVERIFY2(worst <= 1e-5, qPrintable(QString::number(worst)));
}

void SentenceEncoderTest::aVectorDependsOnItsTextAlone() {
  QFETCH(QString, name);
  const auto encoder = SentenceEncoder::load(fixture(name.toStdString()), {});
  const std::vector<std::string> some = textsOf(name.toStdString());
  std::vector<std::string> texts;
  for (int i = 0; i < 5; ++i) texts.insert(texts.end(), some.begin(), some.end());   // several packs
  RunContext one, three;
  one.threads = 1;
  three.threads = 3;
  const MatrixF together = encoder->encode(texts, three);
  QVERIFY(sameBits(together, encoder->encode(texts, one)));
  for (std::size_t i = 0; i < some.size(); ++i) {
    const MatrixF alone = encoder->encode(std::span(texts).subspan(i, 1), three);
    QVERIFY(sameBits(alone, together.row(static_cast<Eigen::Index>(i))));
    QVERIFY(sameBits(alone, together.row(static_cast<Eigen::Index>(i + 4 * some.size()))));
  }
}

void SentenceEncoderTest::plainFolderIsAveraged() {
  const CopiedFolder copy(fixture("bert_mean_normalize"));
  fs::remove(copy.path() / "modules.json");
  const MatrixF plain = SentenceEncoder::load(copy.path(), {})->encode(textsOf("bert_mean_normalize"), {});
  const MatrixF unit = plain.rowwise().normalized();
  QVERIFY(distance(unit, expectedOf("bert_mean_normalize")) <= 1e-5);
  QVERIFY(distance(plain, expectedOf("bert_mean_normalize")) > 0.1);
}

void SentenceEncoderTest::decodersPoolTheirLastToken() {
  const CopiedFolder copy(fs::path(LACUNA_TEST_DATA) / "models" / "gpt2_default");
  fs::create_directory(copy.path() / "1_Pooling");
  copy.write("modules.json", {{{"idx", 0}, {"path", ""}, {"type", "sentence_transformers.models.Transformer"}},
                              {{"idx", 1}, {"path", "1_Pooling"}, {"type", "sentence_transformers.models.Pooling"}}});
  copy.write("1_Pooling/config.json", {{"pooling_mode", "lasttoken"}});
  const auto encoder = SentenceEncoder::load(copy.path(), {});
  const std::vector<std::string> texts{"a probe", "", "a longer text of a probe"};
  const MatrixF vectors = encoder->encode(texts, {});
  QVERIFY(vectors.row(0).allFinite() && vectors.row(2).allFinite());
  QVERIFY(vectors.row(1).array().isNaN().all());   // no token, no vector
  QVERIFY(sameBits(vectors.row(2), encoder->encode(std::span(texts).subspan(2), {})));
}

void SentenceEncoderTest::poolingOfHiddenPrompts() {
  const std::vector<float> states{1, 8, 2, 4, 6, -2};   // three tokens of width 2
  PoolingRecipe recipe;
  const auto pooled = [&](bool PoolingRecipe::*mode, std::int64_t hidden) {
    PoolingRecipe only;
    only.*mode = true;
    return poolTokens(only, states.data(), 3, 2, hidden);
  };
  using Floats = std::vector<float>;
  QCOMPARE(pooled(&PoolingRecipe::cls, 1), (Floats{1, 8}));
  QCOMPARE(pooled(&PoolingRecipe::mean, 1), (Floats{4, 1}));
  QCOMPARE(pooled(&PoolingRecipe::meanSqrt, 0), (Floats{static_cast<float>(9 / std::sqrt(3.0)), static_cast<float>(10 / std::sqrt(3.0))}));
  QCOMPARE(pooled(&PoolingRecipe::weightedMean, 1), (Floats{22.0F / 5, 2.0F / 5}));
  QCOMPARE(pooled(&PoolingRecipe::max, 1), (Floats{6, 4}));
  QCOMPARE(pooled(&PoolingRecipe::max, 3), (Floats{-1e9F, -1e9F}));
  QCOMPARE(pooled(&PoolingRecipe::last, 1), (Floats{6, -2}));
  QCOMPARE(pooled(&PoolingRecipe::last, 3), (Floats{0, 0}));
  QCOMPARE(pooled(&PoolingRecipe::mean, 3), (Floats{0, 0}));
  recipe.cls = recipe.max = true;
  QCOMPARE(poolTokens(recipe, states.data(), 3, 2, 1), (Floats{-1e9F, -1e9F, 6, 4}));   // as the reference does
  QCOMPARE(poolTokens(recipe, states.data(), 3, 2, 0), (Floats{1, 8, 6, 8}));
}

void SentenceEncoderTest::limits() {
  QCOMPARE(SentenceEncoder::load(fixture("bert_mean_normalize"), {})->maxTokens(), 30);
  const CopiedFolder copy(fixture("bert_mean_normalize"));
  copy.write("sentence_bert_config.json", {{"max_seq_length", nullptr}});
  copy.patch("tokenizer_config.json", {{"model_max_length", 50}});
  QCOMPARE(SentenceEncoder::load(copy.path(), {})->maxTokens(), 50);
  copy.patch("tokenizer_config.json", {{"model_max_length", 1e30}});
  QCOMPARE(SentenceEncoder::load(copy.path(), {})->maxTokens(), 64);   // positions of the model
  copy.write("sentence_bert_config.json", {{"max_seq_length", 100}});
  const auto clamped = SentenceEncoder::load(copy.path(), {});
  QCOMPARE(clamped->maxTokens(), 64);
  QCOMPARE(clamped->warnings().size(), std::size_t{1});
  copy.write("sentence_bert_config.json", {{"max_seq_length", 2}});
  QVERIFY(errorOf([&] { SentenceEncoder::load(copy.path(), {}); }).contains("2 special tokens"));
}

void SentenceEncoderTest::truncationCanKeepTheEnd() {
  const CopiedFolder copy(fixture("bert_mean_normalize"));
  copy.patch("tokenizer_config.json", {{"truncation_side", "left"}});
  copy.write("sentence_bert_config.json", {{"max_seq_length", 4}});
  const auto encoder = SentenceEncoder::load(copy.path(), {});
  const std::vector<std::string> texts{"probe neurons 42", "42", "neurons 24"};   // two tokens are left, the last ones
  const MatrixF vectors = encoder->encode(texts, {});
  QVERIFY(sameBits(vectors.row(0), vectors.row(1)));
  QVERIFY(!sameBits(vectors.row(0), vectors.row(2)));
  const auto whole = SentenceEncoder::load(fixture("bert_mean_normalize"), {});
  QVERIFY(sameBits(vectors.row(1), whole->encode(std::span(texts).subspan(1, 1), {})));
}

void SentenceEncoderTest::namedPrompts() {
  const auto usual = SentenceEncoder::load(fixture("mpnet_prompt"), {}), other = SentenceEncoder::load(fixture("mpnet_prompt"), {}, {.promptName = "passage"});
  const std::vector<std::string> texts{"neurons"};
  QVERIFY(!sameBits(usual->encode(texts, {}), other->encode(texts, {})));
  QVERIFY(usual->hash() != other->hash());
  QVERIFY(errorOf([] { SentenceEncoder::load(fixture("mpnet_prompt"), {}, {.promptName = "nothing"}); }).startsWith("LAC-1002"));
}

void SentenceEncoderTest::poolingModeAsAWord() {
  const CopiedFolder copy(fixture("distilbert_max"));
  copy.write("1_Pooling/config.json", {{"word_embedding_dimension", 24}, {"pooling_mode", "max"}});
  QVERIFY(distance(SentenceEncoder::load(copy.path(), {})->encode(textsOf("distilbert_max"), {}), expectedOf("distilbert_max")) <= 1e-5);
}

void SentenceEncoderTest::refusals_data() {
  QTest::addColumn<QString>("file");
  QTest::addColumn<QString>("json");
  QTest::addColumn<QString>("message");
  const auto row = [](const char* title, const char* file, const char* json, const char* message) {
    QTest::newRow(title) << QString(file) << QString(json) << QString(message);
  };
  const char* const first = R"([{"idx":0,"path":"","type":"a.Transformer"},)";
  row("module", "modules.json", (std::string(first) + R"({"idx":1,"path":"1_Pooling","type":"a.LSTM"}])").c_str(), "LSTM");
  row("order", "modules.json", R"([{"idx":0,"path":"1_Pooling","type":"a.Pooling"}])", "a Transformer is expected first");
  row("no pooling", "modules.json", R"([{"idx":0,"path":"","type":"a.Transformer"}])", "no Pooling");
  row("idx", "modules.json", R"([{"idx":1,"path":"","type":"a.Transformer"}])", "idx 1");
  row("way out", "modules.json", (std::string(first) + R"({"idx":1,"path":"../1_Pooling","type":"a.Pooling"}])").c_str(), "leads out");
  row("pooling mode", "1_Pooling/config.json", R"({"pooling_mode":"median"})", "median");
  row("no mode", "1_Pooling/config.json", R"({"pooling_mode_mean_tokens":false})", "no pooling mode");
  row("pooling width", "1_Pooling/config.json", R"({"word_embedding_dimension":25})", "width 25");
  row("dense width", "2_Dense/config.json", R"({"in_features":23,"out_features":16,"activation_function":"torch.nn.Tanh"})", "in_features is 23");
  row("dense shape", "2_Dense/config.json", R"({"in_features":24,"out_features":17,"activation_function":"torch.nn.Tanh"})", "another shape");
  row("activation", "2_Dense/config.json", R"({"in_features":24,"out_features":16,"activation_function":"torch.nn.Softsign"})", "Softsign");
  row("prompt", "config_sentence_transformers.json", R"({"prompts":{"a":"b"},"default_prompt_name":"c"})", "\"c\"");
  row("length", "sentence_bert_config.json", R"({"max_seq_length":"long"})", "max_seq_length");
}

void SentenceEncoderTest::refusals() {
  QFETCH(QString, file);
  QFETCH(QString, json);
  QFETCH(QString, message);
  const CopiedFolder copy(fixture("bert_weighted_dense"));
  copy.write(file.toStdString(), nlohmann::json::parse(json.toStdString()));
  const QString error = errorOf([&] { SentenceEncoder::load(copy.path(), {}); });
  QVERIFY2((error.startsWith("LAC-1002") || error.startsWith("LAC-1004")) && error.contains(message), qPrintable(error));
}

void SentenceEncoderTest::corpusRowsHaveLengthOne() {
  corpus::Corpus corpus;
  for (const std::string& text : textsOf("roberta_sqrt")) {
    corpus.documents.emplace_back();
    corpus.documents.back().text = text;
  }
  const auto encoder = SentenceEncoder::load(fixture("roberta_sqrt"), {});
  const EmbeddingSet set = embedWithSentenceEncoder(corpus, *encoder, EmbeddingConfig{}, {});
  QVERIFY(!set.circular);
  QVERIFY((set.vectors.rowwise().norm().array() - 1).abs().maxCoeff() < 1e-6F);
  QVERIFY(distance(set.vectors, expectedOf("roberta_sqrt").rowwise().normalized()) <= 1e-5);
}

void SentenceEncoderTest::hashFollowsTheRecipe() {
  const CopiedFolder copy(fixture("bert_mean_normalize"));
  const std::string before = SentenceEncoder::load(copy.path(), {})->hash();
  QCOMPARE(before, SentenceEncoder::load(fixture("bert_mean_normalize"), {})->hash());
  copy.write("sentence_bert_config.json", {{"max_seq_length", 31}});
  QVERIFY(SentenceEncoder::load(copy.path(), {})->hash() != before);
}

QTEST_GUILESS_MAIN(SentenceEncoderTest)
#include "sentence_encoder_test.moc"

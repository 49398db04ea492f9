#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <cstring>
#include <fstream>

#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/embeddings/sentence_encoder.h"
#include "lacuna/files/files.h"
#include "lacuna/model/forward.h"
#include "lacuna/text/text.h"
#include "windows.h"

using namespace lacuna;
using namespace lacuna::embeddings;

namespace {

namespace fs = std::filesystem;
using Ids = std::vector<std::int32_t>;

const std::vector<std::string> names{"bert_mean_normalize", "mpnet_cls", "distilbert_max", "roberta_sqrt",
                                     "bert_weighted_dense", "distilbert_last", "bert_concat_lower", "mpnet_prompt"};

fs::path fixture(const std::string& name) { return fs::path(LACUNA_TEST_DATA) / "sentence" / name; }

std::shared_ptr<const SentenceEncoder> load(const std::string& name, LongDocuments mode) { return SentenceEncoder::load(fixture(name), {}, {.longDocuments = mode}); }

std::vector<std::string> textsOf(const std::string& name) {
  return nlohmann::json::parse(files::readText(fixture(name) / "texts.json")).get<std::vector<std::string>>();
}

/// A text of many words, and where they end.
std::string longText(int words) {
  std::string text;
  for (int i = 0; i < words; ++i) text += (i > 0 ? " " : "") + std::string(i % 3 == 0 ? "probe" : i % 3 == 1 ? "neurons" : "a text") + std::to_string(i % 10);
  return text;
}

bool sameBits(const MatrixF& a, const MatrixF& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(float)) == 0;
}

RunContext withThreads(int threads) {
  RunContext context;
  context.threads = threads;
  return context;
}

QList<std::int64_t> numbersOf(const SourceLength& length) { return {length.documents, length.cut, length.tokens, length.lost}; }

/// The text's own tokens, no specials.
std::int64_t tokensOf(const text::Tokenizer& tokenizer, const std::string& text) { return std::ssize(tokenizer.encode(text, {.addSpecial = false}).ids); }

/// Cuts a text at blanks so that every part holds as many words as fit, and not one more; nothing when a part does not fill its window, as
/// tokens and words then do not end together.
std::vector<std::string> partsOf(const text::Tokenizer& tokenizer, const std::vector<std::string>& words, std::int64_t room) {
  std::vector<std::string> parts{""};
  for (const std::string& word : words) {
    const std::string longer = parts.back().empty() ? word : parts.back() + " " + word;
    if (tokensOf(tokenizer, longer) <= room) parts.back() = longer;
    else if (tokensOf(tokenizer, parts.back()) != room) return {};
    else parts.push_back(word);
  }
  return parts;
}

/// A copy of a folder whose vectors keep their lengths.
fs::path withoutNormalise(const fs::path& folder, const fs::path& copy) {
  fs::copy(folder, copy, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  nlohmann::json kept = nlohmann::json::array();
  for (const auto& module : nlohmann::json::parse(files::readText(folder / "modules.json")))
    if (!module["type"].get<std::string>().ends_with("Normalize")) kept.push_back(module);
  fs::remove(copy / "modules.json");
  std::ofstream(copy / "modules.json") << kept;
  return copy;
}

corpus::Corpus corpusOf(const std::vector<std::string>& texts) {
  corpus::Corpus corpus;
  for (const std::string& text : texts) {
    corpus.documents.emplace_back();
    corpus.documents.back().text = text;
  }
  return corpus;
}

}  // namespace

/// Documents longer than an encoder reads at once.
class LongDocumentsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void windowsOfTokens_data() {
    QTest::addColumn<int>("own");
    QTest::addColumn<int>("prompt");
    QTest::addColumn<bool>("specials");
    QTest::addColumn<QString>("expected");   // 90 and 91 stand around, 80 … is the prompt, own tokens count from 1
    QTest::newRow("nothing") << 0 << 0 << true << "90 91";
    QTest::newRow("just fits") << 4 << 0 << true << "90 1 2 3 4 91";
    QTest::newRow("one more") << 5 << 0 << true << "90 1 2 3 4 91|90 5 91";
    QTest::newRow("two full ones") << 8 << 0 << true << "90 1 2 3 4 91|90 5 6 7 8 91";
    QTest::newRow("with a prompt") << 5 << 2 << true << "90 80 81 1 2 91|90 80 81 3 4 91|90 80 81 5 91";
    QTest::newRow("anchored") << 13 << 0 << false << "1 2 3 4 5 6|6 7 8 9 10 11|11 12 13";
  }
  void windowsOfTokens() {
    QFETCH(int, own);
    QFETCH(int, prompt);
    QFETCH(bool, specials);
    QFETCH(QString, expected);
    Ids ids;
    if (specials) ids.push_back(90);
    for (int i = 0; i < prompt; ++i) ids.push_back(80 + i);
    for (int i = 1; i <= own; ++i) ids.push_back(i);
    if (specials) ids.push_back(91);
    WindowRecipe recipe{6, specials ? 1 : 0, specials ? 1 : 0, prompt, false, !specials, LongDocuments::Windows};
    const TextWindows windows = windowsOf(recipe, ids);
    QStringList found;
    double weights = 0;
    for (std::size_t w = 0; w < windows.ids.size(); ++w) {
      QStringList numbers;
      for (const std::int32_t id : windows.ids[w]) numbers << QString::number(id);
      found << numbers.join(' ');
      weights += windows.weights[w];
    }
    QCOMPARE(found.join('|'), expected);
    QCOMPARE(windows.length.tokens, static_cast<std::int64_t>(own));
    QCOMPARE(windows.length.read, static_cast<std::int64_t>(own));
    if (windows.ids.size() > 1) QCOMPARE(weights, static_cast<double>(own));
    recipe.mode = LongDocuments::Truncate;
    const TextWindows cut = windowsOf(recipe, ids);
    QCOMPARE(cut.ids.size(), std::size_t{1});
    QCOMPARE(cut.ids[0], windows.ids[0]);
    QCOMPARE(cut.length.read, std::min<std::int64_t>(own, recipe.room()));
  }

  void lengthsOfTextsThatKeepTheirEnd() {
    const Ids ids{90, 80, 81, 1, 2, 3, 4, 5, 91};
    const TextWindows cut = windowsOf({6, 1, 1, 2, true, false, LongDocuments::Truncate}, ids);
    QCOMPARE(cut.ids[0], (Ids{90, 2, 3, 4, 5, 91}));   // the prompt goes first
    QCOMPARE(cut.length.tokens, 5);
    QCOMPARE(cut.length.read, 4);
    const TextWindows crowded = windowsOf({3, 1, 1, 2, false, false, LongDocuments::Truncate}, ids);   // a prompt that leaves no room
    QCOMPARE(crowded.ids[0], (Ids{90, 80, 91}));
    QCOMPARE(crowded.length.read, 0);
  }

  void aTextThatFitsHasTheSameBits_data() { rows(); }
  void aTextThatFitsHasTheSameBits() {
    QFETCH(QString, name);
    const auto cut = load(name.toStdString(), LongDocuments::Truncate), windows = load(name.toStdString(), LongDocuments::Windows);
    const std::vector<std::string> texts = textsOf(name.toStdString());
    const EncodedTexts a = cut->read(texts, {}), b = windows->read(texts, {});
    int fitting = 0;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto row = static_cast<Eigen::Index>(i);
      QCOMPARE(b.lengths[i].read, b.lengths[i].tokens);
      QCOMPARE(a.lengths[i].tokens, b.lengths[i].tokens);
      if (a.lengths[i].read < a.lengths[i].tokens) continue;
      QVERIFY(sameBits(a.vectors.row(row), b.vectors.row(row)));
      ++fitting;
    }
    QVERIFY(fitting > 0);
    const std::string end = longText(100);   // its end counts in windows alone
    QVERIFY(a.vectors.rows() > 0 && !sameBits(cut->encode(std::span(&end, 1), {}), windows->encode(std::span(&end, 1), {})));
    QVERIFY(cut->hash() != windows->hash());
  }

  /// A text twice over, cut where the first ends, has twice the same window.
  void aTextTwiceAsLongPointsTheSameWay() {
    const auto windows = load("bert_mean_normalize", LongDocuments::Windows);
    const auto tokenizer = text::Tokenizer::load(fixture("bert_mean_normalize"));
    std::string once = "a";
    for (int words = 1; tokensOf(*tokenizer, once) != windows->maxTokens() - 2; ++words) {
      QVERIFY2(words < 100, "no text fills the window");
      once += words % 2 == 0 ? " a" : " 7";
    }
    const std::vector<std::string> texts{once, once + " " + once, once + " " + once + " " + once};
    const EncodedTexts read = windows->read(texts, {});
    QVERIFY((read.vectors.row(1) - read.vectors.row(0)).norm() < 1e-6F);
    QVERIFY((read.vectors.row(2) - read.vectors.row(0)).norm() < 1e-6F);
    QCOMPARE(read.lengths[2].tokens, 3 * read.lengths[0].tokens);
  }

  /// The vectors of the parts, each read as a text of its own, averaged by their tokens, then normalised.
  void aLongTextIsTheMeanOfItsWindows_data() { rows(); }
  void aLongTextIsTheMeanOfItsWindows() {
    QFETCH(QString, name);
    const QTemporaryDir copy;
    const auto apart = SentenceEncoder::load(withoutNormalise(fixture(name.toStdString()), copy.path().toStdString()), {});
    const auto windows = load(name.toStdString(), LongDocuments::Windows);
    const auto tokenizer = text::Tokenizer::load(fixture(name.toStdString()));
    std::vector<std::string> words;
    for (int i = 0; i < 90; ++i) words.push_back(i % 2 == 0 ? "7" : "a");
    std::string whole;
    for (const std::string& word : words) whole += (whole.empty() ? "" : " ") + word;
    const std::vector<std::string> parts = partsOf(*tokenizer, words, apart->read(std::span(&whole, 1), {}).lengths[0].read);
    const EncodedTexts together = windows->read(std::span(&whole, 1), {}), each = apart->read(parts, {});
    MatrixD sum = MatrixD::Zero(1, windows->dimensions());
    double weight = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const auto tokens = static_cast<double>(each.lengths[i].tokens);
      sum += tokens * each.vectors.row(static_cast<Eigen::Index>(i)).cast<double>();
      weight += tokens;
    }
    if (static_cast<std::int64_t>(weight) != together.lengths[0].tokens) QSKIP("a word alone has other tokens than in its text");
    QVERIFY(parts.size() >= 3);
    const bool unit = std::abs(together.vectors.norm() - 1) < 1e-5F;
    const MatrixD expected = unit ? MatrixD(sum.normalized()) : MatrixD(sum / weight);
    const double by = (together.vectors.cast<double>() - expected).norm() / expected.norm();
    QVERIFY2(by < 1e-5, qPrintable(QString::number(by)));
  }

  void aWindowDependsOnItsTokensAlone_data() { rows(); }
  void aWindowDependsOnItsTokensAlone() {
    QFETCH(QString, name);
    const auto encoder = load(name.toStdString(), LongDocuments::Windows);
    std::vector<std::string> texts;
    for (int i = 0; i < 40; ++i) texts.push_back(longText(3 + 11 * (i % 9)));
    const MatrixF together = encoder->encode(texts, withThreads(3));
    QVERIFY(sameBits(together, encoder->encode(texts, withThreads(1))));
    for (const std::size_t i : {0UL, 8UL, 13UL, 39UL})
      QVERIFY(sameBits(together.row(static_cast<Eigen::Index>(i)), encoder->encode(std::span(texts).subspan(i, 1), withThreads(2))));
  }

  void statesOfTheModelMissNoToken() {
    const auto model = model::Model::load(LACUNA_TEST_DATA "/models/gpt2_default", {});
    const std::int64_t limit = std::min<std::int64_t>(512, model->info().maxPositions);
    const std::string text = longText(200);
    const Ids ids = model->tokenizer().encode(text).ids;
    QVERIFY(std::ssize(ids) > 2 * limit);
    EmbeddingConfig config;
    config.layer = 1;
    config.post = std::vector<std::string>{};
    MatrixD sum = MatrixD::Zero(1, model->info().width);
    std::int64_t pooled = 0;
    for (std::int64_t begin = 0; begin + 1 < std::ssize(ids); begin += limit - 1) {   // each window begins with the last token of the one before
      const Ids window(ids.begin() + begin, ids.begin() + std::min<std::int64_t>(begin + limit, std::ssize(ids)));
      model::ForwardRequest request;
      request.captures = {{model::Site::ResidPost, LayerIndex(1)}};
      const model::Arm clean;
      const MatrixF states = model::forward(*model, {{window, -1, false}}, std::span(&clean, 1), request, {}).captured[0][0];
      sum += states.bottomRows(states.rows() - 1).cast<double>().colwise().sum();
      pooled += std::ssize(window) - 1;
    }
    QCOMPARE(pooled, static_cast<std::int64_t>(std::ssize(ids)) - 1);
    const EmbeddingSet set = embedWithModel(corpusOf({text, "short"}), *model, config, {});
    QVERIFY((set.vectors.row(0).cast<double>() - sum.normalized()).norm() < 1e-5);
    QCOMPARE(set.lengths[0].read, static_cast<std::int64_t>(std::ssize(ids)));
    config.longDocuments = LongDocuments::Truncate;
    const EmbeddingSet cut = embedWithModel(corpusOf({text, "short"}), *model, config, {});
    QVERIFY((cut.vectors.row(0) - set.vectors.row(0)).norm() > 1e-3F);
    QVERIFY(sameBits(cut.vectors.row(1), set.vectors.row(1)));
    QCOMPARE(cut.lengths[0].read, limit);
    QCOMPARE(cut.lengths[0].tokens, static_cast<std::int64_t>(std::ssize(ids)));
    const EmbeddingSet one = embedWithModel(corpusOf({text, "short"}), *model, {}, withThreads(1)), three = embedWithModel(corpusOf({text, "short"}), *model, {}, withThreads(3));
    QVERIFY(sameBits(one.vectors, three.vectors));
  }

  void lengthsAreCountedBySource() {
    corpus::Corpus corpus = corpusOf({"a", "b", "c", "d"});
    corpus.documents[0].source = corpus.documents[2].source = "books";
    const std::vector<SourceLength> rows = lengthsBySource(corpus, std::vector<TextLength>{{10, 10}, {8, 5}, {30, 12}, {4, 4}});
    QCOMPARE(rows.size(), std::size_t{2});
    QCOMPARE(rows[0].source, std::string());
    QCOMPARE(numbersOf(rows[0]), (QList<std::int64_t>{2, 1, 12, 3}));
    QCOMPARE(numbersOf(rows[1]), (QList<std::int64_t>{2, 1, 40, 18}));
    QCOMPARE(lossInWords(rows[1]), std::string("1 of 2 documents are longer than the encoder reads, 45.0 % of all tokens are lost"));
    QCOMPARE(lossInWords(lengthsBySource(corpus, {})[0]), std::string());
  }

 private:
  static void rows() {
    QTest::addColumn<QString>("name");
    for (const std::string& name : names) QTest::newRow(name.c_str()) << QString::fromStdString(name);
  }
};

QTEST_GUILESS_MAIN(LongDocumentsTest)
#include "long_documents_test.moc"

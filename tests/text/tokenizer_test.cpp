#include <QTest>
#include <QTemporaryDir>

#include <atomic>
#include <thread>

#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/text/text.h"
#include "sentencepiece_model.h"

using namespace lacuna;
using namespace lacuna::text;

class TokenizerTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void truncationAndPaddingAreCleared();
  void invalidUtf8IsReplaced();
  void offsetsCountBytes();
  void unknownIdsAndTokensAreAbsent();
  void emptyTextEncodes();
  void specialsOfBothKindsAreMarked();
  void folderWithoutTokenizerSaysWhatIsMissing();
  void brokenFilesAreErrors_data();
  void brokenFilesAreErrors();
  void spacesAreCleanedOnlyWhenAsked();
  void manyThreadsMayEncode();
  void streamsGiveTheDecodedWhole_data();
  void streamsGiveTheDecodedWhole();
  void trainingIsReproducible();
  void trainingReachesTheAskedSizeAndRoundTrips();
  void trainingRefusesTooSmallVocabularies();
  void jsonRoundTrips();
  void cutSentencePieceModelsNeverParseAsWhole();

 private:
  static std::filesystem::path data(const char* name) { return std::filesystem::path(LACUNA_TEST_DATA "/tokenizers") / name; }
  std::filesystem::path put(const char* name, std::string_view bytes) const {
    const std::filesystem::path path = m_folder->filePath(name).toStdString();
    files::writeFileAtomically(path, bytes);
    return path.parent_path();
  }
  std::unique_ptr<QTemporaryDir> m_folder = std::make_unique<QTemporaryDir>();
};

void TokenizerTest::truncationAndPaddingAreCleared() {
  auto json = nlohmann::json::parse(files::readText(data("bert_uncased") / "tokenizer.json"));
  const auto plain = Tokenizer::fromJson(json.dump());
  json["truncation"] = {{"direction", "Right"}, {"max_length", 4}, {"strategy", "LongestFirst"}, {"stride", 0}};
  json["padding"] = {{"strategy", {{"Fixed", 64}}}, {"direction", "Right"}, {"pad_to_multiple_of", nullptr},
                     {"pad_id", 0}, {"pad_type_id", 0}, {"pad_token", "[PAD]"}};
  const auto truncating = Tokenizer::fromJson(json.dump());
  const std::string text = "The model reads the layer again and again.";
  QVERIFY(plain->encode(text).ids.size() > 4);
  QVERIFY(truncating->encode(text).ids == plain->encode(text).ids);
  const std::vector<std::string> texts{text};
  QVERIFY(truncating->encodeBatch(texts, {}, 1)[0] == plain->encode(text).ids);
}

void TokenizerTest::invalidUtf8IsReplaced() {
  const auto tokenizer = Tokenizer::load(data("gpt2_bytelevel"));
  QVERIFY(tokenizer->encode("a\xFF" "b").ids == tokenizer->encode("a\xEF\xBF\xBD" "b").ids);
  QCOMPARE(tokenizer->encode("a\xFF" "b").replaced, std::uint64_t{1});
  QCOMPARE(tokenizer->encode("\xC3 \xE2\x82", {}, "\x80").replaced, std::uint64_t{3});
  QCOMPARE(tokenizer->encode("a\xEF\xBF\xBD").replaced, std::uint64_t{0});
  const std::vector<std::string> texts{"fine", "\xFF\xFE", "again", "\xF0\x9F"};
  std::uint64_t replaced = 0;
  const auto batch = tokenizer->encodeBatch(texts, {}, 2, &replaced);
  QCOMPARE(replaced, std::uint64_t{3});
  QVERIFY(batch[1] == tokenizer->encode("\xEF\xBF\xBD\xEF\xBF\xBD").ids);
}

void TokenizerTest::offsetsCountBytes() {
  const auto tokenizer = Tokenizer::load(data("bert_cased"));
  const Encoding encoding = tokenizer->encode("é the", {.addSpecial = false});
  QVERIFY((encoding.offsets.back() == std::array<std::uint32_t, 2>{3, 6}));
}

void TokenizerTest::unknownIdsAndTokensAreAbsent() {
  const auto tokenizer = Tokenizer::load(data("gpt2_bytelevel"));
  QCOMPARE(tokenizer->token(-1), std::string());
  QCOMPARE(tokenizer->token(1 << 30), std::string());
  QVERIFY(!tokenizer->id("no such token"));
  QVERIFY(!tokenizer->id("\xFF"));
  QCOMPARE(tokenizer->id("<|endoftext|>").value(), 0);
  QCOMPARE(tokenizer->token(0), std::string("<|endoftext|>"));
  const std::vector<std::int32_t> ids{-1, 1 << 30};
  QCOMPARE(tokenizer->decode(ids, false), std::string());
}

void TokenizerTest::emptyTextEncodes() {
  QVERIFY(Tokenizer::load(data("gpt2_bytelevel"))->encode("").ids.empty());
  QCOMPARE(Tokenizer::load(data("bert_cased"))->encode("").ids.size(), std::size_t{2});
}

void TokenizerTest::specialsOfBothKindsAreMarked() {
  const auto tokenizer = Tokenizer::load(data("bert_cased"));
  const Encoding encoding = tokenizer->encode("the", {}, "the");
  QVERIFY((encoding.specialMask == std::vector<std::uint8_t>{1, 0, 1, 0, 1}));
  QVERIFY((encoding.typeIds == std::vector<std::int32_t>{0, 0, 0, 1, 1}));
  const auto special = tokenizer->encode("[MASK]", {.addSpecial = false});
  const auto asText = tokenizer->encode("[MASK]", {.addSpecial = false, .specialAsText = true});
  QCOMPARE(special.ids.size(), std::size_t{1});
  QVERIFY(asText.ids.size() > 1);
}

void TokenizerTest::folderWithoutTokenizerSaysWhatIsMissing() {
  for (const std::string& folder : {m_folder->path().toStdString(), std::string("/nonexistent")}) {
    try {
      Tokenizer::load(folder);
      QFAIL("loaded");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1003"));
      QVERIFY(error.message().find(folder) != std::string::npos);
    }
  }
}

void TokenizerTest::brokenFilesAreErrors_data() {
  QTest::addColumn<QString>("name");
  QTest::addColumn<QByteArray>("bytes");
  QTest::newRow("cut JSON") << "tokenizer.json" << QByteArray(R"({"version":"1.0","model":)");
  QTest::newRow("empty JSON") << "tokenizer.json" << QByteArray("{}");
  QTest::newRow("not UTF-8") << "tokenizer.json" << QByteArray("{\"\xFF\"}");
  QTest::newRow("no unknown token") << "vocab.txt" << QByteArray("a\nb\n");
  QTest::newRow("tiktoken") << "tokenizer.model" << QByteArray("IQ== 0\nIg== 1\nIw== 2\n");
  QTest::newRow("noise") << "tokenizer.model" << QByteArray("\xFF\xFF\xFF\0\xFF", 5);
  QTest::newRow("empty model") << "tokenizer.model" << QByteArray();
}

void TokenizerTest::brokenFilesAreErrors() {
  QFETCH(QString, name);
  QFETCH(QByteArray, bytes);
  m_folder = std::make_unique<QTemporaryDir>();
  const auto folder = put(qPrintable(name), bytes.toStdString());
  try {
    Tokenizer::load(folder);
    QFAIL("loaded");
  } catch (const Error& error) {
    QCOMPARE(error.code(), std::string("LAC-1003"));
    QVERIFY(!error.hint().empty());
  }
}

void TokenizerTest::spacesAreCleanedOnlyWhenAsked() {
  QVERIFY(Tokenizer::load(data("files_bert_uncased"))->cleansUpSpaces());
  QVERIFY(!Tokenizer::load(data("files_gpt2"))->cleansUpSpaces());
  QCOMPARE(Tokenizer::load(data("files_gpt2"))->kind(), std::string("BPE"));
  QCOMPARE(Tokenizer::load(data("files_bert_uncased"))->kind(), std::string("WordPiece"));
  QCOMPARE(Tokenizer::load(data("unigram_xlmr"))->kind(), std::string("Unigram"));
}

void TokenizerTest::manyThreadsMayEncode() {
  const auto tokenizer = Tokenizer::load(data("llama3_split"));
  const auto expected = tokenizer->encode("The layer reads <|begin_of_text|> 12345 again", {.specialAsText = true}).ids;
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i)
          if (tokenizer->encode("The layer reads <|begin_of_text|> 12345 again", {.specialAsText = true}).ids != expected) ++wrong;
      });
  }
  QCOMPARE(wrong.load(), 0);
}

void TokenizerTest::streamsGiveTheDecodedWhole_data() {
  QTest::addColumn<QString>("name");
  for (const char* name : {"gpt2_bytelevel", "neox_spaces", "llama2_bytefallback", "llama3_split", "roberta_bytelevel", "unigram_xlmr", "files_llama_nl"})
    QTest::newRow(name) << name;
}

void TokenizerTest::streamsGiveTheDecodedWhole() {
  QFETCH(QString, name);
  const auto tokenizer = Tokenizer::load(data(qPrintable(name)));
  const auto cases = nlohmann::json::parse(files::readText(data(qPrintable(name)) / "cases.json"));
  std::string longText;
  for (const auto& c : cases) longText += c["text"].get<std::string>() + " ";
  for (const bool skip : {false, true})
    for (const std::string& text : {longText, std::string("\xF0\x9F\x99\x82 \xE6\xA8\xA1"), std::string("a\xEF\xBF\xBD"), std::string()}) {
      const auto ids = tokenizer->encode(text).ids;
      DecodeStream stream(*tokenizer, skip);
      std::string streamed;
      for (const std::int32_t id : ids) {
        const std::string step = stream.step(id);
        QCOMPARE(files::sanitiseUtf8(step), step);
        streamed += step;
      }
      streamed += stream.finish();
      QVERIFY2(streamed == tokenizer->decode(ids, skip), qPrintable(name));
      QCOMPARE(stream.finish(), std::string());
    }
}

namespace {

std::vector<std::string> trainingTexts() {
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i)
    texts.push_back("doc " + std::to_string(i) + ": abab abc bcab cabc ünïcode " + std::to_string(i * i) + " aaa aaaa aaaaa\n");
  return texts;
}

}  // namespace

void TokenizerTest::trainingIsReproducible() {
  auto texts = trainingTexts();
  const std::vector<std::string> specials{"<pad>", "<eos>"};
  const std::string first = trainByteLevelBpe(texts, 400, specials);
  QCOMPARE(trainByteLevelBpe(texts, 400, specials), first);
  std::reverse(texts.begin(), texts.end());
  QCOMPARE(trainByteLevelBpe(texts, 400, specials), first);
}

void TokenizerTest::trainingReachesTheAskedSizeAndRoundTrips() {
  const std::vector<std::string> specials{"<pad>", "<eos>"};
  const auto tokenizer = Tokenizer::fromJson(trainByteLevelBpe(trainingTexts(), 300, specials));
  QCOMPARE(tokenizer->vocabularySize(), std::int64_t{300});
  QCOMPARE(tokenizer->id("<pad>").value(), 0);
  QCOMPARE(tokenizer->id("<eos>").value(), 1);
  QCOMPARE(tokenizer->id("!").value(), 2);
  const std::string text = "abab ünïcode\t\x01 and a text of other words 😀<eos>";
  const auto ids = tokenizer->encode(text).ids;
  QCOMPARE(tokenizer->decode(ids, false), text);
  QCOMPARE(ids.back(), 1);
  // The commonest pair of all comes first; the first merge of these texts is of two a's.
  QCOMPARE(tokenizer->token(258), std::string("aa"));
  // No merge crosses a pre-token: nothing holds a space behind another character.
  for (std::int32_t id = 258; id < 300; ++id) QVERIFY(tokenizer->token(id).find("\xC4\xA0", 1) == std::string::npos);
}

void TokenizerTest::trainingRefusesTooSmallVocabularies() {
  const std::vector<std::string> specials{"<eos>"};
  QVERIFY_EXCEPTION_THROWN(trainByteLevelBpe(trainingTexts(), 256, specials), Error);
  QCOMPARE(Tokenizer::fromJson(trainByteLevelBpe({}, 500, specials))->vocabularySize(), std::int64_t{257});
}

void TokenizerTest::jsonRoundTrips() {
  for (const char* name : {"files_llama", "unigram_xlmr", "files_bert_uncased"}) {
    const auto tokenizer = Tokenizer::load(data(name));
    const auto again = Tokenizer::fromJson(tokenizer->toJson());
    QCOMPARE(again->toJson(), tokenizer->toJson());
    QVERIFY(again->encode("The layer, again ünï 12").ids == tokenizer->encode("The layer, again ünï 12").ids);
  }
}

void TokenizerTest::cutSentencePieceModelsNeverParseAsWhole() {
  const std::string bytes = files::readText(data("files_llama") / "tokenizer.model");
  const auto whole = parseSentencePiece(bytes);
  QVERIFY(whole.has_value());
  QCOMPARE(whole->modelType, 2);
  for (std::size_t size = 0; size < bytes.size(); size += 7) {
    const auto cut = parseSentencePiece(std::string_view(bytes).substr(0, size));
    QVERIFY(!cut || cut->pieces.size() <= whole->pieces.size());
  }
}

QTEST_GUILESS_MAIN(TokenizerTest)
#include "tokenizer_test.moc"

#include <QtTest>

#include "lacuna/base/rng.h"
#include "lacuna/corpus/chunks.h"
#include "lacuna/corpus/contamination.h"
#include "lacuna/text/text.h"

using namespace lacuna;
using Parts = std::vector<std::string>;

namespace {

/// Paragraphs, sentences, a word of hundreds of characters, Chinese without blanks.
std::string mixedText(std::uint64_t item) {
  Rng rng(4, "test.chunks", item);
  std::string text;
  for (int i = 0; i < 60; ++i) {
    const auto kind = rng.below(12);
    if (kind == 0) text += "\n\n";
    else if (kind == 1) text += ". ";
    else if (kind == 2) text += "人类的语言模型学习";
    else if (kind == 3 && i % 3 == 0) text += std::string(60 + rng.below(200), static_cast<char>('a' + rng.below(26)));
    else text += (kind % 2 ? "words " : "tokenizers ") + std::to_string(rng.below(10000)) + " ";
  }
  return text;
}

std::string joined(const Parts& parts) {
  std::string all;
  for (const std::string& part : parts) all += part;
  return all;
}

std::string withoutBlanks(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
  return text;
}

}  // namespace

class ChunksTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void parts_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("tokens");
    QTest::addColumn<QStringList>("parts");
    const auto row = [](const char* name, const char* text, int tokens, const QStringList& parts) { QTest::newRow(name) << QString::fromUtf8(text) << tokens << parts; };
    row("fits", "one two three", 13, {"one two three"});
    row("paragraphs that fit together", "one two\n\nthree four\n\nfive six", 6, {"one two\n\nthree four", "five six"});
    row("blank lines of blanks", "one two\n \t\nthree four", 3, {"one two", "three four"});
    row("a long paragraph by sentences", "One two. Three four! Five six? Seven", 3, {"One two.", "Three four!", "Five six?", "Seven"});
    row("numbers are no ends", "Pi is 3.14 and e 2.72. More words", 10, {"Pi is 3.14 and e", "2.72. More words"});
    row("a long sentence by words", "one two three four five", 3, {"one two", "three four", "five"});
    row("after a long paragraph a new part", "one two three\n\nfour", 3, {"one two", "three\n\nfour"});
    row("a long word stays whole", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa b c", 2, {"aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "b", "c"});
    row("Chinese", "人类的语言。模型学习。", 7, {"人类的语言。", "模型学习。"});
    row("Chinese without stops", "人类的语言模型", 4, {"人类的", "语言模", "型"});
    row("nothing", " \n\n ", 5, {});
    row("no words", "... --- ...", 5, {});
  }
  void parts() {
    QFETCH(QString, text);
    QFETCH(int, tokens);
    QStringList found;
    for (const std::string& part : corpus::chunkText(text.toStdString(), {tokens, 0, 100})) found << QString::fromStdString(part);
    QTEST(found, "parts");
  }

  /// Parts of a tokenizer's own tokens: never too long, nothing lost, and as few as it takes.
  void partsByTokens_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("most");
    for (const char* name : {"gpt2_bytelevel", "llama2_bytefallback", "bert_cased", "unigram_xlmr", "neox_spaces"})
      for (const int most : {8, 40}) QTest::newRow((std::string(name) + " " + std::to_string(most)).c_str()) << QString(name) << most;
  }
  void partsByTokens() {
    QFETCH(QString, name);
    QFETCH(int, most);
    const auto tokenizer = text::Tokenizer::load(std::filesystem::path(LACUNA_TEST_DATA) / "tokenizers" / name.toStdString());
    const auto tokens = [&](const std::string& text) { return static_cast<int>(tokenizer->encode(text).ids.size()); };
    for (std::uint64_t item = 0; item < 12; ++item) {
      const std::string text = mixedText(item);
      const Parts found = corpus::chunkText(text, {most, 0, 100}, tokenizer.get());
      for (const std::string& part : found) QVERIFY2(tokens(part) <= most, qPrintable(QString::number(tokens(part)) + ": " + QString::fromStdString(part)));
      QCOMPARE(withoutBlanks(joined(found)), withoutBlanks(text));
      QVERIFY(std::ssize(found) * most <= 6 * tokens(text) + 6 * most);
      QVERIFY(found == corpus::chunkText(text, {most, 0, 100}, tokenizer.get()));
    }
    QVERIFY(corpus::chunkText("two words", {40, 30, 100}, tokenizer.get()).empty());   // too short to stay
    QCOMPARE(corpus::chunkText("fits", {most, 0, 100}, tokenizer.get()), Parts{"fits"});
  }

  void shortPartsAreLeftOut() {
    QCOMPARE(corpus::chunkText("one two three four\n\nfive", {6, 4, 4}), (Parts{"one two three four"}));
    QVERIFY(corpus::chunkText("one two", {512, 32, 4}).empty());
  }

  void noPartIsTooLongAndNoWordIsLost() {
    Rng rng(3, "chunks");
    for (int trial = 0; trial < 200; ++trial) {
      std::string text;
      for (std::uint64_t i = 0, n = rng.below(400); i < n; ++i) {
        static constexpr const char* kEnds[] = {" ", " ", " ", ". ", "\n", "\n\n", ", "};
        text += "w" + std::to_string(rng.below(50)) + kEnds[rng.below(7)];
      }
      std::string joined, squeezed;
      for (const std::string& part : corpus::chunkText(text, {40, 0, 1000})) {
        QVERIFY(corpus::estimatedTokens(part) <= 40);
        joined += part;
      }
      for (std::string* each : {&joined, &text})
        std::erase_if(*each, [](char c) { return c == ' ' || c == '\n'; });
      QCOMPARE(joined, text);
    }
  }

  void runsOfThirteenWordsAreShared() {
    const std::vector<std::string> items = {"a b c d e f g h i j k l m n", "too short"};
    const corpus::TaskTexts texts(items);
    QVERIFY(texts.sharedBy("X A, b c d e f g h i j k l M!"));
    QVERIFY(texts.sharedBy("b c d e f g h i j k l m n"));
    QVERIFY(!texts.sharedBy("a b c d e f g h i j k l x m n"));
    QVERIFY(!texts.sharedBy("too short"));
    QVERIFY(corpus::TaskTexts({}).empty());
  }
};

QTEST_GUILESS_MAIN(ChunksTest)
#include "chunks_test.moc"

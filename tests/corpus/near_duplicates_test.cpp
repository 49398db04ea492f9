#include <QtTest>

#include <cmath>
#include <numeric>
#include <set>

#include "known_answers.h"
#include "lacuna/base/rng.h"
#include "lacuna/corpus/near_duplicates.h"

using namespace lacuna;
using namespace lacuna::corpus;

namespace {

std::string words(Rng& rng, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "w" + std::to_string(rng.below(5000)) + " ";
  return text;
}

/// `text` with each word replaced with chance `share`.
std::string changed(const std::string& text, double share, Rng& rng) {
  std::string out, word;
  for (const char c : text) {
    if (c != ' ') {
      word += c;
      continue;
    }
    out += (rng.uniform() < share ? "x" + std::to_string(rng.below(100000)) : word) + " ";
    word.clear();
  }
  return out;
}

struct Collection {
  std::vector<std::string> texts;
  std::vector<std::uint64_t> keys;
  std::vector<std::string_view> views() const { return {texts.begin(), texts.end()}; }
};

/// Documents, half of them altered copies of an earlier one by 0 to 12 % of their words.
Collection collection(int count) {
  Rng rng(7, "test");
  Collection out;
  for (int i = 0; i < count; ++i) {
    const bool copy = i > 0 && rng.uniform() < .5;
    out.texts.push_back(copy ? changed(out.texts[rng.below(out.texts.size())], .12 * rng.uniform(), rng) : words(rng, 60 + static_cast<int>(rng.below(100))));
    out.keys.push_back(rng.nextU64());
  }
  return out;
}

}  // namespace

/// Known answers of methods.md 1 and what a brute-force comparison finds.
class NearDuplicatesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void jaccardOfThreeWordShingles() {
    const Shingles a = wordShingles("the quick brown fox jumps over the lazy dog", 3), b = wordShingles("the quick brown fox leaps over the lazy dog", 3);
    QCOMPARE(a.size(), std::size_t{7});
    QCOMPARE(jaccard(a, b), .4);
    QCOMPARE(jaccard(a, a), 1.0);
    QCOMPARE(jaccard({}, {}), 0.0);
    QCOMPARE(jaccard(a, {}), 0.0);
  }

  void theChanceOfACandidateIsTheKnownCurve() {
    const QJsonObject known = lacuna::testing::knownAnswer("lsh_scurve_14_9");
    const auto s = lacuna::testing::numbers(known["s"]), p = lacuna::testing::numbers(known["p"]);
    QVERIFY(s.size() == 5 && p.size() == 5);
    for (std::size_t i = 0; i < s.size(); ++i) QVERIFY2(std::abs(lshChance(s[i], {14, 9}) - p[i]) < 1e-12, qPrintable(QString::number(s[i])));
  }

  void shapesAreThoseOfTheReference_data() {
    QTest::addColumn<double>("threshold");
    QTest::addColumn<int>("permutations");
    QTest::addColumn<int>("bands");
    QTest::addColumn<int>("rows");
    QTest::newRow("0.7, 128") << .7 << 128 << 14 << 9;
    QTest::newRow("0.8, 128") << .8 << 128 << 9 << 13;
    QTest::newRow("0.7, 256") << .7 << 256 << 25 << 10;
    QTest::newRow("0.5, 128") << .5 << 128 << 25 << 5;   // this and the next by the package itself
    QTest::newRow("0.9, 64") << .9 << 64 << 3 << 21;
  }
  void shapesAreThoseOfTheReference() {
    QFETCH(double, threshold);
    QFETCH(int, permutations);
    const LshShape shape = lshShape(threshold, permutations);
    QTEST(shape.bands, "bands");
    QTEST(shape.rows, "rows");
  }

  void signaturesEstimateTheJaccard() {
    Rng rng(1, "signatures");
    const MinHash hashing(128, 3);
    double bias = 0, square = 0, expected = 0;
    constexpr int kPairs = 300;
    for (int i = 0; i < kPairs; ++i) {
      const std::string text = words(rng, 200);
      const Shingles a = wordShingles(text, 5), b = wordShingles(changed(text, .035, rng), 5);
      const double truth = jaccard(a, b), error = MinHash::similarity(hashing.signature(a), hashing.signature(b)) - truth;
      bias += error / kPairs;
      square += error * error / kPairs;
      expected += truth * (1 - truth) / 128 / kPairs;
    }
    QVERIFY2(std::abs(bias) < 4 * std::sqrt(expected / kPairs), qPrintable(QString::number(bias)));
    QVERIFY2(square > .8 * expected && square < 1.25 * expected, qPrintable(QString::number(square / expected)));   // √(.21/128) = .0405 at .7
  }

  void groupsAreThoseOfBruteForce() {
    const Collection all = collection(1500);
    const auto views = all.views();
    const NearDuplicates found = findNearDuplicates(views, all.keys, {.7, 128}, {});
    std::vector<Shingles> shingles;
    for (const auto& text : all.texts) shingles.push_back(shinglesOf(text));
    std::int64_t pairs = 0, together = 0, wrong = 0;
    double expected = 0;
    for (std::size_t i = 0; i < shingles.size(); ++i)
      for (std::size_t j = i + 1; j < shingles.size(); ++j) {
        const double similarity = jaccard(shingles[i], shingles[j]);
        if (similarity < .7) continue;
        ++pairs;
        expected += lshChance(similarity, {14, 9});
        together += found.representative[i] == found.representative[j] ? 1 : 0;
      }
    for (std::size_t i = 0; i < shingles.size(); ++i) {
      const auto r = static_cast<std::size_t>(found.representative[i]);
      QVERIFY(all.keys[r] <= all.keys[i]);
      QCOMPARE(found.representative[r], found.representative[i]);
      if (r == i) continue;
      bool linked = false;   // every member is near another one of its group
      for (std::size_t j = 0; j < shingles.size() && !linked; ++j)
        linked = j != i && found.representative[j] == found.representative[i] && jaccard(shingles[i], shingles[j]) >= .7;
      wrong += linked ? 0 : 1;
    }
    QVERIFY(pairs > 300);
    QCOMPARE(wrong, 0);
    QVERIFY2(static_cast<double>(together) >= expected - 3 * std::sqrt(static_cast<double>(pairs) / 4),
             qPrintable(QString("%1 of %2 pairs, expected %3").arg(together).arg(pairs).arg(expected)));
  }

  void groupsDependNeitherOnOrderNorOnThreads() {
    const Collection all = collection(400);
    const auto views = all.views();
    RunContext one, four;
    one.threads = 1;
    four.threads = 4;
    const NearDuplicates found = findNearDuplicates(views, all.keys, {.7, 128}, one);
    QCOMPARE(findNearDuplicates(views, all.keys, {.7, 128}, four).representative, found.representative);
    std::vector<std::int64_t> order = Rng(5, "order").permutation(400);
    std::vector<std::string_view> texts;
    std::vector<std::uint64_t> keys;
    for (const std::int64_t i : order) {
      texts.push_back(views[static_cast<std::size_t>(i)]);
      keys.push_back(all.keys[static_cast<std::size_t>(i)]);
    }
    const NearDuplicates other = findNearDuplicates(texts, keys, {.7, 128}, one);
    for (std::size_t i = 0; i < order.size(); ++i)
      QCOMPARE(order[static_cast<std::size_t>(other.representative[i])], found.representative[static_cast<std::size_t>(order[i])]);
  }

  void crowdedBucketsAreSampledAndCounted() {
    Rng rng(9, "crowd");
    Collection all;
    const std::string text = words(rng, 300);
    for (int i = 0; i < 1500; ++i) {
      all.texts.push_back(text + " end" + std::to_string(i));
      all.keys.push_back(rng.nextU64());
    }
    const NearDuplicates found = findNearDuplicates(all.views(), all.keys, {.7, 128}, {});
    QVERIFY(found.crowdedBuckets > 0);
    const std::set<std::int64_t> groups(found.representative.begin(), found.representative.end());
    QCOMPARE(groups.size(), std::size_t{1});
  }

  void shortTextsHaveExactCopiesOnly() {
    const std::vector<std::string_view> texts = {"one two three four", "One, two, three, four!", "", "a b c d e f", "A b c d e, f"};
    const std::vector<std::uint64_t> keys = {1, 2, 3, 5, 4};
    QVERIFY((findNearDuplicates(texts, keys, {.7, 128}, {}).representative == std::vector<std::int64_t>{0, 1, 2, 4, 4}));
  }

  void codeIsToldAndItsLicenceLeftOut_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("code");
    QTest::addColumn<QString>("rest");
    const QString c = "int main(void) { return f(1)[0]; }";
    QTest::newRow("C block") << "/* Copyright (c) 2020\n * All rights. */\n" + c << true << c;
    QTest::newRow("lines") << "// a licence\n// more of it\n\n" + c << true << c;
    QTest::newRow("Python") << "#!/usr/bin/env python\n# licence\n\"\"\"What it does.\"\"\"\nx = [f(1)]" << true << "x = [f(1)]";
    QTest::newRow("HTML") << "<!-- licence -->\n<p>a</p>" << true << "<p>a</p>";
    QTest::newRow("include is no comment") << "#include <a.h>\n" + c << true << "#include <a.h>\n" + c;
    QTest::newRow("prose") << "A text (with a bracket); and more words, and more still, so that it is one." << false
                           << "A text (with a bracket); and more words, and more still, so that it is one.";
    QTest::newRow("never closed") << "/* all of it" << false << "";
  }
  void codeIsToldAndItsLicenceLeftOut() {
    QFETCH(QString, text);
    const std::string bytes = text.toStdString();
    QTEST(looksLikeCode(bytes), "code");
    QTEST(QString::fromStdString(std::string(withoutLeadingComment(bytes))), "rest");
  }

  void programsWithOneLicenceAreNoFamily() {
    std::string licence = "/* ";
    for (int i = 0; i < 300; ++i) licence += "licence" + std::to_string(i) + " ";
    licence += "*/\n";
    const std::string a = licence + "int add(int a, int b) { return a + b; } int two() { return add(1, 1); }";
    const std::string b = licence + "void draw(Canvas& c) { for (Line l : c.lines()) l.paint(c.colour()); }";
    const std::vector<std::string_view> texts = {a, b};
    const std::vector<std::uint64_t> keys = {1, 2};
    QVERIFY(jaccard(wordShingles(a, 5), wordShingles(b, 5)) > .7);
    QVERIFY((findNearDuplicates(texts, keys, {.7, 128}, {}).representative == std::vector<std::int64_t>{0, 1}));
  }

  void chineseIsComparedByCharacters() {
    const std::string a = "人类的语言模型从大量的文本中学习词语之间的关系并且可以生成新的文本来回答问题";
    const Shingles shingles = shinglesOf(a);
    QCOMPARE(shingles.size(), std::size_t{a.size() / 3 - 12});
    QCOMPARE(shingles, characterShingles(a, 13));
  }
};

QTEST_GUILESS_MAIN(NearDuplicatesTest)
#include "near_duplicates_test.moc"

#include <QtTest/QtTest>

#include "lacuna/base/rng.h"
#include "token_forest.h"

using namespace lacuna;
using namespace lacuna::tasks;
using Ids = std::vector<std::int32_t>;

namespace {

/// The text that ends at a handle, read back from the layout.
Ids textAt(const TokenForest::Layout& layout, std::size_t handle) {
  Ids ids;
  for (int at = layout.ends[handle].segment; at >= 0; at = layout.forest[static_cast<std::size_t>(at)].parent) {
    const auto& own = layout.forest[static_cast<std::size_t>(at)].ids;
    ids.insert(ids.begin(), own.begin(), own.end());
  }
  return ids;
}

Ids answerAt(const TokenForest::Layout& layout, std::size_t handle) {
  Ids ids;
  for (const std::size_t at : layout.answers[handle]) {
    const model::ScoredToken token = layout.scored[at];
    ids.push_back(layout.forest[static_cast<std::size_t>(token.segment)].ids[static_cast<std::size_t>(token.offset)]);
  }
  return ids;
}

Ids counting(std::int32_t n, std::int32_t from = 0) {
  Ids ids(static_cast<std::size_t>(n));
  for (std::int32_t i = 0; i < n; ++i) ids[static_cast<std::size_t>(i)] = from + i;
  return ids;
}

Ids joined(Ids a, const Ids& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

class TokenForestTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void choicesShareTheirContext() {
    TokenForest forest;
    const Ids context = counting(10);
    forest.add(joined(context, {50, 51}), 10);
    forest.add(joined(context, {60}), 10);
    forest.add(joined(context, {50, 51}), 10);
    QCOMPARE(forest.tokens(), std::int64_t{13});
    const auto layout = forest.layout();
    QCOMPARE(layout.forest.size(), std::size_t{3});
    QCOMPARE(layout.scored.size(), std::size_t{3});
    QCOMPARE(layout.answers[0], layout.answers[2]);
  }

  void itemsShareALongPreambleOnly() {
    TokenForest longOne, shortOne;
    longOne.add(joined(counting(40), {100, 101}), 42);
    longOne.add(joined(counting(40), {200, 201}), 42);
    QCOMPARE(longOne.tokens(), std::int64_t{44});
    shortOne.add(joined(counting(5), {100, 101}), 7);
    shortOne.add(joined(counting(5), {200, 201}), 7);
    QCOMPARE(shortOne.tokens(), std::int64_t{14});
  }

  void aPromptThatEndsInsideAnotherIsNotItsPart() {
    // Edits of the last prompt token must not reach the longer prompt.
    TokenForest forest;
    forest.add(joined(counting(20), {90}), 20);
    forest.add(joined(counting(30), {90}), 30);
    const auto layout = forest.layout();
    for (std::size_t i = 0; i < layout.forest.size(); ++i) {
      bool prompt = false, answer = false;
      for (const auto& other : layout.forest)
        if (other.parent == static_cast<int>(i)) (other.answer ? answer : prompt) = true;
      QVERIFY(!(prompt && answer));
    }
    QCOMPARE(textAt(layout, 0).size(), std::size_t{21});
  }

  void everyTextIsReadBack() {
    Rng rng(5, "forest");
    TokenForest forest;
    std::vector<Ids> texts;
    std::vector<std::size_t> prompts;
    std::int64_t all = 0;
    for (int i = 0; i < 200; ++i) {
      const auto shared = static_cast<std::int32_t>(rng.below(60));
      Ids text = counting(shared);
      for (std::uint64_t n = 1 + rng.below(6); n > 0; --n) text.push_back(static_cast<std::int32_t>(rng.below(3)));
      texts.push_back(text);
      prompts.push_back(rng.below(text.size()));
      all += static_cast<std::int64_t>(text.size());
      forest.add(text, prompts.back());
    }
    const auto layout = forest.layout();
    std::int64_t kept = 0;
    for (std::size_t i = 0; i < layout.forest.size(); ++i) {
      QVERIFY(layout.forest[i].parent < static_cast<int>(i));
      QVERIFY(!layout.forest[i].ids.empty());
      kept += static_cast<std::int64_t>(layout.forest[i].ids.size());
    }
    QCOMPARE(kept, forest.tokens());
    QVERIFY(kept < all);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      QCOMPARE(textAt(layout, i), texts[i]);
      QCOMPARE(answerAt(layout, i), Ids(texts[i].begin() + static_cast<std::ptrdiff_t>(prompts[i]), texts[i].end()));
    }
  }
};

QTEST_GUILESS_MAIN(TokenForestTest)
#include "token_forest_test.moc"

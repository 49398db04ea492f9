#include <ATen/ATen.h>

#include <map>

#include "packing.h"

// After libtorch, whose headers use Qt's names as their own.
#include <QTest>

using namespace lacuna::lab;

class PackingTest : public QObject {
  Q_OBJECT

  using Row = std::vector<std::int64_t>;
  static Row values(const at::Tensor& t, std::int64_t row) {
    const at::Tensor one = t[row].contiguous();
    return {one.data_ptr<std::int64_t>(), one.data_ptr<std::int64_t>() + one.numel()};
  }

 private Q_SLOTS:
  void row_startsWithADocumentAndTargetsAreTheNextTokens() {
    Packer packer({{11, 12, 13}, {21, 22, 23}, {31, 32, 33}}, 10, 1);
    const auto batch = packer.next(6);
    for (std::int64_t r = 0; r < 6; ++r) {
      const Row ids = values(batch.ids, r), targets = values(batch.targets, r), segments = values(batch.segments, r);
      QCOMPARE(ids[0] % 10, std::int64_t{1});  // a document's first token
      for (std::size_t i = 0; i + 1 < ids.size(); ++i) QCOMPARE(targets[i], ids[i + 1]);
      for (std::size_t i = 1; i < ids.size(); ++i) QCOMPARE(segments[i], segments[i - 1] + (ids[i] == 0 ? 1 : 0));
      QCOMPARE(targets[2], std::int64_t{0});  // a whole document ends in <|endoftext|>
    }
  }

  void row_cutDocumentBeginsTheNext() {
    Packer packer({{11, 12, 13, 14}, {21, 22, 23, 24}}, 7, 1);
    const auto batch = packer.next(2);
    const auto cut = values(batch.ids, 0)[5];
    QCOMPARE(values(batch.ids, 1)[0], cut);
  }

  void row_documentLongerThanARowIsPassed() {
    Packer packer({{1, 2, 3, 4, 5, 6, 7, 8}, {21, 22}}, 4, 1);
    const auto batch = packer.next(40);
    std::map<std::int64_t, int> first;
    for (std::int64_t r = 0; r < 40; ++r) ++first[values(batch.ids, r)[0]];
    QVERIFY(first[1] > 5 && first[21] > 5);
  }

  void epoch_tellsEveryDocumentInAnotherOrder() {
    std::vector<std::vector<std::int32_t>> documents;
    for (std::int32_t i = 1; i <= 50; ++i) documents.push_back({i});
    Packer packer(documents, 99, 1);  // 50 documents of one token with 49 separators between them
    const auto batch = packer.next(2);
    for (std::int64_t r = 0; r < 2; ++r) {
      std::map<std::int64_t, int> seen;
      for (const auto id : values(batch.ids, r)) ++seen[id];
      QVERIFY(seen.size() > 48);
    }
    QVERIFY(values(batch.ids, 0) != values(batch.ids, 1));
  }

  void skip_isDrawingWithoutLooking() {
    const std::vector<std::vector<std::int32_t>> documents{{1, 2, 3}, {4, 5}, {6, 7, 8, 9, 10}, {11}};
    Packer drawn(documents, 6, 3), skipped(documents, 6, 3);
    drawn.next(17);
    skipped.skip(17);
    QVERIFY(at::equal(drawn.next(5).ids, skipped.next(5).ids));
  }
};

QTEST_GUILESS_MAIN(PackingTest)
#include "packing_test.moc"

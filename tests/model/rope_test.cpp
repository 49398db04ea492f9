#include <QTest>

#include <cmath>

#include "rope.h"

using namespace lacuna::model;

/// Check values of formats.md 2.1.
class RopeTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void frequencies_data();
  void frequencies();
  void dynamicKeepsThetaUpToTheTrainedLength();
  void tablesGrowWithoutChanging();
  void bothStylesTurnByTheSameAngles();
  void channelsBeyondTheRotaryOnesStay();
};

void RopeTest::frequencies_data() {
  QTest::addColumn<int>("scaling");
  QTest::addColumn<int>("index");
  QTest::addColumn<double>("expected");
  const auto llama3 = static_cast<int>(Rope::Scaling::Llama3), dynamic = static_cast<int>(Rope::Scaling::Dynamic), none = static_cast<int>(Rope::Scaling::None);
  const std::vector<std::pair<int, double>> known{{0, 1}, {20, 1.65604401e-2}, {28, 3.21144599e-3}, {29, 2.16657076e-3}, {30, 1.37189357e-3},
                                                  {34, 1.78507813e-4}, {36, 7.78465527e-5}, {63, 3.06892599e-7}};
  for (const auto& [index, value] : known) QTest::addRow("llama3 %d", index) << llama3 << index << value;
  QTest::newRow("dynamic 1") << dynamic << 1 << 0.850994291;
  QTest::newRow("dynamic 63") << dynamic << 63 << 3.84927328e-5;
  for (int i = 0; i < 8; ++i) QTest::addRow("pythia-70m %d", i) << none << i << std::pow(10.0, -0.5 * i);
}

void RopeTest::frequencies() {
  QFETCH(int, scaling);
  QFETCH(int, index);
  QFETCH(double, expected);
  Rope rope;
  rope.scaling = static_cast<Rope::Scaling>(scaling);
  rope.dims = rope.scaling == Rope::Scaling::None ? 16 : 128;
  if (rope.scaling == Rope::Scaling::Llama3) {
    rope.theta = 5e5;
    rope.factor = 8;
    rope.originalPositions = 8192;
  } else if (rope.scaling == Rope::Scaling::Dynamic) {
    rope.factor = 2;
    rope.originalPositions = 2048;
  }
  const double got = inverseFrequencies(rope, 4096).at(static_cast<std::size_t>(index));
  QVERIFY2(std::abs(got / expected - 1) < 1e-7, qPrintable(QString::number(got, 'g', 12)));
}

void RopeTest::dynamicKeepsThetaUpToTheTrainedLength() {
  Rope rope;
  rope.dims = 8;
  rope.scaling = Rope::Scaling::Dynamic;
  rope.factor = 3;
  rope.originalPositions = 24;
  Rope plain = rope;
  plain.scaling = Rope::Scaling::None;
  QCOMPARE(inverseFrequencies(rope, 24), inverseFrequencies(plain, 24));
  QVERIFY(inverseFrequencies(rope, 25) != inverseFrequencies(plain, 25));
  RopeTables tables(rope);
  QCOMPARE(tables.prepare(10, 10), tables.prepare(24, 20));
  QVERIFY(tables.prepare(24, 20) != tables.prepare(25, 20));
}

void RopeTest::tablesGrowWithoutChanging() {
  Rope rope;
  rope.dims = 6;
  RopeTables tables(rope);
  const RopeTable* const table = tables.prepare(10, 10);
  const auto before = table->cosines;
  QCOMPARE(tables.prepare(1000, 1000), table);
  QVERIFY(table->positions >= 1000);
  QVERIFY(std::equal(before.begin(), before.end(), table->cosines.begin()));
}

void RopeTest::bothStylesTurnByTheSameAngles() {
  Rope half;
  half.dims = 8;
  Rope pairs = half;
  pairs.interleaved = true;
  RopeTables tables(half);
  const RopeTable& table = *tables.prepare(20, 20);
  std::vector<float> a(16), b(16);
  for (int head = 0; head < 2; ++head)
    for (int i = 0; i < 4; ++i) {
      const auto base = static_cast<std::size_t>(8 * head);
      a[base + static_cast<std::size_t>(i)] = b[base + static_cast<std::size_t>(2 * i)] = static_cast<float>(i + 1 + head);
      a[base + static_cast<std::size_t>(i + 4)] = b[base + static_cast<std::size_t>(2 * i + 1)] = static_cast<float>(2 * i - 3);
    }
  turn(half, table, 7, a.data(), 2, 8);
  turn(pairs, table, 7, b.data(), 2, 8);
  for (int i = 0; i < 4; ++i) {
    QCOMPARE(a[static_cast<std::size_t>(8 + i)], b[static_cast<std::size_t>(8 + 2 * i)]);
    QCOMPARE(a[static_cast<std::size_t>(8 + i + 4)], b[static_cast<std::size_t>(8 + 2 * i + 1)]);
  }
  // First pair of head 0: (1, −3) by 7 radians.
  QVERIFY(std::abs(static_cast<double>(a[0]) - (std::cos(7.0) + 3 * std::sin(7.0))) < 1e-6);
  QVERIFY(std::abs(static_cast<double>(a[4]) - (-3 * std::cos(7.0) + std::sin(7.0))) < 1e-6);
}

void RopeTest::channelsBeyondTheRotaryOnesStay() {
  Rope rope;
  rope.dims = 4;
  RopeTables tables(rope);
  std::vector<float> row{1, 2, 3, 4, 5, 6};
  turn(rope, *tables.prepare(4, 4), 3, row.data(), 1, 6);
  QVERIFY(row[0] != 1.0F);
  QCOMPARE(row[4], 5.0F);
  QCOMPARE(row[5], 6.0F);
}

QTEST_GUILESS_MAIN(RopeTest)
#include "rope_test.moc"

#include <QtTest>

#include <numeric>

#include "lacuna/corpus/corpus.h"
#include "lacuna/corpus/words.h"

using namespace lacuna;
using Sizes = std::vector<std::int64_t>;

class SampleTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void allocations_data() {
    QTest::addColumn<Sizes>("sizes");
    QTest::addColumn<int>("total");
    QTest::addColumn<double>("power");
    QTest::addColumn<int>("floor");
    QTest::addColumn<Sizes>("expected");
    QTest::newRow("known answer") << Sizes{5000, 800, 150, 50} << 200 << .5 << 0 << Sizes{119, 48, 21, 12};
    QTest::newRow("proportional") << Sizes{60, 30, 10} << 10 << 1.0 << 0 << Sizes{6, 3, 1};
    QTest::newRow("equal, remainders to the first") << Sizes{100, 100, 100} << 10 << 0.0 << 0 << Sizes{4, 3, 3};
    QTest::newRow("overflow of a small source goes to the others") << Sizes{3, 1000, 1000} << 100 << 0.0 << 0 << Sizes{3, 49, 48};
    QTest::newRow("floor") << Sizes{100000, 60, 10} << 200 << .5 << 50 << Sizes{140, 50, 10};
    QTest::newRow("floors above the total are given up") << Sizes{100, 100} << 10 << .5 << 50 << Sizes{5, 5};
    QTest::newRow("all of it") << Sizes{5, 0, 7} << 50 << .5 << 0 << Sizes{5, 0, 7};
    QTest::newRow("empty source") << Sizes{0, 10} << 4 << .5 << 3 << Sizes{0, 4};
    QTest::newRow("nothing") << Sizes{4, 10} << 0 << .5 << 0 << Sizes{0, 0};
  }
  void allocations() {
    QFETCH(Sizes, sizes);
    QFETCH(int, total);
    QFETCH(double, power);
    QFETCH(int, floor);
    QFETCH(Sizes, expected);
    QCOMPARE(corpus::allocateSample(sizes, total, power, floor), expected);
  }

  void totalsAndCapsAlwaysHold() {
    for (int total = 0; total < 400; ++total) {
      const Sizes sizes{7, 190, 31, 0, 90};
      const Sizes sample = corpus::allocateSample(sizes, total, .5, 5);
      QCOMPARE(std::accumulate(sample.begin(), sample.end(), std::int64_t{0}), std::min<std::int64_t>(total, 318));
      for (std::size_t s = 0; s < sizes.size(); ++s) QVERIFY(sample[s] >= 0 && sample[s] <= sizes[s]);
    }
  }

  void normalisedTexts_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    QTest::newRow("case and white space") << " The\tQuick \r\n fox " << "the quick fox";
    QTest::newRow("Latin, Greek, Cyrillic") << QString::fromUtf8("ÀÉÎÕÜ ŁŽ ΑΒΓΩ ПРИВЕТ Ё") << QString::fromUtf8("àéîõü łž αβγω привет ё");
    QTest::newRow("no-break and ideographic space") << QString::fromUtf8("a\u00a0\u3000b") << "a b";
    QTest::newRow("only white space") << " \n\t " << "";
    QTest::newRow("composed") << QString::fromUtf8("E\u0301te\u0301 A\u030angstro\u0308m") << QString::fromUtf8("été ångström");
    QTest::newRow("singletons") << QString::fromUtf8("\u212b \u2126") << QString::fromUtf8("å ω");
    QTest::newRow("Hangul") << QString::fromUtf8("\u1112\u1161\u11ab") << QString::fromUtf8("한");
    QTest::newRow("marks in order") << QString::fromUtf8("a\u0323\u0302") << QString::fromUtf8("ậ");
    QTest::newRow("dashes and pictures stay") << QString::fromUtf8("“A” — 😀…") << QString::fromUtf8("“a” — 😀…");
    QTest::newRow("ß and small letters stay") << QString::fromUtf8("straße ñ") << QString::fromUtf8("straße ñ");
  }
  void normalisedTexts() {
    QFETCH(QString, text);
    QFETCH(QString, expected);
    QCOMPARE(QString::fromStdString(corpus::normalisedText(text.toStdString())), expected);
  }

  void bytesThatAreNoTextStay() {
    const std::string bytes = "A\xff\xc3(B";
    QCOMPARE(corpus::foldCase(bytes), std::string("a\xff\xc3(b"));
  }

  void words_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("expected");
    QTest::newRow("punctuation") << "Don't stop-me: x2, 3.14!" << QStringList{"don", "t", "stop", "me", "x2", "3", "14"};
    QTest::newRow("accents") << QString::fromUtf8("Été à Köln — “oui”…") << QStringList{QString::fromUtf8("été"), QString::fromUtf8("à"), QString::fromUtf8("köln"), "oui"};
    QTest::newRow("Chinese characters one by one") << QString::fromUtf8("北京abc。") << QStringList{QString::fromUtf8("北"), QString::fromUtf8("京"), "abc"};
    QTest::newRow("nothing") << " .,;" << QStringList{};
  }
  void words() {
    QFETCH(QString, text);
    QFETCH(QStringList, expected);
    QStringList found;
    corpus::forEachWord(text.toStdString(), [&](std::string_view word) { found << QString::fromUtf8(word.data(), static_cast<qsizetype>(word.size())); });
    QCOMPARE(found, expected);
  }
};

QTEST_GUILESS_MAIN(SampleTest)
#include "sample_test.moc"

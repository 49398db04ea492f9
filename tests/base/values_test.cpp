#include <QTest>
#include <QTemporaryDir>

#include <clocale>
#include <cmath>
#include <fstream>
#include <limits>
#include <vector>

#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "lacuna/base/ids.h"
#include "lacuna/base/log.h"
#include "lacuna/base/numbers.h"

using namespace lacuna;

class ValuesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void formatNumberIsShortestAndReadsBack();
  void formatFixedRounds_data();
  void formatFixedRounds();
  void parseNumberTakesWholeTextsOnly();
  void numbersIgnoreTheLocale();
  void contentHashIsXxh3Of128Bits();
  void fileHashEqualsHashOfItsBytes();
  void hasherKeepsPartsApart();
  void errorTextHoldsCodeMessageAndHint();
  void logReachesTheSink();
  void idsOfOneKindCompare();
};

void ValuesTest::formatNumberIsShortestAndReadsBack() {
  QCOMPARE(formatNumber(0.1), std::string("0.1"));
  QCOMPARE(formatNumber(-2.0), std::string("-2"));
  QCOMPARE(formatNumber(std::nan("")), std::string("nan"));
  QCOMPARE(formatNumber(-std::nan("")), std::string("nan"));
  QCOMPARE(formatNumber(-INFINITY), std::string("-inf"));
  for (const double value : {1.0 / 3, 1e-300, 6.02214076e23, std::numeric_limits<double>::denorm_min(), -0.0})
    QCOMPARE(parseNumber(formatNumber(value)).value(), value);
}

void ValuesTest::formatFixedRounds_data() {
  QTest::addColumn<double>("value");
  QTest::addColumn<int>("decimals");
  QTest::addColumn<QString>("text");
  QTest::newRow("header's example") << 0.12345 << 3 << "0.123";
  QTest::newRow("no decimals") << 12.6 << 0 << "13";
  QTest::newRow("padded") << 2.0 << 2 << "2.00";
  QTest::newRow("no negative zero") << -0.0004 << 3 << "0.000";
  QTest::newRow("negative") << -0.0006 << 3 << "-0.001";
  QTest::newRow("infinite") << double(INFINITY) << 3 << "inf";
}

void ValuesTest::formatFixedRounds() {
  QFETCH(double, value);
  QFETCH(int, decimals);
  QFETCH(QString, text);
  QCOMPARE(QString::fromStdString(formatFixed(value, decimals)), text);
}

void ValuesTest::parseNumberTakesWholeTextsOnly() {
  QCOMPARE(parseNumber("-1.5e3").value(), -1500.0);
  QVERIFY(std::isnan(parseNumber("nan").value()));
  for (const char* text : {"", " 1", "1 ", "1,5", "1.5x", "one", "1e999"}) QVERIFY2(!parseNumber(text), text);
}

void ValuesTest::numbersIgnoreTheLocale() {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  if (!std::setlocale(LC_ALL, "de_DE.UTF-8")) QSKIP("de_DE.UTF-8 is not installed");
  const std::string fixed = formatFixed(1234.5, 1);
  const auto parsed = parseNumber("0.5");
  std::setlocale(LC_ALL, before.c_str());
  QCOMPARE(fixed, std::string("1234.5"));
  QCOMPARE(parsed.value(), 0.5);
}

void ValuesTest::contentHashIsXxh3Of128Bits() {
  // XXH3_128bits of the empty input, from the xxHash specification.
  QCOMPARE(contentHash(""), std::string("99aa06d3014798d86001c324468d497f"));
  QVERIFY(contentHash("a") != contentHash("b"));
}

void ValuesTest::fileHashEqualsHashOfItsBytes() {
  QTemporaryDir folder;
  const std::filesystem::path path = folder.filePath("bytes").toStdString();
  const std::string bytes(3'000'001, 'x');
  std::ofstream(path, std::ios::binary) << bytes;
  QCOMPARE(contentHash(path), contentHash(std::string_view(bytes)));
  for (const auto& unreadable : {path.parent_path() / "absent", path.parent_path()}) {
    try {
      contentHash(unreadable);
      QFAIL("no error");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1105"));
    }
  }
}

void ValuesTest::hasherKeepsPartsApart() {
  const auto of = [](auto... parts) {
    Hasher hasher;
    (hasher.add(parts), ...);
    return hasher.hex();
  };
  QCOMPARE(of("ab", "c"), of("ab", "c"));
  QVERIFY(of("ab", "c") != of("a", "bc"));
  QVERIFY(of("ab") != of("ab", ""));
  QVERIFY(of(1.0) != of(1));
  QCOMPARE(of(1), of(std::uint64_t{1}));
  QVERIFY(of(1) != of(std::string("\1\0\0\0\0\0\0\0", 8)));
  QCOMPARE(of().size(), std::size_t{32});
}

void ValuesTest::errorTextHoldsCodeMessageAndHint() {
  QCOMPARE(std::string(Error("LAC-1001", "no config.json", "choose a model folder").what()),
           std::string("LAC-1001: no config.json (choose a model folder)"));
  QCOMPARE(std::string(Error("LAC-1001", "no config.json").what()), std::string("LAC-1001: no config.json"));
}

void ValuesTest::logReachesTheSink() {
  std::vector<std::pair<log::Level, std::string>> lines;
  log::setSink([&](log::Level level, const std::string& line) { lines.emplace_back(level, line); });
  log::debug("braces {} are only text");
  log::warning("second");
  log::setSink({});
  log::debug("nobody hears this");
  QCOMPARE(lines.size(), std::size_t{2});
  QVERIFY(lines[0] == std::pair(log::Level::Debug, std::string("braces {} are only text")));
  QVERIFY(lines[1] == std::pair(log::Level::Warning, std::string("second")));
}

void ValuesTest::idsOfOneKindCompare() {
  static_assert(!std::is_convertible_v<ClusterId, LayerIndex>);
  static_assert(!std::is_convertible_v<int, ClusterId>);
  QVERIFY(ClusterId(1) < ClusterId(2));
  QVERIFY(!ClusterId().valid());
}

QTEST_GUILESS_MAIN(ValuesTest)
#include "values_test.moc"

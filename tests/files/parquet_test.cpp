#include <QTemporaryDir>
#include <QTest>

#include <fstream>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"

using namespace lacuna;
using namespace lacuna::files;
namespace fs = std::filesystem;

/// The files that tests/data/make_parquet_fixtures.py wrote with pyarrow.
class ParquetTest : public QObject {
  Q_OBJECT

  std::vector<Record> m_records;

  static fs::path file(const std::string& name) { return fs::path(LACUNA_TEST_DATA) / "parquet" / (name + ".parquet"); }
  static std::string text(int i) {
    std::string out = "document number " + std::to_string(i) + ": ünd more ";
    for (int k = 0; k < i % 5; ++k) out += "words ";
    return out;
  }
  ReadReport read(const fs::path& path, ReadOptions options = {}) {
    m_records.clear();
    return readRecords(path, options, {}, [&](Record&& record) {
      m_records.push_back(std::move(record));
      return true;
    });
  }
  static std::string bytesOf(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private Q_SLOTS:
  void everyCodecGivesTheSameRows_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"snappy", "zstd", "gzip", "brotli", "lz4", "none", "pages_v2"}) QTest::newRow(name) << name;
  }
  void everyCodecGivesTheSameRows() {
    QFETCH(QString, name);
    const ReadReport report = read(file(name.toStdString()));
    QCOMPARE(report.documents, std::uint64_t{40});
    QCOMPARE(report.textField, std::string("text"));
    QVERIFY(report.sound() && report.bad.empty() && report.repaired.empty());
    QVERIFY((report.metadataFields == std::vector<std::string>{"count", "day", "good", "id", "language", "large", "meta.set", "score", "share"}));
    for (int i = 0; i < 40; ++i) {
      const Record& record = m_records[static_cast<std::size_t>(i)];
      QCOMPARE(record.text, text(i));
      QCOMPARE(record.row, static_cast<std::uint64_t>(i));
    }
    QVERIFY((m_records[3].metadata == std::map<std::string, std::string>{{"count", "-2"}, {"day", "2024-03-02"}, {"good", "false"}, {"id", "<urn:3>"},
                                                                         {"language", "de"}, {"large", "9223372036854775811"},
                                                                         {"meta.set", "ArXiv"}, {"score", "0.375"}, {"share", "0.1"}}));
  }

  void theFieldOfCodeIsFound() {
    QCOMPARE(read(file("code")).textField, std::string("code"));
    QCOMPARE(m_records[0].text, std::string("int main() {}\n"));
    QCOMPARE(m_records[1].metadata.at("repo_name"), std::string("c/d"));
  }

  void nullsAndEmptyTextsAreCounted() {
    const ReadReport report = read(file("nulls"));
    QCOMPARE(report.documents, std::uint64_t{2});
    QVERIFY((report.bad == std::map<std::string, std::uint64_t>{{"empty_text", 1}, {"missing_text", 1}}));
    QVERIFY(QString::fromStdString(report.examples.at(0)).contains("nulls.parquet:2: "));
    QVERIFY(m_records[1].metadata.empty());
    QCOMPARE(m_records[1].row, std::uint64_t{3});
  }

  void bytesThatAreTextAreText() {
    const ReadReport report = read(file("bytes"), {.textField = "text"});
    QCOMPARE(m_records.at(0).text, std::string("plain"));
    QCOMPARE(m_records.at(1).text, std::string("caf\xEF\xBF\xBD"));
    QVERIFY((report.repaired == std::map<std::string, std::uint64_t>{{"invalid_utf8", 1}}));
    QCOMPARE(report.documents, std::uint64_t{2});
    QCOMPARE(report.bad.at("missing_text"), std::uint64_t{1});   // most of its bytes are no text
  }

  void longTextsAreSkipped() {
    const ReadReport report = read(file("none"), {.maxLineBytes = 40});
    QCOMPARE(report.bad.at("too_long"), std::uint64_t{24});   // "words" at least twice
    QCOMPARE(report.documents, std::uint64_t{16});
  }

  void aDamagedPageCostsItsRowGroup() {
    const ReadReport report = read(file("page_changed"));
    QCOMPARE(report.documents, std::uint64_t{30});
    QVERIFY(report.damaged() && report.files.at(0).damaged);
    QCOMPARE(report.bad.at("damaged_row_group"), std::uint64_t{10});
    QVERIFY2(report.examples.at(0).find("page_changed.parquet:11: row group 1 is damaged: ") != std::string::npos, report.examples.at(0).c_str());
    QCOMPARE(m_records[9].text, text(9));
    QCOMPARE(m_records[10].text, text(20));
    QCOMPARE(m_records[10].row, std::uint64_t{20});
  }

  /// Found by fuzzing: heads of pages that do not hold together are told before anything is decoded by them.
  void headsOfPagesAreReadFirst() {
    try {
      read(file("page_claims_more"));
      QFAIL("read");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1101"));
      QVERIFY2(error.message().find("row group 0 is damaged: EOF: Invalid page header") != std::string::npos, error.message().c_str());
    }
  }

  void aGroupThatCannotBeDecodedIsNotDeliveredInPart() {
    const ReadReport report = read(file("length_changed"));
    QCOMPARE(report.documents, std::uint64_t{300});
    QVERIFY(report.damaged());
    QVERIFY((report.bad == std::map<std::string, std::uint64_t>{{"damaged_row_group", 300}}));
    QCOMPARE(m_records.front().text, std::string("row 300"));
    QCOMPARE(m_records.front().row, std::uint64_t{300});
  }

  void filesThatCannotBeOpenedSayWhy_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("why");
    const QByteArray whole = QByteArray::fromStdString(bytesOf(file("snappy")));
    QByteArray footer = whole;
    for (qsizetype i = footer.size() - 200; i < footer.size() - 8; ++i) footer[i] = '\xFF';
    QTest::newRow("cut off") << whole.left(5000) << "cut off";
    QTest::newRow("magic alone") << QByteArray("PAR1") << "cut off";
    QTest::newRow("footer overwritten") << footer << "footer is damaged";
    QByteArray length = whole;
    length[length.size() - 5] = 0x7F;
    QTest::newRow("footer longer than the file") << length << "footer is damaged";
    QTest::newRow("encrypted") << QByteArray(whole).replace(whole.size() - 4, 4, "PARE") << "encrypted";
    QTest::newRow("begins otherwise") << QByteArray(whole).replace(0, 4, "PARX") << "ends as Parquet";
    QTest::newRow("encrypted at both ends") << QByteArray(whole).replace(0, 4, "PARE").replace(whole.size() - 4, 4, "PARE") << "encrypted";
  }
  void filesThatCannotBeOpenedSayWhy() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, why);
    const QTemporaryDir folder;
    const fs::path path = folder.filePath("a.parquet").toStdString();
    std::ofstream(path, std::ios::binary) << bytes.toStdString();
    const ReadReport report = read(path, {.mayBeEmpty = true});
    QCOMPARE(report.documents, std::uint64_t{0});
    QVERIFY(report.damaged());
    QVERIFY2(report.examples.at(0).find(why.toStdString()) != std::string::npos, report.examples.at(0).c_str());
  }

  void anyByteMayBeWrong() {
    const std::string whole = bytesOf(file("zstd"));
    const QTemporaryDir folder;
    const fs::path path = folder.filePath("a.parquet").toStdString();
    for (std::size_t at = 4; at < whole.size(); at += 23) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ 0x41);
      std::ofstream(path, std::ios::binary) << changed;
      try {
        const ReadReport report = read(path, {.textField = "text", .mayBeEmpty = true});
        QVERIFY(report.documents <= 40);
      } catch (const Error& error) {
        QFAIL(error.message().c_str());
      }
    }
  }

  void noRowsAndNoTextAreErrors() {
    for (const char* name : {"no_rows", "no_text"}) {
      try {
        read(file(name));
        QFAIL(name);
      } catch (const Error& error) {
        QCOMPARE(error.code(), std::string("LAC-1101"));
      }
    }
  }
};

QTEST_GUILESS_MAIN(ParquetTest)
#include "parquet_test.moc"

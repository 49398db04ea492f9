#include <QTest>
#include <QTemporaryDir>

#include <clocale>
#include <fstream>

#include <zlib.h>
#include <zstd.h>

#include "gzip.h"
#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "natural_order.h"

using namespace lacuna;
using namespace lacuna::files;
using tests::gzip;

namespace {

std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string jsonLines(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) text += R"({"text":"document number )" + std::to_string(i) + R"(","id":)" + std::to_string(i) + "}\n";
  return text;
}

}  // namespace

class ReadRecordsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init();
  void everyContainerGivesTheSameTexts_data();
  void everyContainerGivesTheSameTexts();
  void badRowsAreCountedByKind();
  void repairedRowsAreDeliveredAndCounted();
  void metadataIsFlattenedOneLevel();
  void numbersOfAnySizeAreRows();
  void textFieldIsFound_data();
  void textFieldIsFound();
  void namedTextFieldMayBeNested();
  void noTextFieldIsAnError();
  void gzipMembersAreReadOneAfterTheOther();
  void zstdFramesAreReadOneAfterTheOther();
  void damagedFilesGiveTheRowsBefore_data();
  void damagedFilesGiveTheRowsBefore();
  void garbageAfterTheLastMemberOnlyWarns();
  void longLinesAreSkippedAndCounted();
  void csvRowsWithOtherFieldCountsAreCounted();
  void csvWithAnOpenQuoteIsCounted();
  void proseIsNoTable();
  void otherEncodingsAreTranscoded_data();
  void otherEncodingsAreTranscoded();
  void textUnitsSplitPlainText();
  void foldersAreReadInNaturalOrder();
  void otherContainersAreListedAndNotRead_data();
  void otherContainersAreListedAndNotRead();
  void emptyOrAbsentCorporaAreErrors();
  void readingStopsWhenAsked();
  void stopTokenCancels();
  void naturalOrderComparesNumbers();

 private:
  std::filesystem::path put(const char* name, const std::string& bytes) const {
    const std::filesystem::path path = m_folder->filePath(name).toStdString();
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  ReadReport read(const std::filesystem::path& path, ReadOptions options = {}) {
    m_records.clear();
    return readRecords(path, options, {}, [&](Record&& record) {
      m_records.push_back(std::move(record));
      return true;
    });
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const Record& record : m_records) all.push_back(record.text);
    return all;
  }
  std::unique_ptr<QTemporaryDir> m_folder;
  std::vector<Record> m_records;
};

void ReadRecordsTest::init() { m_folder = std::make_unique<QTemporaryDir>(); }

void ReadRecordsTest::everyContainerGivesTheSameTexts_data() {
  QTest::addColumn<QString>("name");
  QTest::addColumn<QByteArray>("bytes");
  const auto row = [](const char* title, const char* name, const std::string& bytes) {
    QTest::newRow(title) << name << QByteArray::fromStdString(bytes);
  };
  const std::string lines = "{\"text\":\"a \\\"first\\\" one\",\"n\":1}\n{\"text\":\"ünd\\nmore\",\"n\":2}\n";
  row("JSON lines", "a.jsonl", lines);
  row("CRLF and blank lines", "a.jsonl", "{\"text\":\"a \\\"first\\\" one\"}\r\n\r\n{\"text\":\"ünd\\nmore\"}");
  row("byte order mark", "a.jsonl", "\xEF\xBB\xBF" + lines);
  row("gzip whatever the name", "data", gzip(lines));
  row("zstd whatever the name", "data.txt", zstd(lines));
  row("gzip in gzip's name only", "a.json.gz", lines);
  row("array", "a.json", "[{\"text\":\"a \\\"first\\\" one\"},\n {\"text\":\"ünd\\nmore\",\"x\":[\"]\",{\"y\":\"}\"}]}]");
  row("array of texts", "a.json", "[\"a \\\"first\\\" one\" , \"ünd\\nmore\"]\n");
  row("objects over several lines", "a.json", "{\n \"text\": \"a \\\"first\\\" one\"\n}\n{\n \"text\": \"ünd\\nmore\"\n}\n");
  row("CSV", "a.csv", "text,n\n\"a \"\"first\"\" one\",1\n\"ünd\nmore\",2\n");
  row("CSV without its name", "a.gz", gzip("n,text\n1,\"a \"\"first\"\" one\"\n2,\"ünd\nmore\"\n"));
  row("TSV", "a.tsv", "n\ttext\n1\t\"a \"\"first\"\" one\"\n2\t\"ünd\nmore\"\n");
  row("semicolons", "a.csv", "n;text\n1;\"a \"\"first\"\" one\"\n2;\"ünd\nmore\"");
}

void ReadRecordsTest::everyContainerGivesTheSameTexts() {
  QFETCH(QString, name);
  QFETCH(QByteArray, bytes);
  const ReadReport report = read(put(qPrintable(name), bytes.toStdString()));
  QVERIFY((texts() == std::vector<std::string>{"a \"first\" one", "ünd\nmore"}));
  QCOMPARE(report.documents, std::uint64_t{2});
  QCOMPARE(report.textField, std::string("text"));
  QVERIFY(report.bad.empty());
  QVERIFY(!report.damaged());
  QCOMPARE(m_records[1].row, std::uint64_t{1});
}

void ReadRecordsTest::badRowsAreCountedByKind() {
  const auto path = put("bad.jsonl",
                        "{\"text\":\"good one\"}\n{\"text\":\n{\"other\":\"x\"}\n{\"text\":null}\n{\"text\":5}\n{\"text\":\"\"}\n[1]\n"
                        "{\"text\":\"last\"} trailing\n{\"text\":\"good two\"}");
  const ReadReport report = read(path);
  QVERIFY((texts() == std::vector<std::string>{"good one", "good two"}));
  QVERIFY((report.bad == std::map<std::string, std::uint64_t>{{"empty_text", 1}, {"missing_text", 4}, {"unparsable", 2}}));
  QCOMPARE(report.examples.size(), std::size_t{7});
  QVERIFY(report.examples[0].starts_with(path.string() + ":2: "));
  QCOMPARE(m_records[1].row, std::uint64_t{8});
}

void ReadRecordsTest::repairedRowsAreDeliveredAndCounted() {
  const ReadReport report = read(put("r.jsonl",
                                     "{\"text\":\"caf\xE9\"}\n{\"text\":\"lone \\ud83d!\"}\n{\"text\":\"pair \\ud83d\\ude00\"}\n"
                                     "{\"text\":\"back \\\\ud83d\"}\n{\"text\":\"low \\udE00 \\uD83D\\uD83D\\uDE00\"}\n"
                                     "{\"text\":\"first\",\"text\":\"second\"}\n{\"text\":\"nul \\u0000\"}\n"));
  QVERIFY((texts() == std::vector<std::string>{"caf\xEF\xBF\xBD", "lone \xEF\xBF\xBD!", "pair 😀", "back \\ud83d",
                                               "low \xEF\xBF\xBD \xEF\xBF\xBD😀", "second", std::string("nul \0", 5)}));
  QVERIFY((report.repaired == std::map<std::string, std::uint64_t>{
                                  {"control_characters", 1}, {"duplicate_key", 1}, {"invalid_utf8", 1}, {"lone_surrogate", 2}}));
}

void ReadRecordsTest::metadataIsFlattenedOneLevel() {
  const ReadReport report = read(put("m.jsonl", R"({"text":"t","meta":{"pile_set_name":"ArXiv","deep":{"x":1}},"n":3,"f":0.1,"b":true,"z":null,"l":[1]})"
                                                "\n" R"({"text":"u","meta":"{\"pile_set_name\": \"Github\"}"})" "\n"));
  QVERIFY((m_records[0].metadata == std::map<std::string, std::string>{{"meta.pile_set_name", "ArXiv"}, {"n", "3"}, {"f", "0.1"}, {"b", "true"}}));
  QVERIFY((m_records[1].metadata == std::map<std::string, std::string>{{"meta.pile_set_name", "Github"}}));
  QVERIFY((report.metadataFields == std::vector<std::string>{"b", "f", "meta.pile_set_name", "n"}));
}

void ReadRecordsTest::numbersOfAnySizeAreRows() {
  read(put("n.jsonl", R"({"text":"t","a":18446744073709551615,"b":-9223372036854775808,"c":123456789012345678901234567890})" "\n"));
  QCOMPARE(m_records.at(0).metadata.at("a"), std::string("18446744073709551615"));
  QCOMPARE(m_records.at(0).metadata.at("b"), std::string("-9223372036854775808"));
  QCOMPARE(m_records.at(0).metadata.at("c"), std::string("1.2345678901234568e+29"));
}

void ReadRecordsTest::textFieldIsFound_data() {
  QTest::addColumn<QByteArray>("row");
  QTest::addColumn<QString>("field");
  QTest::newRow("well-known name") << QByteArray(R"({"title":"a much longer title than the text itself is","content":"short"})") << "content";
  QTest::newRow("order of names") << QByteArray(R"({"document":"x","text":"y"})") << "text";
  QTest::newRow("longest median") << QByteArray(R"({"question":"What is the answer to everything here?","hint":"guess"})") << "question";
  QTest::newRow("no address") << QByteArray(R"({"url":"https://example.org/a/very/long/address/indeed","q":"twenty letters, or a few more"})") << "q";
  QTest::newRow("no hash") << QByteArray(R"({"key":"0123456789abcdef0123456789abcdef0123456789abcdef","q":"twenty letters, or a few more"})") << "q";
  QTest::newRow("nested") << QByteArray(R"({"a":"x","prompt":{"text":"a prompt of more than twenty letters"}})") << "prompt.text";
  QTest::newRow("the only one") << QByteArray(R"({"n":1,"q":"short"})") << "q";
}

void ReadRecordsTest::textFieldIsFound() {
  QFETCH(QByteArray, row);
  QFETCH(QString, field);
  QCOMPARE(QString::fromStdString(read(put("f.jsonl", (row + "\n").toStdString())).textField), field);
}

void ReadRecordsTest::namedTextFieldMayBeNested() {
  const ReadReport report = read(put("f.jsonl", R"({"text":"t","prompt":{"text":"p"}})" "\n"), {.textField = "prompt.text"});
  QCOMPARE(texts().at(0), std::string("p"));
  QCOMPARE(report.textField, std::string("prompt.text"));
}

void ReadRecordsTest::noTextFieldIsAnError() {
  try {
    read(put("f.jsonl", "{\"alpha\":\"x\",\"beta\":\"y\"}\n"));
    QFAIL("read");
  } catch (const Error& error) {
    QCOMPARE(error.code(), std::string("LAC-1101"));
    QVERIFY(error.message().find("alpha, beta") != std::string::npos);
  }
}

void ReadRecordsTest::gzipMembersAreReadOneAfterTheOther() {
  const ReadReport report = read(put("g.gz", gzip(jsonLines(0, 2000)) + gzip("") + gzip(jsonLines(2000, 5000)) + std::string(512, '\0')));
  QCOMPARE(report.documents, std::uint64_t{5000});
  QCOMPARE(m_records.back().text, std::string("document number 4999"));
  QVERIFY(!report.damaged() && report.warnings.empty());
}

void ReadRecordsTest::zstdFramesAreReadOneAfterTheOther() {
  const std::string skippable("\x50\x2A\x4D\x18\x03\0\0\0abc", 11);
  const ReadReport report = read(put("z.zst", skippable + zstd(jsonLines(0, 2000)) + skippable + zstd(jsonLines(2000, 5000))));
  QCOMPARE(report.documents, std::uint64_t{5000});
  QVERIFY(!report.damaged() && report.warnings.empty());
}

void ReadRecordsTest::damagedFilesGiveTheRowsBefore_data() {
  QTest::addColumn<QByteArray>("bytes");
  QTest::addColumn<int>("atLeast");
  const auto row = [](const char* title, std::string bytes, int atLeast) { QTest::newRow(title) << QByteArray::fromStdString(bytes) << atLeast; };
  const std::string gz = gzip(jsonLines(0, 5000)), zst = zstd(jsonLines(0, 200'000));
  row("gzip cut", gz.substr(0, gz.size() / 2), 1000);
  row("gzip cut inside the checksum", gz.substr(0, gz.size() - 3), 5000);
  row("gzip cut in the second member", gz + gz.substr(0, 8), 5000);
  std::string checksum = gz;
  checksum[checksum.size() - 6] = static_cast<char>(checksum[checksum.size() - 6] ^ 1);
  row("gzip checksum wrong", checksum, 5000);
  std::string flipped = gz;
  for (std::size_t i = 0; i < 16; ++i) flipped[flipped.size() * 3 / 4 + i] = '\xFF';
  row("gzip overwritten", flipped, 1000);
  row("zstd cut", zst.substr(0, zst.size() * 3 / 4), 1000);
  row("array cut", "[" + std::string(R"({"text":"one"},{"text":"two"},{"text":"th)"), 2);
}

void ReadRecordsTest::damagedFilesGiveTheRowsBefore() {
  QFETCH(QByteArray, bytes);
  QFETCH(int, atLeast);
  const ReadReport report = read(put("d.json", bytes.toStdString()));
  QVERIFY(report.damaged());
  QVERIFY2(report.documents >= static_cast<std::uint64_t>(atLeast), qPrintable(QString::number(report.documents)));
  QVERIFY(report.bad.find("unparsable") == report.bad.end() || bytes.contains('\xFF'));
  for (std::size_t i = 0; i + 1 < m_records.size() && i < 1000; ++i)
    if (bytes[0] != '[') QCOMPARE(m_records[i].text, "document number " + std::to_string(i));
  QVERIFY(!report.examples.empty());
}

void ReadRecordsTest::garbageAfterTheLastMemberOnlyWarns() {
  for (const std::string& bytes : {gzip(jsonLines(0, 10)) + "garbage", zstd(jsonLines(0, 10)) + "garbage"}) {
    const ReadReport report = read(put("w.gz", bytes));
    QCOMPARE(report.documents, std::uint64_t{10});
    QVERIFY(!report.damaged());
    QCOMPARE(report.warnings.size(), std::size_t{1});
  }
}

void ReadRecordsTest::longLinesAreSkippedAndCounted() {
  const std::string big = R"({"text":")" + std::string(600'000, 'x') + "\"}";
  for (const char* name : {"l.jsonl", "l.json"}) {
    const std::string text = std::string(name) == "l.json" ? "[{\"text\":\"one\"}," + big + ",{\"text\":\"two\"}]" : "{\"text\":\"one\"}\n" + big + "\n{\"text\":\"two\"}\n";
    const ReadReport report = read(put(name, text), {.maxLineBytes = 1000});
    QVERIFY((texts() == std::vector<std::string>{"one", "two"}));
    QCOMPARE(report.bad.at("too_long"), std::uint64_t{1});
  }
  const ReadReport csv = read(put("l.csv", "text,n\none,1\n" + std::string(600'000, 'x') + ",2\ntwo,3\n"), {.maxLineBytes = 1000});
  QVERIFY((texts() == std::vector<std::string>{"one", "two"}));
  QCOMPARE(csv.bad.at("too_long"), std::uint64_t{1});
}

void ReadRecordsTest::csvRowsWithOtherFieldCountsAreCounted() {
  const ReadReport report = read(put("c.csv", "id,text\n1,good one\n2\n3,too,many\n\n4,\n5,good two\n"));
  QVERIFY((texts() == std::vector<std::string>{"good one", "good two"}));
  QVERIFY((report.bad == std::map<std::string, std::uint64_t>{{"empty_text", 1}, {"wrong_field_count", 2}}));
  QVERIFY(report.examples[0].find("c.csv:3: ") != std::string::npos);
  QCOMPARE(m_records[0].metadata.at("id"), std::string("1"));
}

void ReadRecordsTest::csvWithAnOpenQuoteIsCounted() {
  const ReadReport report = read(put("q.csv", "id,text\n1,good one\n2,\"never closed\n3,swallowed\n"));
  QCOMPARE(report.documents, std::uint64_t{1});
  QCOMPARE(report.bad.at("unparsable"), std::uint64_t{2});   // all lines up to the end
}

void ReadRecordsTest::proseIsNoTable() {
  for (const char* text : {"Roses are red, violets are blue,\nsugar is sweet, and so are you.\n", "One line", "{\\bf LaTeX}, not JSON\n{\\it more}\n",
                           "[1] A reference, of a paper.\n[2] Another, of two.\n", "1,2\n3,4\n"}) {
    read(put("p.txt", text));
    QVERIFY((texts() == std::vector<std::string>{text}));
  }
}

void ReadRecordsTest::otherEncodingsAreTranscoded_data() {
  QTest::addColumn<QByteArray>("bytes");
  QTest::newRow("UTF-16 little") << QByteArray("\xFF\xFE" "a\0\xFC\0\x3D\xD8\x00\xDE\x3D\xD8" "b\0", 14);
  QTest::newRow("UTF-16 big") << QByteArray("\xFE\xFF\0a\0\xFC\xD8\x3D\xDE\x00\xD8\x3D\0b", 14);
  QTest::newRow("UTF-32 little") << QByteArray("\xFF\xFE\0\0a\0\0\0\xFC\0\0\0\x00\xF6\x01\0\x3D\xD8\0\0b\0\0\0", 24);
  QTest::newRow("UTF-32 big") << QByteArray("\0\0\xFE\xFF\0\0\0a\0\0\0\xFC\0\x01\xF6\x00\0\0\xD8\x3D\0\0\0b", 24);
}

void ReadRecordsTest::otherEncodingsAreTranscoded() {
  QFETCH(QByteArray, bytes);
  read(put("u.txt", bytes.toStdString()));
  QCOMPARE(texts().at(0), std::string("aü😀\xEF\xBF\xBD" "b"));
}

void ReadRecordsTest::textUnitsSplitPlainText() {
  const auto path = put("t.txt", "one\ntwo\n\n \nthree\r\nfour");
  QCOMPARE(read(path).documents, std::uint64_t{1});
  read(path, {.textUnit = TextUnit::Line});
  QVERIFY((texts() == std::vector<std::string>{"one", "two", "three", "four"}));
  read(path, {.textUnit = TextUnit::Paragraph});
  QVERIFY((texts() == std::vector<std::string>{"one\ntwo", "three\nfour"}));
}

void ReadRecordsTest::foldersAreReadInNaturalOrder() {
  for (const int i : {10, 2, 1}) put(("part" + std::to_string(i) + ".jsonl").c_str(), jsonLines(i, i + 1));
  put("sub/part3.jsonl", jsonLines(3, 4));
  put(".hidden.jsonl", jsonLines(99, 100));
  put("README.md", "About these data.");
  put("zero.jsonl", "");
  const ReadReport report = read(m_folder->path().toStdString());
  QVERIFY((texts() == std::vector<std::string>{"document number 1", "document number 2", "document number 10", "document number 3"}));
  QCOMPARE(report.files.size(), std::size_t{5});
  QCOMPARE(report.files[0].documents, std::uint64_t{1});
  QCOMPARE(report.warnings.size(), std::size_t{1});
}

void ReadRecordsTest::otherContainersAreListedAndNotRead_data() {
  QTest::addColumn<QByteArray>("bytes");
  QTest::addColumn<QString>("word");
  QTest::newRow("xz") << QByteArray("\xFD" "7zXZ\0more", 10) << "xz";
  QTest::newRow("bzip2") << QByteArray("BZh91AY") << "bzip2";
  QTest::newRow("Parquet without a footer") << QByteArray("PAR1....PAR1") << "Parquet";
  QTest::newRow("zip") << QByteArray("PK\3\4rest") << "zip";
  QTest::newRow("picture") << QByteArray("\x89PNG\r\n\x1A\n\0\0\0\rIHDR", 16) << "not a text file";
}

void ReadRecordsTest::otherContainersAreListedAndNotRead() {
  QFETCH(QByteArray, bytes);
  QFETCH(QString, word);
  const auto other = put("a.json", bytes.toStdString());
  put("b.jsonl", jsonLines(0, 3));
  const ReadReport report = read(other.parent_path());
  QCOMPARE(report.documents, std::uint64_t{3});
  QVERIFY(report.files[0].damaged && !report.files[1].damaged);
  QVERIFY(QString::fromStdString(report.examples.at(0)).contains(word));
  QVERIFY_EXCEPTION_THROWN(read(other), Error);
}

void ReadRecordsTest::emptyOrAbsentCorporaAreErrors() {
  std::filesystem::create_directory(m_folder->filePath("empty").toStdString());
  for (const std::filesystem::path& path : {put("zero.jsonl", ""), put("blank.txt", ""), put("bad.jsonl", "{\"a\n{\n"),
                                            std::filesystem::path(m_folder->filePath("empty").toStdString()), std::filesystem::path("/nonexistent")}) {
    try {
      read(path);
      QFAIL(path.c_str());
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1101"));
    }
  }
}

void ReadRecordsTest::readingStopsWhenAsked() {
  const auto path = put("s.jsonl", jsonLines(0, 5000));
  QCOMPARE(read(path, {.maxRecords = 7}).documents, std::uint64_t{7});
  QCOMPARE(m_records.size(), std::size_t{7});
  int seen = 0;
  const ReadReport report = readRecords(path, {}, {}, [&](Record&&) { return ++seen < 1500; });
  QCOMPARE(seen, 1500);
  QCOMPARE(report.documents, std::uint64_t{1500});
}

void ReadRecordsTest::stopTokenCancels() {
  std::stop_source source;
  source.request_stop();
  RunContext context;
  context.stop = source.get_token();
  QVERIFY_EXCEPTION_THROWN(readRecords(put("s.jsonl", jsonLines(0, 10)), {}, context, [](Record&&) { return true; }), Cancelled);
}

void ReadRecordsTest::naturalOrderComparesNumbers() {
  const std::vector<std::string> sorted{"a", "a01", "a1", "a2", "a10", "a10b", "a10b2", "a100000000000000000000001", "b"};
  for (std::size_t i = 0; i < sorted.size(); ++i)
    for (std::size_t j = 0; j < sorted.size(); ++j) QCOMPARE(naturallyBefore(sorted[i], sorted[j]), i < j);
}

QTEST_GUILESS_MAIN(ReadRecordsTest)
#include "read_records_test.moc"

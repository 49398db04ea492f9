#include <QTemporaryDir>
#include <QTest>

#include <fstream>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"

using namespace lacuna;
using namespace lacuna::files;
namespace fs = std::filesystem;

namespace {

using Counts = std::map<std::string, std::uint64_t>;
using Texts = std::vector<std::string>;

template <std::size_t N> QByteArray bytes(const char (&text)[N]) { return QByteArray(text, N - 1); }

QStringList shown(const Texts& texts) {
  QStringList all;
  for (const std::string& text : texts) all << QString::fromStdString(text);
  return all;
}

}  // namespace

/// What a file is taken for, and what CSV makes of lines that are wrong.
class ContainerTest : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> m_folder;
  Texts m_texts;

  fs::path put(const std::string& name, const std::string& content) const {
    const fs::path path = fs::path(m_folder->path().toStdString()) / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  ReadReport read(const fs::path& path, ReadOptions options = {}) {
    m_texts.clear();
    options.mayBeEmpty = true;
    return readRecords(path, options, {}, [&](Record&& record) {
      m_texts.push_back(record.text);
      return true;
    });
  }

 private Q_SLOTS:
  void init() { m_folder = std::make_unique<QTemporaryDir>(); }

  void contentDecidesBeforeTheName_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QStringList>("texts");
    const auto row = [](const char* title, const char* name, const QByteArray& content, const QStringList& texts) {
      QTest::newRow(title) << name << content << texts;
    };
    row("JSON lines in a .csv", "a.csv", bytes("{\"text\":\"one, two\",\"k\":1}\n{\"text\":\"three\",\"k\":1}\n"), {"one, two", "three"});
    row("an array in a .tsv", "a.tsv", bytes("[{\"text\":\"one\"},\n{\"text\":\"two\"}]"), {"one", "two"});
    row("one column with commas in a .tsv", "a.tsv", bytes("text\nHello, world and more\nNo commas here\n"), {"Hello, world and more", "No commas here"});
    row("commas in the header of a .tsv", "a.tsv", bytes("id, number; unique\ttext\n1\thello\n2\tthere\n"), {"hello", "there"});
    row("a .csv of tabs", "a.csv", bytes("id\ttext\n1\thello, you\n"), {"hello, you"});
    row("CR alone", "a.csv", bytes("text,id\rone,1\r\"two\rlines\",2\rthree,3"), {"one", "two\rlines", "three"});
    row("CR alone, then CRLF", "a.csv", bytes("id;text\r1;one\r\n2;two\r\n"), {"one", "two"});
    row("CR within a line", "a.csv", bytes("text,id\none\rmore,1\ntwo,2\n"), {"one\rmore", "two"});
    row("arrays one after the other", "a.json", bytes("[{\"text\":\"one\"}][{\"text\":\"two\"}]\n[]\n[{\"text\":\"three\"}] {\"text\":\"four\"}"), {"one", "two", "three", "four"});
    row("objects over lines", "a.json", bytes("{\"text\":\"one\",\n \"k\":{\n\"x\":1}}\n{\"text\":\"two\",\n \"k\":2}\n"), {"one", "two"});
    row("an object of its own on a line", "a.json", bytes("{\"text\":\"one\",\"m\":\n{\"x\":1}\n}"), {"one"});
    row("byte order marks at later lines", "a.jsonl", bytes("\xEF\xBB\xBF{\"text\":\"one\"}\n\xEF\xBB\xBF{\"text\":\"two\"}\n"), {"one", "two"});
    row("byte order marks at later values", "a.json", bytes("\xEF\xBB\xBF{\n\"text\":\"one\"}\n\xEF\xBB\xBF{\n\"text\":\"two\"}\n"), {"one", "two"});
  }
  void contentDecidesBeforeTheName() {
    QFETCH(QString, name);
    QFETCH(QByteArray, content);
    QFETCH(QStringList, texts);
    const ReadReport report = read(put(name.toStdString(), content.toStdString()));
    QCOMPARE(shown(m_texts), texts);
    QVERIFY(report.bad.empty() && !report.damaged() && report.warnings.empty());
  }

  void aBrokenFirstLineIsALine() {
    const ReadReport report = read(put("a.jsonl", "{\"text\":\"one\",\"k\":1\n{\"text\":\"two\"}\n{\"text\":\"three\"}\n"));
    QCOMPARE(shown(m_texts), (QStringList{"two", "three"}));
    QVERIFY((report.bad == Counts{{"unparsable", 1}}));
  }

  void textsWithSomeOddBytesAreText_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<int>("documents");
    QByteArray lines;
    for (int i = 0; i < 200; ++i) lines += "{\"text\":\"a good row\"}\n";
    QTest::newRow("JSON lines") << "a.jsonl" << bytes("{\"text\":\"nul \0 raw\"}\n{\"text\":\"bad \xFF utf\"}\n") + lines << 201;
    QTest::newRow("CSV") << "a.csv" << bytes("text,id\nabc\0def,1\nbad\xFF utf,2\n") << 2;
    QTest::newRow("plain") << "a.txt" << bytes("one paragraph\n\nnul \0 raw\n\nbad \xFF utf8\n") << 1;
    QTest::newRow("it begins with PARE") << "a.csv" << bytes("PARENT,text\n1,one\n") << 1;
    QTest::newRow("short") << "a.txt" << bytes("a\0b\xFF\n") << 1;
    QTest::newRow("another encoding") << "a.txt" << bytes("\xCF\xF0\xE8\xE2\xE5\xF2, \xEC\xE8\xF0") << 1;
    QTest::newRow("a character cut by the end of what is looked at") << "a.txt" << QByteArray(65535, 'x') + bytes("\xC3\xA9 more \0 nul") << 1;
  }
  void textsWithSomeOddBytesAreText() {
    QFETCH(QString, name);
    QFETCH(QByteArray, content);
    QFETCH(int, documents);
    const ReadReport report = read(put(name.toStdString(), content.toStdString()));
    QCOMPARE(report.documents, static_cast<std::uint64_t>(documents));
    QVERIFY(!report.damaged());
    QVERIFY(report.bad.empty() || report.bad.at("unparsable") == 1);   // raw NUL is no JSON
  }

  void binaryFilesAreRefused_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("word");
    QByteArray noise;
    std::uint32_t state = 7;
    for (int i = 0; i < 100000; ++i) noise += static_cast<char>((state = state * 1664525u + 1013904223u) >> 24);
    noise[0] = '\x01';
    QTest::newRow("noise") << noise << "not a text file";
    QTest::newRow("a program") << bytes("\x7F" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\x3E\0\1\0\0\0") << "not a text file";
    QTest::newRow("UTF-16 without a mark") << bytes("h\0e\0l\0l\0o\0 \0t\0h\0e\0r\0e\0") << "not a text file";
    QTest::newRow("numbers") << bytes("\1\0\0\0\2\0\0\0\3\0\0\0") << "not a text file";
    QTest::newRow("empty zip") << bytes("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0") << "zip";
    QTest::newRow("zip") << bytes("PK\3\4....") << "unzip";
    QTest::newRow("bzip2") << bytes("BZh91AY") << "bunzip2";
    QTest::newRow("xz") << bytes("\xFD" "7zXZ\0..") << "xz -d";
    QTest::newRow("7z") << bytes("7z\xBC\xAF\x27\x1C\0\4") << "7z x";
    QTest::newRow("encrypted Parquet") << bytes("PARE....PARE") << "Parquet";
  }
  void binaryFilesAreRefused() {
    QFETCH(QByteArray, content);
    QFETCH(QString, word);
    const ReadReport report = read(put("a.txt", content.toStdString()));
    QCOMPARE(report.documents, std::uint64_t{0});
    QVERIFY(report.damaged());
    QVERIFY2(report.examples.at(0).find(word.toStdString()) != std::string::npos, report.examples.at(0).c_str());
  }

  void anUnpairedSurrogateIsSaid() {
    const std::string text = bytes("\xFF\xFE" "{\0\"\0t\0e\0x\0t\0\"\0:\0\"\0a\0\x00\xD8" "b\0\"\0}\0\n\0").toStdString();
    const ReadReport report = read(put("a.jsonl", text));
    QCOMPARE(shown(m_texts), (QStringList{"a\uFFFDb"}));
    QVERIFY((report.repaired == Counts{{"invalid_utf8", 1}}));
  }

  void aQuoteThatIsNeverClosedCountsItsLines() {
    std::string table = "id,text\n";
    for (int i = 0; i < 1000; ++i) table += std::to_string(i) + (i == 400 ? ",\"row\n" : ",row\n");
    const ReadReport report = read(put("a.csv", table));
    QCOMPARE(report.documents, std::uint64_t{400});
    QVERIFY((report.bad == Counts{{"unparsable", 600}}));
    QVERIFY(!report.sound());
    QVERIFY2(report.examples.at(0).find("a.csv:402: a quote is opened here and never closed") != std::string::npos, report.examples.at(0).c_str());
    table.pop_back();   // the same without a line end at the end
    QVERIFY((read(put("a.csv", table)).bad == Counts{{"unparsable", 600}}));
  }

  void rowsOfSeparatorsAreBounded() {
    const std::string commas(200'000, ',');
    ReadReport report = read(put("a.csv", "id,text\n1,one\n" + commas + "\n2,two\n"));
    QCOMPARE(shown(m_texts), (QStringList{"one", "two"}));
    QVERIFY((report.bad == Counts{{"too_long", 1}}));
    QVERIFY(report.examples.at(0).find("a.csv:3: ") != std::string::npos);
    report = read(put("a.csv", "id,text\n1,one\n" + std::string(50'000, ',') + "\n2,two\n"), {.maxLineBytes = 1000});
    QVERIFY((report.bad == Counts{{"too_long", 1}}));
    QCOMPARE(report.documents, std::uint64_t{2});
    report = read(put("a.csv", commas + "\n1,one\n"));
    QVERIFY(report.damaged() && report.documents == 0 && report.bad.empty());
  }

  void columnsOfOneNameAreToldApart() {
    std::map<std::string, std::string> metadata;
    const fs::path path = put("a.csv", "text,text,id,text\nabc,def,1,ghi\n");
    const ReadReport report = readRecords(path, {}, {}, [&](Record&& record) {
      m_texts = {record.text};
      metadata = record.metadata;
      return true;
    });
    QCOMPARE(shown(m_texts), (QStringList{"abc"}));
    QVERIFY((metadata == std::map<std::string, std::string>{{"id", "1"}, {"text.2", "def"}, {"text.3", "ghi"}}));
    QCOMPARE(report.warnings.size(), std::size_t{2});
    QVERIFY(report.warnings.at(0).find("column 2 is read as 'text.2'") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(ContainerTest)
#include "container_test.moc"

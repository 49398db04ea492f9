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
using Fields = std::map<std::string, std::string>;

const std::string large = R"("n":123456789012345678901234567890)";

std::string nested(int levels) { return std::string(static_cast<std::size_t>(levels), '[') + std::string(static_cast<std::size_t>(levels), ']'); }

}  // namespace

/// What becomes of the fields of odd but legal JSON, and which of them is taken for the text.
class JsonRowsTest : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> m_folder;
  std::vector<Record> m_records;

  ReadReport read(const std::string& content, ReadOptions options = {}) {
    m_records.clear();
    const fs::path path = fs::path(m_folder->path().toStdString()) / "a.jsonl";
    std::ofstream(path, std::ios::binary) << content;
    options.mayBeEmpty = true;
    return readRecords(path, options, {}, [&](Record&& record) {
      m_records.push_back(std::move(record));
      return true;
    });
  }
  static std::string times(int count, const std::string& line) {
    std::string all;
    for (int i = 0; i < count; ++i) all += line + "\n";
    return all;
  }

 private Q_SLOTS:
  void init() { m_folder = std::make_unique<QTemporaryDir>(); }

  void keysThatComeTwice_data() {
    QTest::addColumn<QString>("fields");
    QTest::addColumn<bool>("flagged");
    QTest::addColumn<QString>("metadata");   // "a=1 b=2"
    const auto row = [](const char* title, const QString& fields, bool flagged, const char* metadata) { QTest::newRow(title) << fields << flagged << metadata; };
    row("none", R"("m":{"a":1},"a":2)", false, "a=2 m.a=1");
    row("objects", R"("m":{"a":1},"m":{"b":2})", true, "m.b=2");
    row("an object, then a number", R"("m":{"a":1},"m":5)", true, "m=5");
    row("a number, then an object", R"("m":5,"m":{"a":1})", true, "m.a=1");
    row("a number, then a list", R"("m":5,"m":[1])", true, "");
    row("null, then a text", R"("m":null,"m":"x")", true, "m=x");
    row("a list, then a text", R"("m":[1],"m":"x")", true, "m=x");
    row("the same value", R"("m":1,"m":1)", true, "m=1");
    row("one level deep", R"("m":{"a":1,"a":2})", true, "m.a=2");
    row("two levels deep", R"("m":{"x":{"a":1,"a":2}})", true, "");
    row("in a list", R"("l":[[{"a":1,"a":2}]])", true, "");
    row("dotted names are no keys", R"("a.b":1,"a":{"b":2})", false, "a.b=2");
    row("equal keys of two objects", R"("l":[{"a":1},{"a":2}])", false, "");
    row("written otherwise", R"("m":1,"\u006d":2)", true, "m=2");
    QString many;
    for (int i = 0; i < 40; ++i) many += (i ? "," : "") + QStringLiteral("\"l%1\":[]").arg(i);
    row("forty keys", many, false, "");
    row("the first of forty again", many + R"(,"l0":1)", true, "l0=1");
    row("in a text with an object", "\"meta\":\"{\\\"a\\\":1,\\\"a\\\":2}\"", true, "meta.a=2");
  }
  void keysThatComeTwice() {
    QFETCH(QString, fields);
    QFETCH(bool, flagged);
    QFETCH(QString, metadata);
    for (const bool withLarge : {false, true}) {   // a whole number beyond 64 bits is read by other code
      const ReadReport report = read("{\"text\":\"t\"," + fields.toStdString() + (withLarge ? ",\"huge\":99999999999999999999999" : "") + "}\n");
      QCOMPARE(report.documents, std::uint64_t{1});
      QCOMPARE(report.repaired.contains("duplicate_key"), flagged);
      QString found;
      for (const auto& [name, value] : m_records[0].metadata)
        if (name != "huge") found += (found.isEmpty() ? "" : " ") + QString::fromStdString(name + "=" + value);
      QCOMPARE(found, metadata);
    }
  }

  void theLastTextCounts_data() {
    QTest::addColumn<QString>("before");
    for (const char* before : {"null", "[\"x\"]", "{\"a\":1}", "5", "\"other\""}) QTest::newRow(before) << before;
  }
  void theLastTextCounts() {
    QFETCH(QString, before);
    for (const std::string& more : {std::string(), "," + large}) {
      const ReadReport report = read("{\"text\":" + before.toStdString() + ",\"text\":\"last\"" + more + "}\n");
      QCOMPARE(m_records.at(0).text, std::string("last"));
      QVERIFY((report.repaired == Counts{{"duplicate_key", 1}}));
    }
  }

  void largeNumbersCostNothingElse_data() {
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("problem");   // empty: it is a row; "/": it is none, whoever finds out
    const auto row = [](const char* title, const std::string& line, const char* problem) { QTest::newRow(title) << QString::fromStdString(line) << problem; };
    row("whole", "{" + large + ",\"text\":\"t\"}", "");
    row("beyond the doubles", "{\"f\":1e400,\"g\":-2.5E+999,\"text\":\"t\"}", "");
    row("everything around it", "{\"text\":\"t\"," + large + R"(,"a":[1.5,-0,2e3,"x\n",true,false,null,{"b":{}}],"c":{"d":"é","e":null}})", "");
    row("in a list", "[" + large.substr(4) + "]", "");
    row("deep enough", "{\"text\":\"t\"," + large + ",\"x\":" + nested(1000) + "}", "");
    row("too deep", "{\"text\":\"t\"," + large + ",\"x\":" + nested(1100) + "}", "levels deep");
    row("much too deep", "{\"text\":\"t\"," + large + ",\"x\":" + nested(300'000) + "}", "levels deep");
    row("too deep without it", "{\"text\":\"t\",\"x\":" + nested(1100) + "}", "too deep");
    row("a number with nothing behind its dot", "{\"text\":\"t\"," + large + ",\"x\":1.}", "number");
    row("a number that begins with 0", "{\"text\":\"t\"," + large + ",\"x\":01}", "expected");
    row("NaN", "{\"text\":\"t\"," + large + ",\"x\":NaN}", "expected a value");
    row("single quotes", "{'text':\"t\"," + large + "}", "/");
    row("a comma at the end", "{\"text\":\"t\"," + large + ",}", "quotes");
    row("something behind it", "{\"text\":\"t\"," + large + "} x", "/");
    row("no end", "{\"text\":\"t\"," + large + ",\"x\":[", "/");
    row("an escape of Python", "{\"text\":\"\\x41\"," + large + "}", "/");
    row("a tab in a text", "{\"text\":\"\t\"," + large + "}", "/");
  }
  void largeNumbersCostNothingElse() {
    QFETCH(QString, line);
    QFETCH(QString, problem);
    const ReadReport report = read(line.toStdString() + "\n", {.textField = "text"});
    QCOMPARE(report.bad.contains("unparsable"), !problem.isEmpty());
    if (!problem.isEmpty()) QVERIFY2(report.examples.at(0).find(problem.toStdString()) != std::string::npos, report.examples.at(0).c_str());
    else if (!line.startsWith("[")) QCOMPARE(m_records.at(0).text, std::string("t"));
  }

  void largeNumbersAreWrittenOut() {
    read("{\"text\":\"t\"," + large + R"(,"f":1e400,"m":{"g":-1E-400,"h":18446744073709551616,"i":18446744073709551615},"j":-0.50})" "\n");
    QVERIFY((m_records.at(0).metadata == Fields{{"n", "1.2345678901234568e+29"}, {"f", "1e400"}, {"m.g", "-0"}, {"m.h", "18446744073709551616"},
                                                 {"m.i", "18446744073709551615"}, {"j", "-0.5"}}));
  }

  void longLinesAreReadInPlace() {
    std::string many = "{\"text\":\"long \\ud83d\\ude00\",\"k\":7,\"x\":[1";
    for (int i = 0; i < 5'000'000; ++i) many += ",1";
    const ReadReport report = read(many + "]}\n{\"text\":\"next\"}\n");
    QCOMPARE(report.documents, std::uint64_t{2});
    QCOMPARE(m_records[0].text, std::string("long 😀"));
    QVERIFY((m_records[0].metadata == Fields{{"k", "7"}}));
  }

  void rowsOfTooManyFieldsAreTooLong_data() {
    QTest::addColumn<int>("fields");
    QTest::addColumn<bool>("large");
    QTest::newRow("as many as may be") << 65535 << false;
    QTest::newRow("more") << 65536 << false;
    QTest::newRow("as many, read in place") << 65534 << true;
    QTest::newRow("more, read in place") << 90000 << true;
  }
  void rowsOfTooManyFieldsAreTooLong() {
    QFETCH(int, fields);
    QFETCH(bool, large);
    std::string line = "{\"text\":\"t\"" + (large ? "," + ::large : std::string());
    for (int i = 0; i < fields; ++i) line += ",\"k" + std::to_string(i) + "\":1";
    const ReadReport report = read("{\"text\":\"one\"}\n" + line + "}\n");
    QCOMPARE(report.bad.contains("too_long"), fields > 65535);
    QCOMPARE(report.documents, std::uint64_t{fields > 65535 ? 1U : 2U});
  }

  void metadataMayBeATextWithAnObject_data() {
    QTest::addColumn<QString>("meta");       // as a JSON text
    QTest::addColumn<QString>("metadata");
    const auto row = [](const char* title, const QString& meta, const char* metadata) { QTest::newRow(title) << meta << metadata; };
    row("JSON", R"({\"set\": \"ArXiv\", \"n\": 1})", "meta.n=1 meta.set=ArXiv");
    row("a Python dict", R"({'url': 'http://x.org/0', 'ok': True, 'no': False, 'n': None, 'k': -3, 'f': 1e-05})",
        "meta.f=1e-05 meta.k=-3 meta.no=false meta.ok=true meta.url=http://x.org/0");
    row("quotes of both kinds", R"({'a': \"it's\", \"b\": 'say \"x\"', 'c': 'it\\'s'})", "meta.a=it's meta.b=say \"x\" meta.c=it's");
    row("escapes", R"({'a': '\\xe9\\u00e9\\U0001f600\\n\\t\\\\'})", "meta.a=éé😀\n\t\\");
    row("what is deeper is left out", R"({'a': {'b': 1}, 'l': [1, 'x', ('y', 2,), {}], 'z': 1,})", "meta.z=1");
    row("empty", "{}", "");
    row("NaN", R"({\"a\":NaN, \"b\":-Infinity, \"c\":1})", "meta.a=nan meta.b=-inf meta.c=1");
    row("a large number", R"({\"set\":\"x\",\"n\":123456789012345678901234})", "meta.n=1.2345678901234569e+23 meta.set=x");
    row("half a character", R"({\"set\":\"lone \\ud800\"})", "meta.set=lone \uFFFD");
    row("no literal", R"({'a': open('x')})", "meta={'a': open('x')}");
    row("a template", "{name} said", "meta={name} said");
    row("not closed", "{'a': 1", "meta={'a': 1");
  }
  void metadataMayBeATextWithAnObject() {
    QFETCH(QString, meta);
    QFETCH(QString, metadata);
    const ReadReport report = read("{\"text\":\"t\",\"meta\":\"" + meta.toStdString() + "\"}\n");
    QString found;
    for (const auto& [name, value] : m_records.at(0).metadata) found += (found.isEmpty() ? "" : " ") + QString::fromStdString(name + "=" + value);
    QCOMPARE(found, metadata);
    QCOMPARE(report.repaired.contains("lone_surrogate"), QTest::currentDataTag() == std::string("half a character"));
  }

  void theTextFieldIsTheOneOfLaterRows_data() {
    QTest::addColumn<QString>("first");
    QTest::addColumn<QString>("later");
    QTest::addColumn<QString>("field");
    const auto row = [](const char* title, const char* first, const char* later, const char* field) { QTest::newRow(title) << first << later << field; };
    row("null, and an id", R"({"text":null,"id":"x"})", R"({"text":"a good row","id":"y"})", "text");
    row("null, and another text", R"({"text":null,"summary":"a summary of some length here"})", R"({"text":"a good row","summary":"b"})", "text");
    row("nothing", "{}", R"({"review":"a review of more than twenty letters"})", "review");
    row("empty texts", R"({"review":""})", R"({"review":"a review of more than twenty letters"})", "review");
    row("an address alone", R"({"url":"example.org/a/long/address/of/a/page"})", R"({"url":"u","story":"s"})", "story");
    row("blank", R"({"body":" \u00a0","k":1})", R"({"body":"a good row"})", "body");
  }
  void theTextFieldIsTheOneOfLaterRows() {
    QFETCH(QString, first);
    QFETCH(QString, later);
    QFETCH(QString, field);
    const ReadReport report = read(times(250, first.toStdString()) + times(500, later.toStdString()));
    QCOMPARE(QString::fromStdString(report.textField), field);
    const std::uint64_t lost = QTest::currentDataTag() == std::string("blank") ? 0 : 250;   // blank texts are texts, but say nothing of the field
    QCOMPARE(report.documents, 750 - lost);
    QCOMPARE(report.badRows(), lost);
  }

  void whatDescribesIsNoText_data() {
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("value");
    for (const char* name : {"created_at", "createdAt", "pageUrl", "file_path", "doc-id", "x.timestamp", "sha256"}) QTest::newRow(name) << name << "words that are far longer than the review";
    for (const char* time : {"Mon, 25 Apr 2019 12:57:54 GMT", "2019-04-25T12:57:54.123456Z", "2019-04-25 12:57:54 +00:00 UTC", "Thursday, April 25th, 2019 at 12:57 PM",
                             "http://example.org/a/long/address", "0123456789abcdef0123456789abcdef"})
      QTest::newRow(time) << "value" << time;
  }
  void whatDescribesIsNoText() {
    QFETCH(QString, field);
    QFETCH(QString, value);
    const std::string other = "\"" + field.toStdString() + "\":\"" + value.toStdString() + "\"";
    QCOMPARE(read(times(3, "{\"review\":\"a short review of 24\"," + other + "}")).textField, std::string("review"));
    QVERIFY_EXCEPTION_THROWN(read(times(3, "{" + other + "}")), Error);   // alone it is none either
  }

  void aListWithNullInItIsNotNull() {
    QCOMPARE(read(times(3, "{\"content\":[1,null]," + large + ",\"review\":\"a review of more than twenty letters\"}")).textField, std::string("review"));
  }

  void sentencesWithDatesAreTexts() {
    QCOMPARE(read(times(3, R"({"note":"On Monday 25 April 2019 we met.","k":"x"})")).textField, std::string("note"));
  }

  void whiteSpaceAloneIsAText_data() {
    QTest::addColumn<QString>("text");
    for (const char* text : {"   \\n ", "\\u3000\\u00a0", "\\u2028\\u2003", "\\u0085\\u000b"}) QTest::newRow(text) << text;
  }
  void whiteSpaceAloneIsAText() {
    QFETCH(QString, text);
    const ReadReport report = read("{\"text\":\"one\"}\n{\"text\":\"" + text.toStdString() + "\"}\n{\"text\":\" \\u3000x\"}\n");
    QCOMPARE(report.documents, std::uint64_t{3});   // as other tools count; a study leaves it out
    QVERIFY(report.bad.empty());
  }

  void examplesAreTheFirstOfTheFile() {
    const std::string file = times(5, R"({"text":""})") + times(30, "bad") + times(250, R"({"text":"good"})");
    const ReadReport report = read(file);
    QCOMPARE(report.examples.size(), std::size_t{20});
    for (std::size_t i = 0; i < 20; ++i)
      QVERIFY2(report.examples[i].find("a.jsonl:" + std::to_string(i + 1) + ": ") != std::string::npos, report.examples[i].c_str());
  }
};

QTEST_GUILESS_MAIN(JsonRowsTest)
#include "json_rows_test.moc"

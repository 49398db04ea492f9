#include <QtTest>

#include "lacuna/base/error.h"
#include "lacuna/corpus/filter.h"

using namespace lacuna;

/// The filter language of docs/corpora.md.
class FilterTest : public QObject {
  Q_OBJECT

  const corpus::Metadata m_fields = {{"language", "en"},      {"score", "3.5"},     {"n", "10"}, {"meta.set", "Pile-CC"}, {"url", "https://me@WWW.Example.EDU:80/a?b"},
                                     {"date", "2024-03-01T"}, {"in", "a reserved"}, {"good", "true"}, {"quote", "it's \"so\""}, {"empty", ""}};

 private Q_SLOTS:
  void expressions_data() {
    QTest::addColumn<QString>("expression");
    QTest::addColumn<bool>("wanted");
    const auto yes = [](const char* text) { QTest::newRow(text) << QString::fromUtf8(text) << true; };
    const auto no = [](const char* text) { QTest::newRow(text) << QString::fromUtf8(text) << false; };
    yes("");
    yes("language == \"en\"");
    yes("language == 'en'");
    yes("language==en");
    no("language == \"EN\"");
    no("language == de");
    yes("language != de");
    no("language != en");
    yes("score == 3.50");
    no("score == \"3.50\"");
    yes("n > 9");
    no("n > \"9\"");   // as texts
    yes("n >= 10 and n <= 10");
    no("n < 10 or n > 10");
    yes("score < 1e1");
    no("language < 5");
    yes("language != 5");
    yes("date >= \"2024-01-01\" and date < \"2024-04\"");
    yes("language in (de, en)");
    yes("n in (1, 10.0)");
    no("language in ('de')");
    yes("\"meta.set\" == Pile-CC");
    yes("meta.set contains \"-CC\"");
    no("meta.set contains cc");
    yes("meta.set matches /^pile/i");
    no("meta.set matches /^pile/");
    yes("url matches /\\/a\\?b$/");
    yes("url.host == www.example.edu");
    yes("url.host matches /\\.edu$/ and not url.host matches /\\.org$/");
    no("score.host exists or meta.host exists or date.x exists");
    yes("good == true");
    yes("empty exists and empty == \"\"");
    no("missing exists");
    yes("not missing exists");
    no("missing == 1");
    no("missing != 1");
    yes("not missing == 1");
    yes("\"in\" contains reserved");
    yes("quote == 'it\\'s \"so\"'");
    yes("text contains \"the text\" and text matches /ümlaut/");
    yes("language == de or language == en and score > 3");
    no("(language == de or language == en) and score > 4");
    yes("NOT language == de AND n Exists");
    yes("not not language == en");
    yes("((language == en))");
  }
  void expressions() {
    QFETCH(QString, expression);
    QFETCH(bool, wanted);
    QCOMPARE(corpus::Filter(expression.toStdString()).wants(m_fields, "the text with ümlaut"), wanted);
  }

  void aFieldCalledTextComesFirst() {
    QVERIFY(corpus::Filter("text == other").wants({{"text", "other"}}, "the text"));
  }

  void hosts_data() {
    QTest::addColumn<QString>("address");
    QTest::addColumn<QString>("host");
    QTest::newRow("plain") << "http://example.org" << "example.org";
    QTest::newRow("no scheme") << "example.org/path@x" << "";
    QTest::newRow("port, query") << "https://a.b.c:8080?q=http://x.y" << "a.b.c";
    QTest::newRow("IPv6") << "http://[::1]:80/" << "[::1]";
    QTest::newRow("none") << "/a/path" << "";
    QTest::newRow("no address") << "two words" << "";
  }
  void hosts() {
    QFETCH(QString, address);
    QFETCH(QString, host);
    const auto found = corpus::fieldOf({{"meta.url", address.toStdString()}}, "meta.url.host");
    QCOMPARE(QString::fromStdString(found.value_or("")), host);
    QCOMPARE(found.has_value(), !host.isEmpty());
  }

  void errorsPointAtThePlace_data() {
    QTest::addColumn<QString>("expression");
    QTest::addColumn<int>("column");
    QTest::addColumn<QString>("words");
    QTest::newRow("no value") << "language ==" << 11 << "expected a value";
    QTest::newRow("no operator") << "language en" << 9 << "expected ==, !=";
    QTest::newRow("one =") << "language = en" << 9 << "found '= en'";
    QTest::newRow("no field") << "and x == 1" << 0 << "name of a field";
    QTest::newRow("open parenthesis") << "(x == 1" << 7 << "expected ')'";
    QTest::newRow("too many") << "x == 1)" << 6 << "'and', 'or' or the end";
    QTest::newRow("open quote") << "x == \"abc" << 5 << "never closed";
    QTest::newRow("open pattern") << "x matches /abc" << 14 << "end of the regular expression";
    QTest::newRow("no pattern") << "x matches abc" << 10 << "as /…/";
    QTest::newRow("bad pattern") << "x matches /a(b/" << 11 << "unclosed group";
    QTest::newRow("look-around") << "x matches /(?=a)/" << 11 << "look-around";
    QTest::newRow("list") << "x in (1 2)" << 8 << "',' or ')'";
    QTest::newRow("beyond ASCII") << QString::fromUtf8("ü == 1 x") << 7 << "'and', 'or'";
    QTest::newRow("deep") << QString("(").repeated(5000) + "x" << 100 << "inside each other";
  }
  void errorsPointAtThePlace() {
    QFETCH(QString, expression);
    QFETCH(int, column);
    QFETCH(QString, words);
    try {
      const corpus::Filter filter(expression.toStdString());
      QFAIL("parsed");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1104"));
      const QString message = QString::fromStdString(error.message());
      QVERIFY2(message.contains(words), qPrintable(message));
      QCOMPARE(message.section('\n', -1), QString(2 + column, ' ') + "^");
    }
  }
};

QTEST_GUILESS_MAIN(FilterTest)
#include "filter_test.moc"

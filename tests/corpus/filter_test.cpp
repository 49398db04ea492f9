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
    } catch (const corpus::FilterError& error) {
      QCOMPARE(error.code(), std::string("LAC-1104"));
      QCOMPARE(error.column(), static_cast<std::size_t>(column));
      QVERIFY(QString::fromStdString(error.fault()).contains(words));
      QCOMPARE(QString::fromStdString(error.line()), expression);
      const QString message = QString::fromStdString(error.message());
      QVERIFY2(message.contains(words), qPrintable(message));
      QCOMPARE(message.section('\n', -1), QString(2 + column, ' ') + "^");
    }
  }

  void conditions_data() {
    QTest::addColumn<QString>("expression");
    QTest::addColumn<QStringList>("conditions");
    QTest::newRow("none") << " \t" << QStringList{};
    QTest::newRow("one") << " language == en " << QStringList{"language == en"};
    QTest::newRow("several") << "language in (en, de) and score >= 3 AND not n == 10" << QStringList{"language in (en, de)", "score >= 3", "not n == 10"};
    QTest::newRow("within parentheses") << "(n == 1 and score > 2) and language == en" << QStringList{"(n == 1 and score > 2)", "language == en"};
    QTest::newRow("not of a group") << "not (n == 1 and score > 2) and n exists" << QStringList{"not (n == 1 and score > 2)", "n exists"};
    QTest::newRow("an or is one") << "language == de or n == 10 and score > 3" << QStringList{"(language == de or n == 10 and score > 3)"};
    QTest::newRow("an or in parentheses") << "(language == de or n == 10) and score > 3" << QStringList{"(language == de or n == 10)", "score > 3"};
    QTest::newRow("and in a text") << "quote contains 'a and b' and n == 10" << QStringList{"quote contains 'a and b'", "n == 10"};
  }
  void conditions() {
    QFETCH(QString, expression);
    QFETCH(QStringList, conditions);
    QStringList found;
    for (const std::string& condition : corpus::conditionsOf(expression.toStdString())) found << QString::fromStdString(condition);
    QCOMPARE(found, conditions);
    const corpus::Filter all(expression.toStdString()), joined(found.join(" and ").toStdString());   // they are the expression again
    QCOMPARE(joined.wants(m_fields, "text"), all.wants(m_fields, "text"));
  }

  // Whatever a value or a field is called: written by us, it is what the documents have, and nothing else.
  void valuesAreWrittenAsTheyAreRead_data() {
    QTest::addColumn<QString>("value");
    for (const char* value : {"en", "3", "-2.5", "007", "1e3", "+5", "inf", "nan", "", "two words", "a\"b", "a'b", "back\\slash", "\\\"", "and", "in", "C++", "größe", "x,y", "(z)", "0", "-0.5", "1.", ".5", "-"})
      QTest::newRow(value) << QString::fromUtf8(value);
  }
  void valuesAreWrittenAsTheyAreRead() {
    QFETCH(QString, value);
    const std::string text = value.toStdString(), field = "f " + text;
    const corpus::Filter equal(corpus::fieldText(field) + " == " + corpus::valueText(text)), among("f in (other, " + corpus::valueText(text) + ")");
    QVERIFY(equal.wants({{field, text}}, ""));
    QVERIFY(!equal.wants({{field, text + "x"}}, ""));
    QVERIFY(among.wants({{"f", text}}, ""));
  }
  void fieldsAreWrittenAsTheyAreRead() {
    for (const char* field : {"language", "meta.set", "in", "AND", "not", "or", "exists", "two words", "a\"b", "a\\", "ü"})
      QVERIFY2(corpus::Filter(corpus::fieldText(field) + " == 1").wants({{field, "1"}}, ""), field);
  }
  void plainValuesStayPlain() {
    QCOMPARE(corpus::valueText("en"), std::string("en"));
    QCOMPARE(corpus::valueText("3"), std::string("3"));
    QCOMPARE(corpus::valueText("007"), std::string("\"007\""));
    QCOMPARE(corpus::fieldText("url.host"), std::string("url.host"));
  }
};

QTEST_GUILESS_MAIN(FilterTest)
#include "filter_test.moc"

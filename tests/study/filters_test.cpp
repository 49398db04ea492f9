#include <QtTest>

#include "lacuna/study/filters.h"

using namespace lacuna;
using study::FilterTest;

/// What the window is told about expressions, and the conditions it builds.
class FiltersTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void aSoundExpressionHasItsConditions() {
    const study::FilterCheck check = study::checkFilter("language in (en, de) and score >= 3");
    QVERIFY(check.sound());
    QCOMPARE(check.conditions, (std::vector<std::string>{"language in (en, de)", "score >= 3"}));
    QCOMPARE(study::allOf(check.conditions), check.line);
    QVERIFY(study::checkFilter("").sound() && study::checkFilter("  ").conditions.empty());
  }

  void whatIsWrongHasItsPlace() {
    const study::FilterCheck check = study::checkFilter("ü == 1 and\n language = en");
    QVERIFY(!check.sound() && check.conditions.empty());
    QCOMPARE(QString::fromStdString(check.line), QString::fromUtf8("ü == 1 and  language = en"));
    QCOMPARE(check.column, std::size_t{21});
    QVERIFY(QString::fromStdString(check.fault).contains("found '= en'"));
    QVERIFY(!check.hint.empty());
  }

  void conditionsAreWrittenAsPeopleWould_data() {
    QTest::addColumn<QString>("field");
    QTest::addColumn<int>("test");
    QTest::addColumn<QStringList>("values");
    QTest::addColumn<QString>("condition");
    const auto row = [](const char* field, FilterTest test, const QStringList& values, const char* condition) {
      QTest::newRow(condition) << field << static_cast<int>(test) << values << condition;
    };
    row("language", FilterTest::OneOf, {"en", "de"}, "language in (en, de)");
    row("language", FilterTest::OneOf, {"en"}, "language == en");
    row("language", FilterTest::NoneOf, {"en", "a b"}, "not language in (en, \"a b\")");
    row("score", FilterTest::AtLeast, {"3"}, "score >= 3");
    row("score", FilterTest::AtMost, {"1e3"}, "score <= 1e3");
    row("date", FilterTest::AtLeast, {"2024-01-01"}, "date >= 2024-01-01");
    row("my title", FilterTest::Contains, {"x y"}, "\"my title\" contains \"x y\"");
    row("url.host", FilterTest::Exists, {}, "url.host exists");
  }
  void conditionsAreWrittenAsPeopleWould() {
    QFETCH(QString, field);
    QFETCH(int, test);
    QFETCH(QStringList, values);
    QFETCH(QString, condition);
    std::vector<std::string> texts;
    for (const QString& value : values) texts.push_back(value.toStdString());
    const std::string made = study::filterCondition(field.toStdString(), static_cast<FilterTest>(test), texts);
    QCOMPARE(QString::fromStdString(made), condition);
    QVERIFY(study::checkFilter(made).sound());
    QCOMPARE(study::checkFilter(made).conditions, std::vector<std::string>{made});
  }

  void withoutValuesThereIsNoCondition() { QVERIFY(study::filterCondition("language", FilterTest::OneOf, {}).empty()); }
};

QTEST_GUILESS_MAIN(FiltersTest)
#include "filters_test.moc"

#include <QTest>

#include "view_bench.h"
#include "widgets/table_model.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

/// Where the documents come from, and what the embedding saw of them.
class SourcesTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void whatWasCutStandsByItsSource() {
    study::Results results = syntheticResults();
    study::SourceRow web, books;
    web.source = "web";
    web.embedded = 667;
    web.cut = 12;
    web.tokens = 30000;
    web.tokensLost = 4500;
    books.source = "books";   // of an older study: nothing is known
    results.sources = {web, books};
    ViewBench bench(u"sources"_s, results);
    const TableData table = bench.view->model().table();
    QCOMPARE(column(table, "source"), (QStringList{u"books"_s, u"web"_s, u"code"_s}));   // 667, 667 and 666 documents
    QCOMPARE(column(table, "n_cut"), (QStringList{u"–"_s, u"12"_s, u"–"_s}));
    QCOMPARE(column(table, "tokens_lost_percent"), (QStringList{u"–"_s, u"15.0"_s, u"–"_s}));
  }

  void nothingLostIsANumberToo() {
    study::Results results = syntheticResults();
    study::SourceRow web;
    web.source = "web";
    web.embedded = 667;
    results.sources = {web};
    const TableData table = ViewBench(u"sources"_s, results).view->model().table();
    QCOMPARE(column(table, "n_cut").at(1), u"0"_s);
    QCOMPARE(column(table, "tokens_lost_percent").at(1), u"0.0"_s);
  }
};

QTEST_MAIN(SourcesTest)
#include "sources_test.moc"

#include <QtTest>

#include "lacuna/base/terminal.h"

using lacuna::forTerminal;

class TerminalTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void whatDrivesATerminalIsShown_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("shown");
    QTest::newRow("plain") << QByteArray("a\nb, ä 漢 🜁") << QByteArray("a\nb, ä 漢 🜁");
    QTest::newRow("escape") << QByteArray("\x1b]0;t\x07") << QByteArray("\\u001b]0;t\\u0007");
    QTest::newRow("carriage return and tab") << QByteArray("a\rb\tc") << QByteArray("a\\u000db\\u0009c");
    QTest::newRow("delete") << QByteArray("\x7f") << QByteArray("\\u007f");
    QTest::newRow("C1") << QByteArray("\xc2\x9b""31m") << QByteArray("\\u009b31m");
    QTest::newRow("no-break space stays") << QByteArray("\xc2\xa0") << QByteArray("\xc2\xa0");
    QTest::newRow("right to left override") << QByteArray("a\xe2\x80\xae""b") << QByteArray("a\\u202eb");
    QTest::newRow("isolate") << QByteArray("\xe2\x81\xa6") << QByteArray("\\u2066");
    QTest::newRow("cut character") << QByteArray("a\xe6\xbc") << QByteArray("a\xef\xbf\xbd\xef\xbf\xbd");
    QTest::newRow("surrogate") << QByteArray("\xed\xa0\x80") << QByteArray("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    QTest::newRow("overlong") << QByteArray("\xc0\x9b") << QByteArray("\xef\xbf\xbd\xef\xbf\xbd");
    QTest::newRow("beyond Unicode") << QByteArray("\xf4\x90\x80\x80") << QByteArray("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    QTest::newRow("NUL") << QByteArray("a\0b", 3) << QByteArray("a\\u0000b");
  }
  void whatDrivesATerminalIsShown() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, shown);
    QCOMPARE(QByteArray::fromStdString(forTerminal({text.constData(), static_cast<std::size_t>(text.size())})), shown);
  }
};

QTEST_GUILESS_MAIN(TerminalTest)
#include "terminal_test.moc"

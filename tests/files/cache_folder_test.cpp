#include <QtTest>

#include "lacuna/files/cache_room.h"

using namespace lacuna::files;

class CacheFolderTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void theFolderFollowsTheEnvironment_data() {
    QTest::addColumn<QByteArray>("own");
    QTest::addColumn<QByteArray>("caches");
    QTest::addColumn<QByteArray>("home");
    QTest::addColumn<QString>("expected");
    QTest::newRow("own") << QByteArray("/a") << QByteArray("/b") << QByteArray("/c") << "/a";
    QTest::newRow("caches") << QByteArray() << QByteArray("/b") << QByteArray("/c") << "/b/lacuna";
    QTest::newRow("relative paths do not count") << QByteArray("a") << QByteArray("b") << QByteArray("/c") << "/c/.cache/lacuna";
    QTest::newRow("none") << QByteArray() << QByteArray() << QByteArray() << "";
  }
  void theFolderFollowsTheEnvironment() {
    QFETCH(QByteArray, own);
    QFETCH(QByteArray, caches);
    QFETCH(QByteArray, home);
    QFETCH(QString, expected);
    const QByteArray before = qgetenv("HOME");
    for (const auto& [name, value] : {std::pair{"LACUNA_CACHE", own}, {"XDG_CACHE_HOME", caches}, {"HOME", home}}) value.isEmpty() ? qunsetenv(name) : qputenv(name, value);
    QCOMPARE(QString::fromStdString(cacheFolder().string()), expected);
    qputenv("HOME", before);
  }
};

QTEST_GUILESS_MAIN(CacheFolderTest)
#include "cache_folder_test.moc"

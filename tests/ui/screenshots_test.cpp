#include <QApplication>
#include <QDir>
#include <QImage>
#include <QSet>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "composition.h"
#include "fake_session.h"
#include "main_window.h"
#include "pictures.h"
#include "theme/theme.h"

using namespace lacuna;
using namespace Qt::Literals::StringLiterals;

/// Pictures of every stage; LACUNA_PICTURES=FOLDER keeps them to be looked at (QT_SCALE_FACTOR=2 for 2×).
class ScreenshotsTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { QStandardPaths::setTestModeEnabled(true); }
  void everyStageHasInk_data() {
    QTest::addColumn<QString>("stage");
    QTest::addColumn<QString>("theme");
    QStringList stages{u"welcome"_s};
    for (const app::Stage& stage : app::stages()) stages << stage.id;
    for (const QString& theme : {u"light"_s, u"dark"_s})
      for (const QString& stage : stages) QTest::newRow(qPrintable(stage + u'-' + theme)) << stage << theme;
  }
  void everyStageHasInk() {
    QFETCH(QString, stage);
    QFETCH(QString, theme);
    ui::applyTheme(*qApp, ui::themeChoice(theme));
    QTemporaryDir temporary;
    const QString folder = qEnvironmentVariable("LACUNA_PICTURES", temporary.path());
    QDir().mkpath(folder);
    const QString file = folder + u"/"_s + stage + u"-"_s + theme + u".png"_s;
    app::MainWindow window(app::StudySource{});
    const auto session = std::make_shared<test::FakeSession>();
    session->annotate(test::syntheticAnswers(*session->results()));
    session->refreshAgreement();
    window.showSession(session);
    app::writeScreenshot(window, u"stage:"_s + stage, {1440, 900}, file);
    const QImage image(file);
    QCOMPARE(image.size(), QSize(1440, 900) * window.devicePixelRatioF());
    QSet<QRgb> colours;
    for (int y = 0; y < image.height(); y += 3)
      for (int x = 0; x < image.width(); x += 3) colours.insert(image.pixel(x, y));
    QVERIFY2(colours.size() >= 20, "the picture is blank");
  }
};

QTEST_MAIN(ScreenshotsTest)
#include "screenshots_test.moc"

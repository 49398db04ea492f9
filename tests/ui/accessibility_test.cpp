#include <QAbstractSpinBox>
#include <QAccessible>
#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QMenuBar>
#include <QPushButton>
#include <QShortcut>
#include <QStyleOptionComboBox>
#include <QTest>

#include "plot_driver.h"
#include "plots/figure_data.h"
#include "plots/plot_style.h"
#include "plots/series_plot.h"
#include "theme/theme.h"
#include "views/effects/effect_view_models.h"
#include "views/perturbation/panel_view.h"
#include "window_bench.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

QString named(const QWidget* widget) {
  return u"%1 '%2' of %3"_s.arg(QLatin1StringView(widget->metaObject()->className()), widget->objectName(),
                               widget->parentWidget() ? QLatin1StringView(widget->parentWidget()->metaObject()->className()) : "nobody"_L1);
}

QList<QWidget*> visible(const QWidget& window) {
  QList<QWidget*> all;
  for (QWidget* widget : window.findChildren<QWidget*>())
    if (widget->isVisible()) all << widget;
  return all;
}

/// Takes the keyboard; what only serves as a part of such a widget does not count.
bool takesFocus(const QWidget* widget) {
  return (widget->focusPolicy() & Qt::TabFocus) && widget->isEnabled() && !qobject_cast<QAbstractSpinBox*>(widget->parentWidget()) && !widget->focusProxy();
}

/// What the edit field of a combo box has for its text.
int roomOf(const QComboBox* box) {
  QStyleOptionComboBox option;
  option.initFrom(box);
  option.editable = box->isEditable();
  option.subControls = QStyle::SC_All;
  return box->style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, box).width();
}

/// Empty, or what is too narrow or too low for its text.
QString clipped(const QWidget* widget) {
  if (const auto* box = qobject_cast<const QComboBox*>(widget)) {
    const int wanted = box->fontMetrics().horizontalAdvance(box->currentText());
    return wanted <= roomOf(box) ? QString() : u"%1: '%2' wants %3, has %4"_s.arg(named(widget), box->currentText()).arg(wanted).arg(roomOf(box));
  }
  const auto* label = qobject_cast<const QLabel*>(widget);
  const auto* button = qobject_cast<const QAbstractButton*>(widget);
  const QString text = label ? label->text() : button ? button->text() : QString();
  if (text.isEmpty()) return {};
  const bool wraps = label && label->wordWrap();
  const bool fits = wraps ? label->heightForWidth(widget->width()) <= widget->height() + 1 : widget->sizeHint().width() <= widget->width() + 1;
  return fits ? QString() : u"%1: '%2' wants %3, has %4×%5"_s.arg(named(widget), text).arg(widget->sizeHint().width()).arg(widget->width()).arg(widget->height());
}

void stagesAndSizes() {
  QTest::addColumn<QString>("stage");
  QTest::addColumn<QSize>("size");
  for (const QSize size : {QSize(1440, 900), QSize(1024, 700)}) {
    QTest::addRow("welcome-%d", size.width()) << QString() << size;
    for (const app::Stage& stage : app::stages()) QTest::addRow("%s-%d", qPrintable(stage.id), size.width()) << stage.id << size;
  }
}

/// A window at the row's stage with a bit of everything selected.
std::unique_ptr<WindowBench> bench(const QString& stage, QSize size) {
  const auto session = std::make_shared<FakeSession>();
  session->annotate(syntheticAnswers(*session->results()));   // no view is empty
  session->refreshAgreement();
  auto made = std::make_unique<WindowBench>(stage.isEmpty() ? nullptr : session, size);
  if (stage.isEmpty()) return made;
  made->workspace().panel().setLive(false);
  made->selection().setCluster(ClusterId(2));
  made->selection().setRun(5);
  made->show(stage);
  return made;
}

}  // namespace

class AccessibilityTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { useTemporarySettings(); }
  void init() { applyTheme(*qApp, ThemeChoice::Light); }

  void everythingThatTakesFocusHasAName_data() { stagesAndSizes(); }
  void everythingThatTakesFocusHasAName() {
    QFETCH(QString, stage);
    QFETCH(QSize, size);
    const auto b = bench(stage, size);
    int found = 0;
    for (QWidget* widget : visible(b->window)) {
      if (!takesFocus(widget)) continue;
      ++found;
      const auto* face = QAccessible::queryAccessibleInterface(widget);
      QVERIFY2(face && !face->text(QAccessible::Name).trimmed().isEmpty(), qPrintable(named(widget)));
      if (qobject_cast<PlotBase*>(widget)) QVERIFY2(!widget->accessibleDescription().isEmpty(), qPrintable(widget->accessibleName()));
    }
    QVERIFY(found >= 3);
  }

  void noTextIsClipped_data() { stagesAndSizes(); }
  void noTextIsClipped() {
    QFETCH(QString, stage);
    QFETCH(QSize, size);
    const auto b = bench(stage, size);
    QStringList faults;
    for (const QWidget* widget : visible(b->window))
      if (const QString fault = clipped(widget); !fault.isEmpty()) faults << fault;
    QVERIFY2(faults.isEmpty(), qPrintable(faults.join(u'\n')));
    QCOMPARE(b->window.size(), size);   // nothing pushed the window wider
  }

  void aNarrowPlotKeepsItsWords() {
    StudyContext study(std::make_shared<FakeSession>());
    SeriesPlot plot;
    plot.setFigure(DoseViewModel(study).figure());
    plot.resize(230, 220);
    plot.show();
    QCustomPlot& canvas = drawn(plot);
    QCOMPARE(textsOf(canvas).filter(u"> 0: perturbing lowers\nthe score"_s).size(), 1);
    const auto ticks = canvas.xAxis->ticker().dynamicCast<QCPAxisTickerText>()->ticks();
    QCOMPARE(ticks.size(), 5);
    QCOMPARE(ticks.value(0), u"0"_s);
    double right = -1e9;
    const QFontMetricsF metrics(canvas.xAxis->tickLabelFont());
    for (auto tick = ticks.begin(); tick != ticks.end(); ++tick) {
      if (tick.value().isEmpty()) continue;
      const double middle = canvas.xAxis->coordToPixel(tick.key()), half = metrics.horizontalAdvance(tick.value()) / 2;
      QVERIFY2(middle - half > right, qPrintable(tick.value()));
      right = middle + half;
    }
  }

  void everyActionIsNamedAndRegistered() {
    WindowBench b(std::make_shared<FakeSession>());
    int found = 0;
    for (const QAction* title : b.window.menuBar()->actions())
      for (QAction* action : title->menu()->actions()) {
        if (action->isSeparator()) continue;
        ++found;
        QVERIFY(!action->text().isEmpty());
        QVERIFY2(b.window.actions().find(action->objectName()) == action, qPrintable(action->text()));
        QVERIFY2(!b.window.actions().category(action).isEmpty(), qPrintable(action->text()));
      }
    QCOMPARE(found, int(b.window.actions().actions().size()));   // nothing is in the palette alone
  }

  void shortcutsAreUnique() {
    WindowBench b(std::make_shared<FakeSession>());
    QMap<QString, QString> taken;
    for (const QAction* action : b.window.actions().actions())
      for (const QKeySequence& keys : action->shortcuts()) {
        QVERIFY2(!taken.contains(keys.toString()), qPrintable(keys.toString() + u": "_s + action->text() + u", "_s + taken[keys.toString()]));
        taken[keys.toString()] = action->text();
      }
    for (const QShortcut* shortcut : b.window.findChildren<QShortcut*>()) QVERIFY(!taken.contains(shortcut->key().toString()));
    QVERIFY(taken.size() >= 20);
  }

  void aDisabledActionSaysWhy() {
    WindowBench b(nullptr);
    int disabled = 0;
    for (const QAction* action : b.window.actions().actions()) {
      if (action->isEnabled()) continue;
      ++disabled;
      QVERIFY2(!b.window.actions().disabledReason(action).isEmpty(), qPrintable(action->text()));
    }
    QVERIFY(disabled > 5);
  }

  void tabReachesEveryPaneAndReturns_data() {
    QTest::addColumn<QString>("stage");
    QTest::addColumn<bool>("results");   // a blind stage shows its results when asked, and never the panel
    for (const app::Stage& stage : app::stages()) {
      QTest::newRow(qPrintable(stage.id)) << stage.id << false;
      if (stage.blind) QTest::addRow("%s, results", qPrintable(stage.id)) << stage.id << true;
    }
  }
  void tabReachesEveryPaneAndReturns() {
    QFETCH(QString, stage);
    QFETCH(bool, results);
    const auto b = bench(stage, {1440, 900});
    if (results) b->window.actions().find(u"annotate.show-results"_s)->trigger();
    settled(b->window);
    QVERIFY(QTest::qWaitForWindowActive(&b->window));
    auto* navigator = b->window.findChild<QListWidget*>(u"navigator"_s);
    navigator->setFocus();
    QSet<QWidget*> reached;
    for (int i = 0; i < 200; ++i) {
      QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
      QVERIFY(QApplication::focusWidget());
      for (QWidget* w = QApplication::focusWidget(); w; w = w->parentWidget()) reached << w;
      if (QApplication::focusWidget() == navigator) break;
    }
    QCOMPARE(QApplication::focusWidget(), navigator);
    const bool blind = b->workspace().blind();
    int shown = 0;
    for (ViewFrame* view : b->workspace().page()->views()) {
      if (blind && !view->isVisible()) continue;
      ++shown;
      QVERIFY2(reached.contains(view), qPrintable(view->model().id()));
      if (view->plot()) QVERIFY2(reached.contains(view->plot()), qPrintable(view->model().id()));
    }
    QVERIFY(shown >= 1);
    QCOMPARE(reached.contains(b->window.findChild<PanelView*>()), !blind);
  }

  void f6CyclesThePanes() {
    const auto b = bench(u"effects"_s, {1440, 900});
    QVERIFY(QTest::qWaitForWindowActive(&b->window));
    auto* navigator = b->window.findChild<QListWidget*>(u"navigator"_s);
    auto* panel = b->window.findChild<PanelView*>();
    navigator->setFocus();
    b->window.actions().find(u"view.next-pane"_s)->trigger();
    QVERIFY(b->workspace().isAncestorOf(QApplication::focusWidget()));
    b->window.actions().find(u"view.next-pane"_s)->trigger();
    QVERIFY(panel->isAncestorOf(QApplication::focusWidget()));
    b->window.actions().find(u"view.next-pane"_s)->trigger();
    QCOMPARE(QApplication::focusWidget(), navigator);
    b->window.actions().find(u"view.previous-pane"_s)->trigger();
    QVERIFY(panel->isAncestorOf(QApplication::focusWidget()));
  }

  void textReaches4Point5_data() {
    QTest::addColumn<bool>("dark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
  }
  void textReaches4Point5() {
    QFETCH(bool, dark);
    const Theme& t = dark ? Theme::darkTheme() : Theme::lightTheme();
    const std::pair<const char*, QColor> grounds[] = {{"ground", t.ground}, {"surface", t.surface}, {"raised", t.raised}};
    const std::pair<const char*, QColor> inks[] = {{"text", t.text}, {"secondary", t.textSecondary}, {"amber", t.amber}, {"red", t.red}, {"green", t.green}, {"link", t.link}};
    for (const auto& [groundName, ground] : grounds)
      for (const auto& [inkName, ink] : inks)
        QVERIFY2(contrast(ink, ground) >= 4.5, qPrintable(u"%1 on %2: %3"_s.arg(QLatin1StringView(inkName), QLatin1StringView(groundName)).arg(contrast(ink, ground))));
    QVERIFY(contrast(t.onAccent, t.accent) >= 4.5);
    QVERIFY(contrast(t.onAccent, dark ? t.accent.lighter(112) : t.accent.darker(115)) >= 4.5);
    QVERIFY(contrast(t.text, t.selection) >= 4.5);
    for (const QColor& ground : {t.ground, t.surface, t.raised}) QVERIFY(contrast(t.accent, ground) >= 3);   // focus rings
  }

  void marksReach3AndLabels4Point5_data() {
    QTest::addColumn<int>("style");
    QTest::newRow("light") << 0;
    QTest::newRow("dark") << 1;
    QTest::newRow("paper") << 2;
  }
  void marksReach3AndLabels4Point5() {
    QFETCH(int, style);
    const PlotStyle s = style == 2 ? PlotStyle::forPaper(8, 6) : PlotStyle::screen(style == 1 ? Theme::darkTheme() : Theme::lightTheme(), QFont());
    QVERIFY(contrast(s.text, s.ground) >= 4.5 && contrast(s.muted, s.ground) >= 4.5 && contrast(s.text, s.highlight) >= 4.5);
    for (int tone = toneText; tone < 40; ++tone) {
      QVERIFY2(contrast(s.tone(tone), s.ground) >= 3, qPrintable(QString::number(tone)));
      QVERIFY2(contrast(s.textTone(tone), s.ground) >= 4.5, qPrintable(QString::number(tone)));
    }
    QCOMPARE(s.dark, style == 1);
  }

  void numbersAreReadableOnEveryCellColour_data() {
    QTest::addColumn<int>("map");
    for (const auto map : {ColourMap::Sequential, ColourMap::Diverging, ColourMap::DivergingDark}) QTest::addRow("%d", int(map)) << int(map);
  }
  void numbersAreReadableOnEveryCellColour() {
    QFETCH(int, map);
    for (const QRgb colour : colourTable(static_cast<ColourMap>(map)))
      QVERIFY2(std::max(contrast(Qt::white, QColor(colour)), contrast(QColor(0x14171c), QColor(colour))) >= 4.2, qPrintable(QColor(colour).name()));
  }

  void theThemeReachesPlotsAndBack() {
    const auto b = bench(u"effects"_s, {1440, 900});
    auto* plot = b->workspace().page()->views().front()->plot();
    const auto ground = [&] { return plot->grab().toImage().pixelColor(10, 10); };
    applyTheme(*qApp, ThemeChoice::Dark);
    settled(b->window);
    QCOMPARE(ground(), Theme::darkTheme().surface);
    applyTheme(*qApp, ThemeChoice::Light);
    settled(b->window);
    QCOMPARE(ground(), Theme::lightTheme().surface);
  }
};

QTEST_MAIN(AccessibilityTest)
#include "accessibility_test.moc"

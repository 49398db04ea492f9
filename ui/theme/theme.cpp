#include "theme/theme.h"

#include <QApplication>
#include <QStyle>
#include <QStyleFactory>

#include "theme/colours.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

ThemeChoice themeChoice(const QString& name) {
  if (name == "light"_L1) return ThemeChoice::Light;
  return name == "dark"_L1 ? ThemeChoice::Dark : ThemeChoice::System;
}

QString themeName(ThemeChoice choice) {
  if (choice == ThemeChoice::Light) return u"light"_s;
  return choice == ThemeChoice::Dark ? u"dark"_s : u"system"_s;
}

const Theme& Theme::lightTheme() {
  static const Theme theme{
      .dark = false, .ground = 0xf3f5f8, .surface = 0xffffff, .raised = 0xf8f9fb, .border = 0xdce1e8, .text = 0x1b2330,
      .textSecondary = 0x566173, .textDisabled = 0x8a94a3, .accent = 0x1f63c8, .onAccent = 0xffffff, .selection = 0xdbe8fb,
      .amber = 0x8f5a00, .red = 0xb3261e, .green = 0x18703f, .link = 0x1f63c8};
  return theme;
}

const Theme& Theme::darkTheme() {
  static const Theme theme{
      .dark = true, .ground = 0x14171c, .surface = 0x1c2026, .raised = 0x232830, .border = 0x323944, .text = 0xe7eaef,
      .textSecondary = 0xa3adba, .textDisabled = 0x6f7987, .accent = 0x77aefc, .onAccent = 0x0d1b30, .selection = 0x263b5a,
      .amber = 0xf0b557, .red = 0xff8f85, .green = 0x6fd09a, .link = 0x8fbcff};
  return theme;
}

const Theme& Theme::of(const QPalette& palette) {
  return luminance(palette.color(QPalette::Window)) < 0.18 ? darkTheme() : lightTheme();
}

QPalette Theme::palette() const {
  QPalette p;
  p.setColor(QPalette::Window, ground);
  p.setColor(QPalette::WindowText, text);
  p.setColor(QPalette::Base, surface);
  p.setColor(QPalette::AlternateBase, raised);
  p.setColor(QPalette::Text, text);
  p.setColor(QPalette::Button, raised);
  p.setColor(QPalette::ButtonText, text);
  p.setColor(QPalette::BrightText, red);
  p.setColor(QPalette::Highlight, accent);
  p.setColor(QPalette::HighlightedText, onAccent);
  p.setColor(QPalette::ToolTipBase, raised);
  p.setColor(QPalette::ToolTipText, text);
  p.setColor(QPalette::PlaceholderText, textSecondary);
  p.setColor(QPalette::Link, link);
  p.setColor(QPalette::Light, dark ? raised.lighter(120) : QColor(Qt::white));
  p.setColor(QPalette::Midlight, border);
  p.setColor(QPalette::Mid, border);
  p.setColor(QPalette::Dark, dark ? QColor(0x0b0d10) : QColor(0xb7bfca));
  p.setColor(QPalette::Shadow, dark ? QColor(0x050607) : QColor(0x8b95a3));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
    p.setColor(QPalette::Disabled, role, textDisabled);
  p.setColor(QPalette::Disabled, QPalette::Highlight, border);
  p.setColor(QPalette::Disabled, QPalette::HighlightedText, textDisabled);
  return p;
}

QString Theme::styleSheet() const {
  QString sheet = uR"(
QMainWindow, QDockWidget > QWidget, #page { background: @ground; }
QToolTip { background: @raised; color: @text; border: 1px solid @border; padding: 4px 6px; }
#card { background: @surface; border: 1px solid @border; border-radius: 8px; }
#cardTitle { font-weight: 600; }
#secondary { color: @textSecondary; }
#pageTitle { font-size: 17pt; font-weight: 600; }
#heading { font-weight: 600; }
#answer { color: @text; }
#note { color: @amber; }
#error { color: @red; }
#badge { color: @textSecondary; background: @raised; border: 1px solid @border; border-radius: 8px; padding: 0 6px; }
#infoBar { background: @raised; border: 1px solid @border; border-left: 4px solid @accent; border-radius: 6px; }
#infoBar[kind="warning"] { border-left-color: @amber; }
#infoBar[kind="error"] { border-left-color: @red; }
#infoBar[kind="success"] { border-left-color: @green; }
QToolButton { border: 1px solid transparent; border-radius: 5px; padding: 3px; color: @text; }
QToolButton:hover { background: @raised; border-color: @border; }
QToolButton:checked { background: @selection; }
QToolButton#link:checked { background: transparent; }
QToolButton#link:!checked { background: @raised; border-color: @amber; }
QToolButton:focus { border-color: @accent; }
QToolButton::menu-indicator { image: none; }
QPushButton { background: @raised; border: 1px solid @border; border-radius: 6px; padding: 5px 12px; color: @text; }
QPushButton:hover { border-color: @accent; }
QPushButton:focus { border: 1px solid @accent; }
QPushButton:disabled { color: @textDisabled; }
QPushButton#primary { background: @accent; color: @onAccent; border-color: @accent; font-weight: 600; }
QPushButton#primary:hover { background: @accentHover; }
QPushButton#primary:focus { border: 2px solid @text; padding: 4px 11px; }
QPushButton#primary:disabled { background: @border; color: @textDisabled; border-color: @border; }
QPushButton#chip { border-radius: 11px; padding: 2px 10px; background: @selection; border-color: @selection; }
QPushButton#chip:hover, QPushButton#chip:focus { border-color: @accent; }
QPushButton:checked { background: @selection; border-color: @accent; }
QPushButton#segment { padding: 3px 12px; }
QToolButton#disclosure { background: @raised; border-color: @border; padding: 2px 8px; }
QToolButton#disclosure:hover, QToolButton#disclosure:focus { border-color: @accent; }
QToolButton#disclosure:disabled { color: @textDisabled; }
QWidget#disclosed { border-left: 2px solid @border; }
QWidget#builder { background: @raised; border: 1px solid @border; border-radius: 6px; }
QListWidget#values { background: @surface; border: 1px solid @border; border-radius: 5px; }
QListWidget#values:focus { border-color: @accent; }
QPushButton#topicCard { background: @surface; padding: 0; }
QPushButton#topicCard:checked { background: @selection; }
QFrame#roundCard { background: @raised; border: 1px solid @border; border-radius: 6px; }
QPushButton#textCard { background: @raised; text-align: left; }
QLabel#question { font-weight: 600; }
QTextBrowser#sheetText { background: @raised; border: 1px solid @border; border-radius: 6px; padding: 8px; }
QLineEdit { background: @surface; border: 1px solid @border; border-radius: 5px; padding: 4px 6px; }
QLineEdit:focus { border-color: @accent; }
QLineEdit[wrong="true"] { border-color: @red; }
QListView#navigator { background: transparent; border: none; outline: none; }
QListView#navigator::item { padding: 6px 8px; border-radius: 6px; margin: 1px 0; color: @text; }
QListView#navigator::item:hover { background: @raised; }
QListView#navigator::item:selected { background: @selection; color: @text; }
QTableView { background: @surface; alternate-background-color: @raised; border: none; gridline-color: @border;
  selection-background-color: @selection; selection-color: @text; }
QTableView::item { padding: 0 8px; }
QTableView:focus { border: 1px solid @accent; }
QHeaderView { background: @surface; }
QHeaderView::section { background: @surface; color: @textSecondary; border: none; border-bottom: 1px solid @border;
  padding: 4px 3px; font-weight: 600; }
QPlainTextEdit, QTextBrowser { background: @surface; border: none; selection-background-color: @selection; selection-color: @text; }
QListWidget { background: transparent; }
QListWidget#tasks { background: @ground; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: @scroll; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: @textDisabled; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked { width: 13px; height: 13px; border: 1px solid @accent; border-radius: 2px; background: @accent; image: url(:/icons/checked.svg); }
QCheckBox::indicator:checked:disabled, QAbstractItemView::indicator:checked:disabled { border-color: @textDisabled; background: @textDisabled; }
QCheckBox::indicator:focus, QAbstractItemView::indicator:focus { border: 1px solid @text; }
QCheckBox::indicator:unchecked, QAbstractItemView::indicator:unchecked { width: 13px; height: 13px; border: 1px solid @textDisabled; border-radius: 2px; background: @surface; }
QSplitter::handle { image: none; background: transparent; }
QSplitter::handle:hover { background: @border; }
QDockWidget { font-weight: 600; titlebar-close-icon: none; }
QDockWidget::title { background: @ground; padding: 8px 8px 4px 12px; text-align: left; }
QStatusBar { background: @ground; color: @textSecondary; border-top: 1px solid @border; }
QMainWindow::separator { background: transparent; width: 4px; height: 4px; }
QMainWindow::separator:hover { background: @border; }
QStatusBar::item { border: none; }
QScrollArea, QScrollArea > QWidget > QWidget#page { background: transparent; border: none; }
QProgressBar { background: @raised; border: 1px solid @border; border-radius: 4px; max-height: 8px; text-align: center; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QMenuBar { background: @ground; }
QMenu { background: @surface; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 20px; border-radius: 4px; }
QMenu::item:selected { background: @selection; color: @text; }
QMenu::item:disabled { color: @textDisabled; }
QMenu::separator { height: 1px; background: @border; margin: 4px 8px; }
)"_s;
  // Longest names first: @textSecondary must not be eaten by @text.
  const std::pair<QLatin1StringView, QColor> names[] = {
      {"@accentHover"_L1, dark ? accent.lighter(112) : accent.darker(115)},
      {"@textSecondary"_L1, textSecondary}, {"@textDisabled"_L1, textDisabled}, {"@selection"_L1, selection},
      {"@onAccent"_L1, onAccent}, {"@scroll"_L1, mixed(border, textDisabled, 0.6)}, {"@surface"_L1, surface}, {"@accent"_L1, accent}, {"@ground"_L1, ground},
      {"@raised"_L1, raised}, {"@border"_L1, border}, {"@amber"_L1, amber}, {"@green"_L1, green},
      {"@text"_L1, text}, {"@red"_L1, red}};
  for (const auto& [name, colour] : names) sheet.replace(name, colour.name());
  return sheet;
}

void applyTheme(QApplication& application, ThemeChoice choice) {
  static const bool desktopIsDark = luminance(application.palette().color(QPalette::Window)) < 0.18;
  const bool dark = choice == ThemeChoice::Dark || (choice == ThemeChoice::System && desktopIsDark);
  const Theme& theme = dark ? Theme::darkTheme() : Theme::lightTheme();
  application.setStyle(QStyleFactory::create(u"Fusion"_s));
  application.setPalette(theme.palette());
  application.setStyleSheet(theme.styleSheet());
}

}  // namespace lacuna::ui

#include "views/annotation/annotation_view.h"

#include <QApplication>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTextBrowser>
#include <QVBoxLayout>

#include "theme/theme.h"
#include "widgets/text_card.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int cardsAtMost = 8;

QPushButton* choice(const QString& text, const QString& tip, QWidget* parent) {
  auto* button = new QPushButton(text, parent);
  button->setObjectName(u"segment"_s);
  button->setCheckable(true);
  button->setAutoExclusive(true);
  button->setToolTip(tip);
  button->setAccessibleName(text);
  return button;
}

}  // namespace

AnnotationView::AnnotationView(StudyContext& study, QWidget* parent) : AnnotationView(new AnnotationViewModel(study), new QWidget, parent) {}

AnnotationView::AnnotationView(AnnotationViewModel* model, QWidget* content, QWidget* parent)
    : ViewFrame(model, content, nullptr, parent), m_sheet(model), m_body(content) {
  auto* layout = new QVBoxLayout(content);
  layout->setContentsMargins(0, unit / 2, 0, 0);
  layout->setSpacing(unit);
  buildHead();
  buildCards();
  buildFoot();
  content->setFocusPolicy(Qt::StrongFocus);
  content->setAccessibleName(tr("Sheet"));
  for (QPushButton* button : findChildren<QPushButton*>()) connect(button, &QPushButton::clicked, this, &AnnotationView::takeKeys);   // keys go on working after a click
  for (QObject* watched : std::initializer_list<QObject*>{m_reader->viewport(), m_topic, m_rater}) watched->installEventFilter(this);
  connect(model, &AnnotationViewModel::failed, this, &ViewFrame::showError);
  refresh();
}

/// Who answers, which sheet, how far.
void AnnotationView::buildHead() {
  auto* row = new QHBoxLayout;
  row->setSpacing(unit);
  auto* label = new QLabel(tr("Rater"), m_body);
  label->setObjectName(u"secondary"_s);
  m_rater = new QLineEdit(m_sheet->rater(), m_body);
  m_rater->setMaximumWidth(160);
  m_rater->setAccessibleName(tr("Rater"));
  m_fits = choice(tr("Topic and fits"), tr("Name each cluster, then say of each document whether it fits"), m_body);
  m_intruder = choice(tr("Intruder"), tr("Find the document of another cluster among six"), m_body);
  m_count = new QLabel(m_body);
  m_count->setObjectName(u"secondary"_s);
  m_progress = new QProgressBar(m_body);
  m_progress->setTextVisible(false);
  m_progress->setMaximumWidth(180);
  m_progress->setAccessibleName(tr("Answered"));
  row->addWidget(label);
  row->addWidget(m_rater);
  row->addSpacing(unit);
  row->addWidget(m_fits);
  row->addWidget(m_intruder);
  row->addStretch(1);
  row->addWidget(m_progress);
  static_cast<QVBoxLayout*>(m_body->layout())->addLayout(row);
  connect(m_rater, &QLineEdit::editingFinished, m_sheet, [this] { m_sheet->setRater(m_rater->text()); });
  connect(m_fits, &QPushButton::clicked, m_sheet, [this] { m_sheet->setTask(AnnotationViewModel::Task::Fits); });
  connect(m_intruder, &QPushButton::clicked, m_sheet, [this] { m_sheet->setTask(AnnotationViewModel::Task::Intruder); });
}

void AnnotationView::buildCards() {
  m_question = new QLabel(m_body);
  m_question->setObjectName(u"question"_s);
  m_question->setWordWrap(true);
  m_pages = new QStackedWidget(m_body);
  m_reader = new QTextBrowser(m_pages);
  m_reader->setObjectName(u"sheetText"_s);
  m_reader->setFocusPolicy(Qt::NoFocus);
  m_cardPage = new QWidget(m_pages);
  auto* grid = new QGridLayout(m_cardPage);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setSpacing(unit);
  for (int i = 0; i < cardsAtMost; ++i) {
    auto* card = new TextCard(i + 1, m_cardPage);
    card->setFocusPolicy(Qt::NoFocus);
    grid->addWidget(card, i / 2, i % 2);
    m_cards.push_back(card);
    connect(card, &QPushButton::clicked, m_sheet, [this, i] { m_sheet->answer(i + 1); });
  }
  m_pages->addWidget(m_reader);
  m_pages->addWidget(m_cardPage);
  m_topic = new QLineEdit(m_body);
  m_topic->setPlaceholderText(tr("What they have in common"));
  m_topic->setAccessibleName(tr("Name of the topic"));
  auto* layout = static_cast<QVBoxLayout*>(m_body->layout());
  auto* asked = new QHBoxLayout;
  asked->addWidget(m_question, 1);
  asked->addWidget(m_count);
  layout->addLayout(asked);
  layout->addWidget(m_pages, 1);
  layout->addWidget(m_topic);
}

QPushButton* AnnotationView::addAnswer(int number, const QString& text) {
  auto* button = new QPushButton(u"%1   %2"_s.arg(number).arg(text), m_body);
  button->setCheckable(true);
  button->setAccessibleName(text);
  button->setFocusPolicy(Qt::NoFocus);
  m_answers.push_back(button);
  connect(button, &QPushButton::clicked, m_sheet, [this, number] { m_sheet->answer(number); });
  return button;
}

void AnnotationView::buildFoot() {
  auto* row = new QHBoxLayout;
  row->setSpacing(unit);
  row->addWidget(addAnswer(1, tr("fits")));
  row->addWidget(addAnswer(2, tr("does not fit")));
  row->addWidget(addAnswer(3, tr("unsure")));
  m_keys = new QLabel(m_body);
  m_keys->setObjectName(u"secondary"_s);
  row->addWidget(m_keys);
  row->addStretch(1);
  m_whole = new QPushButton(tr("Whole texts"), m_body);
  m_whole->setCheckable(true);
  m_whole->setToolTip(tr("Read the texts to their ends (Space); answers work as before"));
  connect(m_whole, &QPushButton::clicked, this, &AnnotationView::setReading);
  m_undo = new QPushButton(tr("Take back"), m_body);
  m_back = new QPushButton(tr("←"), m_body);
  m_next = new QPushButton(tr("→"), m_body);
  m_undo->setToolTip(tr("Withdraw the last answer (Ctrl+Z)"));
  m_back->setAccessibleName(tr("The item before"));
  m_next->setAccessibleName(tr("The next item"));
  for (QPushButton* button : {m_whole, m_undo, m_back, m_next}) {
    button->setFocusPolicy(Qt::NoFocus);
    row->addWidget(button);
  }
  static_cast<QVBoxLayout*>(m_body->layout())->addLayout(row);
  connect(m_undo, &QPushButton::clicked, m_sheet, &AnnotationViewModel::undo);
  connect(m_back, &QPushButton::clicked, m_sheet, [this] { m_sheet->move(-1); });
  connect(m_next, &QPushButton::clicked, m_sheet, [this] { m_sheet->move(1); });
}

void AnnotationView::updateContent() {
  if (!m_next) return;
  const auto progress = m_sheet->progress();
  if (!m_rater->hasFocus()) m_rater->setText(m_sheet->rater());
  (m_sheet->task() == AnnotationViewModel::Task::Fits ? m_fits : m_intruder)->setChecked(true);
  m_progress->setRange(0, std::max(1, progress.total));
  m_progress->setValue(progress.done);
  m_count->setText(tr("%1 of %2 answered · group %3 of %4").arg(progress.done).arg(progress.total).arg(progress.group).arg(progress.groups));
  m_question->setText(m_sheet->question());
  m_undo->setEnabled(m_sheet->canUndo());
  m_back->setEnabled(progress.total > 0);
  m_next->setEnabled(m_sheet->item() != nullptr);
  showItem();
}

void AnnotationView::showItem() {
  const study::SheetItem* item = m_sheet->item();
  const std::string kind = item ? item->kind : "";
  const QStringList texts = m_sheet->texts();
  const auto question = item ? std::optional(study::questionOf(*item)) : std::nullopt;
  if (std::exchange(m_shown, question) != question) m_reading = false;
  m_topic->setVisible(kind == "topic");
  m_whole->setVisible(item && kind != "fits");
  m_whole->setChecked(m_reading);
  for (QPushButton* button : m_answers) button->setVisible(kind == "fits");
  for (std::size_t i = 0; i < m_answers.size(); ++i) m_answers[i]->setChecked(m_sheet->answered() == QString::number(i + 1));
  if (kind == "fits") showText(texts.value(0), tr("The document to judge"));
  else showCards(texts, kind == "intruder");
  m_keys->setText(kind == "intruder" ? tr("keys 1 to 6, Space") : kind == "topic" ? tr("Enter to go on, ↓ to read on") : kind == "fits" ? tr("keys 1 2 3") : QString());
  if (kind == "topic") {
    if (m_topic->text() != m_sheet->answered()) m_topic->setText(m_sheet->answered());
    if (isAncestorOf(QApplication::focusWidget())) m_topic->setFocus();
  } else if (m_topic->hasFocus()) {
    m_body->setFocus();
  }
}

/// Where it stands already it stays scrolled as it is.
void AnnotationView::showText(const QString& text, const QString& name) {
  if (m_reader->toPlainText() != text) m_reader->setPlainText(text);
  m_reader->setAccessibleName(name);
  m_pages->setCurrentWidget(m_reader);
}

void AnnotationView::setReading(bool whole) {
  m_reading = whole;
  showItem();
}

bool AnnotationView::readOn(int key) {
  const bool down = key == Qt::Key_Down || key == Qt::Key_PageDown, page = key == Qt::Key_PageDown || key == Qt::Key_PageUp;
  if (!down && key != Qt::Key_Up && key != Qt::Key_PageUp) return false;
  QScrollBar* bar = m_reader->verticalScrollBar();
  const bool cards = m_sheet->item() && m_sheet->item()->kind != "fits";
  if (cards && !m_reading && down) setReading(true);
  else if (cards && m_reading && !down && bar->value() == bar->minimum()) setReading(false);
  else bar->triggerAction(page ? (down ? QScrollBar::SliderPageStepAdd : QScrollBar::SliderPageStepSub) : (down ? QScrollBar::SliderSingleStepAdd : QScrollBar::SliderSingleStepSub));
  return true;
}

void AnnotationView::showCards(const QStringList& texts, bool answers) {
  for (std::size_t i = 0; i < m_cards.size(); ++i) {
    auto* card = static_cast<TextCard*>(m_cards[i]);
    const auto at = static_cast<qsizetype>(i);
    card->setVisible(at < texts.size());
    card->setEnabled(answers);
    card->setNumber(answers ? static_cast<int>(i) + 1 : 0);
    card->setBody(texts.value(at));
    card->setChecked(answers && m_sheet->answered() == QString::number(i + 1));
  }
  if (!m_reading) return m_pages->setCurrentWidget(m_cardPage);
  QStringList numbered;
  for (qsizetype i = 0; i < texts.size(); ++i) numbered << tr("— %1 —").arg(i + 1) + u'\n' + texts[i];
  showText(numbered.join(u"\n\n"_s), tr("The documents in whole"));
}

void AnnotationView::takeKeys() {
  (m_topic->isVisibleTo(this) ? static_cast<QWidget*>(m_topic) : m_body)->setFocus();
}

/// Keys in the field of a topic that are the sheet's: Enter, reading on, and where the field is empty also moving and taking back.
bool AnnotationView::topicKey(QKeyEvent* event) {
  const int key = event->key();
  const bool empty = m_topic->text().trimmed().isEmpty(), left = key == Qt::Key_Left;
  if (key == Qt::Key_Return || key == Qt::Key_Enter) empty ? m_sheet->move(1) : m_sheet->nameTopic(m_topic->text());
  else if (empty && (left || key == Qt::Key_Right)) m_sheet->move(left ? -1 : 1);
  else if (event->matches(QKeySequence::Undo) && !m_topic->isUndoAvailable()) m_sheet->undo();
  else return readOn(key);
  takeKeys();
  return true;
}

/// Enter in a field is the field's: a line edit would hand it on, and the sheet would move twice.
bool AnnotationView::eventFilter(QObject* watched, QEvent* event) {
  const bool field = watched == m_topic || watched == m_rater;
  if (event->type() == QEvent::MouseButtonPress && !field) takeKeys();
  if (event->type() != QEvent::KeyPress || !field) return ViewFrame::eventFilter(watched, event);
  auto* pressed = static_cast<QKeyEvent*>(event);
  if (watched == m_topic) return topicKey(pressed) || ViewFrame::eventFilter(watched, event);
  if (pressed->key() != Qt::Key_Return && pressed->key() != Qt::Key_Enter) return ViewFrame::eventFilter(watched, event);
  m_sheet->setRater(m_rater->text());
  takeKeys();
  return true;
}

void AnnotationView::mousePressEvent(QMouseEvent* event) {
  takeKeys();
  ViewFrame::mousePressEvent(event);
}

/// Ctrl+Z takes back an answer here, whatever it means elsewhere in the window.
bool AnnotationView::event(QEvent* event) {
  if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->matches(QKeySequence::Undo) && !m_topic->hasFocus()) event->accept();
  return ViewFrame::event(event);
}

void AnnotationView::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Undo)) return m_sheet->undo();
  if (event->key() >= Qt::Key_1 && event->key() <= Qt::Key_6 && !(event->modifiers() & ~Qt::KeypadModifier)) return m_sheet->answer(event->key() - Qt::Key_0);
  if (readOn(event->key())) return;
  switch (event->key()) {
    case Qt::Key_Space: return m_whole->isVisibleTo(this) ? setReading(!m_reading) : static_cast<void>(readOn(Qt::Key_PageDown));
    case Qt::Key_Left: return m_sheet->move(-1);
    case Qt::Key_Right:
    case Qt::Key_Return:
    case Qt::Key_Enter: return m_sheet->move(1);
    default: ViewFrame::keyPressEvent(event);
  }
}

}  // namespace lacuna::ui

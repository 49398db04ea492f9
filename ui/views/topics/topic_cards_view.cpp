#include "views/topics/topic_cards_view.h"

#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>

#include "plots/plot_parts.h"
#include "theme/theme.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

/// A button that holds the lines of one card.
class TopicCard : public QPushButton {
 public:
  explicit TopicCard(QWidget* parent) : QPushButton(parent), m_layout(new QVBoxLayout(this)) {
    setObjectName(u"topicCard"_s);
    setCheckable(true);
    QSizePolicy policy(QSizePolicy::Ignored, QSizePolicy::Minimum);   // as wide as its column: long lines wrap
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    m_layout->setContentsMargins(unit + unit / 2, unit, unit + unit / 2, unit);
    m_layout->setSpacing(unit / 2);
    auto* head = new QHBoxLayout;
    head->addWidget(m_mark = line(u"swatch"_s));
    head->addWidget(m_title = line(u"question"_s), 1);
    head->addWidget(m_size = line(u"secondary"_s));
    m_mark->setFixedWidth(14);
    m_title->setWordWrap(true);
    m_layout->addLayout(head);
    for (QLabel** label : {&m_words, &m_documents, &m_people}) {
      m_layout->addWidget(*label = line(label == &m_documents ? u"text"_s : u"secondary"_s));
      (*label)->setWordWrap(true);
    }
    m_layout->addStretch(1);
  }
  void show(const TopicCardsViewModel::Card& card) {
    const PlotStyle style = PlotStyle::screen(Theme::of(palette()), font());
    m_mark->setPixmap(sprite(style, shapeOf(card.tone), style.tone(card.tone), 11, devicePixelRatioF()));
    m_title->setText(card.label);
    m_size->setText(card.size);
    m_words->setText(card.words);
    m_documents->setText(card.documents.isEmpty() ? QString() : u"– "_s + card.documents.join(u"\n– "_s));
    m_people->setText(card.people);
    m_people->setVisible(!card.people.isEmpty());
    setChecked(card.selected);
    setAccessibleName(u"%1, %2, %3"_s.arg(card.label, card.size, card.words));
    setAccessibleDescription(card.documents.join(u'\n'));
  }
  QSize sizeHint() const override { return m_layout->sizeHint(); }
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override { return m_layout->heightForWidth(width); }
  QSize minimumSizeHint() const override { return {160, 60}; }   // its height follows from its width

 private:
  QLabel* line(const QString& name) {
    auto* label = new QLabel(this);
    label->setObjectName(name);
    label->setTextFormat(Qt::PlainText);
    label->setAttribute(Qt::WA_TransparentForMouseEvents);
    return label;
  }
  QVBoxLayout* m_layout;
  QLabel *m_mark = nullptr, *m_title = nullptr, *m_size = nullptr, *m_words = nullptr, *m_documents = nullptr, *m_people = nullptr;
};

TopicCardsView::TopicCardsView(StudyContext& study, QWidget* parent) : TopicCardsView(new TopicCardsViewModel(study), new QScrollArea, parent) {}

TopicCardsView::TopicCardsView(TopicCardsViewModel* model, QWidget* content, QWidget* parent) : ViewFrame(model, content, nullptr, parent), m_model(model) {
  auto* area = static_cast<QScrollArea*>(content);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->setFocusPolicy(Qt::NoFocus);
  auto* page = new QWidget(area);
  page->setObjectName(u"page"_s);
  m_grid = new QGridLayout(page);
  m_grid->setContentsMargins(0, 0, unit, 0);
  m_grid->setSpacing(unit);
  area->setWidget(page);
  refresh();
}

void TopicCardsView::updateContent() {
  if (!m_grid) return;
  const auto cards = m_model->cards();
  while (m_cards.size() > cards.size()) {
    delete m_cards.back();
    m_cards.pop_back();
  }
  while (m_cards.size() < cards.size()) {
    auto* card = new TopicCard(m_grid->parentWidget());
    const int place = static_cast<int>(m_cards.size());
    connect(card, &QPushButton::clicked, m_model, [this, place] { m_model->activate(place); });
    m_cards.push_back(card);
    m_columns = 0;
  }
  for (std::size_t i = 0; i < cards.size(); ++i) m_cards[i]->show(cards[i]);
  arrange();
}

void TopicCardsView::arrange() {
  const int columns = width() > 760 ? 2 : 1;
  if (!m_grid || columns == m_columns) return;
  m_columns = columns;
  for (std::size_t i = 0; i < m_cards.size(); ++i) m_grid->addWidget(m_cards[i], static_cast<int>(i) / columns, static_cast<int>(i) % columns);
  for (int row = 0; row <= static_cast<int>(m_cards.size()); ++row) m_grid->setRowStretch(row, row == static_cast<int>(m_cards.size()) ? 1 : 0);
  for (int c = 0; c < 2; ++c) m_grid->setColumnStretch(c, c < columns ? 1 : 0);
}

void TopicCardsView::resizeEvent(QResizeEvent* event) {
  ViewFrame::resizeEvent(event);
  arrange();
}

}  // namespace lacuna::ui

#include "views/trust/refine_log_view.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>

#include "theme/theme.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

/// What one round did, and the way back.
class RoundCard : public QFrame {
 public:
  explicit RoundCard(QWidget* parent) : QFrame(parent) {
    setObjectName(u"roundCard"_s);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(unit + unit / 2, unit / 2, unit / 2, unit / 2);
    layout->setSpacing(2);
    auto* head = new QHBoxLayout;
    head->setSpacing(unit);
    head->addWidget(m_title = line(u"question"_s));
    head->addWidget(m_changed = line(u"secondary"_s), 1);
    head->addWidget(m_back = new QPushButton(this));
    layout->addLayout(head);
    layout->addWidget(m_did = line(u"text"_s));
    layout->addWidget(m_numbers = line(u"secondary"_s));
    layout->addStretch(1);
  }
  QPushButton* back() const { return m_back; }
  void show(const RefineLogViewModel::Round& round, bool canGoBack) {
    m_title->setText(round.title);
    m_changed->setText(round.changed);
    m_did->setText(round.did);
    m_numbers->setText(RefineLogViewModel::tr("macro purity %1 · silhouette %2").arg(round.purity, round.silhouette));
    setToolTip(round.details);
    m_back->setText(round.takenBack ? RefineLogViewModel::tr("taken back") : RefineLogViewModel::tr("Go back"));
    m_back->setEnabled(canGoBack && !round.takenBack);
    m_back->setToolTip(RefineLogViewModel::tr("Take the clusters from before this round; undo takes that back"));
    m_back->setAccessibleName(RefineLogViewModel::tr("%1: go back to the clusters before it").arg(round.title));
    setAccessibleName(u"%1, %2, %3"_s.arg(round.title, round.did, round.changed));
    setAccessibleDescription(round.details);
    for (QLabel* label : {m_title, m_did, m_numbers}) label->setEnabled(!round.takenBack);
  }

 private:
  QLabel* line(const QString& name) {
    auto* label = new QLabel(this);
    label->setObjectName(name);
    label->setTextFormat(Qt::PlainText);
    return label;
  }
  QLabel *m_title = nullptr, *m_changed = nullptr, *m_did = nullptr, *m_numbers = nullptr;
  QPushButton* m_back = nullptr;
};

RefineLogView::RefineLogView(StudyContext& study, QWidget* parent) : RefineLogView(new RefineLogViewModel(study), new QScrollArea, parent) {}

RefineLogView::RefineLogView(RefineLogViewModel* model, QWidget* content, QWidget* parent) : ViewFrame(model, content, nullptr, parent), m_rounds(model) {
  auto* area = static_cast<QScrollArea*>(content);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setFocusPolicy(Qt::NoFocus);
  auto* page = new QWidget(area);
  page->setObjectName(u"page"_s);
  m_strip = new QHBoxLayout(page);
  m_strip->setContentsMargins(0, 0, 0, 0);
  m_strip->setSpacing(unit);
  m_ending = new QLabel(page);
  m_ending->setObjectName(u"secondary"_s);
  m_ending->setWordWrap(true);
  m_ending->setMinimumWidth(140);
  m_ending->setMaximumWidth(240);
  m_strip->addWidget(m_ending);
  m_strip->addStretch(1);
  area->setWidget(page);
  refresh();
}

void RefineLogView::updateContent() {
  if (!m_strip) return;
  const auto rounds = m_rounds->rounds();
  while (m_cards.size() > rounds.size()) {
    delete m_cards.back();
    m_cards.pop_back();
  }
  while (m_cards.size() < rounds.size()) {
    auto* card = new RoundCard(m_strip->parentWidget());
    const auto number = static_cast<std::int64_t>(m_cards.size()) + 1;
    connect(card->back(), &QPushButton::clicked, this, [this, number] { Q_EMIT goBackRequested(number); });
    m_strip->insertWidget(static_cast<int>(m_cards.size()), card);
    m_cards.push_back(card);
  }
  for (std::size_t i = 0; i < rounds.size(); ++i) m_cards[i]->show(rounds[i], m_rounds->canGoBack());
  m_ending->setText(m_rounds->ending());
}

}  // namespace lacuna::ui

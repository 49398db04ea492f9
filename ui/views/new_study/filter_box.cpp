#include "views/new_study/filter_box.h"

#include <QFontDatabase>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "theme/theme.h"
#include "views/new_study/condition_builder.h"
#include "views/new_study/setup_parts.h"
#include "widgets/flow_layout.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr qsizetype longestChip = 60;

}  // namespace

FilterBox::FilterBox(const QString& name, QWidget* parent)
    : QWidget(parent), m_name(name), m_edit(new QLineEdit(this)), m_place(new QLabel(this)), m_fault(namedLabel({}, u"error"_s, this)),
      m_passing(namedLabel({}, u"secondary"_s, this)), m_line(new QWidget(this)), m_chips(new FlowLayout(m_line)), m_more(new QToolButton(m_line)),
      m_builder(new ConditionBuilder(this)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(4);
  for (QWidget* part : std::initializer_list<QWidget*>{m_edit, m_place, m_fault, m_passing, m_line, m_builder}) layout->addWidget(part);
  const QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
  m_edit->setFont(fixed);
  m_edit->setPlaceholderText(uR"(language == "en" and score >= 3)"_s);
  m_edit->setAccessibleName(name);
  m_edit->setClearButtonEnabled(true);
  m_edit->setToolTip(tr("Conditions over the fields of a document: ==, !=, <, <=, >, >=, in (…), contains, matches /…/, exists; and, or, not, parentheses"));
  m_place->setObjectName(u"error"_s);
  m_place->setFont(fixed);
  m_place->setContentsMargins(unit + 1, 0, 0, 0);   // under the characters of the edit
  m_place->setTextFormat(Qt::PlainText);
  m_place->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_more->setText(tr("+ Condition"));
  m_more->setObjectName(u"disclosure"_s);
  m_more->setCheckable(true);
  m_more->setFocusPolicy(Qt::StrongFocus);
  m_more->setMinimumHeight(24);
  m_more->setAccessibleName(tr("%1: click a condition together").arg(name));
  m_more->setToolTip(tr("Choose a field and its values from the first rows"));
  m_chips->addWidget(m_more);
  m_builder->hide();
  connect(m_edit, &QLineEdit::textEdited, this, &FilterBox::edited);
  connect(m_more, &QToolButton::toggled, m_builder, &QWidget::setVisible);
  connect(m_builder, &ConditionBuilder::built, this, [this](const QString& condition) {
    m_more->setChecked(false);
    Q_EMIT edited(m_state.with(condition));
  });
}

void FilterBox::setState(const FilterState& state, const study::CorpusLook* look) {
  m_state = state;
  if (m_edit->text() != state.expression) m_edit->setText(state.expression);
  m_builder->setLook(look);
  m_place->setText(state.place);
  m_place->setVisible(!state.place.isEmpty());
  m_fault->setText(u"✕  "_s + state.fault);
  m_fault->setVisible(!state.sound());
  m_passing->setText(u"✓  "_s + state.passing);
  m_passing->setVisible(!state.passing.isEmpty());
  m_edit->setAccessibleDescription(state.sound() ? state.passing : state.fault);
  m_more->setEnabled(state.sound());
  if (!state.sound()) m_more->setChecked(false);
  refreshChips();
}

void FilterBox::refreshChips() {
  if (m_shown == m_state.conditions) return;
  m_shown = m_state.conditions;
  while (m_chips->count() > 0) {
    QLayoutItem* item = m_chips->takeAt(0);
    if (item->widget() != m_more) item->widget()->hide(), item->widget()->deleteLater();
    delete item;
  }
  for (int place = 0; place < m_shown.size(); ++place) {
    const QString& condition = m_shown[place];
    QString shown = condition.size() > longestChip ? condition.left(longestChip) + u'…' : condition;
    auto* chip = new QPushButton(shown.replace(u'&', u"&&"_s) + u"  ✕"_s, m_line);
    chip->setObjectName(u"chip"_s);
    chip->setMinimumHeight(24);
    chip->setToolTip(tr("Take off: %1").arg(condition));
    chip->setAccessibleName(tr("%1: take off the condition %2").arg(m_name, condition));
    connect(chip, &QPushButton::clicked, this, [this, place] { Q_EMIT edited(m_state.without(place)); });
    m_chips->addWidget(chip);
    chip->show();
  }
  m_chips->addWidget(m_more);
  m_line->updateGeometry();
}

}  // namespace lacuna::ui

#include "views/new_study/condition_builder.h"

#include <QComboBox>
#include <QFontDatabase>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>

#include "theme/theme.h"
#include "views/format.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;
using study::FilterTest;

namespace {

constexpr int shownValues = 6;

}  // namespace

ConditionBuilder::ConditionBuilder(QWidget* parent)
    : QWidget(parent), m_field(new QComboBox(this)), m_test(new QComboBox(this)), m_values(new QListWidget(this)), m_value(new QLineEdit(this)),
      m_preview(new QLabel(this)), m_add(new QPushButton(tr("Add"), this)) {
  setObjectName(u"builder"_s);
  setAttribute(Qt::WA_StyledBackground);
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(unit, unit, unit, unit);
  grid->setSpacing(unit);
  grid->addWidget(m_field, 0, 0);
  grid->addWidget(m_test, 0, 1);
  grid->addWidget(m_value, 0, 2);
  grid->addWidget(m_values, 1, 0, 1, 3);
  grid->addWidget(m_preview, 2, 0, 1, 2);
  grid->addWidget(m_add, 2, 2, Qt::AlignRight);
  grid->setColumnStretch(2, 1);
  m_field->setAccessibleName(tr("Field of the condition"));
  m_test->setAccessibleName(tr("What is asked of the field"));
  m_values->setAccessibleName(tr("Values"));
  m_value->setAccessibleName(tr("Value"));
  m_value->setPlaceholderText(tr("Value"));
  m_preview->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  m_preview->setTextFormat(Qt::PlainText);
  m_preview->setWordWrap(true);
  m_field->setMinimumWidth(180);
  m_values->setObjectName(u"values"_s);
  m_add->setAccessibleName(tr("Add the condition to the filter"));
  const std::pair<QString, FilterTest> tests[] = {{tr("is one of"), FilterTest::OneOf}, {tr("is none of"), FilterTest::NoneOf}, {tr("is at least"), FilterTest::AtLeast},
                                                  {tr("is at most"), FilterTest::AtMost}, {tr("contains"), FilterTest::Contains}, {tr("is there at all"), FilterTest::Exists}};
  for (const auto& [text, test] : tests) m_test->addItem(text, static_cast<int>(test));
  connect(m_field, &QComboBox::currentIndexChanged, this, &ConditionBuilder::fieldChosen);
  connect(m_test, &QComboBox::currentIndexChanged, this, &ConditionBuilder::refresh);
  connect(m_values, &QListWidget::itemChanged, this, &ConditionBuilder::refresh);
  connect(m_value, &QLineEdit::textChanged, this, &ConditionBuilder::refresh);
  const auto add = [this] {
    if (const QString made = condition(); !made.isEmpty()) Q_EMIT built(made);
  };
  connect(m_add, &QPushButton::clicked, this, add);
  connect(m_value, &QLineEdit::returnPressed, this, add);
  fieldChosen();
}

void ConditionBuilder::setLook(const study::CorpusLook* look) {
  std::vector<study::FieldLook> fields;
  if (look) fields = look->groups;
  const auto names = [](const std::vector<study::FieldLook>& all) {
    std::vector<std::string> list;
    for (const auto& field : all) list.push_back(field.name);
    return list;
  };
  if (names(fields) == names(m_fields)) {
    m_fields = std::move(fields);
    return;
  }
  m_fields = std::move(fields);
  m_field->clear();
  for (const auto& field : m_fields) m_field->addItem(qs(field.name), qs(field.name));
  fieldChosen();
}

const study::FieldLook* ConditionBuilder::field() const {
  const auto place = static_cast<std::size_t>(m_field->currentIndex());
  return m_field->currentIndex() >= 0 && place < m_fields.size() ? &m_fields[place] : nullptr;
}

FilterTest ConditionBuilder::test() const { return static_cast<FilterTest>(m_test->currentData().toInt()); }

/// Its values become the list; many different numbers are asked for by a limit.
void ConditionBuilder::fieldChosen() {
  const QSignalBlocker blocker(m_values);
  m_values->clear();
  const study::FieldLook* chosen = field();
  if (chosen)
    for (const auto& [value, rows] : chosen->values) {
      auto* item = new QListWidgetItem(tr("%1 – %n row(s)", nullptr, static_cast<int>(rows)).arg(value.empty() ? tr("(empty)") : qs(value)), m_values);
      item->setData(Qt::UserRole, qs(value));
      item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
      item->setCheckState(Qt::Unchecked);
    }
  const int lines = std::clamp(m_values->count(), 1, shownValues);
  m_values->setFixedHeight(lines * (m_values->fontMetrics().height() + 6) + 8);
  m_value->clear();
  const bool limits = chosen && chosen->numeric && chosen->different > shownValues;
  m_test->setCurrentIndex(m_test->findData(static_cast<int>(limits ? FilterTest::AtLeast : chosen && chosen->values.empty() ? FilterTest::Contains : FilterTest::OneOf)));
  refresh();
}

QStringList ConditionBuilder::values() const {
  QStringList chosen;
  if (m_values->isVisibleTo(this)) {
    for (int i = 0; i < m_values->count(); ++i)
      if (m_values->item(i)->checkState() == Qt::Checked) chosen << m_values->item(i)->data(Qt::UserRole).toString();
  } else if (!m_value->text().trimmed().isEmpty()) {
    chosen << m_value->text().trimmed();
  }
  return chosen;
}

QString ConditionBuilder::condition() const {
  if (!field()) return {};
  std::vector<std::string> chosen;
  for (const QString& value : values()) chosen.push_back(value.toStdString());
  return qs(study::filterCondition(field()->name, test(), chosen));
}

void ConditionBuilder::refresh() {
  const bool lists = (test() == FilterTest::OneOf || test() == FilterTest::NoneOf) && m_values->count() > 0;
  m_values->setVisible(lists);
  m_value->setVisible(!lists && test() != FilterTest::Exists);
  const QString made = condition();
  m_preview->setText(!field() ? tr("The first rows have no fields beside the text.") : made.isEmpty() ? lists ? tr("Tick the values.") : tr("Write the value.") : made);
  m_add->setEnabled(!made.isEmpty());
}

}  // namespace lacuna::ui

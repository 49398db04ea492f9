#include "views/new_study/setup_form.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>
#include <QVBoxLayout>

#include "theme/theme.h"
#include "views/new_study/setup_parts.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

/// Leaves a text alone that is just being typed.
void setText(QLineEdit* edit, const QString& text) {
  if (edit->text().trimmed() != text) edit->setText(text);
}

}  // namespace

SetupForm::SetupForm(SetupSection& section, QWidget* parent, int indent)
    : QWidget(parent), m_section(section), m_layout(new QVBoxLayout(this)), m_labels(labelWidth - indent) {
  m_layout->setContentsMargins(0, 0, 0, 0);
  m_layout->setSpacing(unit);
  connect(&section, &SetupSection::changed, this, &SetupForm::refresh);
}

void SetupForm::add(const QString& key, const QString& label, QWidget* control, const QString& hint, std::function<void()> fill) {
  auto* row = new QWidget(this);
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(unit + unit / 2);
  auto* name = new QLabel(label, row);
  name->setFixedWidth(m_labels);
  name->setWordWrap(true);
  name->setBuddy(control);
  control->setParent(row);
  control->setFixedWidth(controlWidth);
  control->setToolTip(hint);
  control->setFocusPolicy(Qt::StrongFocus);
  control->installEventFilter(this);
  if (!label.isEmpty()) control->setAccessibleName(label);
  control->setAccessibleDescription(hint);
  auto* says = new QLabel(hint, row);
  says->setObjectName(u"secondary"_s);
  says->setWordWrap(true);
  layout->addWidget(name);
  layout->addWidget(control);
  layout->addWidget(says, 1);
  m_layout->addWidget(row);
  m_rows.append({key, row, control, says, hint, std::move(fill)});
  refresh();
}

QComboBox* SetupForm::makeBox(const QString& key, bool editable) {
  auto* box = new QComboBox(this);
  box->setEditable(editable);
  box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  if (editable) box->setInsertPolicy(QComboBox::NoInsert);
  connect(box, &QComboBox::activated, &m_section, [this, key, box](int index) { m_section.set(key, box->itemData(index).toString()); });
  return box;
}

void SetupForm::addChoice(const QString& key, const QString& label, const QString& hint, const SetupSection::Choices& choices) {
  QComboBox* box = makeBox(key, false);
  add(key, label, box, hint, [this, key, box, choices] { setChoices(box, choices, m_section.text(key)); });
}

void SetupForm::addChoices(const QString& key, const QString& label, const QString& hint) {
  QComboBox* box = makeBox(key, false);
  add(key, label, box, hint, [this, key, box] { setChoices(box, m_section.choices(key), m_section.text(key)); });
}

void SetupForm::addField(const QString& key, const QString& label, const QString& hint) {
  QComboBox* box = makeBox(key, true);
  box->lineEdit()->setAccessibleName(label);
  connect(box->lineEdit(), &QLineEdit::editingFinished, &m_section, [this, key, box] {
    const QString typed = box->currentText().trimmed();
    const int known = box->findText(typed);
    m_section.set(key, known >= 0 ? box->itemData(known).toString() : typed);
  });
  add(key, label, box, hint, [this, key, box] {
    const QString now = m_section.text(key);
    SetupSection::Choices choices = m_section.choices(key);
    if (std::none_of(choices.begin(), choices.end(), [&](const auto& choice) { return choice.second == now; })) choices.append({now, now});
    if (!box->lineEdit()->isModified() || !box->hasFocus()) setChoices(box, choices, now);
  });
}

void SetupForm::addCount(const QString& key, const QString& label, const QString& hint, const Range& range) {
  auto* box = new QSpinBox(this);
  box->setRange(static_cast<int>(range.low), static_cast<int>(range.high));
  box->setSuffix(range.suffix);
  box->setSpecialValueText(range.lowest);
  box->setGroupSeparatorShown(true);
  connect(box, &QSpinBox::valueChanged, &m_section, [this, key](int value) {
    if (!m_filling) m_section.set(key, value);
  });
  add(key, label, box, hint, [this, key, box] { box->setValue(static_cast<int>(m_section.number(key))); });
}

void SetupForm::addReal(const QString& key, const QString& label, const QString& hint, const Range& range) {
  auto* box = new QDoubleSpinBox(this);
  box->setDecimals(range.decimals);
  box->setRange(range.low, range.high);
  box->setSingleStep(range.step);
  box->setSuffix(range.suffix);
  box->setSpecialValueText(range.lowest);
  connect(box, &QDoubleSpinBox::valueChanged, &m_section, [this, key](double value) {
    if (!m_filling) m_section.set(key, value);
  });
  add(key, label, box, hint, [this, key, box] { box->setValue(m_section.number(key)); });
}

void SetupForm::addFlag(const QString& key, const QString& text, const QString& hint) {
  auto* box = new QCheckBox(text, this);
  connect(box, &QCheckBox::clicked, &m_section, [this, key](bool on) { m_section.set(key, on); });
  add(key, {}, box, hint, [this, key, box] { box->setChecked(m_section.flag(key)); });
}

void SetupForm::addText(const QString& key, const QString& label, const QString& hint, const QString& placeholder) {
  auto* edit = new QLineEdit(this);
  edit->setPlaceholderText(placeholder);
  connect(edit, &QLineEdit::textEdited, &m_section, [this, key](const QString& text) { m_section.set(key, text.trimmed()); });
  add(key, label, edit, hint, [this, key, edit] { setText(edit, m_section.text(key)); });
}

void SetupForm::addNote(const QString& key, const std::function<QString()>& says, const std::function<bool()>& wrong) {
  auto* holder = new QWidget(this);
  auto* layout = new QHBoxLayout(holder);
  layout->setContentsMargins(m_labels + unit + unit / 2, 0, 0, 0);
  auto* lines = new InputLines(holder);
  layout->addWidget(lines, 1);
  m_layout->addWidget(holder);
  m_rows.append({key, holder, lines, nullptr, {}, [lines, says, wrong] { lines->setLines({{wrong() ? InputLine::Kind::Problem : InputLine::Kind::Good, says()}}); }});
  refresh();
}

/// A wheel over a control that nobody chose scrolls the page.
bool SetupForm::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Wheel && !static_cast<QWidget*>(watched)->hasFocus()) {
    event->ignore();
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

void SetupForm::refresh() {
  m_filling = true;
  bool any = false;
  for (const Row& row : std::as_const(m_rows)) {
    row.fill();
    const bool shown = m_section.shows(row.key);
    any = any || shown;
    row.widget->setVisible(shown);
    const QString why = m_section.whyNot(row.key);
    row.control->setEnabled(why.isEmpty());
    if (!row.hint) continue;
    row.hint->setText(why.isEmpty() ? row.says : why);
    row.control->setAccessibleDescription(row.hint->text());
    row.control->setToolTip(row.hint->text());
  }
  setVisible(any);
  m_filling = false;
}

}  // namespace lacuna::ui

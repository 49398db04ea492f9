#include "views/new_study/setup_parts.h"

#include <QComboBox>
#include <QLabel>
#include <QVBoxLayout>

#include "theme/theme.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

QLabel* namedLabel(const QString& text, const QString& name, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setObjectName(name);
  label->setWordWrap(true);
  return label;
}

Card makeCard(const QString& title, const QString& hint, QWidget* parent) {
  auto* frame = new QFrame(parent);
  frame->setObjectName(u"card"_s);
  auto* rows = new QVBoxLayout(frame);
  rows->setContentsMargins(2 * unit, unit + unit / 2, 2 * unit, unit + unit / 2);
  rows->setSpacing(unit);
  rows->addWidget(namedLabel(title, u"cardTitle"_s, frame));
  if (!hint.isEmpty()) rows->addWidget(namedLabel(hint, u"secondary"_s, frame));
  return {frame, rows};
}

void setChoices(QComboBox* box, const SetupSection::Choices& choices, const QString& current) {
  QStringList wanted, shown;
  for (const auto& [text, value] : choices) wanted << text << value;
  for (int i = 0; i < box->count(); ++i) shown << box->itemText(i) << box->itemData(i).toString();
  if (wanted != shown) {
    box->clear();
    for (const auto& [text, value] : choices) {
      box->addItem(text, value);
      box->setItemData(box->count() - 1, text, Qt::ToolTipRole);   // a narrow list cuts long names
    }
  }
  box->setCurrentIndex(std::max(0, box->findData(current)));
}

InputLines::InputLines(QWidget* parent) : QWidget(parent), m_layout(new QVBoxLayout(this)) {
  m_layout->setContentsMargins(0, 0, 0, 0);
  m_layout->setSpacing(2);
}

void InputLines::setLines(const QList<InputLine>& lines) {
  QStringList wanted;
  for (const InputLine& line : lines) {
    static const QString marks[] = {u"…"_s, u"✓"_s, u"△"_s, u"✕"_s};
    wanted << u"%1  %2"_s.arg(marks[static_cast<int>(line.kind)], line.text);
  }
  setVisible(!lines.isEmpty());
  if (wanted == texts()) return;
  while (QLayoutItem* item = m_layout->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  for (qsizetype i = 0; i < lines.size(); ++i) {
    static const QString names[] = {u"secondary"_s, u"secondary"_s, u"note"_s, u"error"_s};
    QLabel* label = namedLabel(wanted[i], names[static_cast<int>(lines[i].kind)], this);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_layout->addWidget(label);
  }
}

QStringList InputLines::texts() const {
  QStringList out;
  for (int i = 0; i < m_layout->count(); ++i) out << static_cast<QLabel*>(m_layout->itemAt(i)->widget())->text();
  return out;
}

}  // namespace lacuna::ui

#include "views/trust/field_box.h"

#include "views/format.h"
#include "views/trust/field_words.h"

namespace lacuna::ui {

FieldBox::FieldBox(StudyContext& study, QWidget* parent) : QComboBox(parent), m_study(study) {
  setAccessibleName(tr("Field of metadata"));
  setToolTip(tr("The field of metadata that the clusters are compared with"));
  setSizeAdjustPolicy(QComboBox::AdjustToContents);
  setMaximumWidth(180);
  connect(this, &QComboBox::activated, this, [this] { m_study.selection().setField(currentText().toStdString()); });
  connect(&study, &StudyContext::resultsChanged, this, &FieldBox::fill);
  connect(&study.selection(), &SelectionModel::fieldChanged, this, &FieldBox::fill);
  fill();
}

void FieldBox::fill() {
  clear();
  for (const study::Field& field : m_study.results().evidence.fields) addItem(qs(field.name));
  if (const study::Field* field = fieldShown(m_study.results(), m_study.selection())) setCurrentText(qs(field->name));
  setVisible(parentWidget() && count() > 1);
}

}  // namespace lacuna::ui

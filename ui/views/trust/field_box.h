#pragma once

#include <QComboBox>

#include "selection/study_context.h"

namespace lacuna::ui {

/// Chooses the field for every view; stays away where there is no choice.
class FieldBox : public QComboBox {
  Q_OBJECT
 public:
  explicit FieldBox(StudyContext& study, QWidget* parent = nullptr);

 private:
  void fill();
  StudyContext& m_study;
};

}  // namespace lacuna::ui

#pragma once

#include <QWidget>

#include "selection/study_context.h"

class QBoxLayout;
class QCheckBox;
class QComboBox;
class QHBoxLayout;
class QLabel;
class QPushButton;

namespace lacuna::ui {

/// Above the effect views: method, dose, task and outcome they all show. "Equal dose" lists displacements δ in place of ε.
class ConditionBar : public QWidget {
  Q_OBJECT
 public:
  explicit ConditionBar(StudyContext& study, QWidget* parent = nullptr);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  QLabel* addBox(QHBoxLayout* row, const QString& name, QComboBox* box);
  void fill();
  void fillEqualDose();
  void apply();
  void arrange();                                   ///< one row, or two where one is too narrow
  StudyContext& m_study;
  QBoxLayout* m_rows;
  QComboBox *m_method, *m_strength, *m_task, *m_outcome;
  QCheckBox* m_equalDose;
  QLabel* m_symbol = nullptr;                       ///< "ε" or "δ"
  bool m_filling = false;
};

/// What is selected, as chips that can be taken away, and how many documents that is.
class SelectionBar : public QWidget {
  Q_OBJECT
 public:
  explicit SelectionBar(StudyContext& study, QWidget* parent = nullptr);
  QString text() const;

 private:
  void fill();
  QPushButton* addChip(const QString& text, const QString& name);
  StudyContext& m_study;
  QHBoxLayout* m_chips;
  QLabel* m_count;
  QPushButton* m_clear;
};

}  // namespace lacuna::ui

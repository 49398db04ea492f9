#pragma once

#include "plots/series_plot.h"
#include "views/report/strength_view_model.h"
#include "widgets/view_frame.h"

class QDoubleSpinBox;

namespace lacuna::ui {

class TableView;

/// The table of strengths and, under it, the measured curve of the selected one; in the header the budget of the next tuning.
class StrengthView : public ViewFrame {
  Q_OBJECT
 public:
  explicit StrengthView(StudyContext& study, QWidget* parent = nullptr);
  TableView* table() const { return m_table; }
  QDoubleSpinBox* budget() const { return m_budget; }

 protected:
  void updateContent() override;

 private:
  StrengthView(StrengthViewModel* model, QWidget* content, SeriesPlot* curve, QWidget* parent);
  StrengthViewModel* m_strengths;
  SeriesPlot* m_curve;
  TableView* m_table = nullptr;
  void addBudget(StudyContext& study);
  QDoubleSpinBox* m_budget;
  bool m_filling = false;
};

}  // namespace lacuna::ui

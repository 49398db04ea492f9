#pragma once

#include "plots/figure_data.h"
#include "views/effects/effect_selection.h"
#include "views/view_model.h"

namespace lacuna::ui {

/// V-14b: effect against evidence, all tasks of the shown method and strength.
class VolcanoViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit VolcanoViewModel(StudyContext& study);
  QString subtitle() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  PointsFigure figure() const;
  QString caption() const override;
  void activate(int point, Qt::KeyboardModifiers modifiers);

 private:
  std::vector<const study::EffectRow*> rows() const;
};

/// V-14c: every test with its statistic, p, correction and effect size.
class TestsViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit TestsViewModel(StudyContext& study);
  QString subtitle() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  std::vector<int> highlightedRows() const;
  void activateRow(int row);

 private:
  std::vector<const study::EffectRow*> rows() const;
};

}  // namespace lacuna::ui

#pragma once

#include "plots/figure_data.h"
#include "views/view_model.h"

namespace lacuna::ui {

/// How much of a perturbation a capability tolerates (methods.md 11): tolerance as a line, the knee with its interval, by cluster.
class RobustnessViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit RobustnessViewModel(StudyContext& study);
  QString subtitle() const override;
  QString caption() const override;
  QString summary() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  ForestFigure figure() const;
  void activate(int row, Qt::KeyboardModifiers modifiers);

 private:
  std::vector<const study::RobustnessRow*> rows() const;   ///< of the shown method and task
};

}  // namespace lacuna::ui

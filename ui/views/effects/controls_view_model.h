#pragma once

#include "plots/figure_data.h"
#include "views/effects/effect_selection.h"
#include "views/view_model.h"

namespace lacuna::ui {

/// The selected cluster's effect on one task among each kind of control (methods.md 5.5): band of the controls, the target as a red line.
class ControlsViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit ControlsViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  QString caption() const override;
  QString summary() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  ForestFigure figure() const;
  void activate(int row, Qt::KeyboardModifiers modifiers);

 private:
  const study::EffectRow* target() const;                ///< null: this cell was not run
  std::vector<const study::ControlRow*> rows() const;    ///< of the target's run, one a kind
};

QString controlName(const QString& kind);                ///< "matched", "permuted", "others", "noise"

}  // namespace lacuna::ui

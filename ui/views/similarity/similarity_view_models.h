#pragma once

#include "plots/figure_data.h"
#include "views/effects/effect_selection.h"
#include "views/view_model.h"

namespace lacuna::ui {

/// V-13: layers × layers, clean against perturbed; debiased linear CKA on a fixed 0–1 scale.
class CkaMatrixViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit CkaMatrixViewModel(StudyContext& study);
  QString subtitle() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  MatrixFigure figure() const;

 private:
  const study::CkaMatrix* shown() const;
};

/// V-13, second plot: CKA of each layer with itself against ε.
class CkaStrengthViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit CkaStrengthViewModel(StudyContext& study);
  QString subtitle() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  SeriesFigure figure() const;
};

/// Damage along the network: CKA raw and per-dimension scaled, and the relative displacement, at each layer.
class CkaLayersViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit CkaLayersViewModel(StudyContext& study);
  QString subtitle() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  SeriesFigure figure() const;

 private:
  std::vector<const study::CkaRow*> rows() const;
};

}  // namespace lacuna::ui

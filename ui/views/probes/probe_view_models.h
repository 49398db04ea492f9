#pragma once

#include "plots/figure_data.h"
#include "views/view_model.h"

namespace lacuna::ui {

/// V-6: held-out AUC by layer with its interval; chance at 0.5.
class ProbeQualityViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit ProbeQualityViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  SeriesFigure figure() const;
  Series tokenSeries() const;
  void activate(int item, Qt::KeyboardModifiers modifiers);
};

/// Clusters × layers: AUC, with a dot where the probe passed its gate.
class ProbeMatrixViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit ProbeMatrixViewModel(StudyContext& study);
  QString subtitle() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  MatrixFigure figure() const;
  void activate(int cell, Qt::KeyboardModifiers modifiers);

 private:
  std::vector<LayerIndex> layers() const;
};

/// The site whose probes rank neurons: mlp_hidden where it was probed, else the first one of the study.
std::string neuronSite(const study::Results& results);

}  // namespace lacuna::ui

#pragma once

#include "plots/figure_data.h"
#include "views/view_model.h"

namespace lacuna::ui {

/// Do the ways of ranking neurons agree (methods.md 4.4)? One cluster and layer: Spearman of all neurons, Jaccard of the leading ones.
class RankingsViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit RankingsViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  QString caption() const override;
  QString summary() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  MatrixFigure figure() const;

 private:
  LayerIndex layer() const;                            ///< of the primary neuron, else the best probe's that has rankings
  std::vector<const study::RankingRow*> rows() const;  ///< of the shown cluster and layer
  QStringList ways() const;
};

QString rankingName(const QString& way);               ///< "probe", "probeless", "stability", "gradients"

}  // namespace lacuna::ui

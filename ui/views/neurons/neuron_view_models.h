#pragma once

#include "plots/figure_data.h"
#include "views/view_model.h"

namespace lacuna::ui {

/// The probes of one cluster at the neuron site, by layer.
std::vector<const study::ProbeRow*> neuronProbes(const study::Results& results, ClusterId cluster);
/// Layers where importances say nothing (all equal) or S is empty, in words; empty when there are none.
QString importanceNote(const std::vector<const study::ProbeRow*>& probes);

/// V-7: importances of all neurons of all layers for the selected cluster; the set S_i marked.
class NeuronMapViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit NeuronMapViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  NeuronFigure figure() const;
  QString describe(int row, int column) const;
  void activate(int item, Qt::KeyboardModifiers modifiers);
  bool sorted() const { return m_sorted; }
  void setSorted(bool sorted);                ///< by importance inside each layer, instead of by index
  QJsonObject state() const override;
  void restore(const QJsonObject& state) override;

 private:
  std::vector<std::vector<std::int32_t>> order() const;   ///< neuron shown at each column, one list a row
  bool m_sorted = false;
};

/// V-9: importance by rank at the layer of the primary neuron, with τ; or |β|, with the threshold τ_β of permuted labels.
class RankViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit RankViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  SeriesFigure figure() const;
  bool showsBeta() const { return m_beta; }
  void setShowsBeta(bool shown);              ///< |β| instead of its share w
  QJsonObject state() const override;
  void restore(const QJsonObject& state) override;

 private:
  const study::ProbeRow* probe() const;
  bool m_beta = false;
};

/// V-8's overlap: Jaccard index of the clusters' neuron sets over all layers.
class OverlapViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit OverlapViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  MatrixFigure figure() const;
  void activate(int cell, Qt::KeyboardModifiers modifiers);
};

}  // namespace lacuna::ui

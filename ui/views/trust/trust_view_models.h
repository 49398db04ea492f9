#pragma once

#include "plots/figure_data.h"
#include "views/view_model.h"

namespace lacuna::ui {

/// Why so many clusters: silhouette, agreement of refits and agreement with the sources over the numbers that were tried.
class KCurveViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit KCurveViewModel(StudyContext& context);
  QString subtitle() const override;
  QString note() const override;
  QString caption() const override;
  EmptyState emptyState() const override;
  SeriesFigure figure() const;
  TableData table() const override;

  /// The numbers that were tried, and the one that is looked at: the chosen one until another is picked.
  std::vector<int> tried() const;
  int picked() const;
  void pick(int k);
  bool isChosen(int k) const;                      ///< it is what the study has

 private:
  int m_picked = 0;
  const std::vector<study::KRow>& curve() const { return results().evidence.curve; }
  const study::KRow* chosen() const;
  const study::KRow* best() const;                 ///< by silhouette
};

/// Numbers of clusters worth trying around k, ascending.
std::vector<int> gridAround(int k);

/// How well each cluster holds together: its silhouettes, and what refining and people would want to know first.
class ClusterValidityViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit ClusterValidityViewModel(StudyContext& context);
  QString subtitle() const override;
  QString note() const override;
  QString caption() const override;
  EmptyState emptyState() const override;
  ForestFigure figure() const;
  TableData table() const override;
  void activate(int row, Qt::KeyboardModifiers modifiers);

 private:
  struct Spread { double low = 0, high = 0; };     ///< 10 and 90 % of the documents' silhouettes; NaN: not known
  const std::vector<Spread>& spreads() const;      ///< by place of the cluster
  mutable std::shared_ptr<const study::Results> m_spreadsOf;
  mutable std::vector<Spread> m_spreads;
};

/// Where dense regions part: HDBSCAN's condensed tree, the chosen clusters outlined.
class CondensedTreeViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit CondensedTreeViewModel(StudyContext& context);
  QString subtitle() const override;
  QString caption() const override;
  EmptyState emptyState() const override;
  IcicleFigure figure() const;
  TableData table() const override;
  void activate(int node, Qt::KeyboardModifiers modifiers);

 private:
  const std::vector<study::TreeRow>& tree() const { return results().evidence.tree; }
  /// The cluster that a node is, or is a part of; invalid above all clusters.
  std::vector<ClusterId> clusters() const;
  void scale(IcicleFigure& figure) const;
};

/// Topics that said the same and became one.
class TopicMergesViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit TopicMergesViewModel(StudyContext& context);
  QString subtitle() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  void activateRow(int row);
  std::vector<int> highlightedRows() const;
};

}  // namespace lacuna::ui

#pragma once

#include "plots/figure_data.h"
#include "views/interactions/interaction_rows.h"

namespace lacuna::ui {

/// Interactions of all pairs on one task (methods.md 6): joint effect less both single ones. A cell chooses its pair.
class InteractionMatrixViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit InteractionMatrixViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  QString caption() const override;
  QString summary() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  MatrixFigure figure() const;
  void activate(int cell, Qt::KeyboardModifiers modifiers);

 private:
  InteractionRows rows() const;                                    ///< of the shown task
  const study::InteractionRow* at(int row, int column) const;
};

/// What the views of one pair have in common.
class PairViewModel : public ViewModel {
  Q_OBJECT
 public:
  using ViewModel::ViewModel;
  EmptyState emptyState() const override;

 protected:
  InteractionRows all() const;                                     ///< of every pair and task
  QString task() const;                                            ///< the one the pair is chosen by
  std::optional<ClusterPair> pair() const;
  QString pairWords() const;                                       ///< "numbers + code"
};

/// The 2 × 2 of the shown pair on one task: two lines that are parallel where the effects add up.
class TwoByTwoViewModel : public PairViewModel {
  Q_OBJECT
 public:
  explicit TwoByTwoViewModel(StudyContext& study);
  QString subtitle() const override;
  QString caption() const override;
  QString summary() const override;
  TableData table() const override;
  SeriesFigure figure() const;

 private:
  const study::InteractionRow* shown() const;
};

/// The shown pair task by task: each alone, both together against their sum, the interaction.
class PairEffectsViewModel : public PairViewModel {
  Q_OBJECT
 public:
  explicit PairEffectsViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  QString caption() const override;
  QString summary() const override;
  TableData table() const override;
  ForestFigure figure() const;
  void activate(int row, Qt::KeyboardModifiers modifiers);

 private:
  InteractionRows rows() const;                                    ///< of the pair, one a task; the condition's task alone where it names one
};

}  // namespace lacuna::ui

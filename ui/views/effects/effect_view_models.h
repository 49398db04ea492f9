#pragma once

#include "plots/figure_data.h"
#include "views/effects/effect_selection.h"
#include "views/view_model.h"

namespace lacuna::ui {

/// V-10: ACE of each cluster with its interval and the interval of random controls, largest effect first.
class ForestViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit ForestViewModel(StudyContext& study);
  QString subtitle() const override;
  QString summary() const override;
  QString caption() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  ForestFigure figure() const;
  void activate(int row, Qt::KeyboardModifiers modifiers);
  void setTask(const QString& task);          ///< empty: all
  QStringList tasks() const;

 private:
  std::vector<const study::EffectRow*> rows() const;
};

/// V-11: clusters × tasks.
class EffectMatrixViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit EffectMatrixViewModel(StudyContext& study);
  QString subtitle() const override;
  QString caption() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  MatrixFigure figure() const;
  void activate(int cell, Qt::KeyboardModifiers modifiers);

 private:
  EffectRows rows() const;
  const study::EffectRow* at(std::size_t cluster, std::size_t task) const;
};

/// V-12: ACE against strength for the shown task; clusters not selected step back. The movable line is the panel's ε.
class DoseViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit DoseViewModel(StudyContext& study);
  QString subtitle() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  SeriesFigure figure() const;
  QString caption() const override;
  void activate(int item, Qt::KeyboardModifiers modifiers);
  void moveLine(int line, double dose);       ///< the panel's ε or δ follows its line

 private:
  EffectRows points(ClusterId cluster) const;
  EffectRows allPoints() const;
  QString task() const;
};

/// Columns of E-6 for effect rows.
TableData effectTable(const StudyContext& study, const std::vector<const study::EffectRow*>& rows);
EmptyState noEffects(const study::Results& results, const QString& what);

}  // namespace lacuna::ui

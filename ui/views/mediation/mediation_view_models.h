#pragma once

#include <vector>

#include "plots/figure_data.h"
#include "views/view_model.h"

namespace lacuna::ui {

using MediationRows = std::vector<const study::MediationRow*>;

/// What the three views have in common: of several runs of one cluster and task the newest.
class MediationViewModel : public ViewModel {
  Q_OBJECT
 public:
  using ViewModel::ViewModel;
  EmptyState emptyState() const override;

 protected:
  MediationRows all() const;
  MediationRows ofTask(const QString& task) const;
  QStringList tasks() const;                   ///< with counterfactual prompts, in the study's order
  QString task() const;                        ///< the condition's where it has counterfactuals, else the first that has
};

/// Every cluster on one task: how much of the total effect runs through its neurons, TE = TNIE + PNDE.
class MediatedViewModel : public MediationViewModel {
  Q_OBJECT
 public:
  explicit MediatedViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  QString caption() const override;
  QString summary() const override;
  TableData table() const override;
  ForestFigure figure() const;
  void activate(int row, Qt::KeyboardModifiers modifiers);

 private:
  MediationRows rows() const;
};

/// The indirect effect of clusters by tasks.
class MediationMatrixViewModel : public MediationViewModel {
  Q_OBJECT
 public:
  explicit MediationMatrixViewModel(StudyContext& study);
  QString subtitle() const override;
  QString caption() const override;
  TableData table() const override;
  MatrixFigure figure() const;
  void activate(int cell, Qt::KeyboardModifiers modifiers);
};

/// One cluster, task by task: total effect, both decompositions, their difference.
class MediationPartsViewModel : public MediationViewModel {
  Q_OBJECT
 public:
  explicit MediationPartsViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  QString caption() const override;
  QString summary() const override;
  TableData table() const override;
  ForestFigure figure() const;
  void activate(int row, Qt::KeyboardModifiers modifiers);

 private:
  MediationRows rows() const;
};

bool computed(const study::MediationRow& row);
/// Both decompositions add up to the total effect (to rounding): they are identities, so a row that fails was changed by something else.
bool addsUp(const study::MediationRow& row);
TableData mediationTable(const StudyContext& study, const MediationRows& rows);
QString mediationTooltip(const StudyContext& study, const study::MediationRow& row);

}  // namespace lacuna::ui

#pragma once

#include "plots/figure_data.h"
#include "views/view_model.h"

namespace lacuna::ui {

/// What people's answers say about the clusters; rows are the clusters and, last, all of them.
class PeopleViewModel : public ViewModel {
  Q_OBJECT
 public:
  using ViewModel::ViewModel;
  EmptyState emptyState() const override;
  TableData table() const override;
  void activate(int row, Qt::KeyboardModifiers modifiers);

 protected:
  void peopleChanged() override { Q_EMIT changed(); }
  const std::vector<study::AgreementRow>& rows() const { return study().people().agreement; }
  const study::AgreementRow* all() const { return rows().empty() ? nullptr : &rows().back(); }
  QString nameOf(const study::AgreementRow& row) const;
  /// A row with the cluster's name, tone and selection; `computed` where the value is a number.
  ForestRow forestRow(const study::AgreementRow& row, const study::Ranged& value) const;
};

/// Do raters agree on which documents fit? α on the axis, raw agreement and κ beside it, since α and κ are low where nearly all documents fit.
class AgreementViewModel : public PeopleViewModel {
  Q_OBJECT
 public:
  explicit AgreementViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  QString summary() const override;
  ForestFigure figure() const;
};

/// Do people find the document that does not belong? Against guessing, 1/6.
class IntruderViewModel : public PeopleViewModel {
  Q_OBJECT
 public:
  explicit IntruderViewModel(StudyContext& study);
  QString subtitle() const override;
  QString summary() const override;
  ForestFigure figure() const;
};

}  // namespace lacuna::ui

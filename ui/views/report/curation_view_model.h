#pragma once

#include "plots/figure_data.h"
#include "views/view_model.h"

namespace lacuna::ui {

/// The curation report (methods.md 12): each cluster's share of the data now and as the report would tilt it, with its verdict. A hypothesis.
class CurationViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit CurationViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  QString caption() const override;
  QString summary() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  BarFigure figure() const;
  void activate(int bar, Qt::KeyboardModifiers modifiers);

 private:
  std::vector<const study::CurationRow*> rows() const;    ///< largest utility first
};

/// What the report cannot say, and what was fixed before its results, as paragraphs.
class CaveatsViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit CaveatsViewModel(StudyContext& study);
  QString subtitle() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  QString html() const;

 private:
  QStringList paragraphs() const;
};

}  // namespace lacuna::ui

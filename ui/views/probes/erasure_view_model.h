#pragma once

#include "plots/figure_data.h"
#include "views/view_model.h"

namespace lacuna::ui {

/// Does taking a subspace away take the cluster away (methods.md 5.2)? AUC of a fresh probe on edited held-out states, kind by kind; 0.5 is
/// nothing left, above 0.55 the erasure is incomplete.
class ErasureViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit ErasureViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  QString caption() const override;
  QString summary() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  ForestFigure figure() const;
  void activate(int row, Qt::KeyboardModifiers modifiers);

 private:
  std::vector<const study::SubspaceRow*> rows() const;         ///< of the shown cluster, by kind and layer
};

/// "difference of means", "INLP, 8 directions"; the name of a recipe in words.
QString subspaceName(const QString& kind);

}  // namespace lacuna::ui

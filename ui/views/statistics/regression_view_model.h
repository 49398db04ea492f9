#pragma once

#include "plots/figure_data.h"
#include "views/view_model.h"

namespace lacuna::ui {

/// V-15: what effects go with (methods.md 9): every coefficient by every estimator side by side, or the refusal in words.
class RegressionViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit RegressionViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  QString caption() const override;
  QString summary() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  ForestFigure figure() const;

 private:
  std::vector<const study::RegressionRow*> rows() const;   ///< without intercept and task effects, term by term
};

QString estimatorName(const QString& model);               ///< "OLS, HC3", "two-way clusters", …
QString termName(const QString& term);                     ///< "ln tokens", "similarity", "method: projection", …

}  // namespace lacuna::ui

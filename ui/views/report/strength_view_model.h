#pragma once

#include "plots/figure_data.h"
#include "views/view_model.h"

namespace lacuna::ui {

/// The largest strength that keeps a loss budget on unrelated data (methods.md 10): one row a cluster and method, and the measured curve of
/// the shown one.
class StrengthViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit StrengthViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  QString caption() const override;
  QString summary() const override;
  EmptyState emptyState() const override;
  TableData table() const override;              ///< long: one row a measured point
  TableData strengths() const;                   ///< one row a strength
  std::vector<int> highlightedRows() const;
  void activateRow(int row);
  SeriesFigure figure() const;
  void moveLine(int line, double budget);        ///< the budget of the next tuning follows its line
  bool tunable() const;                          ///< something has been run that could be tuned

 private:
  const study::StrengthRow* shown() const;       ///< of the shown cluster; of its methods the chosen one, else the condition's
  QString m_method;
};

}  // namespace lacuna::ui

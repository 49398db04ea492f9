#pragma once

#include "views/view_model.h"

namespace lacuna::ui {

/// V-16: every run with its parameters, tags and note; append-only.
class RunsViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit RunsViewModel(StudyContext& study);
  QString subtitle() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  std::vector<int> highlightedRows() const;
  void activateRow(int row);
  void pinRow(int row);                       ///< toggles the baseline
};

/// Everything stored about the selected run.
class RunDetailsViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit RunDetailsViewModel(StudyContext& study);
  QString subtitle() const override;
  EmptyState emptyState() const override;
  TableData table() const override;

 private:
  const study::RunRow* run() const;
};

}  // namespace lacuna::ui

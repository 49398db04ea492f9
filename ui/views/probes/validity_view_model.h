#pragma once

#include "views/view_model.h"

namespace lacuna::ui {

/// The validity report (methods.md 4.6): every probe with what speaks for and against it, failures first.
class ValidityViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit ValidityViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  QString caption() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  std::vector<int> highlightedRows() const;
  void activateRow(int row);

 private:
  std::vector<const study::ProbeRow*> rows() const;
};

}  // namespace lacuna::ui

#pragma once

#include "views/view_model.h"

namespace lacuna::ui {

/// The rounds that made the clusters purer, each with what it did and what came of it; one can go back to the clusters before any of them.
class RefineLogViewModel : public ViewModel {
  Q_OBJECT
 public:
  struct Round {
    std::int64_t number = 0;                       ///< from 1
    QString title, did, purity, silhouette, changed, details;   ///< details: every step, for the tooltip
    bool takenBack = false;                        ///< the clusters are those from before it
  };
  explicit RefineLogViewModel(StudyContext& context);
  QString subtitle() const override;
  QString note() const override;
  EmptyState emptyState() const override;
  TableData table() const override;                ///< every step
  std::vector<Round> rounds() const;
  QString ending() const;                          ///< why there was no further round
  bool canGoBack() const { return !study().session().readOnly(); }

 protected:
  void peopleChanged() override { Q_EMIT changed(); }

 private:
  std::int64_t wentBackTo() const;                 ///< round of the return in force; 0: none
};

}  // namespace lacuna::ui

#pragma once

#include "views/trust/refine_log_view_model.h"
#include "widgets/view_frame.h"

class QHBoxLayout;
class QLabel;

namespace lacuna::ui {

class RoundCard;

/// A strip of cards, one a round, the first at the left; each offers the way back to the clusters before it.
class RefineLogView : public ViewFrame {
  Q_OBJECT
 public:
  explicit RefineLogView(StudyContext& study, QWidget* parent = nullptr);

 Q_SIGNALS:
  void goBackRequested(std::int64_t round);         ///< to the clusters before it

 protected:
  void updateContent() override;

 private:
  RefineLogView(RefineLogViewModel* model, QWidget* content, QWidget* parent);
  RefineLogViewModel* m_rounds;
  QHBoxLayout* m_strip = nullptr;
  QLabel* m_ending = nullptr;
  std::vector<RoundCard*> m_cards;
};

}  // namespace lacuna::ui

#pragma once

#include "views/topics/topic_view_models.h"
#include "widgets/view_frame.h"

class QGridLayout;

namespace lacuna::ui {

class TopicCard;

/// Cards in two columns, one where it is narrow; a click or Enter selects the cluster everywhere.
class TopicCardsView : public ViewFrame {
  Q_OBJECT
 public:
  explicit TopicCardsView(StudyContext& study, QWidget* parent = nullptr);

 protected:
  void updateContent() override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  TopicCardsView(TopicCardsViewModel* model, QWidget* content, QWidget* parent);
  void arrange();
  TopicCardsViewModel* m_model;
  QGridLayout* m_grid = nullptr;
  std::vector<TopicCard*> m_cards;
  int m_columns = 0;
};

}  // namespace lacuna::ui

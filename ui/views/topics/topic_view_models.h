#pragma once

#include "plots/figure_data.h"
#include "views/view_model.h"

namespace lacuna::ui {

/// One card a cluster: what it is called, the words that tell it apart, three documents that stand for it, what people said.
class TopicCardsViewModel : public ViewModel {
  Q_OBJECT
 public:
  struct Card {
    ClusterId cluster;
    QString label, size, words, people;
    QStringList documents;                     ///< snippets, the most typical first
    int tone = toneMuted;
    bool selected = false;
  };
  explicit TopicCardsViewModel(StudyContext& study);
  QString subtitle() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  std::vector<Card> cards() const;
  void activate(int card);

 protected:
  void peopleChanged() override { Q_EMIT changed(); }

 private:
  /// Of every cluster the documents that the engine chose, or those with the largest silhouettes; found once a clustering.
  const std::vector<std::vector<const study::DocumentRow*>>& typical() const;
  mutable std::vector<std::vector<const study::DocumentRow*>> m_typical;
  mutable std::shared_ptr<const study::Results> m_typicalOf;
};

}  // namespace lacuna::ui

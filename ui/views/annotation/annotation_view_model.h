#pragma once

#include <QElapsedTimer>
#include <map>
#include <tuple>

#include "views/view_model.h"

namespace lacuna::ui {

/// The sheet of one rater: a name and fits for each cluster's documents, or the intruder among six. Blind: no label, term, colour, method
/// or number of a cluster is shown. Every answer is in the study file before the next item comes up.
class AnnotationViewModel : public ViewModel {
  Q_OBJECT
 public:
  enum class Task { Fits, Intruder };
  explicit AnnotationViewModel(StudyContext& study);
  QString subtitle() const override;
  EmptyState emptyState() const override;
  TableData table() const override;           ///< the rater's answers, without what was right
  QJsonObject state() const override;
  void restore(const QJsonObject& state) override;

  const QString& rater() const { return m_rater; }
  Task task() const { return m_task; }
  void setRater(const QString& rater);
  void setTask(Task task);

  /// What is asked now; null when the sheet is done.
  const study::SheetItem* item() const;
  QString question() const;
  QStringList texts() const;                  ///< of the documents of the item
  QString answered() const;                   ///< the item's answer so far, as answer() takes it; empty: none
  QString topic() const;                      ///< the rater's name for the cluster at hand
  struct Progress { int done = 0, total = 0, group = 0, groups = 0; };
  Progress progress() const;

  /// fits: 1, 2, 3 for fits, does not, unsure; intruder: 1 … 6. Other numbers are ignored. Goes on to the next item.
  void answer(int number);
  void nameTopic(const QString& topic);
  void move(int step);                        ///< to another item, answered or not
  void undo();                                ///< withdraws the last answer of this sitting and goes back to it
  bool canUndo() const { return !m_given.empty(); }

 protected:
  void peopleChanged() override;

 private:
  using Key = std::tuple<std::string, std::int32_t, std::int64_t>;
  static Key keyOf(const study::SheetItem& item) { return {item.kind, item.cluster.value, item.item}; }
  void rebuild();                             ///< sheet and answers, then the first item without an answer
  void takeAnswers();
  void give(const study::SheetItem& item, const std::string& value);
  void show(int place);

  QString m_rater;
  Task m_task = Task::Fits;
  std::vector<study::SheetItem> m_items;
  std::vector<int> m_groups;                  ///< [items]: which cluster of the sheet, from 0
  std::map<Key, std::string> m_answers;
  std::vector<int> m_given;                   ///< places answered in this sitting
  int m_place = 0;
  QElapsedTimer m_shown;
  std::string m_clustering;
};

}  // namespace lacuna::ui

#pragma once

#include <QElapsedTimer>
#include <map>

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
  void undo();                                ///< puts the item last answered in this sitting back to what it was, and goes back to it
  bool canUndo() const { return !m_given.empty(); }

 Q_SIGNALS:
  void failed(const QString& text);           ///< an answer could not be stored; the item stays open

 protected:
  void peopleChanged() override;

 private:
  struct Given { study::Question question; std::string before; };
  void rebuild();                             ///< sheet and answers anew, as after an edit; the item at hand stays if it is still asked
  void takeAnswers();
  const study::Question& questionAt(int place) const { return m_questions[static_cast<std::size_t>(place)]; }
  int placeOf(const study::Question& question) const;   ///< -1: not in the sheet
  const study::SheetItem* topicItem() const;  ///< of the cluster at hand
  bool give(const study::SheetItem& item, const std::string& value);   ///< false: it could not be stored
  void answerItem(const study::SheetItem& item, const std::string& value);
  void start();                               ///< at the first item without an answer
  void show(int place);

  QString m_rater;
  Task m_task = Task::Fits;
  std::vector<study::SheetItem> m_items;
  std::vector<study::Question> m_questions;   ///< [items]
  std::vector<int> m_groups;                  ///< [items]: which cluster of the sheet, from 0
  std::map<study::Question, std::string> m_answers;
  std::vector<Given> m_given;                 ///< in this sitting, with what stood there before
  int m_place = 0;
  QElapsedTimer m_shown;
  std::string m_clustering;
};

}  // namespace lacuna::ui

#pragma once

#include "lacuna/study/task_pages.h"
#include "plots/figure_data.h"
#include "views/view_model.h"

namespace lacuna::ui {

/// What the study's tasks ask and how well the clean model does: score with interval against the level of guessing.
class TaskScoresViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit TaskScoresViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  ForestFigure figure() const;
  void activate(int row, Qt::KeyboardModifiers modifiers);

 private:
  void ask() const;
  const study::TaskPage* shown() const;
  mutable std::vector<study::TaskPage> m_pages;
  mutable std::shared_ptr<const study::Results> m_pagesOf;     ///< results they were asked for
  QString m_problem;
};

/// One item of the selected task as the model sees it, token by token, with the scored part marked.
class TaskItemViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit TaskItemViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override { return m_problem; }
  EmptyState emptyState() const override;
  TableData table() const override;
  int item() const { return m_item; }
  int items() const;
  void setItem(int item);
  bool asked() const { return m_asked; }
  void ask();                                    ///< loads the model if need be
  /// Tokens alternate between two grounds; scored ones stand on `scored`.
  QString html(const QColor& token, const QColor& scored, const QColor& secondary) const;

 private:
  QString task() const;
  void follow();
  study::ItemView m_view;
  QString m_shownTask, m_problem;
  int m_item = 0;
  bool m_asked = false;
};

/// V-17: what a run changed, item by item; the largest losses first.
class ExamplesViewModel : public ViewModel {
  Q_OBJECT
 public:
  enum class Filter { All, Down, Up };
  explicit ExamplesViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  QJsonObject state() const override { return {{QStringLiteral("filter"), static_cast<int>(m_filter)}}; }
  void restore(const QJsonObject& state) override;
  Filter filter() const { return m_filter; }
  void setFilter(Filter filter);
  void activateRow(int row);
  int tableVersion() const { return m_version; }   ///< changes with the rows, not with the chosen one
  QString readerHtml() const;

 private:
  std::int64_t run() const;                      ///< the selected one, else one of the condition at the selected cluster
  QString task() const;
  void follow();
  std::vector<const study::ExampleRow*> rows() const;
  study::Examples m_examples;
  std::int64_t m_run = 0;
  QString m_task, m_problem;
  Filter m_filter = Filter::All;
  int m_row = -1, m_version = 0;
  bool m_loading = false;
};

}  // namespace lacuna::ui

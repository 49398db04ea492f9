#pragma once

#include "plots/figure_data.h"
#include "views/view_model.h"

namespace lacuna::ui {

/// V-1: documents of each source.
class SourcesViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit SourcesViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  BarFigure figure() const;
  void activate(int bar, Qt::KeyboardModifiers modifiers);   ///< selects the documents of a source

 private:
  struct Source { std::int64_t documents = 0, tokens = 0; };
  const study::SourceRow* steps(const std::string& source) const;   ///< what was left of it; null in older studies
  std::vector<std::pair<std::string, Source>> sources() const;
};

/// Lengths of the documents in tokens.
class LengthsViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit LengthsViewModel(StudyContext& study);
  QString subtitle() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  BarFigure figure() const;

 private:
  std::vector<std::int32_t> read() const;   ///< tokens of the documents that the model has read
};

/// What the reading of the corpus met: rows that were left out or mended, by kind, the first of them with file and line.
class ReadingViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit ReadingViewModel(StudyContext& study);
  QString subtitle() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
};

/// What is studied: model, corpus, clusters, runs, as a two-column table.
class OverviewViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit OverviewViewModel(StudyContext& study);
  QString subtitle() const override { return {}; }
  EmptyState emptyState() const override;
  TableData table() const override;
};

/// The tasks with their clean scores against chance.
class TasksViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit TasksViewModel(StudyContext& study);
  QString subtitle() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
};

}  // namespace lacuna::ui

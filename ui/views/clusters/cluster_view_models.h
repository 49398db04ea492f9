#pragma once

#include <optional>

#include "plots/figure_data.h"
#include "views/clusters/selection_terms.h"
#include "views/view_model.h"

namespace lacuna::ui {

enum class SelectionMode;

/// V-2: two coordinates of the embedding, coloured by cluster, with each cluster's name at its medoid.
class MapViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit MapViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  CloudFigure figure() const;
  QString describe(int point) const;
  void activate(int point, Qt::KeyboardModifiers modifiers);
  void select(const std::vector<int>& points, SelectionMode mode);

 private:
  /// What of the map does not depend on the selection; made on a worker where there are many documents.
  struct Layout;
  static std::shared_ptr<const Layout> layOut(const study::Results& results, const std::vector<std::pair<ClusterId, int>>& tones);
  const Layout* layout() const;
  mutable std::shared_ptr<const Layout> m_layout;
  mutable std::shared_ptr<const study::Results> m_layoutOf, m_layingOut;   ///< results it is of; results a worker is busy with
};

/// V-3: the silhouettes of each cluster's documents, sorted.
class SilhouetteViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit SilhouetteViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  QString summary() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  KnifeFigure figure() const;
  void activate(int blade, Qt::KeyboardModifiers modifiers);
  /// Of the blade's documents by silhouette, the largest first.
  QString describe(int blade, int document) const;
  void activateDocument(int blade, int document, Qt::KeyboardModifiers modifiers);

 protected:
  void peopleChanged() override { Q_EMIT changed(); }

 private:
  /// Documents of each cluster by silhouette, the largest first; sorted once.
  struct Sorted { std::vector<std::vector<std::pair<double, std::int32_t>>> members; };
  const Sorted& sorted() const;
  mutable Sorted m_sorted;
  mutable std::shared_ptr<const study::Results> m_sortedOf;
};

/// V-4: c-TF-IDF words of the selected cluster; of selected documents, the words that set them apart from the rest.
class TermsViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit TermsViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override;
  EmptyState emptyState() const override;
  TableData table() const override;
  BarFigure figure() const;
  void activate(int bar, Qt::KeyboardModifiers modifiers);   ///< finds the documents with the word

 private:
  /// What a worker found in the selected documents; null while it reads.
  struct Found { std::vector<std::int32_t> of; std::shared_ptr<const study::Results> in; std::vector<SelectionTerm> terms; };
  static Found look(const Found& wanted, const study::Session& session, const RunContext& context);
  const Found* found() const;
  BarFigure figureOfSelection() const;
  mutable Found m_found;
  mutable Found m_sought;                               ///< what the worker of m_job is busy with; `terms` empty
  mutable int m_job = 0;
};

/// V-5: the documents as a table with a reader of the primary one.
class DocumentsViewModel : public ViewModel {
  Q_OBJECT
 public:
  explicit DocumentsViewModel(StudyContext& study);
  QString subtitle() const override;
  QString note() const override { return m_fault; }    ///< what is wrong with the filter
  EmptyState emptyState() const override;
  TableData table() const override;                    ///< with whole texts, read from the study file
  LazyTable lazyTable() const;                         ///< with their beginnings; its order is found on a worker
  /// Rows that hold every word (or match /an expression/), sorted; orderFound brings them. An expression that is none is said, and takes all.
  void findOrder(int column, Qt::SortOrder order, const QString& words);
  std::vector<int> highlightedRows() const;
  int primaryRow() const;                              ///< −1: none
  const void* tableVersion() const { return &results(); }  ///< changes with the results, not with the selection
  void showDocument(int row);
  void selectDocuments(const std::vector<int>& rows);
  QString readerHtml(const QColor& markColour) const;  ///< the primary document, its cluster's terms marked

 Q_SIGNALS:
  void orderFound(const std::vector<int>& order);
  void searchRequested(const QString& words);          ///< by another view

 private:
  QString m_fault;
  std::optional<qint64> m_matching;                    ///< documents that the filter takes; without a filter nothing
};

}  // namespace lacuna::ui

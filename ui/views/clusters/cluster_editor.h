#pragma once

#include <QObject>

#include "lacuna/study/cluster_edits.h"
#include "selection/study_context.h"

namespace lacuna::ui {

/// Changes the clusters of the open study, one at a time on a worker, each with an undo that outlives the window.
class ClusterEditor : public QObject {
  Q_OBJECT
 public:
  explicit ClusterEditor(StudyContext& study);

  void rename(ClusterId cluster, const QString& label);
  void recolour(ClusterId cluster, int tone);
  void merge(ClusterId cluster, ClusterId into);
  void split(const QString& label = {});           ///< the selected documents
  void exclude(ClusterId cluster);
  void goBack(std::int64_t round);                 ///< to the clusters before a round of refining, from 1
  void undo();
  void redo();
  QString undoText() const;                        ///< "Undo rename of cluster 3"; empty: nothing to undo
  QString redoText() const;
  bool canEdit() const { return !m_study.session().readOnly() && !m_study.results().clusters.empty(); }

 Q_SIGNALS:
  void edited(const QString& what, bool movesDocuments);
  void failed(const QString& text);

 private:
  void start(const QString& what, bool moves, std::function<bool(study::Session&)> work);
  study::EditHistory history() const;
  StudyContext& m_study;
};

}  // namespace lacuna::ui

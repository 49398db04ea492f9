#pragma once

#include <QObject>
#include <memory>

#include "lacuna/study/session.h"
#include "selection/selection_model.h"

namespace lacuna::ui {

/// One open study as the views see it: the session, its results at this moment, and the selection.
class StudyContext : public QObject {
  Q_OBJECT
 public:
  explicit StudyContext(std::shared_ptr<study::Session> session, QObject* parent = nullptr);

  study::Session& session() const { return *m_session; }
  std::shared_ptr<study::Session> sharedSession() const { return m_session; }
  const study::Results& results() const { return *m_results; }
  SelectionModel& selection() { return m_selection; }
  const SelectionModel& selection() const { return m_selection; }

  /// Takes the session's newest results, which the caller had read on a worker; announces them.
  void setResults(std::shared_ptr<const study::Results> results);

  QString clusterLabel(ClusterId id) const;
  int clusterTone(ClusterId id) const;       ///< index into the palette; muted for noise
  const study::ClusterRow* cluster(ClusterId id) const;

 Q_SIGNALS:
  void resultsChanged();

 private:
  std::shared_ptr<study::Session> m_session;
  std::shared_ptr<const study::Results> m_results;
  SelectionModel m_selection;
};

}  // namespace lacuna::ui

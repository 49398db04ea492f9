#pragma once

#include <QObject>
#include <memory>

#include "jobs/job_runner.h"
#include "lacuna/study/session.h"
#include "selection/selection_model.h"

namespace lacuna::ui {

/// One open study as the views see it: the session, its results at this moment, and the selection.
class StudyContext : public QObject {
  Q_OBJECT
 public:
  /// `jobs`: where long questions run; null: a runner of its own.
  explicit StudyContext(std::shared_ptr<study::Session> session, JobRunner* jobs = nullptr, QObject* parent = nullptr);

  study::Session& session() const { return *m_session; }
  std::shared_ptr<study::Session> sharedSession() const { return m_session; }
  const study::Results& results() const { return *m_results; }
  std::shared_ptr<const study::Results> sharedResults() const { return m_results; }
  const study::People& people() const { return *m_people; }
  JobRunner& jobs() const { return *m_jobs; }
  SelectionModel& selection() { return m_selection; }
  const SelectionModel& selection() const { return m_selection; }

  /// Takes the session's newest results, which the caller had read on a worker; announces them.
  void setResults(std::shared_ptr<const study::Results> results);
  /// Takes what people said and did from the session; announces it.
  void refreshPeople();

  QString clusterLabel(ClusterId id) const;
  QString clusterLabels(const study::DocumentRow& document) const;   ///< of all that it is in: "code + maths"
  int clusterTone(ClusterId id) const;       ///< index into the palette; muted for noise
  const study::ClusterRow* cluster(ClusterId id) const;
  const study::DocumentRow* document(DocumentId id) const;
  const study::AgreementRow* agreement(ClusterId id) const;   ///< invalid id: of all clusters

 Q_SIGNALS:
  void resultsChanged();
  void peopleChanged();
  void searchRequested(const QString& words);   ///< a view asks for the documents with these words

 private:
  std::shared_ptr<study::Session> m_session;
  JobRunner* m_jobs;
  std::shared_ptr<const study::Results> m_results;
  std::shared_ptr<const study::People> m_people;
  SelectionModel m_selection;
};

}  // namespace lacuna::ui

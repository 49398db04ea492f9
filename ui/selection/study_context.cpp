#include "selection/study_context.h"

#include <QStringList>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

/// How far an effect stands out of its matched controls, in widths of their band; below 0 inside it.
double standsOut(const study::EffectRow& row) {
  const double width = row.controlHigh - row.controlLow;
  return row.metric == "margin" && row.controls > 0 && width > 0 ? (row.ace - row.controlHigh) / width : -std::numeric_limits<double>::infinity();
}

/// What a reader wants to see first: the effect that stands farthest out of its controls; else the first method at full strength.
Condition firstCondition(const study::Results& results) {
  Condition condition;
  if (!results.tasks.empty()) condition.task = QString::fromStdString(results.tasks.front().name);
  if (results.effects.empty()) return condition;
  const study::EffectRow* first = nullptr;
  for (const auto& effect : results.effects)
    if (!first || standsOut(effect) > standsOut(*first) ||
        (effect.method == first->method && standsOut(effect) == standsOut(*first) && std::abs(effect.dose - 1) < std::abs(first->dose - 1)))
      first = &effect;
  condition.method = QString::fromStdString(first->method);
  condition.epsilon = first->dose;
  condition.equalDose = first->equalDose;
  if (std::isfinite(standsOut(*first))) condition.task = QString::fromStdString(first->task);
  return condition;
}

}  // namespace

StudyContext::StudyContext(std::shared_ptr<study::Session> session, JobRunner* jobs, QObject* parent)
    : QObject(parent), m_session(std::move(session)), m_jobs(jobs ? jobs : new JobRunner(this)), m_results(m_session->results()), m_people(m_session->people()) {
  m_selection.setCondition(firstCondition(*m_results));
}

void StudyContext::setResults(std::shared_ptr<const study::Results> results) {
  m_results = std::move(results);
  m_people = m_session->people();
  if (m_selection.condition().method.isEmpty()) m_selection.setCondition(firstCondition(*m_results));
  Q_EMIT resultsChanged();
}

void StudyContext::refreshPeople() {
  m_people = m_session->people();
  Q_EMIT peopleChanged();
}

const study::DocumentRow* StudyContext::document(DocumentId id) const {
  const auto& all = m_results->documents;
  const auto at = std::lower_bound(all.begin(), all.end(), id, [](const study::DocumentRow& d, DocumentId wanted) { return d.id < wanted; });
  return at != all.end() && at->id == id ? &*at : nullptr;
}

const study::AgreementRow* StudyContext::agreement(ClusterId id) const {
  for (const auto& row : m_people->agreement)
    if (row.cluster == id) return &row;
  return nullptr;
}

const study::ClusterRow* StudyContext::cluster(ClusterId id) const {
  const auto found = std::find_if(m_results->clusters.begin(), m_results->clusters.end(), [id](const auto& c) { return c.id == id; });
  return found == m_results->clusters.end() ? nullptr : &*found;
}

QString StudyContext::clusterLabel(ClusterId id) const {
  const auto* row = cluster(id);
  if (row && !row->label.empty()) return QString::fromStdString(row->label);
  if (id.value == -2) return tr("set aside");
  return id.valid() ? tr("cluster %1").arg(id.value) : tr("noise");
}

QString StudyContext::clusterLabels(const study::DocumentRow& document) const {
  QStringList labels;
  for (const ClusterId id : m_results->evidence.clustersOf(document)) labels << clusterLabel(id);
  return labels.isEmpty() ? clusterLabel(ClusterId(document.cluster)) : labels.join(u" + "_s);
}

int StudyContext::clusterTone(ClusterId id) const {
  const auto* row = id.valid() ? cluster(id) : nullptr;
  return row && row->colour >= 0 ? row->colour : id.valid() ? id.value : -1;
}

}  // namespace lacuna::ui

#include "selection/study_context.h"

#include <algorithm>

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

/// The full strength of the first method, and the first task: what a reader wants to see first.
Condition firstCondition(const study::Results& results) {
  Condition condition;
  if (!results.tasks.empty()) condition.task = QString::fromStdString(results.tasks.front().name);
  if (results.effects.empty()) return condition;
  condition.method = QString::fromStdString(results.effects.front().method);
  double strongest = 0;
  bool full = false;
  for (const auto& effect : results.effects) {
    if (effect.method != results.effects.front().method) continue;
    strongest = std::max(strongest, effect.epsilon);
    full = full || effect.epsilon == 1;
  }
  condition.epsilon = full ? 1 : strongest;
  return condition;
}

}  // namespace

StudyContext::StudyContext(std::shared_ptr<study::Session> session, QObject* parent)
    : QObject(parent), m_session(std::move(session)), m_results(m_session->results()) {
  m_selection.setCondition(firstCondition(*m_results));
}

void StudyContext::setResults(std::shared_ptr<const study::Results> results) {
  m_results = std::move(results);
  if (m_selection.condition().method.isEmpty()) m_selection.setCondition(firstCondition(*m_results));
  Q_EMIT resultsChanged();
}

const study::ClusterRow* StudyContext::cluster(ClusterId id) const {
  const auto found = std::find_if(m_results->clusters.begin(), m_results->clusters.end(), [id](const auto& c) { return c.id == id; });
  return found == m_results->clusters.end() ? nullptr : &*found;
}

QString StudyContext::clusterLabel(ClusterId id) const {
  const auto* row = cluster(id);
  if (row && !row->label.empty()) return QString::fromStdString(row->label);
  if (id.value == -2) return tr("ambiguous");
  return id.valid() ? tr("cluster %1").arg(id.value) : tr("noise");
}

int StudyContext::clusterTone(ClusterId id) const { return id.valid() ? id.value : -1; }

}  // namespace lacuna::ui

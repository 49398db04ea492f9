#include "selection/selection_model.h"

#include <algorithm>

namespace lacuna::ui {

void SelectionModel::setDocuments(std::vector<std::int32_t> documents, DocumentId primary) {
  std::sort(documents.begin(), documents.end());
  documents.erase(std::unique(documents.begin(), documents.end()), documents.end());
  if (documents == m_documents && primary == m_primary) return;
  m_documents = std::move(documents);
  m_primary = primary;
  announce(&SelectionModel::documentsChanged);
}

void SelectionModel::setPrimaryDocument(DocumentId document) { setDocuments(m_documents, document); }

void SelectionModel::setCluster(ClusterId cluster) {
  if (std::exchange(m_cluster, cluster) == cluster) return;
  announce(&SelectionModel::clusterChanged);
}

void SelectionModel::setNeuron(std::optional<NeuronRef> neuron) {
  if (std::exchange(m_neuron, neuron) == neuron) return;
  announce(&SelectionModel::neuronChanged);
}

void SelectionModel::setRun(std::int64_t run) {
  if (std::exchange(m_run, run) == run) return;
  announce(&SelectionModel::runChanged);
}

void SelectionModel::setBaseline(std::int64_t run) {
  if (std::exchange(m_baseline, run) == run) return;
  announce(&SelectionModel::runChanged);
}

void SelectionModel::setCondition(const Condition& condition) {
  if (std::exchange(m_condition, condition) == condition) return;
  announce(&SelectionModel::conditionChanged);
}

void SelectionModel::setField(const std::string& field) {
  if (m_field == field) return;
  m_field = field;
  announce(&SelectionModel::fieldChanged);
}

void SelectionModel::setStrength(double dose, bool equalDose) {
  const bool other = std::exchange(m_strengthEqualDose, equalDose) != equalDose;
  if (std::exchange(m_strength, dose) != dose || other) Q_EMIT strengthChanged();
}

void SelectionModel::setLossBudget(double budget) {
  if (std::exchange(m_lossBudget, budget) != budget) Q_EMIT lossBudgetChanged();
}

void SelectionModel::clear() {
  together([this] {
    setDocuments({}, {});
    setCluster({});
    setNeuron(std::nullopt);
    setRun(0);
  });
}

void SelectionModel::copyFrom(const SelectionModel& other) {
  m_documents = other.m_documents;
  m_primary = other.m_primary;
  m_cluster = other.m_cluster;
  m_neuron = other.m_neuron;
  m_run = other.m_run;
  m_baseline = other.m_baseline;
  m_condition = other.m_condition;
  m_field = other.m_field;
  m_strength = other.m_strength;
  m_strengthEqualDose = other.m_strengthEqualDose;
  m_lossBudget = other.m_lossBudget;
}

void SelectionModel::together(const std::function<void()>& act) {
  ++m_acts;
  act();
  --m_acts;
  announcePending();
}

void SelectionModel::announce(Part part) {
  if (std::find(m_pending.begin(), m_pending.end(), part) == m_pending.end()) m_pending.push_back(part);
  announcePending();
}

void SelectionModel::announcePending() {
  if (m_acts > 0 || m_pending.empty()) return;
  for (const Part part : std::exchange(m_pending, {})) Q_EMIT (this->*part)();
  Q_EMIT changed();
}

}  // namespace lacuna::ui

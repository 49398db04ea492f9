#include "selection/selection_model.h"

#include <algorithm>

namespace lacuna::ui {

void SelectionModel::setDocuments(std::vector<std::int32_t> documents, DocumentId primary) {
  std::sort(documents.begin(), documents.end());
  documents.erase(std::unique(documents.begin(), documents.end()), documents.end());
  if (documents == m_documents && primary == m_primary) return;
  m_documents = std::move(documents);
  m_primary = primary;
  Q_EMIT documentsChanged();
  Q_EMIT changed();
}

void SelectionModel::setPrimaryDocument(DocumentId document) { setDocuments(m_documents, document); }

void SelectionModel::setCluster(ClusterId cluster) {
  if (std::exchange(m_cluster, cluster) == cluster) return;
  Q_EMIT clusterChanged();
  Q_EMIT changed();
}

void SelectionModel::setNeuron(std::optional<NeuronRef> neuron) {
  if (std::exchange(m_neuron, neuron) == neuron) return;
  Q_EMIT neuronChanged();
  Q_EMIT changed();
}

void SelectionModel::setRun(std::int64_t run) {
  if (std::exchange(m_run, run) == run) return;
  Q_EMIT runChanged();
  Q_EMIT changed();
}

void SelectionModel::setBaseline(std::int64_t run) {
  if (std::exchange(m_baseline, run) == run) return;
  Q_EMIT runChanged();
  Q_EMIT changed();
}

void SelectionModel::setCondition(const Condition& condition) {
  if (std::exchange(m_condition, condition) == condition) return;
  Q_EMIT conditionChanged();
  Q_EMIT changed();
}

void SelectionModel::clear() {
  setDocuments({}, {});
  setCluster({});
  setNeuron(std::nullopt);
  setRun(0);
}

}  // namespace lacuna::ui

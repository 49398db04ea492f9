#pragma once

#include <QObject>
#include <QString>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "lacuna/base/ids.h"

namespace lacuna::ui {

struct NeuronRef {
  LayerIndex layer;
  NeuronIndex neuron;
  friend bool operator==(const NeuronRef&, const NeuronRef&) = default;
};

/// Which outcome of a task its effects are shown on.
enum class Outcome {
  Margin,     ///< the primary, continuous one: log-probability margin, or mean log p of the gold answer
  Accuracy,   ///< what counts right answers: "acc", "exact_match", …
};

/// Which effects the views of one study show: method, strength, task, outcome. Shared, so that forest, matrix and volcano speak of
/// one thing; never two outcomes in one picture.
struct Condition {
  QString method, task;          ///< task empty: all tasks
  double epsilon = 1;            ///< the dose: ε, or the relative displacement δ when `equalDose`
  Outcome outcome = Outcome::Margin;
  bool equalDose = false;
  friend bool operator==(const Condition&, const Condition&) = default;
};

/// What is selected, by id and never by row: one for all views of a window. Documents are a set with one primary; cluster, neuron and
/// run are single. Each setter announces once, and only a change.
class SelectionModel : public QObject {
  Q_OBJECT
 public:
  using QObject::QObject;

  const std::vector<std::int32_t>& documents() const { return m_documents; }   ///< ascending ids
  DocumentId primaryDocument() const { return m_primary; }
  ClusterId cluster() const { return m_cluster; }
  const std::optional<NeuronRef>& neuron() const { return m_neuron; }
  std::int64_t run() const { return m_run; }                                   ///< 0: none
  std::int64_t baseline() const { return m_baseline; }
  const Condition& condition() const { return m_condition; }
  const std::string& field() const { return m_field; }                         ///< of metadata, that clusters are compared with; empty: the first
  /// The dose that the panel would run next (as Condition, ε or δ); NaN before there is a panel. It moves at a slider's pace, so strengthChanged alone says it.
  double strength() const { return m_strength; }
  bool strengthEqualDose() const { return m_strengthEqualDose; }
  /// What a strength may cost on unrelated data when the next one is tuned, nats a token; it moves at a line's pace, so lossBudgetChanged alone says it.
  double lossBudget() const { return m_lossBudget; }
  bool empty() const { return m_documents.empty() && !m_cluster.valid() && !m_neuron && m_run == 0; }

  void setDocuments(std::vector<std::int32_t> documents, DocumentId primary);
  void setPrimaryDocument(DocumentId document);
  void setCluster(ClusterId cluster);
  void setNeuron(std::optional<NeuronRef> neuron);
  void setRun(std::int64_t run);
  void setBaseline(std::int64_t run);
  void setCondition(const Condition& condition);
  void setField(const std::string& field);
  void setStrength(double dose, bool equalDose = false);
  void setLossBudget(double budget);
  void clear();
  void copyFrom(const SelectionModel& other);   ///< silently; for a view that is not linked
  /// Several setters as one act of the user: each part that they change is announced once, after the last.
  void together(const std::function<void()>& act);

 Q_SIGNALS:
  void documentsChanged();
  void clusterChanged();
  void neuronChanged();
  void runChanged();
  void conditionChanged();
  void fieldChanged();
  void changed();               ///< after any of the above, once an act
  void strengthChanged();
  void lossBudgetChanged();

 private:
  using Part = void (SelectionModel::*)();
  void announce(Part part);
  void announcePending();

  std::vector<std::int32_t> m_documents;
  DocumentId m_primary;
  ClusterId m_cluster;
  std::optional<NeuronRef> m_neuron;
  std::int64_t m_run = 0, m_baseline = 0;
  Condition m_condition;
  std::string m_field;
  double m_strength = std::numeric_limits<double>::quiet_NaN();
  bool m_strengthEqualDose = false;
  double m_lossBudget = 0.02;   // about 2 % of perplexity (methods.md 10)
  std::vector<Part> m_pending;
  int m_acts = 0;
};

}  // namespace lacuna::ui

#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "lacuna/effects/effects.h"
#include "lacuna/effects/gates.h"
#include "reported_metrics.h"
#include "workspace.h"

namespace lacuna::study {

/// Everything that effects are functions of, read once from the study file.
struct EffectData {
  explicit EffectData(const store::Store& store);
  EffectData(const EffectData&) = delete;
  EffectData& operator=(const EffectData&) = delete;

  const store::OutcomeRow* outcome(const std::string& arm, const std::string& task, const std::string& metric) const;
  const TaskRow* task(const std::string& name) const;
  const store::TaskItems* itemsOf(const std::string& task) const;
  const RunRow* run(std::int64_t number) const;

  std::vector<RunRow> runs;
  std::vector<store::ArmRow> arms;
  std::vector<TaskRow> tasks;
  std::vector<store::TaskItems> items;
  std::vector<store::OutcomeRow> outcomes;
  std::vector<ClusterRow> clusters;

 private:
  std::map<std::tuple<std::string, std::string, std::string>, const store::OutcomeRow*> m_outcomes;   ///< by arm, task, metric
};

/// One (run, task, metric) to be measured, with everything it needs.
struct EffectJob {
  const RunRow* run = nullptr;
  const store::TaskItems* items = nullptr;
  const TaskRow* task = nullptr;
  std::string metric;
  const store::OutcomeRow* clean = nullptr;
  const store::OutcomeRow* target = nullptr;
  std::vector<std::pair<std::string, std::vector<const store::OutcomeRow*>>> controls;   ///< by kind, the spec's first kind first
  std::int64_t neurons = 0, rank = 0;
  bool further = false;                                          ///< of reported_metrics.h's further metrics
};
std::vector<EffectJob> effectJobs(const EffectData& data);

/// Values of the reported items that have a clean and a perturbed value, with dense group numbers.
struct PairedItems {
  effects::Outcomes outcomes;
  std::vector<double> perturbed;
  std::vector<std::vector<double>> controls;                     ///< of the first kind
  std::vector<std::vector<std::vector<double>>> otherControls;   ///< of the further kinds
};
PairedItems pairItems(const EffectJob& job);

/// clean − perturbed of one cell over the reported items of its task, NaN where a value is missing. [items of the task]
std::vector<double> itemEffects(const EffectJob& job);

/// Places of the items that reports are made of.
std::vector<std::int64_t> reportedItems(const store::TaskItems& items);

/// Items are 0 or 1: a metric that says so may still be a share of several samples.
bool isBinary(const EffectJob& job, const PairedItems& data);
/// Of right answers the chance level; uniform guessing has margin −log(k − 1) among k choices; anything else has no floor that is known.
double floorOf(const EffectJob& job);
/// What stands between the numbers and a report: a model that does not have the ability, a metric at its end.
effects::Gate gateOf(const EffectJob& job, const PairedItems& data);
/// A thresholded metric of an ability that is not there is not reported; the continuous outcome beside it is.
bool hidesNumbers(const EffectJob& job, const effects::Gate& gate);

/// Everything derived from effects beyond the effects themselves; pure.
struct Derived { store::Analysis analysis; std::vector<std::string> caveats; };
Derived analyse(const EffectData& data, std::span<const EffectJob> jobs, const std::vector<EffectRow>& effects, const store::Store& store, const StudySpec& spec,
                const RunContext& context);

}  // namespace lacuna::study

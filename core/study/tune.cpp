#include "tune.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/effects/strength.h"
#include "tuned_effects.h"
#include "unrelated_sets.h"

namespace lacuna::study {
namespace {

using effects::Half;
using statistics::Status;

constexpr std::int64_t kDocumentsAdvised = 200;
constexpr std::int64_t kFewestGroups = 8;   // of a half: fewer give no bootstrap bound (statistics::bcaMean)

void join(std::string& reason, const std::string& more) {
  if (!more.empty()) reason += (reason.empty() ? "" : "; ") + more;
}

void check(const TuneRequest& request, const store::Store& store) {
  const auto wrong = [](const std::string& what, const std::string& hint) { return Error("LAC-1401", "tune: " + what, hint); };
  if (!(request.budget > 0) || !std::isfinite(request.budget))
    throw wrong("budget: expected nats a token above 0, found " + formatNumber(request.budget), "0.02 is about 2 % of perplexity");
  const auto notBelow = [](double a, double b) { return !(a < b); };
  const bool ascending = std::adjacent_find(request.grid.begin(), request.grid.end(), notBelow) == request.grid.end();
  if (request.grid.empty() || !ascending || !(request.grid.front() > 0) || !std::isfinite(request.grid.back()))
    throw wrong("grid: expected strengths above 0 in ascending order", "for example 0.05 0.1 0.2 0.4 0.8 1");
  const auto clusters = livingClusters(store);
  if (std::none_of(clusters.begin(), clusters.end(), [&](const ClusterRow& row) { return row.id == request.cluster; }))
    throw wrong("the study has no cluster " + std::to_string(request.cluster.value), "it has " + std::to_string(clusters.size()) + ", from 0 on");
}

/// What the strength is tuned on, and what had to be left out.
struct Unrelated {
  std::vector<UnrelatedSet> sets;
  std::string remarks;
};

void addSet(Unrelated& unrelated, UnrelatedSet&& set) {
  if (set.groups() >= kFewestGroups) unrelated.sets.push_back(std::move(set));
  else join(unrelated.remarks, "left out: " + set.name() + ", " + std::to_string(set.texts()) + " texts are too few");
}

Unrelated unrelatedTo(Workspace& w, ClusterId cluster, const std::string& tokens, const RunContext& context) {
  Unrelated out;
  if (tokens == "last") join(out.remarks, "left out: documents, in which the last token changes none after it");
  else addSet(out, unrelatedDocuments(w, cluster, tokens == "answer", context));
  if (!out.sets.empty() && out.sets[0].texts() < kDocumentsAdvised)
    join(out.remarks, "only " + std::to_string(out.sets[0].texts()) + " unrelated documents, at least " + std::to_string(kDocumentsAdvised) + " are advised");
  const std::vector<std::size_t> unlike = unlikeTasks(w, cluster);
  if (unlike.empty()) join(out.remarks, "no task lies in the lowest third of similarity to the cluster");
  for (const std::size_t task : unlike) addSet(out, unrelatedItems(w, w.tasks()[task], context));
  return out;
}

/// Loss increases of one perturbation on every set at any ε, each measured once.
class Curves {
 public:
  Curves(std::vector<UnrelatedSet>& sets, std::function<model::Arm(double)> armAt, std::vector<double> grid, const RunContext& context)
      : m_sets(sets), m_armAt(std::move(armAt)), m_grid(std::move(grid)), m_context(context), m_known(sets.size()) {}

  const effects::LossIncrease& at(std::size_t set, double epsilon, Half half) {
    Known& known = m_known[set];
    // The whole grid will be asked for: its arms share the layers below the edit.
    if (!known.contains({half, epsilon})) measure(set, half == Half::Tune && known.empty() ? m_grid : std::vector<double>{epsilon}, half);
    return known.at({half, epsilon});
  }

 private:
  using Known = std::map<std::pair<Half, double>, effects::LossIncrease>;
  void measure(std::size_t set, const std::vector<double>& epsilons, Half half) {
    std::vector<model::Arm> arms;
    for (const double epsilon : epsilons) arms.push_back(m_armAt(epsilon));
    auto increases = m_sets[set].increases(half, arms, m_context);
    for (std::size_t i = 0; i < epsilons.size(); ++i) m_known[set][{half, epsilons[i]}] = std::move(increases[i]);
  }

  std::vector<UnrelatedSet>& m_sets;
  std::function<model::Arm(double)> m_armAt;
  std::vector<double> m_grid;
  const RunContext& m_context;
  std::vector<Known> m_known;
};

std::string probesJson(const effects::TunedStrength& tuned, const std::vector<UnrelatedSet>& sets) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  const auto add = [&](const char* half, const std::vector<effects::StrengthSearch::Probe>& probes, const std::vector<std::size_t>& worst) {
    for (std::size_t i = 0; i < probes.size(); ++i)
      json.push_back({{"half", half}, {"set", sets[worst[i]].name()}, {"epsilon", probes[i].epsilon}, {"mean", probes[i].cost.mean},
                      {"upper", probes[i].cost.upper}, {"se", probes[i].cost.se}});
  };
  add("tune", tuned.search.probes, tuned.binding);
  add("confirm", tuned.confirmations, tuned.confirmedBy);
  return json.dump();
}

/// The set that broke the budget at the smallest strength; empty when none did.
std::string bindingOf(const effects::TunedStrength& tuned, double budget, const std::vector<UnrelatedSet>& sets) {
  std::string name;
  double smallest = INFINITY;
  const auto look = [&](const std::vector<effects::StrengthSearch::Probe>& probes, const std::vector<std::size_t>& worst) {
    for (std::size_t i = 0; i < probes.size(); ++i)
      if (probes[i].cost.upper > budget && probes[i].epsilon < smallest) {
        smallest = probes[i].epsilon;
        name = sets[worst[i]].name();
      }
  };
  look(tuned.search.probes, tuned.binding);
  look(tuned.confirmations, tuned.confirmedBy);
  return name;
}

struct Wanted {
  TargetRequest target;
  Target at(const Material& material, double epsilon) const {
    TargetRequest request = target;
    request.dose = {epsilon, false};
    return material.target(request);
  }
};

Wanted wantedOf(const StudySpec& spec, const Material& material, const TuneRequest& request) {
  const PerturbationSpec recipe = recipeNamed(spec, request.method);
  LayerIndex layer = request.layer.valid() ? request.layer : LayerIndex(recipe.layer);
  if (!layer.valid()) layer = material.bestLayer(request.cluster, recipe.site);
  return {{request.cluster, recipe, layer, request.tau.value_or(spec.tau), {}}};
}

StrengthRow emptyRow(const Wanted& wanted, double budget) {
  StrengthRow row;
  row.cluster = wanted.target.cluster;
  row.method = recipeName(wanted.target.recipe);
  row.layer = wanted.target.layer;
  row.budget = budget;
  row.epsilon = row.displacement = statistics::kMissing;
  row.probes = "[]";
  return row;
}

StrengthRow without(StrengthRow row, Status status, const std::string& reason) {
  row.status = statistics::statusName(status);
  row.reason = reason;
  return row;
}

effects::TuningConfig configOf(const TuneRequest& request, const StudySpec& spec) {
  effects::TuningConfig config;
  config.grid = request.grid;
  config.budget = request.budget;
  config.bootstrap.draws = spec.bootstrapDraws;
  config.bootstrap.seed = spec.seed;
  return config;
}

void fill(StrengthRow& row, const effects::TunedStrength& tuned, const Unrelated& unrelated) {
  row.epsilon = tuned.epsilon;
  row.displacement = 0;
  row.nonMonotone = tuned.search.nonMonotone;
  row.binding = bindingOf(tuned, row.budget, unrelated.sets);
  row.probes = probesJson(tuned, unrelated.sets);
  row.status = statistics::statusName(tuned.status);
  row.reason = tuned.reason;
  if (row.nonMonotone)
    join(row.reason, std::string("the loss does not rise with ε throughout") + (row.binding.empty() ? "" : ": the first crossing counts"));
  join(row.reason, unrelated.remarks);
}

}  // namespace

Tuned tunedStrength(Workspace& w, const Material& material, const TuneRequest& request, const RunContext& context) {
  check(request, w.store());
  const Wanted wanted = wantedOf(w.spec(), material, request);
  StrengthRow row = emptyRow(wanted, request.budget);
  if (const Target target = wanted.at(material, request.grid.back()); target.set.empty()) return {without(row, Status::NotIdentified, target.why), {}};
  Unrelated unrelated = unrelatedTo(w, request.cluster, wanted.target.recipe.tokens, context);
  if (unrelated.sets.empty()) return {without(row, Status::TooFew, "no unrelated data to tune on; " + unrelated.remarks), {}};
  Curves curves(unrelated.sets, [&](double epsilon) { return perturbation::makeArm(wanted.at(material, epsilon).set); }, request.grid, context);
  const auto measure = [&](std::size_t set, double epsilon, Half half) { return curves.at(set, epsilon, half); };
  const auto tuned = effects::tuneStrength(unrelated.sets.size(), measure, configOf(request, w.spec()));
  fill(row, tuned, unrelated);
  if (!(tuned.epsilon > 0)) return {row, {}};
  const Target target = wanted.at(material, tuned.epsilon);
  row.displacement = target.displacement;
  Tuned out{row, tunedEffects(w, row, target.set, unlikeTasks(w, request.cluster), context)};
  for (std::size_t set = 0; set < unrelated.sets.size(); ++set)
    out.effects.push_back(tunedLoss(row, unrelated.sets[set].name(), curves.at(set, tuned.epsilon, Half::Confirm), w.spec()));
  return out;
}

Tuned tuneStrength(const StudySpec& spec, const std::filesystem::path& study, const TuneRequest& request, const RunContext& context) {
  const std::unique_ptr<store::Store> store = store::Store::open(study, false);
  Workspace w(spec, *store, context);
  const StageKeys keys = stageKeys(spec, w.modelInfo(), w.store().edits(), w.inputs());
  requireStage(*store, "probes", keys.probes);
  requireStage(*store, "tasks", keys.tasks);
  const Material material(*store);
  Tuned tuned = tunedStrength(w, material, request, w.context());
  store->putStrength(tuned.strength, tuned.effects);
  return tuned;
}

}  // namespace lacuna::study

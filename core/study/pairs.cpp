#include "pairs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "effect_data.h"
#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "lacuna/effects/gates.h"
#include "lacuna/effects/joint_effects.h"
#include "lacuna/model/model.h"

namespace lacuna::study {
namespace {

/// The recipe of the pairs at their one dose.
PerturbationSpec recipeOf(const StudySpec& spec) {
  for (const PerturbationSpec& p : spec.perturbations) {
    if (p.equalDose() || recipeName(p) != spec.interactions.method) continue;
    PerturbationSpec recipe = p;
    recipe.epsilons = {spec.interactions.dose};
    return recipe;
  }
  throw Error("LAC-1401", "study spec: /interactions/method: no perturbation is called \"" + spec.interactions.method + "\"", "see docs/study-spec.md");
}

struct Part { ClusterId cluster; LayerIndex layer; Target target; };

Part partOf(const Material& material, const PerturbationSpec& recipe, const StudySpec& spec, ClusterId cluster) {
  const LayerIndex fixed(recipe.layer);
  const LayerIndex layer = fixed.valid() ? fixed : material.bestLayer(cluster, recipe.site);
  return {cluster, layer, material.target({cluster, recipe, layer, spec.tau, {spec.interactions.dose, false}})};
}

std::string parametersOf(const PerturbationSpec& p, const StudySpec& spec, const Part& first, const Part& second) {
  return nlohmann::json{{"pair", {first.cluster.value, second.cluster.value}}, {"layers", {first.layer.value, second.layer.value}},
                        {"method", recipeName(p)}, {"site", p.site}, {"epsilon", spec.interactions.dose}, {"tau_rule", tauRuleName(spec.tau.rule)},
                        {"tau", spec.tau.value}, {"tokens", p.tokens}, {"keep_norm", p.keepNorm}, {"span", p.span}, {"seed", spec.seed}}.dump();
}

PlannedArm armOf(const perturbation::PerturbationSet& set, const char* kind) { return {perturbation::hash(set), set, kind}; }

PlannedRun planPair(const Material& material, const PerturbationSpec& recipe, const StudySpec& spec, const Part& first, const Part& second,
                    const std::string& upstream) {
  PlannedRun run;
  RunRow& row = run.row;
  const Part* missing = first.target.set.empty() ? &first : second.target.set.empty() ? &second : nullptr;
  row.kind = "pair";
  row.status = missing ? "not_identified" : "queued";
  row.note = missing ? "cluster " + std::to_string(missing->cluster.value) + ": " + missing->target.why : "";
  row.cluster = first.cluster;
  row.partner = second.cluster;
  row.method = recipeName(recipe);
  row.site = recipe.site;
  row.layer = first.layer;
  row.dose = row.epsilon = spec.interactions.dose;
  row.seed = spec.seed;
  row.dtype = model::precisionName(spec.precision);
  row.parameters = parametersOf(recipe, spec, first, second);
  run.hash = Hasher().add("pair").add(upstream).add(row.parameters).hex();
  if (missing) return run;
  run.target = armOf(material.together(first.target.set, second.target.set), "");
  run.controls = {armOf(first.target.set, "first"), armOf(second.target.set, "second")};
  return run;
}

ClusterId named(const std::vector<ClusterRow>& clusters, int id) {
  for (const ClusterRow& cluster : clusters)
    if (cluster.id.value == id) return cluster.id;
  throw Error("LAC-1401", "study spec: /interactions/pairs: the study has no cluster " + std::to_string(id),
              "it has " + std::to_string(clusters.size()) + ", from 0 on");
}

Ranged ranged(const statistics::Estimate& e) { return {e.value, e.low, e.high}; }

/// The outcomes of one joint run on one task and metric; null where an arm was not scored.
struct FourArms { const store::OutcomeRow *clean = nullptr, *first = nullptr, *second = nullptr, *joint = nullptr; };

struct PairItems {
  effects::Outcomes outcomes;
  std::vector<double> first, second, joint, perturbed;   ///< effects; values of the joint arm
};

PairItems itemsOf(const FourArms& arms, const store::TaskItems& items) {
  PairItems out;
  std::map<std::int32_t, std::int32_t> dense;
  for (std::size_t i = 0; i < items.evaluate.size(); ++i) {
    const double clean = arms.clean->values[i];
    const double values[] = {clean - arms.first->values[i], clean - arms.second->values[i], clean - arms.joint->values[i]};
    if (!items.evaluate[i] || !std::all_of(std::begin(values), std::end(values), [](double v) { return std::isfinite(v); })) continue;
    out.first.push_back(values[0]);
    out.second.push_back(values[1]);
    out.joint.push_back(values[2]);
    out.perturbed.push_back(arms.joint->values[i]);
    out.outcomes.clean.push_back(clean);
    out.outcomes.groups.push_back(dense.emplace(items.groups[i], static_cast<std::int32_t>(dense.size())).first->second);
  }
  return out;
}

InteractionRow blank(const RunRow& run, const std::string& task, const std::string& metric) {
  InteractionRow row;
  row.run = run.number;
  row.first = run.cluster;
  row.second = run.partner;
  row.method = run.method;
  row.dose = run.dose;
  row.task = task;
  row.metric = metric;
  return row;
}

InteractionRow measure(InteractionRow row, const PairItems& items, const StudySpec& spec) {
  const effects::Interaction e = effects::interaction(items.first, items.second, items.joint, items.outcomes.groups, {spec.bootstrapDraws, spec.level, spec.seed});
  row.aceFirst = ranged(e.first);
  row.aceSecond = ranged(e.second);
  row.aceJoint = ranged(e.joint);
  row.interaction = ranged(e.interaction);
  row.se = e.interaction.se;
  row.level = e.interaction.level;
  row.n = e.interaction.n;
  row.groups = e.interaction.groups;
  row.intervalMethod = e.interaction.method;
  row.status = statistics::statusName(e.interaction.status);
  return row;
}

/// A pair without a joint perturbation has rows too: they say why there is no number.
InteractionRow missing(InteractionRow row, const std::string& why) {
  constexpr double kNone = statistics::kMissing;
  row.aceFirst = row.aceSecond = row.aceJoint = row.interaction = {kNone, kNone, kNone};
  row.se = kNone;
  row.status = statistics::statusName(statistics::Status::NotIdentified);
  row.reason = why;
  return row;
}

/// As of the single effects: right answers of a model that does not beat chance say nothing.
InteractionRow gated(const InteractionRow& row, const PairItems& items, const TaskRow* task, const StudySpec& spec) {
  if (!countsRight(row.metric)) return measure(row, items, spec);
  effects::MetricScale scale;
  scale.binary = true;
  scale.chance = task ? task->chance : std::nan("");
  scale.best = 1;
  const effects::Gate gate = effects::gateOf(items.outcomes, items.perturbed, scale);
  if (gate.status != statistics::Status::AtFloor) return measure(row, items, spec);
  InteractionRow out = missing(row, gate.reason);
  out.status = statistics::statusName(gate.status);
  return out;
}

}  // namespace

std::vector<std::pair<ClusterId, ClusterId>> pairsOf(const InteractionSpec& spec, const std::vector<ClusterRow>& clusters) {
  std::vector<std::pair<ClusterId, ClusterId>> pairs;
  for (const auto& [first, second] : spec.pairs) pairs.emplace_back(named(clusters, first), named(clusters, second));
  if (!spec.all) return pairs;
  for (std::size_t a = 0; a < clusters.size(); ++a)
    for (std::size_t b = a + 1; b < clusters.size(); ++b) pairs.emplace_back(clusters[a].id, clusters[b].id);
  return pairs;
}

std::vector<Block> planPairs(const Material& material, const StudySpec& spec, const std::vector<ClusterRow>& clusters, const std::string& upstream) {
  std::vector<Block> blocks;
  if (!spec.interactions.wanted()) return blocks;
  const PerturbationSpec recipe = recipeOf(spec);
  std::map<std::int64_t, Part> parts;
  const auto part = [&](ClusterId cluster) -> const Part& {
    const auto known = parts.find(cluster.value);
    return known != parts.end() ? known->second : parts.emplace(cluster.value, partOf(material, recipe, spec, cluster)).first->second;
  };
  for (const auto& [first, second] : pairsOf(spec.interactions, clusters)) {
    if (blocks.empty() || blocks.back().cluster != first) blocks.push_back({first, recipeName(recipe), {}});
    blocks.back().runs.push_back(planPair(material, recipe, spec, part(first), part(second), upstream));
  }
  return blocks;
}

std::vector<InteractionRow> interactionsOf(const EffectData& data, const StudySpec& spec, const RunContext& context) {
  std::vector<InteractionRow> rows;
  for (const RunRow& run : data.runs) {
    if (run.kind != "pair" || (run.status != "done" && run.status != "not_identified")) continue;
    context.checkpoint();
    const auto armNamed = [&](const std::string& kind) -> std::string {
      for (const store::ArmRow& arm : data.arms)
        if (arm.run == run.number && (kind.empty() ? arm.draw < 0 : arm.kind == kind)) return arm.arm;
      return {};
    };
    const std::string joint = armNamed(""), first = armNamed("first"), second = armNamed("second");
    for (const store::TaskItems& items : data.items) {
      if (run.status == "not_identified") rows.push_back(missing(blank(run, items.task, "margin"), run.note));
      const TaskRow* task = data.task(items.task);
      for (const std::string& metric : task ? reportedMetrics(*task) : std::vector<std::string>()) {
        const FourArms arms{data.outcome("clean", items.task, metric), data.outcome(first, items.task, metric), data.outcome(second, items.task, metric),
                            data.outcome(joint, items.task, metric)};
        if (!arms.clean || !arms.first || !arms.second || !arms.joint) continue;
        rows.push_back(gated(blank(run, items.task, metric), itemsOf(arms, items), task, spec));
      }
    }
  }
  return rows;
}

}  // namespace lacuna::study

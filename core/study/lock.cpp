#include "lock.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "workspace.h"

namespace lacuna::study {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& message, const std::string& hint) { throw Error("LAC-1404", "lock: " + message, hint); }

void checkInSpec(const StudySpec& spec, const PrimaryAnalysis& analysis) {
  const bool cell = std::any_of(spec.perturbations.begin(), spec.perturbations.end(), [&](const PerturbationSpec& p) {
    return p.method == analysis.method && std::find(p.epsilons.begin(), p.epsilons.end(), analysis.epsilon) != p.epsilons.end();
  });
  if (!cell) refuse("the spec runs no '" + analysis.method + "' at this dose", "name a method and one of its epsilons");
  const std::vector<tasks::Task> known = readTasks(spec);
  for (const std::string& name : analysis.tasks)
    if (std::none_of(known.begin(), known.end(), [&](const tasks::Task& task) { return task.name == name; }))
      refuse("the spec has no task '" + name + "'", "names are those of the task files");
}

bool hasPerturbedOutcomes(const store::Store& store) {
  const auto outcomes = store.outcomes();
  return std::any_of(outcomes.begin(), outcomes.end(), [](const store::OutcomeRow& row) { return row.arm != "clean" && row.arm != "null"; });
}

std::string canonical(const PrimaryAnalysis& a) {
  return json{{"method", a.method}, {"epsilon", a.epsilon}, {"metric", a.metric}, {"tasks", a.tasks}, {"clusters", "all"},
              {"correction", "holm"}}.dump();
}

}  // namespace

LockedPlan lockStudy(const StudySpec& spec, const std::filesystem::path& study, const PrimaryAnalysis& analysis, bool afterResults) {
  checkInSpec(spec, analysis);
  const auto store = std::filesystem::exists(study) ? store::Store::open(study, false) : store::Store::create(study);
  if (lockedPlan(*store)) refuse(study.string() + " is locked already", "a second primary analysis needs a study file of its own");
  const bool seen = hasPerturbedOutcomes(*store);
  if (seen && !afterResults)
    refuse(study.string() + " holds perturbed outcomes already", "lock before running, or pass --after-results: its results then stay exploratory");
  LockedPlan plan{analysis, canonical(analysis), "", utcNow(), !seen};
  plan.hash = Hasher().add(plan.json).hex();
  store->transaction([&] {
    if (store->meta("uuid").empty()) initialiseStudy(*store, spec);
    store->setMeta("lock", json{{"plan", plan.json}, {"hash", plan.hash}, {"created", plan.created}, {"prospective", plan.prospective}}.dump());
    if (store->stage("effects")) store->putStage({"effects", "stale", "", "", "", 0});   // labels and corrections change
  });
  return plan;
}

std::optional<LockedPlan> lockedPlan(const store::Store& store) {
  const json lock = json::parse(store.meta("lock"), nullptr, false);
  if (!lock.is_object()) return std::nullopt;
  LockedPlan plan;
  plan.json = lock.at("plan").get<std::string>();
  plan.hash = lock.at("hash").get<std::string>();
  plan.created = lock.at("created").get<std::string>();
  plan.prospective = lock.at("prospective").get<bool>();
  if (Hasher().add(plan.json).hex() != plan.hash)
    throw Error("LAC-3004", store.path().string() + ": the locked plan does not match its hash", "the file was changed by something else; open a backup");
  const json body = json::parse(plan.json);
  plan.analysis = {body.at("method"), body.at("epsilon"), body.at("metric"), body.at("tasks")};
  return plan;
}

bool isConfirmatory(const std::optional<LockedPlan>& plan, const EffectRow& effect) {
  if (!plan || !plan->prospective) return false;
  const PrimaryAnalysis& a = plan->analysis;
  return effect.method == a.method && std::abs(effect.epsilon - a.epsilon) < 1e-12 && effect.metric == a.metric &&
         (a.tasks.empty() || std::find(a.tasks.begin(), a.tasks.end(), effect.task) != a.tasks.end());
}

}  // namespace lacuna::study

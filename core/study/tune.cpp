#include "tune.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/effects/strength.h"
#include "unrelated_documents.h"

namespace lacuna::study {
namespace {

using effects::Half;
using statistics::Status;

constexpr std::int64_t kDocumentsAdvised = 200;
constexpr const char* kDocumentsName = "held-out documents of other clusters";

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
  const auto clusters = store.clusters();
  if (std::none_of(clusters.begin(), clusters.end(), [&](const ClusterRow& row) { return row.id == request.cluster; }))
    throw wrong("the study has no cluster " + std::to_string(request.cluster.value), "it has " + std::to_string(clusters.size()) + ", from 0 on");
}

/// Loss increases of one perturbation at any ε, each measured once.
class Curve {
 public:
  Curve(UnrelatedDocuments& documents, std::function<model::Arm(double)> armAt, std::vector<double> grid, const RunContext& context)
      : m_documents(documents), m_armAt(std::move(armAt)), m_grid(std::move(grid)), m_context(context) {}

  const effects::LossIncrease& at(double epsilon, Half half) {
    const std::pair<Half, double> key(half, epsilon);
    // The whole grid will be asked for: its arms share the layers below the edit.
    if (!m_known.contains(key)) measure(half == Half::Tune && m_known.empty() ? m_grid : std::vector<double>{epsilon}, half);
    return m_known.at(key);
  }

 private:
  void measure(const std::vector<double>& epsilons, Half half) {
    std::vector<model::Arm> arms;
    for (const double epsilon : epsilons) arms.push_back(m_armAt(epsilon));
    auto increases = m_documents.increases(half, arms, m_context);
    for (std::size_t i = 0; i < epsilons.size(); ++i) m_known[{half, epsilons[i]}] = std::move(increases[i]);
  }

  UnrelatedDocuments& m_documents;
  std::function<model::Arm(double)> m_armAt;
  std::vector<double> m_grid;
  const RunContext& m_context;
  std::map<std::pair<Half, double>, effects::LossIncrease> m_known;
};

std::string probesJson(const effects::TunedStrength& tuned) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  const auto add = [&](const char* half, const std::vector<effects::StrengthSearch::Probe>& probes) {
    for (const auto& probe : probes)
      json.push_back({{"half", half}, {"epsilon", probe.epsilon}, {"mean", probe.cost.mean}, {"upper", probe.cost.upper}, {"se", probe.cost.se}});
  };
  add("tune", tuned.search.probes);
  add("confirm", tuned.confirmations);
  return json.dump();
}

bool limited(const effects::TunedStrength& tuned, double budget) {
  const auto broken = [&](const auto& probe) { return probe.cost.upper > budget; };
  return std::any_of(tuned.search.probes.begin(), tuned.search.probes.end(), broken) ||
         std::any_of(tuned.confirmations.begin(), tuned.confirmations.end(), broken);
}

std::string remarks(const effects::TunedStrength& tuned, double budget, const UnrelatedDocuments& documents) {
  std::string text = tuned.reason;
  if (tuned.search.nonMonotone)
    join(text, std::string("the loss does not rise with ε throughout") + (limited(tuned, budget) ? ": the first crossing counts" : ""));
  if (documents.documents() < kDocumentsAdvised)
    join(text, "only " + std::to_string(documents.documents()) + " unrelated documents, at least " + std::to_string(kDocumentsAdvised) + " are advised");
  join(text, "documents alone: tasks unlike the cluster are not known, the study holds no similarities");
  return text;
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

void fill(StrengthRow& row, const effects::TunedStrength& tuned, const Material& material, const Wanted& wanted) {
  row.epsilon = tuned.epsilon;
  row.displacement = tuned.epsilon > 0 ? wanted.at(material, tuned.epsilon).displacement : 0;
  row.nonMonotone = tuned.search.nonMonotone;
  row.binding = limited(tuned, row.budget) ? kDocumentsName : "";
  row.probes = probesJson(tuned);
  row.status = statistics::statusName(tuned.status);
}

}  // namespace

StrengthRow tunedStrength(Workspace& w, const Material& material, const TuneRequest& request, const RunContext& context) {
  check(request, w.store());
  const Wanted wanted = wantedOf(w.spec(), material, request);
  StrengthRow row = emptyRow(wanted, request.budget);
  if (const Target target = wanted.at(material, request.grid.back()); target.set.empty()) return without(row, Status::NotIdentified, target.why);
  const std::string& tokens = wanted.target.recipe.tokens;
  if (tokens == "last")
    return without(row, Status::NotIdentified, "the last token of a running text changes no token after it: tune the recipe on all tokens");
  UnrelatedDocuments documents(w, request.cluster, tokens == "answer", context);
  if (documents.families(Half::Tune) < 2 || documents.families(Half::Confirm) < 2)
    return without(row, Status::TooFew, std::to_string(documents.documents()) + " documents of other clusters in the role \"tune\" are too few");
  Curve curve(documents, [&](double epsilon) { return perturbation::makeArm(wanted.at(material, epsilon).set); }, request.grid, context);
  effects::TuningConfig config;
  config.grid = request.grid;
  config.budget = request.budget;
  config.bootstrap.draws = w.spec().bootstrapDraws;
  config.bootstrap.seed = w.spec().seed;
  const auto tuned = effects::tuneStrength(1, [&](std::size_t, double epsilon, Half half) { return curve.at(epsilon, half); }, config);
  context.report("Loss of unrelated documents", 1, 1);
  fill(row, tuned, material, wanted);
  row.reason = remarks(tuned, row.budget, documents);
  return row;
}

StrengthRow tuneStrength(const StudySpec& spec, const std::filesystem::path& study, const TuneRequest& request, const RunContext& context) {
  const std::unique_ptr<store::Store> store = store::Store::open(study, false);
  Workspace w(spec, *store, context);
  const StageKeys keys = stageKeys(spec, w.modelInfo());
  requireStage(*store, "probes", keys.probes);
  const Material material(*store);
  StrengthRow row = tunedStrength(w, material, request, w.context());
  store->putStrength(row);
  return row;
}

}  // namespace lacuna::study

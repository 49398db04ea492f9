#include <algorithm>
#include <cmath>
#include <set>

#include "effect_data.h"
#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/effects/curation.h"
#include "lacuna/effects/joint_effects.h"
#include "lacuna/effects/robustness.h"
#include "lacuna/statistics/descriptive.h"
#include "lock.h"
#include "mediation.h"
#include "pairs.h"
#include "regression_cells.h"

/// What is derived from effects: each part is a pure function of outcomes, effects and the clustering.
namespace lacuna::study {
namespace {

using statistics::statusName;

std::vector<double> itemMeans(const std::vector<double>& values, const std::vector<const store::OutcomeRow*>& controls, const EffectJob& job) {
  std::vector<double> aces;
  for (const store::OutcomeRow* control : controls) {
    double sum = 0, n = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!std::isfinite(values[i]) || !std::isfinite(control->values[i])) continue;
      sum += job.clean->values[i] - control->values[i];
      ++n;
    }
    if (n > 0) aces.push_back(sum / n);
  }
  return aces;
}

void addControls(std::span<const EffectJob> jobs, const std::map<std::tuple<std::int64_t, std::string, std::string>, const EffectRow*>& effects, store::Analysis& out) {
  for (const EffectJob& job : jobs) {
    const auto effect = effects.find({job.run->number, job.task->name, job.metric});
    if (effect == effects.end() || !std::isfinite(effect->second->ace)) continue;
    const std::vector<double> d = itemEffects(job);
    for (const auto& [kind, controls] : job.controls) {
      const std::vector<double> aces = itemMeans(d, controls, job);
      const effects::ControlComparison c = effects::compareWithControls(effect->second->ace, aces);
      if (c.controls > 0) out.controls.push_back({job.run->number, job.task->name, job.metric, kind, c.controls, effect->second->ace, c.mean, c.low, c.high, c.p, c.percentile});
    }
  }
}

using CurveKey = std::tuple<std::int64_t, std::string, std::int64_t, std::string, std::string>;   ///< cluster, method, layer, task, metric

std::map<CurveKey, std::vector<const EffectRow*>> curvesOf(const std::vector<EffectRow>& effects) {
  std::map<CurveKey, std::vector<const EffectRow*>> curves;
  for (const EffectRow& e : effects)
    if (!e.equalDose && std::isfinite(e.ace)) curves[{e.cluster.value, e.method, e.layer.value, e.task, e.metric}].push_back(&e);
  return curves;
}

void addCurves(const std::vector<EffectRow>& effects, store::Analysis& out) {
  for (const auto& [key, rows] : curvesOf(effects)) {
    std::vector<effects::DosePoint> points;
    for (const EffectRow* row : rows) points.push_back({row->epsilon, {row->ace, row->low, row->high, row->se, row->level, row->n, row->groups, row->intervalMethod, {}}});
    const effects::DoseResponse curve = effects::doseResponse(points);
    const EffectRow& first = *rows.front();
    CurveRow row{first.cluster, first.method, first.task, first.metric, first.layer, static_cast<int>(curve.points.size()), curve.area, curve.epsilonHalf, curve.monotonicity,
                 rows.size() < 2 ? "TOO_FEW" : std::isfinite(curve.epsilonHalf) ? "OK" : "NOT_IDENTIFIED"};
    out.curves.push_back(std::move(row));
  }
}

/// The jobs of one recipe at one dose on the margin, by cluster and task.
struct Grid {
  std::string method;
  double dose = 0;
  std::map<std::pair<std::int64_t, std::string>, const EffectJob*> cells;
};

/// Grids at the doses that have controls.
std::vector<Grid> gridsOf(std::span<const EffectJob> jobs) {
  std::vector<Grid> grids;
  for (const EffectJob& job : jobs) {
    if (job.metric != "margin" || job.controls.empty()) continue;
    auto grid = std::find_if(grids.begin(), grids.end(), [&](const Grid& g) { return g.method == job.run->method && g.dose == job.run->dose; });
    if (grid == grids.end()) grid = grids.insert(grids.end(), {job.run->method, job.run->dose, {}});
    grid->cells[{job.run->cluster.value, job.task->name}] = &job;
  }
  return grids;
}

/// Items × clusters of one task, over the items that every cluster has.
effects::TaskEffects taskEffects(const Grid& grid, const std::vector<std::int64_t>& clusters, const store::TaskItems& items) {
  std::vector<std::vector<double>> columns;
  for (const std::int64_t cluster : clusters) columns.push_back(itemEffects(*grid.cells.at({cluster, items.task})));
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < items.evaluate.size(); ++i)
    if (std::all_of(columns.begin(), columns.end(), [&](const std::vector<double>& c) { return std::isfinite(c[i]); })) rows.push_back(i);
  effects::TaskEffects out{MatrixD(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(columns.size())), {}};
  std::map<std::int32_t, std::int32_t> dense;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < columns.size(); ++c) out.d(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c)) = columns[c][rows[r]];
    out.groups.push_back(dense.emplace(items.groups[rows[r]], static_cast<std::int32_t>(dense.size())).first->second);
  }
  return out;
}

void addSpecificity(const EffectData& data, const Grid& grid, const StudySpec& spec, store::Analysis& out) {
  std::set<std::int64_t> present;
  for (const auto& [place, job] : grid.cells) present.insert(place.first);
  const std::vector<std::int64_t> clusters(present.begin(), present.end());
  std::vector<effects::TaskEffects> tasks;
  std::vector<std::string> names;
  std::vector<double> sds;
  for (const store::TaskItems& items : data.items) {
    if (!std::all_of(clusters.begin(), clusters.end(), [&](std::int64_t c) { return grid.cells.contains({c, items.task}); })) continue;
    tasks.push_back(taskEffects(grid, clusters, items));
    names.push_back(items.task);
    sds.push_back(cleanSd(data, items.task));
  }
  if (clusters.size() < 2 || tasks.size() < 2) return;
  const VectorD sd = Eigen::Map<const VectorD>(sds.data(), static_cast<Eigen::Index>(sds.size()));
  const auto estimates = effects::specificityIntervals(tasks, sd, {}, {std::min(spec.bootstrapDraws, 2000), spec.level, spec.seed});
  for (std::size_t c = 0; c < clusters.size(); ++c)
    for (std::size_t t = 0; t < tasks.size(); ++t) {
      const statistics::Estimate &si = estimates.index[c][t], &dc = estimates.doubleCentred[c][t];
      out.specificity.push_back({ClusterId(clusters[c]), grid.method, names[t], grid.dose, tasks[t].d.col(static_cast<Eigen::Index>(c)).mean() / sds[t],
                                 si.value, si.low, si.high, dc.value, dc.low, dc.high, statusName(si.status)});
    }
}

/// One curve of retention: accuracy against its chance where it was scored at every dose, else 1 − loss increase of the margin.
void addRobustness(std::span<const EffectJob> jobs, const StudySpec& spec, store::Analysis& out) {
  std::map<std::tuple<std::int64_t, std::string, std::int64_t, std::string>, std::map<std::string, std::map<double, const EffectJob*>>> curves;
  for (const EffectJob& job : jobs)
    if (!job.run->equalDose && !job.further && (job.metric == "margin" || countsRight(job.metric))) curves[{job.run->cluster.value, job.run->method, job.run->layer.value, job.task->name}][job.metric][job.run->epsilon] = &job;
  for (const auto& [key, metrics] : curves) {
    const auto accuracy = std::find_if(metrics.begin(), metrics.end(), [](const auto& m) { return countsRight(m.first); });
    const auto& doses = accuracy != metrics.end() ? accuracy->second : metrics.begin()->second;
    const EffectJob& first = *doses.begin()->second;
    effects::DoseOutcomes outcomes;
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < first.items->evaluate.size(); ++i)
      if (first.items->evaluate[i] && std::isfinite(first.clean->values[i])) rows.push_back(i);
    outcomes.perturbed.resize(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(doses.size()));
    std::map<std::int32_t, std::int32_t> dense;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      outcomes.clean.push_back(first.clean->values[rows[r]]);
      outcomes.groups.push_back(dense.emplace(first.items->groups[rows[r]], static_cast<std::int32_t>(dense.size())).first->second);
    }
    for (const auto& [dose, job] : doses) {
      const auto column = static_cast<Eigen::Index>(outcomes.doses.size());
      for (std::size_t r = 0; r < rows.size(); ++r) outcomes.perturbed(static_cast<Eigen::Index>(r), column) = job->target->values[rows[r]];
      outcomes.doses.push_back(dose);
    }
    outcomes.retention = countsRight(first.metric) ? effects::Retention::Ratio : effects::Retention::LossIncrease;
    outcomes.floor = countsRight(first.metric) ? first.task->chance : 0;
    effects::RobustnessConfig config;
    config.kept = spec.kept;
    config.bootstrap = {500, spec.level, spec.seed};
    config.nullDraws = 199;
    const effects::Robustness found = effects::robustness(outcomes, config);
    const std::string status = statusName(found.status == statistics::Status::TooFew ? found.toleranceStatus : found.status);
    out.robustness.push_back({first.run->cluster, first.run->method, first.task->name, first.run->layer, spec.kept, found.tolerance, found.knee.value, found.knee.low,
                              found.knee.high, found.hinge.supF, found.hinge.p, static_cast<int>(outcomes.doses.size()), status, found.reason});
  }
}

/// p of the effect against its controls in its own direction: where it is negative, from below.
double ownDirectionP(const EffectRow& e) {
  if (!(e.ace < 0) || e.controls == 0) return e.pControl;
  const double below = std::round(e.percentile * e.controls);
  return (1 + below) / (e.controls + 1);
}

/// Which recipe the report is about: the locked one, else the first of the spec at the dose of its controls.
std::pair<std::string, double> curatedRecipe(const std::optional<LockedPlan>& lock, const StudySpec& spec) {
  if (lock) return {lock->analysis.method, lock->analysis.epsilon};
  if (spec.perturbations.empty()) return {"", 0};
  return {recipeName(spec.perturbations.front()), spec.perturbations.front().controlEpsilon};
}

effects::CorpusKnown corpusKnown(const std::string& name) {
  return name == "exact" ? effects::CorpusKnown::Exact : name == "proxy" ? effects::CorpusKnown::Proxy : effects::CorpusKnown::Unknown;
}

const char* verdictName(effects::CurationVerdict verdict) {
  return verdict == effects::CurationVerdict::Up ? "up" : verdict == effects::CurationVerdict::Down ? "down" : "no change";
}

void addCuration(const EffectData& data, const std::vector<EffectRow>& effects, const store::Store& store, const StudySpec& spec, Derived& out) {
  const auto [method, dose] = curatedRecipe(lockedPlan(store), spec);
  const auto clusters = static_cast<Eigen::Index>(data.clusters.size()), tasks = static_cast<Eigen::Index>(data.tasks.size());
  effects::CurationInput input;
  for (MatrixD* matrix : {&input.ace, &input.variance, &input.pControl, &input.specificity}) *matrix = MatrixD::Constant(clusters, tasks, std::nan(""));
  input.outcomeSd = VectorD::Constant(tasks, std::nan(""));
  input.utilities = VectorD::Ones(tasks);
  input.shares = VectorD::Ones(clusters);
  input.items = std::numeric_limits<std::int64_t>::max();
  for (Eigen::Index t = 0; t < tasks; ++t) {
    const std::string& name = data.tasks[static_cast<std::size_t>(t)].name;
    input.tasks.push_back(name);
    input.outcomeSd[t] = cleanSd(data, name);
    if (!spec.utilities.empty()) input.utilities[t] = spec.utilities.contains(name) ? spec.utilities.at(name) : 0;
  }
  for (Eigen::Index c = 0; c < clusters; ++c) {
    input.clusters.push_back(data.clusters[static_cast<std::size_t>(c)].label);
    input.shares[c] = static_cast<double>(data.clusters[static_cast<std::size_t>(c)].size);
  }
  input.shares /= input.shares.sum();
  const auto placeOf = [&](ClusterId cluster, const std::string& task) {
    Eigen::Index c = 0, t = 0;
    while (c < clusters && data.clusters[static_cast<std::size_t>(c)].id != cluster) ++c;
    while (t < tasks && data.tasks[static_cast<std::size_t>(t)].name != task) ++t;
    return std::pair(c, t);
  };
  for (const EffectRow& e : effects) {
    if (e.method != method || e.dose != dose || e.metric != "margin" || !std::isfinite(e.aceAdjusted)) continue;
    const auto [c, t] = placeOf(e.cluster, e.task);
    if (c == clusters || t == tasks) continue;
    input.ace(c, t) = e.aceAdjusted;
    input.variance(c, t) = e.se * e.se;
    input.pControl(c, t) = ownDirectionP(e);
    input.items = std::min(input.items, e.n);
    input.mde = std::isfinite(input.mde) ? std::max(input.mde, e.minimumEffect) : e.minimumEffect;
  }
  for (const SpecificityRow& s : out.analysis.specificity)
    if (s.method == method && s.epsilon == dose) {
      const auto [c, t] = placeOf(s.cluster, s.task);
      if (c < clusters && t < tasks) input.specificity(c, t) = s.index;
    }
  input.corpus = corpusKnown(spec.corpusKnown);
  input.circular = store.meta("circular") == "1";
  input.interactions = !out.analysis.interactions.empty();
  effects::CurationConfig config;
  config.eta = spec.eta;
  config.alpha = spec.alpha;
  config.level = spec.level;
  config.seed = spec.seed;
  try {
    const effects::CurationReport report = effects::curationReport(input, config);
    for (std::size_t c = 0; c < report.rows.size(); ++c) {
      const effects::CurationRow& row = report.rows[c];
      out.analysis.curation.push_back({data.clusters[c].id, row.share, row.newShare, row.multiplier, row.utility.value, row.probabilityPositive, row.probabilityTop,
                                       row.rank.low, row.rank.high, verdictName(row.verdict), row.reason});
    }
    out.caveats = report.caveats;
    out.caveats.push_back("This report is about " + method + " at its controlled dose.");
    for (const std::string& step : report.ladder) out.caveats.push_back("Evidence: " + step);
  } catch (const Error& error) {
    out.caveats = {"No curation report: " + error.message()};
  }
}

}  // namespace

Derived analyse(const EffectData& data, std::span<const EffectJob> jobs, const std::vector<EffectRow>& effects, const store::Store& store, const StudySpec& spec,
                const RunContext& context) {
  Derived out;
  std::map<std::tuple<std::int64_t, std::string, std::string>, const EffectRow*> byKey;
  for (const EffectRow& e : effects) byKey[{e.run, e.task, e.metric}] = &e;
  context.report("Analysing effects", 0, 5);
  addControls(jobs, byKey, out.analysis);
  addCurves(effects, out.analysis);
  const std::vector<Grid> grids = gridsOf(jobs);
  for (const Grid& grid : grids) {
    context.checkpoint();
    addSpecificity(data, grid, spec, out.analysis);
  }
  context.report("Analysing effects", 2, 5);
  CellNames names;
  const std::vector<StudyCell> cells = studyCells(data, effects, store, names);
  if (!cells.empty()) out.analysis.regression = regressionRows(effectCells(cells), names, spec.level, spec.seed);
  context.report("Analysing effects", 3, 5);
  context.checkpoint();
  addRobustness(jobs, spec, out.analysis);
  context.report("Analysing effects", 4, 5);
  out.analysis.mediation = mediationOf(data, spec, context);
  out.analysis.interactions = interactionsOf(data, spec, context);
  addCuration(data, effects, store, spec, out);
  context.report("Analysing effects", 5, 5);
  return out;
}

}  // namespace lacuna::study

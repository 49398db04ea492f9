#include <algorithm>
#include <cmath>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/probes/probes.h"
#include "lacuna/statistics/auc.h"
#include "lambda_choice.h"
#include "parts.h"
#include "split.h"

namespace lacuna::probes {
namespace {

constexpr std::int64_t kFewestDocuments = 30;
constexpr std::size_t kFewestFamilies = 2;
/// One control labelling alone would make the selectivity of a small cluster a matter of luck.
constexpr int kControls = 5;

std::string countOf(std::int64_t n, const char* what) { return std::to_string(n) + " " + what; }

/// Why a cluster cannot be probed; empty when it can.
std::string shortage(std::int32_t k, const Part& fit, const Part& held) {
  std::set<std::int32_t> families;
  for (const Part* part : {&fit, &held})
    for (std::size_t n = 0; n < part->labels.size(); ++n)
      if (part->labels[n] == k) families.insert(part->families[n]);
  const std::int64_t inFit = fit.count(k), inHeld = held.count(k);
  if (inFit + inHeld < kFewestDocuments)
    return "only " + countOf(inFit + inHeld, "documents") + "; a probe needs " + std::to_string(kFewestDocuments);
  if (families.size() < kFewestFamilies) return "all documents come from one family, so none can be held out";
  if (inFit == 0 || inFit == fit.size()) return "the training documents are all of one class";
  if (inHeld == 0 || inHeld == held.size()) return "the held-out documents are all of one class";
  return {};
}

/// Labels of a final column over the Fit and the Evaluate rows.
struct Task {
  double lambda = 0;
  std::vector<std::uint8_t> fit, held;
};

/// The cluster itself, then its control labellings.
std::vector<Task> tasksOf(std::int32_t k, double lambda, const Part& fit, const Part& held, std::uint64_t seed) {
  std::vector<Task> tasks = {{lambda, membership(fit.labels, k), membership(held.labels, k)}};
  const auto share = [k](const Part& part) { return static_cast<double>(part.count(k)) / static_cast<double>(part.size()); };
  for (int r = 0; r < kControls; ++r) {
    Rng rng(seed, "probe-control", static_cast<std::uint64_t>(k) * kControls + static_cast<std::uint64_t>(r));
    std::vector<std::uint8_t> inFit = controlLabels(fit.families, share(fit), rng);
    tasks.push_back({lambda, std::move(inFit), controlLabels(held.families, share(held), rng)});
  }
  return tasks;
}

LogisticSolution solveTasks(const MatrixF& x, const std::vector<Task>& tasks, const ProbeConfig& config, const RunContext& context) {
  ColumnSet columns;
  for (const Task& task : tasks) columns.lambdas.push_back(task.lambda);
  columns.fill = [&](std::int64_t c, std::span<float> out) {
    balancedWeights(tasks[static_cast<std::size_t>(c)].fit, out);
  };
  return solveLogistic(x, columns, config.tolerance, config.maxIterations, context);
}

double accuracyOf(const MatrixD& logits, Eigen::Index column, const std::vector<std::uint8_t>& labels) {
  const VectorD scores = logits.col(column);
  return statistics::balancedAccuracy({scores.data(), static_cast<std::size_t>(scores.size())}, labels, 0);
}

void fillWeights(const LogisticSolution& solution, Eigen::Index column, Probe& probe) {
  probe.betaStd = solution.w.col(column);
  probe.intercept = solution.b[column];
  probe.wRaw = unscaled(probe.betaStd, solution.sd);
  probe.bRaw = probe.intercept - probe.wRaw.dot(solution.mean);
  const double total = probe.betaStd.cwiseAbs().sum();
  if (total > 0) probe.importance = probe.betaStd.cwiseAbs() / total;
}

void fillQuality(const MatrixD& logits, Eigen::Index first, const std::vector<Task>& tasks, Probe& probe) {
  const std::vector<std::uint8_t>& labels = tasks[static_cast<std::size_t>(first)].held;
  const VectorD scores = logits.col(first);
  const statistics::Estimate quality = statistics::aucInterval({scores.data(), static_cast<std::size_t>(scores.size())}, labels);
  probe.auc = quality.value;
  probe.aucLow = quality.low;
  probe.aucHigh = quality.high;
  probe.accuracy = accuracyOf(logits, first, labels);
  double control = 0;
  for (int r = 1; r <= kControls; ++r) control += accuracyOf(logits, first + r, tasks[static_cast<std::size_t>(first + r)].held) / kControls;
  probe.selectivity = probe.accuracy - control;
}

/// methods.md 4.6: a probe that cannot tell its cluster, or tells any labels as well, says nothing about neurons.
void applyGate(const ProbeConfig& config, Probe& probe) {
  const auto below = [&](const char* what, double value, double least) {
    if (value >= least) return;
    if (!probe.reason.empty()) probe.reason += "; ";
    probe.reason += std::string(what) + " " + formatFixed(value, 3) + " is below " + formatNumber(least);
  };
  if (probe.status == "NOT_CONVERGED") probe.reason = "the solver stopped before its gradient was small enough";
  below("held-out AUC", probe.auc, config.minAuc);
  below("selectivity", probe.selectivity, config.minSelectivity);
  probe.passed = probe.reason.empty();
}

void requireSound(const ProbeInput& input, const ProbeConfig& config) {
  requireShapes(input);
  if (config.lambdas.empty() || config.folds < 2 || !(config.tolerance > 0))
    throw Error("LAC-3101", "A probe needs at least one λ, two folds and a tolerance above 0.", "Check the section 'probes' of the spec.");
}

Probe emptyProbe(std::int32_t k, const Part& fit, Eigen::Index width) {
  Probe probe;
  probe.cluster = ClusterId(k);
  probe.betaStd = probe.wRaw = probe.importance = VectorD::Zero(width);
  probe.positives = fit.count(k);
  probe.n = fit.size();
  return probe;
}

/// λ of every cluster that can be probed, in their order.
std::vector<double> lambdasOf(const std::vector<std::int32_t>& clusters, const Part& fit, const ProbeConfig& config, const RunContext& context) {
  FoldGrid grid{{}, groupedFolds(fit.labels, fit.families, config.folds), static_cast<int>(clusters.size()), config.folds, config.lambdas};
  for (const std::int32_t label : fit.labels) {
    const auto at = std::find(clusters.begin(), clusters.end(), label);
    grid.labels.push_back(at == clusters.end() ? -1 : static_cast<std::int32_t>(at - clusters.begin()));
  }
  return chooseLambdas(fit.x, grid, config, context);
}

}  // namespace

std::vector<Probe> fitProbes(const ProbeInput& input, const ProbeConfig& config, const RunContext& context) {
  requireSound(input, config);
  const Part fit = takeRole(input, SplitRole::Fit), held = takeRole(input, SplitRole::Evaluate);
  std::vector<Probe> probes;
  std::vector<std::int32_t> able;
  for (std::int32_t k = 0; k < input.clusters; ++k) {
    probes.push_back(emptyProbe(k, fit, input.x.cols()));
    probes.back().reason = shortage(k, fit, held);
    probes.back().status = probes.back().reason.empty() ? "OK" : "TOO_FEW";
    if (probes.back().reason.empty()) able.push_back(k);
  }
  if (able.empty()) return probes;
  const std::vector<double> lambdas = lambdasOf(able, fit, config, context);
  std::vector<Task> tasks;
  for (std::size_t i = 0; i < able.size(); ++i)
    for (Task& task : tasksOf(able[i], lambdas[i], fit, held, context.seed)) tasks.push_back(std::move(task));
  const LogisticSolution solution = solveTasks(fit.x, tasks, config, context);
  std::vector<std::int64_t> columns, rows;
  for (std::size_t c = 0; c < tasks.size(); ++c) columns.push_back(static_cast<std::int64_t>(c));
  for (std::int64_t n = 0; n < held.size(); ++n) rows.push_back(n);
  const MatrixD logits = rowLogits(solution, columns, held.x, rows, context);
  for (std::size_t i = 0; i < able.size(); ++i) {
    Probe& probe = probes[static_cast<std::size_t>(able[i])];
    const auto column = static_cast<Eigen::Index>(i * (1 + kControls));
    probe.lambda = lambdas[i];
    if (solution.converged[static_cast<std::size_t>(column)] == 0) probe.status = "NOT_CONVERGED";
    fillWeights(solution, column, probe);
    fillQuality(logits, column, tasks, probe);
    applyGate(config, probe);
  }
  return probes;
}

}  // namespace lacuna::probes

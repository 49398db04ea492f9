#include "lacuna/probes/validity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/probes/penalties.h"
#include "lacuna/statistics/auc.h"
#include "parts.h"

namespace lacuna::probes {
namespace {

constexpr double kLambdaFloor = 1e-4;

std::span<const double> view(const VectorD& v) { return {v.data(), static_cast<std::size_t>(v.size())}; }

bool fitted(const Probe& probe) { return probe.status != "TOO_FEW"; }

/// x·w + b in fp64. [M]
VectorD rawLogits(const MatrixF& x, const VectorD& w, double b) {
  VectorD z(x.rows());
  for (Eigen::Index n = 0; n < x.rows(); ++n) z[n] = x.row(n).cast<double>().dot(w) + b;
  return z;
}

statistics::Estimate groupedAuc(const VectorD& scores, const std::vector<std::uint8_t>& labels, const std::vector<std::int32_t>& groups,
                                const statistics::BootstrapConfig& config) {
  const bool shared = std::set<std::int32_t>(groups.begin(), groups.end()).size() < groups.size();
  return shared ? statistics::aucBootstrap(view(scores), labels, groups, config) : statistics::aucInterval(view(scores), labels);
}

/// Columns of the fitted probes on one λ each, class-balanced.
ColumnSet balancedColumns(const Part& part, std::vector<std::int32_t> clusters, std::vector<double> lambdas) {
  return {std::move(lambdas), [&part, clusters = std::move(clusters)](std::int64_t c, std::span<float> out) {
            balancedWeights(membership(part.labels, clusters[static_cast<std::size_t>(c)]), out);
          }};
}

std::vector<std::int32_t> fittedClusters(std::span<const Probe> probes) {
  std::vector<std::int32_t> clusters;
  for (const Probe& probe : probes)
    if (fitted(probe)) clusters.push_back(probe.cluster.value);
  return clusters;
}

/// Whether every member's score is above every other's.
bool splits(const VectorD& scores, const std::vector<std::uint8_t>& members) {
  double lowest = std::numeric_limits<double>::infinity(), highest = -lowest;
  for (std::size_t n = 0; n < members.size(); ++n) {
    const double score = scores[static_cast<Eigen::Index>(n)];
    if (members[n] != 0) lowest = std::min(lowest, score);
    else highest = std::max(highest, score);
  }
  return lowest > highest;
}

/// [fitted probes] whether the Fit documents can be told apart.
std::vector<bool> separability(const Part& fit, const std::vector<std::int32_t>& clusters, const ProbeConfig& config, const RunContext& context) {
  const ColumnSet columns = balancedColumns(fit, clusters, std::vector<double>(clusters.size(), kLambdaFloor));
  const MatrixD logits = solveLogistic(fit.x, columns, config.tolerance, config.maxIterations, context).logits(fit.x);
  std::vector<bool> result;
  for (std::size_t i = 0; i < clusters.size(); ++i)
    result.push_back(splits(logits.col(static_cast<Eigen::Index>(i)), membership(fit.labels, clusters[i])));
  return result;
}

/// Held-out AUC of a fresh probe; NaN where it cannot be fitted.
double refittedAuc(const Probe& probe) { return fitted(probe) ? probe.auc : statistics::kMissing; }

/// The same documents with other inputs.
ProbeInput withInputs(const ProbeInput& input, MatrixF x) {
  if (x.rows() != input.x.rows())
    throw Error("LAC-3101", "A surface baseline has " + std::to_string(x.rows()) + " rows; the probes have " + std::to_string(input.x.rows()) + ".");
  return {std::move(x), input.labels, input.families, input.roles, input.clusters};
}

/// One cluster against the rest on some of the inputs, at the λ its probe has.
double aucOnInputs(const ProbeInput& input, const Probe& probe, const std::vector<Eigen::Index>& inputs, const ProbeConfig& config, const RunContext& context) {
  if (inputs.empty()) return statistics::kMissing;
  ProbeInput part{input.x(Eigen::all, inputs), input.labels, input.families, input.roles, 1};
  for (std::int32_t& label : part.labels) label = label == probe.cluster.value ? 0 : label == kAmbiguous ? kAmbiguous : -1;
  ProbeConfig once = config;
  once.lambdas = {probe.lambda};
  return refittedAuc(fitProbes(part, once, context)[0]);
}

void judgeSet(const ProbeInput& input, const Probe& probe, const std::vector<NeuronIndex>& set, const ValidityConfig& config,
              const RunContext& context, Validity& validity) {
  std::vector<std::uint8_t> chosen(static_cast<std::size_t>(input.x.cols()), 0);
  for (const NeuronIndex j : set) chosen.at(j.index()) = 1;
  std::vector<Eigen::Index> inside, outside;
  for (Eigen::Index j = 0; j < input.x.cols(); ++j) (chosen[static_cast<std::size_t>(j)] != 0 ? inside : outside).push_back(j);
  if (inside.empty()) return;
  validity.setAuc = aucOnInputs(input, probe, inside, config.probe, context);
  validity.complementAuc = aucOnInputs(input, probe, outside, config.probe, context);
}

void judgeScores(const Part& held, const Probe& probe, const statistics::BootstrapConfig& bootstrap, Validity& validity) {
  const std::vector<std::uint8_t> labels = membership(held.labels, probe.cluster.value);
  const VectorD scores = rawLogits(held.x, probe.wRaw, probe.bRaw);
  validity.auc = groupedAuc(scores, labels, held.families, bootstrap);
  validity.averagePrecision = statistics::averagePrecision(view(scores), labels);
}

/// Baselines' AUCs [baseline][cluster].
std::vector<std::vector<Probe>> fitBaselines(const ProbeInput& input, std::span<const SurfaceBaseline> baselines, const ProbeConfig& config,
                                             const RunContext& context) {
  std::vector<std::vector<Probe>> result;
  for (const SurfaceBaseline& baseline : baselines) result.push_back(fitProbes(withInputs(input, baseline.x), config, context));
  return result;
}

void judgeGain(const std::vector<std::vector<Probe>>& baselines, Validity& validity) {
  double best = statistics::kMissing;
  for (const std::vector<Probe>& probes : baselines) {
    validity.baselineAuc.push_back(refittedAuc(probes[validity.cluster.index()]));
    best = std::fmax(best, validity.baselineAuc.back());
  }
  validity.gain = validity.auc.value - best;
}

double aucOf(const VectorD& scores, const std::vector<std::uint8_t>& labels) { return statistics::auc(view(scores), labels); }

VectorD take(std::span<const double> values, const std::vector<std::int64_t>& rows) {
  VectorD result(static_cast<Eigen::Index>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) result[static_cast<Eigen::Index>(i)] = values[static_cast<std::size_t>(rows[i])];
  return result;
}

void requireSound(const ProbeInput& input, std::span<const Probe> probes, std::size_t sets) {
  requireShapes(input);
  if (sets != 0 && sets != probes.size())
    throw Error("LAC-3101", std::to_string(probes.size()) + " probes came with " + std::to_string(sets) + " sets of neurons.");
  for (const Probe& probe : probes)
    if (probe.cluster.value < 0 || probe.cluster.value >= input.clusters || (fitted(probe) && probe.wRaw.size() != input.x.cols()))
      throw Error("LAC-3101", "The probe of cluster " + std::to_string(probe.cluster.value) + " does not belong to these inputs of " +
                                  std::to_string(input.clusters) + " clusters and width " + std::to_string(input.x.cols()) + ".");
}

}  // namespace

std::vector<Validity> probeValidity(const ProbeInput& input, std::span<const Probe> probes,
                                    std::span<const std::vector<NeuronIndex>> sets, std::span<const SurfaceBaseline> baselines,
                                    const ValidityConfig& config, const RunContext& context) {
  requireSound(input, probes, sets.size());
  const std::vector<std::int32_t> clusters = fittedClusters(probes);
  const std::vector<std::vector<Probe>> surface = fitBaselines(input, baselines, config.probe, context);
  std::vector<bool> separable;
  if (!clusters.empty()) separable = separability(takeRole(input, SplitRole::Fit), clusters, config.probe, context);
  const Part held = takeRole(input, SplitRole::Evaluate);
  statistics::BootstrapConfig bootstrap = config.bootstrap;
  bootstrap.seed = context.seed;
  std::vector<Validity> result;
  std::size_t next = 0;
  for (std::size_t i = 0; i < probes.size(); ++i) {
    context.checkpoint();
    Validity& validity = result.emplace_back();
    validity.cluster = probes[i].cluster;
    validity.status = fitted(probes[i]) ? "OK" : "TOO_FEW";
    if (fitted(probes[i])) {
      judgeScores(held, probes[i], bootstrap, validity);
      validity.separable = separable[next++];
      if (config.retrain && !sets.empty()) judgeSet(input, probes[i], sets[i], config, context, validity);
    }
    judgeGain(surface, validity);
    context.report("Checking probes", i + 1, probes.size());
  }
  return result;
}

statistics::Estimate tokenAuc(const Probe& probe, const MatrixF& states, std::span<const std::uint8_t> labels,
                              std::span<const std::int32_t> documents, const statistics::BootstrapConfig& config) {
  const auto tokens = static_cast<std::size_t>(states.rows());
  if (labels.size() != tokens || documents.size() != tokens || probe.wRaw.size() != states.cols())
    throw Error("LAC-3101", "Token states [" + std::to_string(states.rows()) + ", " + std::to_string(states.cols()) + "] do not fit a probe of width " +
                                std::to_string(probe.wRaw.size()) + ", " + std::to_string(labels.size()) + " labels and " +
                                std::to_string(documents.size()) + " document ids.");
  return statistics::aucBootstrap(view(rawLogits(states, probe.wRaw, probe.bRaw)), labels, documents, config);
}

std::vector<CovariateProbe> fitBesideCovariate(const ProbeInput& input, std::span<const Probe> probes, std::span<const double> covariate,
                                               const ProbeConfig& config, const RunContext& context) {
  requireSound(input, probes, 0);
  if (covariate.size() != input.labels.size())
    throw Error("LAC-3101", std::to_string(input.labels.size()) + " documents came with " + std::to_string(covariate.size()) + " values of a covariate.");
  const Part fit = takeRole(input, SplitRole::Fit), held = takeRole(input, SplitRole::Evaluate);
  const std::vector<std::int32_t> clusters = fittedClusters(probes);
  std::vector<double> lambdas;
  for (const Probe& probe : probes)
    if (fitted(probe)) lambdas.push_back(probe.lambda);
  CovariateSolution solution;
  if (!clusters.empty())
    solution = solveWithCovariates(fit.x, take(covariate, fit.rows), balancedColumns(fit, clusters, lambdas), config.tolerance, config.maxIterations, context);
  const VectorD heldCovariate = take(covariate, held.rows);
  std::vector<CovariateProbe> result;
  Eigen::Index column = 0;
  for (const Probe& probe : probes) {
    CovariateProbe& found = result.emplace_back();
    found.cluster = probe.cluster;
    found.status = "TOO_FEW";
    found.betaStd = found.wRaw = VectorD::Zero(input.x.cols());
    if (!fitted(probe)) continue;
    found.betaStd = solution.inputs.w.col(column);
    found.wRaw = unscaled(found.betaStd, solution.inputs.sd);
    found.covariate = solution.covariates(0, column);
    found.status = solution.inputs.converged[static_cast<std::size_t>(column)] != 0 ? "OK" : "NOT_CONVERGED";
    const VectorD states = rawLogits(held.x, found.wRaw, 0);
    const double slope = solution.covariateSd[0] > 0 ? found.covariate / solution.covariateSd[0] : 0;
    const std::vector<std::uint8_t> labels = membership(held.labels, probe.cluster.value);
    found.statesAuc = aucOf(states, labels);
    found.covariateAuc = aucOf(slope * heldCovariate, labels);
    found.auc = aucOf(states + slope * heldCovariate, labels);
    ++column;
  }
  return result;
}

}  // namespace lacuna::probes

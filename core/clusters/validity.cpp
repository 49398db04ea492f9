#include "lacuna/clusters/validity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <numeric>

#include "division.h"
#include "grouping.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/clusters/clusters.h"

namespace lacuna::clusters {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN(), kStable = .8, kShare = .8;
constexpr int kIterations = 300;

double purityOf(const MatrixD& counts, double n) { return counts.rowwise().maxCoeff().sum() / n; }

std::vector<std::int32_t> valuesOf(const std::vector<std::int32_t>& labels, const std::vector<std::int32_t>& other) {
  std::map<std::int32_t, bool> seen;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] >= 0 && other[i] >= 0) seen[labels[i]] = true;
  std::vector<std::int32_t> values;
  for (const auto& [value, present] : seen) values.push_back(value);
  return values;
}

Eigen::Index positionOf(const std::vector<std::int32_t>& values, std::int32_t value) {
  return std::lower_bound(values.begin(), values.end(), value) - values.begin();
}

/// Half of a pair: some rows, ascending, and their labels.
struct Fit { std::vector<std::int64_t> rows; std::vector<std::int32_t> labels; };

Fit fitOnShare(const MatrixF& x, double share, std::uint64_t number, const Refit& refit, const RunContext& context) {
  Rng rng(context.seed, "clusters.stability", number);
  Fit fit;
  fit.rows = rng.sample(x.rows(), std::max<std::int64_t>(1, std::llround(share * static_cast<double>(x.rows()))));
  std::sort(fit.rows.begin(), fit.rows.end());
  MatrixF part(std::ssize(fit.rows), x.cols());
  for (std::size_t i = 0; i < fit.rows.size(); ++i) part.row(static_cast<Eigen::Index>(i)) = x.row(fit.rows[i]);
  RunContext own = context;
  own.seed = rng.nextU64();
  own.progress = {};
  fit.labels = refit(part, own);
  return fit;
}

double agreementOn(const Fit& a, const Fit& b) {
  std::vector<std::int32_t> first, second;
  for (std::size_t i = 0, j = 0; i < a.rows.size() && j < b.rows.size();) {
    if (a.rows[i] < b.rows[j]) ++i;
    else if (b.rows[j] < a.rows[i]) ++j;
    else first.push_back(a.labels[i++]), second.push_back(b.labels[j++]);
  }
  return agreement(first, second).ari;
}

/// Macro silhouette and its standard error over the clusters.
void addSilhouette(KPoint& point, const std::vector<double>& silhouettes, const std::vector<std::int32_t>& labels) {
  const Grouping g = withoutGaps(labels);
  std::vector<double> means(g.sizes.size(), 0);
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (g.labels[i] >= 0) means[static_cast<std::size_t>(g.labels[i])] += silhouettes[i] / g.sizes[static_cast<std::size_t>(g.labels[i])];
  const auto k = static_cast<double>(means.size());
  point.silhouette = std::accumulate(means.begin(), means.end(), 0.0) / k;
  double squares = 0;
  for (const double mean : means) squares += (mean - point.silhouette) * (mean - point.silhouette);
  point.standardError = k > 1 ? std::sqrt(squares / (k - 1) / k) : kMissing;
}

}  // namespace

ContingencyTable contingencyTable(const std::vector<std::int32_t>& predicted, const std::vector<std::int32_t>& truth) {
  LACUNA_CHECK(predicted.size() == truth.size());
  ContingencyTable t{valuesOf(predicted, truth), valuesOf(truth, predicted), {}};
  t.counts = MatrixD::Zero(std::ssize(t.rows), std::ssize(t.columns));
  for (std::size_t i = 0; i < predicted.size(); ++i)
    if (predicted[i] >= 0 && truth[i] >= 0) t.counts(positionOf(t.rows, predicted[i]), positionOf(t.columns, truth[i])) += 1;
  return t;
}

AdjustedPurity adjustedPurity(const std::vector<std::int32_t>& predicted, const std::vector<std::int32_t>& truth, int permutations, const RunContext& context) {
  const ContingencyTable t = contingencyTable(predicted, truth);
  const double n = t.counts.sum();
  if (n == 0 || permutations < 1) return {kMissing, kMissing, kMissing};
  std::vector<Eigen::Index> rows, columns;
  for (std::size_t i = 0; i < predicted.size(); ++i)
    if (predicted[i] >= 0 && truth[i] >= 0) rows.push_back(positionOf(t.rows, predicted[i])), columns.push_back(positionOf(t.columns, truth[i]));
  std::vector<double> values(static_cast<std::size_t>(permutations));
  parallelFor(permutations, context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t p = begin; p < end; ++p) {
      context.checkpoint();
      const std::vector<std::int64_t> order = Rng(context.seed, "clusters.purity", static_cast<std::uint64_t>(p)).permutation(std::ssize(rows));
      MatrixD counts = MatrixD::Zero(t.counts.rows(), t.counts.cols());
      for (std::size_t i = 0; i < rows.size(); ++i) counts(rows[i], columns[static_cast<std::size_t>(order[i])]) += 1;
      values[static_cast<std::size_t>(p)] = purityOf(counts, n);
    }
  });
  AdjustedPurity out{purityOf(t.counts, n), std::accumulate(values.begin(), values.end(), 0.0) / permutations, kMissing};
  if (out.expected < 1) out.adjusted = (out.purity - out.expected) / (1 - out.expected);
  return out;
}

double informationCriterion(const MatrixF& x, const std::vector<std::int32_t>& labels) {
  LACUNA_CHECK(static_cast<std::size_t>(x.rows()) == labels.size());
  const Grouping g = withoutGaps(labels);
  const auto d = static_cast<double>(x.cols()), k = static_cast<double>(g.sizes.size());
  const double n = std::accumulate(g.sizes.begin(), g.sizes.end(), 0.0);
  if (k < 1 || n <= k) return kMissing;
  MatrixD means = MatrixD::Zero(std::ssize(g.sizes), x.cols());
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (g.labels[i] >= 0) means.row(g.labels[i]) += x.row(static_cast<Eigen::Index>(i)).cast<double>() / g.sizes[static_cast<std::size_t>(g.labels[i])];
  double residual = 0, likelihood = 0;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (g.labels[i] >= 0) residual += (x.row(static_cast<Eigen::Index>(i)).cast<double>() - means.row(g.labels[i])).squaredNorm();
  const double variance = std::max(residual / (d * (n - k)), std::numeric_limits<double>::min());
  for (const double size : g.sizes) likelihood += size * std::log(size / n);
  likelihood -= n * d / 2 * std::log(2 * std::numbers::pi * variance) + d * (n - k) / 2;
  return likelihood - (k - 1 + d * k + 1) / 2 * std::log(n);
}

Stability stability(const MatrixF& x, int pairs, double share, const Refit& refit, const RunContext& context) {
  LACUNA_CHECK(share > 0 && share <= 1);
  Stability out;
  for (int p = 0; p < pairs; ++p) {
    context.checkpoint();
    context.report("Stability", static_cast<std::uint64_t>(p), static_cast<std::uint64_t>(pairs));
    const auto number = static_cast<std::uint64_t>(2 * p);
    out.values.push_back(agreementOn(fitOnShare(x, share, number, refit, context), fitOnShare(x, share, number + 1, refit, context)));
  }
  const double n = static_cast<double>(out.values.size());
  out.mean = n > 0 ? std::accumulate(out.values.begin(), out.values.end(), 0.0) / n : kMissing;
  double squares = 0;
  for (const double value : out.values) squares += (value - out.mean) * (value - out.mean);
  out.sd = n > 1 ? std::sqrt(squares / (n - 1)) : kMissing;
  return out;
}

Stability stabilityOf(const MatrixF& x, const ClusterConfig& config, const RunContext& context) {
  if (config.method == "metadata" || config.method == "filters") return {kMissing, kMissing, {}};
  return stability(x, config.stabilityPairs, kShare, [&](const MatrixF& rows, const RunContext& own) {
    try {
      return refitted(rows, config, own);
    } catch (const Error& error) {
      if (error.code() != "LAC-1603") throw;
      return std::vector<std::int32_t>(static_cast<std::size_t>(rows.rows()), -1);   // all noise
    }
  }, context);
}

KChoice choiceFrom(std::vector<KPoint> curve) {
  KChoice out{std::move(curve), 0, false};
  const KPoint* best = nullptr;
  const KPoint* steadiest = nullptr;
  for (const KPoint& p : out.curve) {
    if (std::isfinite(p.silhouette) && (!best || p.silhouette > best->silhouette)) best = &p;
    if (std::isfinite(p.stability) && (!steadiest || p.stability > steadiest->stability)) steadiest = &p;
  }
  if (!best || !steadiest) return out;
  const double least = best->silhouette - (std::isfinite(best->standardError) ? best->standardError : 0);
  for (const KPoint& p : out.curve)
    if (p.stability >= kStable && p.silhouette >= least) out.chosen = std::max(out.chosen, p.k);
  out.stable = out.chosen > 0;
  if (!out.stable) out.chosen = steadiest->k;
  return out;
}

KChoice chooseK(const MatrixF& x, const std::vector<int>& grid, const std::vector<std::int32_t>& metadata, int restarts, int pairs, const RunContext& context) {
  std::vector<KPoint> curve;
  for (const int k : grid) {
    KPoint point;
    const SphericalResult fitted = sphericalKMeans(x, k, restarts, kIterations, context);
    point.k = k;
    point.objective = fitted.objective;
    addSilhouette(point, cosineSilhouettes(x, fitted.labels, context), fitted.labels);
    const Stability found = stability(x, pairs, kShare, [&](const MatrixF& rows, const RunContext& own) {
      return sphericalKMeans(rows, k, restarts, kIterations, own).labels;
    }, context);
    point.stability = found.mean;
    point.stabilitySd = found.sd;
    point.ami = metadata.empty() ? kMissing : agreement(fitted.labels, metadata).ami;
    curve.push_back(point);
  }
  return choiceFrom(std::move(curve));
}

}  // namespace lacuna::clusters

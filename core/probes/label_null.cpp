#include "lacuna/probes/label_null.h"

#include <algorithm>
#include <cmath>

#include "family_permutation.h"
#include "lacuna/base/error.h"
#include "lacuna/statistics/descriptive.h"
#include "parts.h"
#include "prepared.h"

namespace lacuna::probes {
namespace {

/// Solutions of one slice of columns are held at a time.
constexpr std::int64_t kSliceBytes = std::int64_t{128} << 20;

void requireSound(const ProbeInput& input, std::span<const std::int32_t> sources, const LabelNullConfig& config) {
  requireShapes(input);
  if (!sources.empty() && sources.size() != input.labels.size())
    throw Error("LAC-3101", "A label null over " + std::to_string(input.labels.size()) + " rows has " + std::to_string(sources.size()) + " sources.");
  if (config.permutations < 1 || !(config.level > 0 && config.level < 1) || config.draws < 0)
    throw Error("LAC-3101", "A label null needs at least one permutation and a level between 0 and 1.");
}

std::vector<std::int32_t> permuteWith(const FamilyPermutation& families, std::span<const std::int32_t> labels, std::uint64_t seed, std::int64_t permutation) {
  Rng rng(seed, "label-null", static_cast<std::uint64_t>(permutation));
  return families.permute(labels, rng);
}

std::vector<std::int32_t> permutedPart(const Part& part, const std::vector<std::int32_t>& sources, std::uint64_t seed, int permutation) {
  return permuteWith(FamilyPermutation(part.families, sources), part.labels, seed, permutation);
}

/// Columns run permutation by permutation, so that each permutation is drawn once a pass.
class NullColumns {
 public:
  NullColumns(const Part& part, std::vector<std::int32_t> sources, std::vector<std::int32_t> clusters, int permutations, std::uint64_t seed)
      : m_labels(part.labels), m_permutation(part.families, sources), m_clusters(std::move(clusters)), m_seed(seed),
        m_usable(m_clusters.size() * static_cast<std::size_t>(permutations), 0) {}

  std::int64_t perPermutation() const { return static_cast<std::int64_t>(m_clusters.size()); }
  std::int64_t count() const { return static_cast<std::int64_t>(m_usable.size()); }
  /// Whether a column that was filled had both classes.
  bool usable(std::int64_t column) const { return m_usable[static_cast<std::size_t>(column)] != 0; }

  /// Zero weights where the cluster or the rest is empty.
  void fill(std::int64_t column, std::span<float> out) {
    const std::vector<std::uint8_t> in = members(column);
    const auto positives = std::count(in.begin(), in.end(), 1);
    m_usable[static_cast<std::size_t>(column)] = positives > 0 && positives < static_cast<std::ptrdiff_t>(in.size());
    if (usable(column))
      balancedWeights(in, out);
    else
      std::fill(out.begin(), out.end(), 0.0F);
  }

 private:
  std::vector<std::uint8_t> members(std::int64_t column) {
    const std::int64_t permutation = column / perPermutation();
    if (permutation != m_current) {
      m_permuted = permuteWith(m_permutation, m_labels, m_seed, permutation);
      m_current = permutation;
    }
    return membership(m_permuted, m_clusters[static_cast<std::size_t>(column % perPermutation())]);
  }

  const std::vector<std::int32_t>& m_labels;
  FamilyPermutation m_permutation;
  std::vector<std::int32_t> m_clusters;
  std::uint64_t m_seed;
  std::vector<std::uint8_t> m_usable;  ///< [permutations · clusters]
  std::int64_t m_current = -1;
  std::vector<std::int32_t> m_permuted;
};

NullProbe nullProbe(const LogisticSolution& solution, Eigen::Index column) {
  NullProbe probe{solution.w.col(column), unscaled(solution.w.col(column), solution.sd), solution.b[column], 0};
  probe.bRaw = probe.intercept - probe.wRaw.dot(solution.mean);
  return probe;
}

void take(const LogisticSolution& solution, Eigen::Index column, int wanted, LabelNull& null) {
  null.maxima.push_back(solution.w.rows() > 0 ? solution.w.col(column).cwiseAbs().maxCoeff() : 0);
  if (solution.converged[static_cast<std::size_t>(column)] == 0) ++null.notConverged;
  if (static_cast<int>(null.draws.size()) < wanted) null.draws.push_back(nullProbe(solution, column));
}

void finish(const LabelNullConfig& config, LabelNull& null) {
  null.status = null.maxima.empty() ? "TOO_FEW" : "OK";
  null.tauBeta = statistics::quantile(null.maxima, config.level);
}

std::vector<std::int32_t> sourcesOf(const Part& part, std::span<const std::int32_t> sources) {
  std::vector<std::int32_t> result;
  for (std::size_t n = 0; n < part.rows.size() && !sources.empty(); ++n) result.push_back(sources[static_cast<std::size_t>(part.rows[n])]);
  return result;
}

void fitSlices(const MatrixF& x, NullColumns& columns, const std::function<LabelNull&(std::int64_t)>& nullOf, const LabelNullConfig& config,
               const RunContext& context) {
  PreparedInputs inputs(x, context);
  const std::int64_t all = columns.count(), slice = std::max<std::int64_t>(64, kSliceBytes / (24 * x.cols() + 1));
  for (std::int64_t first = 0; first < all; first += slice) {
    ColumnSet set{{}, [&](std::int64_t c, std::span<float> out) { columns.fill(first + c, out); }};
    for (std::int64_t c = first; c < std::min(all, first + slice); ++c) set.lambdas.push_back(nullOf(c).lambda);
    const LogisticSolution solution = solveLogistic(inputs, set, config.tolerance, config.maxIterations, context);
    for (std::int64_t c = 0; c < solution.w.cols(); ++c) {
      LabelNull& null = nullOf(first + c);
      if (columns.usable(first + c)) take(solution, c, config.draws, null);
      else ++null.unusable;
    }
    context.report("Permuting labels", static_cast<std::uint64_t>(std::min(all, first + slice)), static_cast<std::uint64_t>(all));
  }
}

}  // namespace

std::vector<LabelNull> labelNull(const ProbeInput& input, std::span<const Probe> probes, std::span<const std::int32_t> sources,
                                 const LabelNullConfig& config, const RunContext& context) {
  requireSound(input, sources, config);
  std::vector<LabelNull> nulls;
  std::vector<std::size_t> fitted;
  std::vector<std::int32_t> clusters;
  for (const Probe& probe : probes) {
    nulls.push_back({});
    nulls.back().cluster = probe.cluster;
    nulls.back().lambda = probe.lambda;
    if (probe.status != "TOO_FEW") {
      fitted.push_back(nulls.size() - 1);
      clusters.push_back(probe.cluster.value);
    }
  }
  if (!fitted.empty()) {
    const Part part = takeRole(input, SplitRole::Fit);
    NullColumns columns(part, sourcesOf(part, sources), std::move(clusters), config.permutations, context.seed);
    const auto nullOf = [&](std::int64_t column) -> LabelNull& { return nulls[fitted[static_cast<std::size_t>(column % columns.perPermutation())]]; };
    fitSlices(part.x, columns, nullOf, config, context);
  }
  for (LabelNull& null : nulls) finish(config, null);
  return nulls;
}

std::vector<std::int32_t> permutedLabels(const ProbeInput& input, std::span<const std::int32_t> sources, std::uint64_t seed, int permutation) {
  requireSound(input, sources, {});
  const Part part = takeRole(input, SplitRole::Fit);
  const std::vector<std::int32_t> permuted = permutedPart(part, sourcesOf(part, sources), seed, permutation);
  std::vector<std::int32_t> labels(input.labels.size(), kAmbiguous);
  for (std::size_t n = 0; n < permuted.size(); ++n) labels[static_cast<std::size_t>(part.rows[n])] = permuted[n];
  return labels;
}

std::vector<NeuronIndex> selectAboveNull(const VectorD& betaStd, double tauBeta) {
  return selectNeurons(betaStd.cwiseAbs(), {TauRule::PermNull, tauBeta});
}

}  // namespace lacuna::probes

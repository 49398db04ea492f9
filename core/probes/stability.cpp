#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/probes/penalties.h"
#include "lacuna/probes/rankings.h"

namespace lacuna::probes {
namespace {

/// Half of the families, drawn at random: 1 for their documents.
std::vector<std::uint8_t> halfOf(std::span<const std::int32_t> families, Rng& rng) {
  std::map<std::int32_t, std::size_t> numbers;
  for (const std::int32_t family : families) numbers.try_emplace(family, 0);
  std::size_t next = 0;
  for (auto& [family, number] : numbers) number = next++;
  const auto count = static_cast<std::int64_t>(numbers.size());
  std::vector<std::uint8_t> chosen(numbers.size(), 0), result;
  for (const std::int64_t family : rng.sample(count, count / 2)) chosen[static_cast<std::size_t>(family)] = 1;
  for (const std::int32_t family : families) result.push_back(chosen[numbers.at(family)]);
  return result;
}

/// Balanced signed weights of the half's documents; all 0 when a class is missing.
void fillHalf(const std::vector<std::uint8_t>& half, std::span<const std::uint8_t> inCluster, std::span<float> out) {
  double count[2] = {};
  for (std::size_t n = 0; n < out.size(); ++n)
    if (half[n] != 0) count[inCluster[n] != 0] += 1;
  const double rows = count[0] + count[1];
  const bool usable = count[0] > 0 && count[1] > 0;
  for (std::size_t n = 0; n < out.size(); ++n) {
    const bool in = inCluster[n] != 0;
    out[n] = usable && half[n] != 0 ? static_cast<float>((in ? rows : -rows) / (2 * count[in])) : 0.0F;
  }
}

void requireSound(const MatrixF& x, std::span<const std::uint8_t> inCluster, std::span<const std::int32_t> families, const StabilityConfig& config) {
  const auto rows = static_cast<std::size_t>(x.rows());
  if (inCluster.size() != rows || families.size() != rows || config.halves < 1 || config.lambdas.empty() || !(config.l1Ratio > 0))
    throw Error("LAC-3101", "Stability selection over " + std::to_string(rows) + " rows has " + std::to_string(inCluster.size()) + " labels and " +
                                std::to_string(families.size()) + " families; it needs a half-sample, a λ and an L1 penalty.");
}

}  // namespace

StabilitySelection stabilitySelection(const MatrixF& x, std::span<const std::uint8_t> inCluster, std::span<const std::int32_t> families,
                                      const StabilityConfig& config, std::uint64_t stream, const RunContext& context) {
  requireSound(x, inCluster, families, config);
  std::vector<std::vector<std::uint8_t>> halves;
  for (int h = 0; h < config.halves; ++h) {
    Rng rng(context.seed, "stability-half", stream * static_cast<std::uint64_t>(config.halves) + static_cast<std::uint64_t>(h));
    halves.push_back(halfOf(families, rng));
  }
  const auto fill = [&](std::int64_t h, std::span<float> out) { fillHalf(halves[static_cast<std::size_t>(h)], inCluster, out); };
  const VectorD largest = lambdaMax(x, config.halves, fill, config.l1Ratio, context);
  std::vector<double> falling = config.lambdas;
  std::sort(falling.rbegin(), falling.rend());
  const auto steps = static_cast<Eigen::Index>(falling.size());
  const PathSet paths{largest * Eigen::Map<const VectorD>(falling.data(), steps).transpose(), config.l1Ratio, fill};
  const LogisticSolution solution = solvePath(x, paths, config.tolerance, config.maxIterations, context);

  StabilitySelection result{VectorD::Zero(x.cols()), 0, 0};
  for (Eigen::Index h = 0; h < config.halves; ++h) {
    if (largest[h] == 0) continue;  // without both classes, or nothing that varies with them
    ++result.usable;
    const auto weights = solution.w.middleCols(h * steps, steps);
    for (Eigen::Index j = 0; j < x.cols(); ++j) result.frequency[j] += (weights.row(j).array() != 0).any() ? 1 : 0;
    for (Eigen::Index l = 0; l < steps; ++l) result.notConverged += solution.converged[static_cast<std::size_t>(h * steps + l)] == 0;
  }
  if (result.usable == 0) result.frequency.setConstant(std::numeric_limits<double>::quiet_NaN());
  else result.frequency /= result.usable;
  return result;
}

std::vector<NeuronIndex> stableNeurons(const VectorD& frequency, double least) {
  std::vector<NeuronIndex> result;
  for (const NeuronIndex j : selectNeurons(frequency, {TauRule::TopK, static_cast<double>(frequency.size())}))
    if (frequency[j.value] >= least) result.push_back(j);
  return result;
}

}  // namespace lacuna::probes

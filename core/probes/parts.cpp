#include "parts.h"

#include <algorithm>

#include "lacuna/base/error.h"

namespace lacuna::probes {

std::int64_t Part::count(std::int32_t k) const { return std::count(labels.begin(), labels.end(), k); }

Part takeRole(const ProbeInput& input, SplitRole role, bool clustersOnly) {
  const auto wanted = [&](std::int32_t label) { return clustersOnly ? label >= 0 && label < input.clusters : label != kAmbiguous; };
  Part part;
  for (std::size_t n = 0; n < input.labels.size(); ++n) {
    const auto row = static_cast<Eigen::Index>(n);
    if (input.roles[n] != role || !wanted(input.labels[n]) || !input.x.row(row).allFinite()) continue;
    part.rows.push_back(row);
    part.labels.push_back(input.labels[n]);
    part.families.push_back(input.families[n]);
  }
  part.x.resize(part.size(), input.x.cols());
  for (std::int64_t i = 0; i < part.size(); ++i) part.x.row(i) = input.x.row(part.rows[static_cast<std::size_t>(i)]);
  return part;
}

std::vector<std::uint8_t> membership(std::span<const std::int32_t> labels, std::int32_t k) {
  std::vector<std::uint8_t> result;
  result.reserve(labels.size());
  for (const std::int32_t label : labels) result.push_back(label == k);
  return result;
}

void balancedWeights(std::span<const std::uint8_t> members, std::span<float> signedWeights) {
  const auto n = static_cast<double>(members.size()), positives = static_cast<double>(std::count(members.begin(), members.end(), 1));
  for (std::size_t i = 0; i < members.size(); ++i)
    signedWeights[i] = static_cast<float>(members[i] != 0 ? n / (2 * positives) : -n / (2 * (n - positives)));
}

LogisticSolution solveBalanced(const MatrixF& x, const std::vector<std::uint8_t>& members, double lambda, const ProbeConfig& config,
                               const RunContext& context) {
  const ColumnSet column{{lambda}, [&](std::int64_t, std::span<float> out) { balancedWeights(members, out); }};
  return solveLogistic(x, column, config.tolerance, config.maxIterations, context);
}

VectorD unscaled(const VectorD& betaStd, const VectorD& sd) {
  VectorD raw = VectorD::Zero(betaStd.size());
  for (Eigen::Index j = 0; j < raw.size(); ++j)
    if (sd[j] > 0) raw[j] = betaStd[j] / sd[j];
  return raw;
}

void requireShapes(const ProbeInput& input) {
  const auto rows = static_cast<std::size_t>(input.x.rows());
  if (input.labels.size() != rows || input.families.size() != rows || input.roles.size() != rows)
    throw Error("LAC-3101", "Probe input of " + std::to_string(rows) + " rows has " + std::to_string(input.labels.size()) + " labels, " +
                                std::to_string(input.families.size()) + " families and " + std::to_string(input.roles.size()) + " roles.");
}

}  // namespace lacuna::probes

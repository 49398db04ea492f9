#pragma once

#include <span>
#include <vector>

#include "lacuna/probes/probes.h"

namespace lacuna::probes {

/// Label of documents that are neither in a cluster nor in the rest.
inline constexpr std::int32_t kAmbiguous = -2;

/// Usable rows of one role with what is known of them.
struct Part {
  MatrixF x;
  std::vector<std::int32_t> labels, families;
  std::vector<std::int64_t> rows;   ///< their places in the input
  std::int64_t count(std::int32_t k) const;
  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
};
/// Ambiguous documents and rows that are not finite are left out; so are, where asked, documents in no cluster.
Part takeRole(const ProbeInput& input, SplitRole role, bool clustersOnly = false);

/// [n] 1 for the documents of cluster k.
std::vector<std::uint8_t> membership(std::span<const std::int32_t> labels, std::int32_t k);

/// Signed, class-balanced weights of "members against the rest": ±n/(2·n_class).
void balancedWeights(std::span<const std::uint8_t> members, std::span<float> signedWeights);

/// One column on class-balanced weights.
LogisticSolution solveBalanced(const MatrixF& x, const std::vector<std::uint8_t>& members, double lambda, const ProbeConfig& config,
                               const RunContext& context);

/// betaStd/sd, 0 for dropped inputs.
VectorD unscaled(const VectorD& betaStd, const VectorD& sd);

/// Throws LAC-3101 unless rows, labels, families and roles are of one length.
void requireShapes(const ProbeInput& input);

}  // namespace lacuna::probes

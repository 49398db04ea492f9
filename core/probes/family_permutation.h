#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/base/rng.h"

namespace lacuna::probes {

/// Moves labels between whole families of one source. Documents of a family keep its labels' order; a family of n documents that
/// takes the labels of one of m reads label ⌊i·m/n⌋ for its document i.
class FamilyPermutation {
 public:
  /// families, sources [N]; sources may be empty.
  FamilyPermutation(std::span<const std::int32_t> families, std::span<const std::int32_t> sources);

  /// [N] labels after one permutation; π within each source is drawn from rng, sources in ascending order.
  std::vector<std::int32_t> permute(std::span<const std::int32_t> labels, Rng& rng) const;

 private:
  std::size_t m_documents = 0;
  /// [source][family] its documents; a family that lies in two sources counts in each.
  std::vector<std::vector<std::vector<std::size_t>>> m_members;
};

}  // namespace lacuna::probes

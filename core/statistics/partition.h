#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "lacuna/base/matrix.h"

namespace lacuna::statistics {

/// Rows numbered by cluster, 0 … count − 1.
struct Partition {
  std::vector<Eigen::Index> of;
  Eigen::Index count = 0;
};

template <class Key>
Partition partition(const std::vector<Key>& keys) {
  std::vector<Key> ids = keys;
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  Partition result;
  result.count = static_cast<Eigen::Index>(ids.size());
  for (const Key& key : keys) result.of.push_back(std::lower_bound(ids.begin(), ids.end(), key) - ids.begin());
  return result;
}

inline Partition partition(std::span<const std::int32_t> ids) { return partition(std::vector<std::int32_t>(ids.begin(), ids.end())); }

/// Cells of two partitions crossed.
inline Partition crossed(const Partition& first, const Partition& second) {
  std::vector<std::pair<Eigen::Index, Eigen::Index>> keys;
  for (std::size_t i = 0; i < first.of.size(); ++i) keys.emplace_back(first.of[i], second.of[i]);
  return partition(keys);
}

/// G/(G − 1)·(n − 1)/(n − p): the small-sample factor of CR1.
inline double crFactor(Eigen::Index groups, Eigen::Index n, Eigen::Index p) {
  return static_cast<double>(groups) / static_cast<double>(groups - 1) * static_cast<double>(n - 1) / static_cast<double>(n - p);
}

}  // namespace lacuna::statistics

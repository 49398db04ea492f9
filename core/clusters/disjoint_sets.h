#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

namespace lacuna::clusters {

/// Union-find over 0 … n − 1 with halved paths.
class DisjointSets {
 public:
  explicit DisjointSets(std::size_t n) : m_parent(n) { std::iota(m_parent.begin(), m_parent.end(), 0); }

  std::int32_t find(std::int32_t i) {
    while (parent(i) != i) i = parent(i) = parent(parent(i));
    return i;
  }
  /// False when both were in one set already; b's root becomes the root of both.
  bool join(std::int32_t a, std::int32_t b) {
    a = find(a);
    b = find(b);
    parent(a) = b;
    return a != b;
  }

 private:
  std::int32_t& parent(std::int32_t i) { return m_parent[static_cast<std::size_t>(i)]; }
  std::vector<std::int32_t> m_parent;
};

}  // namespace lacuna::clusters

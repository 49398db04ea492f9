#pragma once

#include <cstdint>
#include <vector>

namespace lacuna::model {

/// Bucket of a key `distance` = key − query tokens away: of 32, half for each side, eight exact, the rest logarithmic up to 128
/// (formats.md 2.9, after T5).
std::int64_t relativeBucket(std::int64_t distance);

/// Floats of one head: distances −positions … positions, and what a kernel reads past them.
constexpr std::int64_t relativeStride(std::int64_t positions) { return 2 * positions + 33; }
/// [heads, relativeStride(positions)]: the bias of distance δ stands at δ + positions. `table` [buckets, heads].
std::vector<float> relativeBiases(const std::vector<float>& table, std::int64_t heads, std::int64_t positions);

}  // namespace lacuna::model

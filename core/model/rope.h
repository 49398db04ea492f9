#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "lacuna/model/decoder.h"

namespace lacuna::model {

/// cos and sin of every position and turning pair, in float32 as the reference has them.
struct RopeTable {
  std::vector<float> inverse;          ///< [pairs]
  std::vector<float> cosines, sines;   ///< [positions, pairs]
  std::int64_t positions = 0;
};

/// The tables of one network: one for all texts, or with dynamic scaling one for every total length beyond the trained one.
class RopeTables {
 public:
  explicit RopeTables(const Rope& rope) : m_rope(rope) {}
  /// The table of a text of `length` tokens in all, grown to hold `positions`. Stays where it is.
  const RopeTable* prepare(std::int64_t length, std::int64_t positions);

 private:
  Rope m_rope;
  std::map<std::int64_t, RopeTable> m_tables;
};

/// Turns the first rope.dims channels of every head of a row [heads · headDim], in place.
void turn(const Rope& rope, const RopeTable& table, std::int64_t position, float* row, std::int64_t heads, std::int64_t headDim);
/// The transpose of that turn: takes the gradient of the turned row to the gradient of the row.
void turnBack(const Rope& rope, const RopeTable& table, std::int64_t position, float* row, std::int64_t heads, std::int64_t headDim);

}  // namespace lacuna::model

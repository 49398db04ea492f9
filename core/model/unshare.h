#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/model/forward.h"

namespace lacuna::model {

/// A forest without branches, and where every segment of the given one went first.
struct Unshared {
  Forest forest;
  std::vector<int> firstCopy;   ///< [given segment] its first copy
  std::vector<int> source;      ///< [copy] the given segment
};
/// Throws LAC-1004 when a parent does not come before its child.
Unshared unshare(const Forest& forest);

/// First row of every segment, and the number of rows. [segments + 1]
std::vector<std::int64_t> firstRows(const Forest& forest);

/// With dynamic rotary scaling every key depends on the whole text's length, so texts cannot share their beginnings. Runs every leaf
/// of the forest as a text of its own; what was asked of an inner segment is answered by the first text through it.
ForwardResult forwardUnshared(const Model& model, const Forest& forest, std::span<const Arm> arms, const ForwardRequest& request,
                              const RunContext& context);

}  // namespace lacuna::model

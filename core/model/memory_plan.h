#pragma once

#include <cstdint>

#include "inspect.h"
#include "lacuna/model/model.h"

namespace lacuna::model {

/// What is held in memory of a model, and what that takes. Bytes.
struct MemoryPlan {
  Residence residence = Residence::Everything;
  std::uint64_t needed = 0;        ///< the program, weights as held, scratch of reading, and the working memory asked for
  std::uint64_t spare = 0;         ///< what the budget leaves for states and results
};

/// Sizes of the parts, as held.
struct WeightSizes {
  std::uint64_t layer = 0;         ///< the largest one
  std::uint64_t tables = 0;        ///< token table and head
  std::uint64_t rest = 0;          ///< positions, norms, projections
  std::uint64_t all = 0;
  std::uint64_t readScratch = 0;   ///< of one thread that reads a layer
};
WeightSizes weightSizes(const Described& model);

/// The most comfortable residence that fits: all weights; layers left in the files; token table and head, too. Throws LAC-2001 with
/// the smallest budget that would do.
MemoryPlan planMemory(const Described& model, const LoadOptions& options, const RunContext& context, const std::string& name);

}  // namespace lacuna::model

#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/model/linear.h"

namespace lacuna::model {

/// Arms that run through the layers together: the rows of one forest, once for every slot.
struct Stack {
  struct Slot {
    std::vector<int> arms;   ///< the arms these states belong to: many below their first edits, one above
    bool edited = false;     ///< the one arm's edits are made
  };
  std::vector<Slot> slots;
  std::vector<std::int32_t> tokens;   ///< forest rows a slot holds, ascending: all, or those still needed
  AlignedFloats x;                    ///< [slots · tokens, width]

  std::int64_t perSlot() const { return static_cast<std::int64_t>(tokens.size()); }
  std::int64_t rows() const { return static_cast<std::int64_t>(slots.size()) * perSlot(); }
};

}  // namespace lacuna::model

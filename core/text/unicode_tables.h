#pragma once

#include <array>
#include <cstdint>

namespace lacuna::text {

struct CodeRange { std::uint32_t first, last; };
/// Letters and digits (str.isalnum), sorted; unassigned code points between two ranges may be covered.
extern const std::array<CodeRange, 376> kWordRanges;

/// first, first + step, … last become themselves + shift in lower case; sorted by first.
struct LowerRange { std::uint32_t first, last, step; std::int32_t shift; };
extern const std::array<LowerRange, 180> kLowerRanges;

}  // namespace lacuna::text

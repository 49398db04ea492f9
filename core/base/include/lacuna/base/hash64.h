#pragma once

#include <cstdint>
#include <string_view>

namespace lacuna {

/// XXH3-64 of bytes: for tables of many short pieces, where a collision costs little. Names of content are contentHash().
std::uint64_t hash64(std::string_view bytes);

}  // namespace lacuna

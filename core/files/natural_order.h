#pragma once

#include <string_view>

namespace lacuna::files {

/// "shard2" before "shard10": runs of digits compare as numbers, all else by bytes.
bool naturallyBefore(std::string_view a, std::string_view b);

}  // namespace lacuna::files

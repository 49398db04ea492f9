#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lacuna/files/safetensors.h"

namespace lacuna::files {

/// Which rule of formats.md 1.3 was broken (the reference's name for it), and how.
struct HeaderViolation {
  std::string rule, what;
};

struct SafetensorsHeader {
  std::vector<TensorInfo> tensors;            ///< by (begin, end)
  std::vector<std::uint32_t> byName;          ///< indices into tensors, sorted by name
  std::map<std::string, std::string> metadata;
};

constexpr std::uint64_t largestSafetensorsHeader = 100'000'000;

/// Bits of one element; nothing for a dtype the format does not have.
std::optional<unsigned> dtypeBits(std::string_view dtype);

/// Parses the JSON text of a header and checks it against the size of the data that follows. Throws HeaderViolation.
SafetensorsHeader parseSafetensorsHeader(std::string_view json, std::uint64_t dataBytes);

/// The JSON half alone (rules 4 and 5): entries in the order written, offsets unchecked. Throws HeaderViolation.
SafetensorsHeader parseSafetensorsJson(std::string_view json);

}  // namespace lacuna::files

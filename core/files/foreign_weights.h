#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lacuna/base/error.h"

namespace lacuna::files {

/// LAC-1001 about a folder without safetensors: which other weights lie there, and how each kind is converted.
Error noSafetensors(const std::filesystem::path& folder);

/// "a, b, c", at most 50 and a count of the rest.
std::string joined(const std::vector<std::string>& names);

}  // namespace lacuna::files

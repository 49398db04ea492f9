#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace lacuna::corpus {

/// Hashes of every run of `n` pieces of a text, in order; none when it has fewer.
std::vector<std::uint64_t> wordRuns(std::string_view text, int n);
std::vector<std::uint64_t> characterRuns(std::string_view normalised, int n);

}  // namespace lacuna::corpus

#pragma once

#include <cstdint>
#include <string_view>

namespace lacuna::files {

/// Unicode's White_Space: blanks, tabs and line ends of all scripts.
bool isWhiteSpace(std::uint32_t codePoint);
/// Is it empty, or nothing but white space? The second is a row's text, and no document of a study.
bool isBlank(std::string_view utf8);

}  // namespace lacuna::files

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lacuna::files {

/// How the text begins: a well-formed UTF-8 sequence of `size` bytes, or the maximal part that cannot be one.
struct Utf8Step {
  std::size_t size;
  bool valid;
};
Utf8Step utf8Step(std::string_view text);  ///< text must not be empty

std::uint32_t codePointOf(std::string_view sequence);  ///< of a well-formed sequence

bool isUtf8(std::string_view text);
/// Bytes that texts do not have: control characters other than white space and escape, and what is no UTF-8 (a character that the end
/// cuts off aside).
std::size_t oddBytes(std::string_view bytes);
void appendUtf8(std::string& text, std::uint32_t codePoint);

constexpr std::string_view replacementCharacter = "\xEF\xBF\xBD";  // U+FFFD

}  // namespace lacuna::files

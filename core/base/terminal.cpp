#include "lacuna/base/terminal.h"

#include <algorithm>
#include <cstdint>

namespace lacuna {
namespace {

/// A character's code and its bytes; 0 bytes: the text does not go on with one.
struct Character { std::uint32_t code = 0; std::size_t bytes = 0; };

Character next(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = at(0);
  const std::size_t bytes = first < 0x80 ? 1 : first >= 0xC2 && first < 0xE0 ? 2 : first >= 0xE0 && first < 0xF0 ? 3 : first >= 0xF0 && first < 0xF5 ? 4 : 0;
  if (bytes == 0 || bytes > text.size()) return {};
  std::uint32_t code = bytes == 1 ? first : first & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((at(i) & 0xC0) != 0x80) return {};
    code = code << 6 | (at(i) & 0x3F);
  }
  const bool overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && (code < 0x10000 || code > 0x10FFFF)), surrogate = code >= 0xD800 && code < 0xE000;
  return overlong || surrogate ? Character() : Character{code, bytes};
}

bool drives(std::uint32_t code) {
  if (code < 0x20) return code != '\n';
  return (code >= 0x7F && code < 0xA0) || code == 0x200E || code == 0x200F || code == 0x061C || (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

std::string escaped(std::uint32_t code) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[code >> shift & 15];
  return out;
}

}  // namespace

std::string forTerminal(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Character character = next(text);
    if (character.bytes == 0) out += "\xEF\xBF\xBD";
    else if (drives(character.code)) out += escaped(character.code);
    else out += text.substr(0, character.bytes);
    text.remove_prefix(std::max<std::size_t>(1, character.bytes));
  }
  return out;
}

}  // namespace lacuna

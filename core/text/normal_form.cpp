#include <algorithm>

#include <lacuna_tokenizers.h>

#include "lacuna/text/unicode.h"

namespace lacuna::text {
namespace {

/// Code points that composing never changes and that no mark before them can move: starters with the property NFC_Quick_Check=Yes (Unicode 15).
/// Ranges are left out rather than split; what lies outside is looked at properly.
struct Range { char32_t first, last; };
constexpr Range kAsTheyAre[] = {{0x80, 0x2FF},     {0x388, 0x3FF},     {0x400, 0x482},     {0x48A, 0x52F},   {0x2002, 0x206F},   {0x2070, 0x20CF},
                                {0x2190, 0x2328},  {0x232B, 0x2A00},   {0x3000, 0x3029},   {0x3030, 0x3096}, {0x309B, 0x30FF},   {0x4E00, 0x9FFF},
                                {0xAC00, 0xD7A3},  {0xFF01, 0xFFDC},   {0xFFFC, 0xFFFD},   {0x1F300, 0x1FAFF}};

/// The code point at `at`, whose lead byte is beyond ASCII, and its size; 0 when it is not well-formed.
std::pair<char32_t, std::size_t> codePointAt(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t size = byte(at) >= 0xF0 ? 4 : byte(at) >= 0xE0 ? 3 : 2;
  if (byte(at) < 0xC2 || at + size > text.size()) return {0, 1};
  char32_t value = byte(at) & (0x7FU >> size);
  for (std::size_t k = 1; k < size; ++k) value = value << 6 | (byte(at + k) & 0x3FU);
  return {value, size};
}

bool isComposed(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) < 0xCC) {   // below U+0300
      ++at;
      continue;
    }
    const auto [value, size] = codePointAt(text, at);
    if (std::none_of(std::begin(kAsTheyAre), std::end(kAsTheyAre), [c = value](Range r) { return c >= r.first && c <= r.last; })) return false;
    at += size;
  }
  return true;
}

}  // namespace

std::string composed(std::string_view text) {
  lct_buffer buffer{};
  if (isComposed(text) || lct_nfc({text.data(), text.size()}, &buffer) != LCT_OK) return std::string(text);
  std::string out(buffer.data, buffer.size);
  lct_buffer_free(buffer);
  return out;
}

}  // namespace lacuna::text

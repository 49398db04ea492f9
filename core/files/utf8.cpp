#include "utf8.h"

#include <simdjson.h>

#include "lacuna/files/files.h"

namespace lacuna::files {

// The Unicode Standard, table 3-7; an invalid step takes the longest beginning of a sequence (chapter 3, "U+FFFD Substitution").
Utf8Step utf8Step(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return {1, true};
  if (first < 0xC2 || first > 0xF4) return {1, false};
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  unsigned low = 0x80, high = 0xBF;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= text.size() || byte(i) < low || byte(i) > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {length, true};
}

std::uint32_t codePointOf(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(sequence[i])); };
  if (sequence.size() == 1) return byte(0);
  std::uint32_t value = byte(0) & (0x7Fu >> sequence.size());
  for (std::size_t i = 1; i < sequence.size(); ++i) value = value << 6 | (byte(i) & 0x3Fu);
  return value;
}

bool isUtf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

std::size_t oddBytes(std::string_view bytes) {
  std::size_t odd = 0;
  while (!bytes.empty()) {
    const Utf8Step step = utf8Step(bytes);
    const auto first = static_cast<unsigned char>(bytes.front());
    const bool cut = !step.valid && step.size == bytes.size() && first >= 0xC2;
    const bool control = first < 0x20 && !(first >= '\t' && first <= '\r') && first != 0x1B;
    if ((!step.valid && !cut) || control) odd += step.size;
    bytes.remove_prefix(step.size);
  }
  return odd;
}

void appendUtf8(std::string& text, std::uint32_t codePoint) {
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (codePoint < 0x80) {
    put(codePoint);
  } else if (codePoint < 0x800) {
    put(0xC0 | codePoint >> 6);
    put(0x80 | (codePoint & 63));
  } else if (codePoint < 0x10000) {
    put(0xE0 | codePoint >> 12);
    put(0x80 | (codePoint >> 6 & 63));
    put(0x80 | (codePoint & 63));
  } else {
    put(0xF0 | codePoint >> 18);
    put(0x80 | (codePoint >> 12 & 63));
    put(0x80 | (codePoint >> 6 & 63));
    put(0x80 | (codePoint & 63));
  }
}

std::string sanitiseUtf8(std::string_view bytes, std::uint64_t* count) {
  if (count != nullptr) *count = 0;
  if (isUtf8(bytes)) return std::string(bytes);
  std::string text;
  text.reserve(bytes.size() + 16);
  while (!bytes.empty()) {
    const Utf8Step step = utf8Step(bytes);
    text += step.valid ? bytes.substr(0, step.size) : replacementCharacter;
    if (!step.valid && count != nullptr) ++*count;
    bytes.remove_prefix(step.size);
  }
  return text;
}

}  // namespace lacuna::files

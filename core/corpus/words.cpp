#include "lacuna/corpus/words.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "lacuna/files/white_space.h"
#include "lacuna/text/unicode.h"

namespace lacuna::corpus {

namespace {

struct CodePoint { std::uint32_t value = 0; std::size_t bytes = 1; };

std::uint8_t byteAt(std::string_view text, std::size_t i) { return static_cast<std::uint8_t>(text[i]); }

/// The code point that starts at `i`; a byte that starts none stands for itself above U+10FFFF, where it is a letter of no case.
CodePoint codePointAt(std::string_view text, std::size_t i) {
  const std::uint8_t lead = byteAt(text, i);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || i + length > text.size()) return {0x110000U + lead, 1};
  std::uint32_t value = lead & (0x7FU >> length);
  for (std::size_t k = 1; k < length; ++k) {
    if ((byteAt(text, i + k) & 0xC0U) != 0x80U) return {0x110000U + lead, 1};
    value = value << 6 | (byteAt(text, i + k) & 0x3FU);
  }
  return {value, length};
}

void append(std::string& out, std::uint32_t value) {
  const auto add = [&](std::uint32_t byte) { out.push_back(static_cast<char>(static_cast<std::uint8_t>(byte))); };
  if (value < 0x80) {
    add(value);
  } else if (value < 0x800) {
    add(0xC0U | value >> 6);
    add(0x80U | (value & 0x3FU));
  } else if (value < 0x10000) {
    add(0xE0U | value >> 12);
    add(0x80U | (value >> 6 & 0x3FU));
    add(0x80U | (value & 0x3FU));
  } else {
    add(0xF0U | value >> 18);
    add(0x80U | (value >> 12 & 0x3FU));
    add(0x80U | (value >> 6 & 0x3FU));
    add(0x80U | (value & 0x3FU));
  }
}

/// Writes a code point, or a byte that is none, and gives the number of bytes.
std::size_t write(std::uint32_t value, char byte, char* out) {
  if (value >= 0x110000) {
    *out = byte;
    return 1;
  }
  std::string encoded;
  append(encoded, value);
  encoded.copy(out, encoded.size());
  return encoded.size();
}

/// Capitals from `first` to `last`, every `step`-th code point, whose small letters lie `shift` further on.
struct Capitals { std::uint32_t first, last, step; std::int32_t shift; };

constexpr std::array kCapitals = {
    Capitals{0xC0, 0xD6, 1, 32},      Capitals{0xD8, 0xDE, 1, 32},      Capitals{0x100, 0x12E, 2, 1},     Capitals{0x130, 0x130, 1, -199},
    Capitals{0x132, 0x136, 2, 1},     Capitals{0x139, 0x147, 2, 1},     Capitals{0x14A, 0x176, 2, 1},     Capitals{0x178, 0x178, 1, -121},
    Capitals{0x179, 0x17D, 2, 1},     Capitals{0x386, 0x386, 1, 38},    Capitals{0x388, 0x38A, 1, 37},    Capitals{0x38C, 0x38C, 1, 64},
    Capitals{0x38E, 0x38F, 1, 63},    Capitals{0x391, 0x3A1, 1, 32},    Capitals{0x3A3, 0x3AB, 1, 32},    Capitals{0x400, 0x40F, 1, 80},
    Capitals{0x410, 0x42F, 1, 32},    Capitals{0x460, 0x480, 2, 1},     Capitals{0x48A, 0x4BE, 2, 1},     Capitals{0x4D0, 0x52E, 2, 1},
    Capitals{0x531, 0x556, 1, 48},    Capitals{0x1E00, 0x1E94, 2, 1},   Capitals{0x1EA0, 0x1EFE, 2, 1},   Capitals{0xFF21, 0xFF3A, 1, 32},
};

std::uint32_t lower(std::uint32_t value) {
  for (const Capitals& range : kCapitals)
    if (value >= range.first && value <= range.last)
      return (value - range.first) % range.step == 0 ? static_cast<std::uint32_t>(static_cast<std::int32_t>(value) + range.shift) : value;
  return value;
}

struct Range { std::uint32_t first, last; };

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, std::uint32_t value) {
  return std::any_of(ranges.begin(), ranges.end(), [&](Range range) { return value >= range.first && value <= range.last; });
}

// Above ASCII: controls, punctuation, symbols, arrows, box drawing, pictures. Everything else there counts as a letter.
constexpr std::array kSeparators = {Range{0x80, 0xA9},     Range{0xAB, 0xB4},     Range{0xB6, 0xB9},     Range{0xBB, 0xBF},     Range{0xD7, 0xD7},
                                    Range{0xF7, 0xF7},     Range{0x1680, 0x1680}, Range{0x2000, 0x2070}, Range{0x207A, 0x207E}, Range{0x208A, 0x208E},
                                    Range{0x20A0, 0x20CF}, Range{0x2190, 0x2BFF}, Range{0x2E00, 0x2E7F}, Range{0x3000, 0x3004}, Range{0x3008, 0x3020},
                                    Range{0x3030, 0x3030}, Range{0xFE10, 0xFE1F}, Range{0xFE30, 0xFE6F}, Range{0xFF00, 0xFF0F}, Range{0xFF1A, 0xFF20},
                                    Range{0xFF3B, 0xFF40}, Range{0xFF5B, 0xFF65}, Range{0xFFF0, 0xFFFF}, Range{0x1F000, 0x1FAFF}};

constexpr std::array kIdeographs = {Range{0x3040, 0x30FF}, Range{0x3400, 0x4DBF}, Range{0x4E00, 0x9FFF}, Range{0xF900, 0xFAFF}, Range{0x20000, 0x3FFFF}};

enum class Kind : std::uint8_t { Separator, Letter, Ideograph };

Kind kindOf(std::uint32_t value) {
  if (value < 0x80) {
    const bool letter = (value >= '0' && value <= '9') || (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z');
    return letter ? Kind::Letter : Kind::Separator;
  }
  if (within(kSeparators, value)) return Kind::Separator;
  return within(kIdeographs, value) ? Kind::Ideograph : Kind::Letter;
}

}  // namespace

std::string foldCase(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  for (std::size_t i = 0; i < utf8.size();) {
    const std::uint8_t byte = byteAt(utf8, i);
    if (byte < 0x80) {
      out.push_back(byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : utf8[i]);
      ++i;
      continue;
    }
    const CodePoint point = codePointAt(utf8, i);
    if (point.value >= 0x110000) out.push_back(utf8[i]);
    else append(out, lower(point.value));
    i += point.bytes;
  }
  return out;
}

std::string normalisedText(std::string_view utf8) {
  const std::string text = text::composed(utf8);
  std::string out(text.size(), '\0');   // nothing gets longer
  std::size_t size = 0;
  bool gap = false;
  const auto closeGap = [&] {
    if (gap && size > 0) out[size++] = ' ';
    gap = false;
  };
  for (std::size_t i = 0; i < text.size();) {
    const std::uint8_t byte = byteAt(text, i);
    if (byte < 0x80) {
      ++i;
      if (byte == ' ' || (byte >= 9 && byte <= 13)) {
        gap = true;
        continue;
      }
      closeGap();
      out[size++] = byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : static_cast<char>(byte);
      continue;
    }
    const CodePoint point = codePointAt(text, i);
    if (files::isWhiteSpace(point.value)) {
      gap = true;
    } else {
      closeGap();
      size += write(point.value < 0x110000 ? lower(point.value) : point.value, text[i], out.data() + size);
    }
    i += point.bytes;
  }
  out.resize(size);
  return out;
}

void forEachWord(std::string_view utf8, const std::function<void(std::string_view)>& use) {
  const std::string folded = foldCase(utf8);
  const std::string_view text = folded;
  std::size_t start = 0;
  const auto finish = [&](std::size_t end) {
    if (end > start) use(text.substr(start, end - start));
  };
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint point = codePointAt(text, i);
    const Kind kind = kindOf(point.value);
    if (kind != Kind::Letter) {
      finish(i);
      start = i + point.bytes;
      if (kind == Kind::Ideograph) use(text.substr(i, point.bytes));
    }
    i += point.bytes;
  }
  finish(text.size());
}

}  // namespace lacuna::corpus

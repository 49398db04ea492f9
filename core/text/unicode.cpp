#include "lacuna/text/unicode.h"

#include <algorithm>

#include "unicode_tables.h"

namespace lacuna::text {
namespace {

struct Decoded { char32_t value; std::size_t bytes; };

bool continues(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

Decoded decodeAt(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t bytes = lead < 0x80 ? 1 : (lead >> 5) == 0x6 ? 2 : (lead >> 4) == 0xE ? 3 : (lead >> 3) == 0x1E ? 4 : 1;
  if (bytes == 1) return {lead < 0x80 ? char32_t{lead} : char32_t{0xFFFD}, 1};
  char32_t value = lead & (0x7F >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if (!continues(text, at + i)) return {0xFFFD, 1};
    value = (value << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3F);
  }
  return {value, bytes};
}

/// Start of the code point that ends just before `end`.
std::size_t startBefore(std::string_view text, std::size_t end) {
  std::size_t at = end - 1;
  while (at > 0 && end - at < 4 && continues(text, at)) --at;
  return at + decodeAt(text, at).bytes == end ? at : end - 1;
}

const LowerRange* lowerRange(char32_t c) {
  const auto after = std::upper_bound(kLowerRanges.begin(), kLowerRanges.end(), c,
                                      [](char32_t value, const LowerRange& range) { return value < range.first; });
  if (after == kLowerRanges.begin()) return nullptr;
  const LowerRange& range = *(after - 1);
  return c <= range.last && (c - range.first) % range.step == 0 ? &range : nullptr;
}

char32_t lowered(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  const LowerRange* range = lowerRange(c);
  return range ? static_cast<char32_t>(static_cast<std::int64_t>(c) + range->shift) : c;
}

constexpr char32_t kCapitalSigma = 0x3A3, kFinalSigma = 0x3C2, kCapitalIWithDot = 0x130, kDotAbove = 0x307;

}  // namespace

std::vector<char32_t> codePoints(std::string_view text) {
  std::vector<char32_t> result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Decoded next = decodeAt(text, at);
    result.push_back(next.value);
    at += next.bytes;
  }
  return result;
}

void appendUtf8(std::string& text, char32_t c) {
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
  if (c < 0x80) { text += static_cast<char>(c); return; }
  if (c < 0x800) { text += static_cast<char>(0xC0 | (c >> 6)); tail(0); return; }
  if (c < 0x10000) { text += static_cast<char>(0xE0 | (c >> 12)); tail(6); tail(0); return; }
  text += static_cast<char>(0xF0 | (c >> 18));
  tail(12); tail(6); tail(0);
}

std::int64_t characters(std::string_view text) { return static_cast<std::int64_t>(codePoints(text).size()); }

std::string_view firstCharacters(std::string_view text, std::int64_t n) {
  std::size_t at = 0;
  for (; n > 0 && at < text.size(); --n) at += decodeAt(text, at).bytes;
  return text.substr(0, at);
}

bool isSpace(char32_t c) {
  if (c < 0x80) return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
         c == 0x202F || c == 0x205F || c == 0x3000;
}

bool isWord(char32_t c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  const auto after = std::upper_bound(kWordRanges.begin(), kWordRanges.end(), c,
                                      [](char32_t value, const CodeRange& range) { return value < range.first; });
  return after != kWordRanges.begin() && c <= (after - 1)->last;
}

std::string_view rightStripped(std::string_view text) {
  while (!text.empty()) {
    const std::size_t start = startBefore(text, text.size());
    if (!isSpace(decodeAt(text, start).value)) break;
    text = text.substr(0, start);
  }
  return text;
}

std::string_view stripped(std::string_view text) {
  text = rightStripped(text);
  while (!text.empty()) {
    const Decoded first = decodeAt(text, 0);
    if (!isSpace(first.value)) break;
    text.remove_prefix(first.bytes);
  }
  return text;
}

std::string lower(std::string_view text) {
  const std::vector<char32_t> points = codePoints(text);
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const char32_t c = points[i];
    const bool endsWord = i > 0 && isWord(points[i - 1]) && (i + 1 == points.size() || !isWord(points[i + 1]));
    if (c == kCapitalSigma && endsWord) appendUtf8(result, kFinalSigma);
    else if (c == kCapitalIWithDot) { result += 'i'; appendUtf8(result, kDotAbove); }
    else appendUtf8(result, lowered(c));
  }
  return result;
}

}  // namespace lacuna::text

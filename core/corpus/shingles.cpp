#include <algorithm>

#include "lacuna/base/hash64.h"
#include "lacuna/corpus/near_duplicates.h"
#include "lacuna/corpus/words.h"
#include "word_runs.h"

namespace lacuna::corpus {
namespace {

constexpr int kShingleWords = 5, kShingleCharacters = 13;
constexpr std::size_t kLookedAt = 4000;   // bytes that decide what a text is

Shingles asSet(std::vector<std::uint64_t>&& runs) {
  std::sort(runs.begin(), runs.end());
  runs.erase(std::unique(runs.begin(), runs.end()), runs.end());
  return std::move(runs);
}

bool startsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

/// Lead bytes E3 … E9 begin kana and ideographs (U+3000 … U+9FFF), which take three bytes each.
bool looksChineseOrJapanese(std::string_view text) {
  const std::string_view head = text.substr(0, kLookedAt);
  const auto all = std::count_if(head.begin(), head.end(), startsCharacter);
  const auto ideographs = std::count_if(head.begin(), head.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xE3 && static_cast<unsigned char>(c) <= 0xE9; });
  return 10 * ideographs > 3 * all;
}

std::string_view trimmedLeft(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  return text;
}

/// The text behind one comment at its beginning, or the same text.
std::string_view withoutOneComment(std::string_view text) {
  constexpr std::pair<std::string_view, std::string_view> kinds[] = {{"/*", "*/"}, {"<!--", "-->"}, {"\"\"\"", "\"\"\""}, {"'''", "'''"}, {"(*", "*)"},
                                                                     {"//", "\n"}, {"#", "\n"}, {"--", "\n"}, {"%", "\n"}, {";", "\n"}};
  for (const auto& [open, close] : kinds) {
    if (!text.starts_with(open)) continue;
    const bool directive = open == "#" && (text.starts_with("#include") || text.starts_with("#define") || text.starts_with("#if") || text.starts_with("#pragma"));
    if (directive) return text;
    const std::size_t end = text.find(close, open.size());
    return end == std::string_view::npos ? std::string_view() : text.substr(end + close.size());
  }
  return text;
}

}  // namespace

Shingles wordShingles(std::string_view text, int n) {
  Shingles runs = asSet(wordRuns(text, n));
  if (runs.empty()) runs.push_back(hash64(normalisedText(text)));
  return runs;
}

Shingles characterShingles(std::string_view text, int n) {
  const std::string normalised = normalisedText(text);
  Shingles runs = asSet(characterRuns(normalised, n));
  if (runs.empty()) runs.push_back(hash64(normalised));
  return runs;
}

Shingles shinglesOf(std::string_view text) {
  if (looksLikeCode(text)) return asSet(characterRuns(normalisedText(withoutLeadingComment(text)), kShingleCharacters));
  if (looksChineseOrJapanese(text)) return asSet(characterRuns(normalisedText(text), kShingleCharacters));
  return asSet(wordRuns(text, kShingleWords));
}

bool looksLikeCode(std::string_view text) {
  const std::string_view head = withoutLeadingComment(text).substr(0, kLookedAt);
  const auto all = std::count_if(head.begin(), head.end(), startsCharacter);
  const auto signs = std::count_if(head.begin(), head.end(), [](char c) { return std::string_view("{}[]();=<>").find(c) != std::string_view::npos; });
  return all > 0 && 20 * signs >= all;
}

std::string_view withoutLeadingComment(std::string_view code) {
  for (;;) {
    code = trimmedLeft(code);
    const std::string_view rest = withoutOneComment(code);
    if (rest.size() == code.size()) return code;
    code = rest;
  }
}

double jaccard(const Shingles& a, const Shingles& b) {
  std::size_t both = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) ++both;
    const bool first = a[i] <= b[j], second = b[j] <= a[i];
    i += first ? 1 : 0;
    j += second ? 1 : 0;
  }
  const std::size_t either = a.size() + b.size() - both;
  return either == 0 ? 0 : static_cast<double>(both) / static_cast<double>(either);
}

}  // namespace lacuna::corpus

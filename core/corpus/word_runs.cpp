#include "word_runs.h"

#include "lacuna/base/hash64.h"
#include "lacuna/corpus/words.h"

namespace lacuna::corpus {
namespace {

constexpr std::uint64_t kBase = 0x9E3779B97F4A7C15ULL;

/// The finishing steps of splitmix64: a polynomial alone leaves its low bits weak.
std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ value >> 27) * 0x94D049BB133111EBULL;
  return value ^ value >> 31;
}

/// Σ piece[i + k] · base^(n−1−k) modulo 2⁶⁴ for every i, each from the one before.
std::vector<std::uint64_t> runsOf(const std::vector<std::uint64_t>& pieces, std::size_t n) {
  if (n == 0 || pieces.size() < n) return {};
  std::uint64_t power = 1, sum = 0;
  for (std::size_t i = 1; i < n; ++i) power *= kBase;
  std::vector<std::uint64_t> runs;
  runs.reserve(pieces.size() - n + 1);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i >= n) sum -= pieces[i - n] * power;
    sum = sum * kBase + pieces[i];
    if (i + 1 >= n) runs.push_back(mixed(sum));
  }
  return runs;
}

}  // namespace

std::vector<std::uint64_t> wordRuns(std::string_view text, int n) {
  std::vector<std::uint64_t> words;
  forEachWord(text, [&](std::string_view word) { words.push_back(hash64(word)); });
  return runsOf(words, static_cast<std::size_t>(n));
}

std::vector<std::uint64_t> characterRuns(std::string_view normalised, int n) {
  std::vector<std::uint64_t> characters;
  for (std::size_t at = 0; at < normalised.size();) {
    std::size_t end = at + 1;
    while (end < normalised.size() && (static_cast<unsigned char>(normalised[end]) & 0xC0) == 0x80) ++end;
    characters.push_back(hash64(normalised.substr(at, end - at)));
    at = end;
  }
  return runsOf(characters, static_cast<std::size_t>(n));
}

}  // namespace lacuna::corpus

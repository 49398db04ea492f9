#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lacuna/base/run_context.h"
#include "lacuna/corpus/corpus.h"

namespace lacuna::corpus {

/// Hashes of a document's shingles, ascending, each once.
using Shingles = std::vector<std::uint64_t>;

/// Every run of `n` words (words.h); a text of fewer words has one shingle, the whole.
Shingles wordShingles(std::string_view text, int n);
/// Every run of `n` characters of the normalised text.
Shingles characterShingles(std::string_view text, int n);
/// What near-duplicates are told by (methods.md 1): five words; thirteen characters in code, after its leading comment (licences make false
/// families), and in Chinese and Japanese. Empty for texts shorter than that: they have exact copies only.
Shingles shinglesOf(std::string_view text);

/// Does the text look like a program? One code point in 20 is a bracket, a semicolon or the like.
bool looksLikeCode(std::string_view text);
/// Without the comment, or the comments, that the text begins with: #, //, --, %, ;, /* */, <!-- -->, """ """.
std::string_view withoutLeadingComment(std::string_view code);

/// |A ∩ B| / |A ∪ B|; 0 when both are empty.
double jaccard(const Shingles& a, const Shingles& b);

/// Bands and rows of locality-sensitive hashing: the least ∫ of false positives below the threshold plus false negatives above it, each
/// weighing one half (the rule of the package datasketch).
struct LshShape { int bands = 0, rows = 0; };
LshShape lshShape(double threshold, int permutations);
/// Chance that two documents of that Jaccard share a band: 1 − (1 − s^rows)^bands.
double lshChance(double jaccard, LshShape shape);

/// min over shingles of ((a·h + b) mod (2⁶¹ − 1)) mod 2³², one number a permutation (Broder 1997).
class MinHash {
 public:
  MinHash(int permutations, std::uint64_t seed);
  std::vector<std::uint32_t> signature(const Shingles& shingles) const;
  /// Share of equal numbers: estimates the Jaccard with standard error √(J(1 − J)/permutations).
  static double similarity(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b);

 private:
  std::vector<std::pair<std::uint64_t, std::uint64_t>> m_coefficients;
};

struct NearDuplicates {
  std::vector<std::int64_t> representative;   ///< of each document: of its group the one with the lowest key, often itself
  std::int64_t crowdedBuckets = 0;            ///< buckets of over 1000 documents, each compared with 32 random members only
};

/// Groups documents whose Jaccard reaches the threshold: candidates from the bands, each verified, joined transitively.
/// The result does not depend on threads or on the order of the documents. keys: one each, distinct.
NearDuplicates findNearDuplicates(std::span<const std::string_view> texts, std::span<const std::uint64_t> keys, const NearDuplicateConfig& config,
                                  const RunContext& context);

}  // namespace lacuna::corpus

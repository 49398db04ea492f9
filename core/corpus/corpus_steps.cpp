#include <algorithm>

#include "corpus_reading.h"
#include "lacuna/base/rng.h"
#include "lacuna/corpus/chunks.h"
#include "lacuna/corpus/contamination.h"
#include "lacuna/corpus/near_duplicates.h"

namespace lacuna::corpus {
namespace {

constexpr std::size_t kCutAtOnce = 1024;   // documents whose parts are in memory beside them

/// Keeps the candidates that are marked, and gives the others.
std::vector<Candidate> keep(std::vector<Candidate>& candidates, const std::vector<char>& kept) {
  std::vector<Candidate> staying, dropped;
  for (std::size_t i = 0; i < candidates.size(); ++i) (kept[i] != 0 ? staying : dropped).push_back(std::move(candidates[i]));
  candidates = std::move(staying);
  return dropped;
}

/// Which parts of a document stay: those with the smallest keys, in order.
std::vector<std::size_t> chosenParts(std::size_t parts, const std::string& content, const ChunkConfig& config, std::uint64_t seed) {
  std::vector<std::pair<std::uint64_t, std::size_t>> keys;
  for (std::size_t part = 0; part < parts; ++part) keys.emplace_back(Rng(seed, "corpus.chunk" + std::to_string(part), contentNumber(content)).nextU64(), part);
  std::sort(keys.begin(), keys.end());
  keys.resize(std::min(keys.size(), static_cast<std::size_t>(std::max(1, config.perFamily))));
  std::vector<std::size_t> chosen;
  for (const auto& [key, part] : keys) chosen.push_back(part);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

void addParts(Parts& out, Candidate&& candidate, std::vector<std::string>& parts, const ChunkConfig& config, std::uint64_t seed) {
  if (parts.empty()) ++out.shortDropped;
  const std::vector<std::size_t> chosen = chosenParts(parts.size(), candidate.content, config, seed);
  for (const std::size_t part : chosen) {
    Candidate piece = candidate;
    piece.text = std::move(parts[part]);
    piece.weight /= static_cast<double>(chosen.size());
    out.candidates.push_back(std::move(piece));
    out.chunk.push_back(static_cast<std::int32_t>(part));
  }
}

}  // namespace

std::int64_t dropNearDuplicates(std::vector<Candidate>& candidates, const NearDuplicateConfig& config, const RunContext& context,
                                std::int64_t& crowdedBuckets) {
  std::vector<std::string_view> texts;
  std::vector<std::uint64_t> keys;
  for (const Candidate& candidate : candidates) {
    texts.push_back(candidate.text);
    keys.push_back(sampleKey(context.seed, candidate.content));
  }
  const NearDuplicates found = findNearDuplicates(texts, keys, config, context);
  crowdedBuckets = found.crowdedBuckets;
  std::vector<char> kept(candidates.size(), 1);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto representative = static_cast<std::size_t>(found.representative[i]);
    if (representative == i) continue;
    kept[i] = 0;
    candidates[representative].duplicates += 1 + candidates[i].duplicates;
  }
  return std::ssize(keep(candidates, kept));
}

std::vector<Candidate> dropContaminated(std::vector<Candidate>& candidates, const std::vector<std::string>& taskTexts, const RunContext& context) {
  const TaskTexts texts(taskTexts);
  if (texts.empty()) return {};
  std::vector<char> kept(candidates.size(), 1);
  parallelFor(static_cast<std::int64_t>(candidates.size()), context.threadCount(), 64, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) kept[i] = texts.sharedBy(candidates[i].text) ? 0 : 1;
  });
  return keep(candidates, kept);
}

Parts cutIntoParts(std::vector<Candidate>&& candidates, const ChunkConfig& config, const text::Tokenizer* tokenizer, const RunContext& context) {
  Parts out;
  for (std::size_t first = 0; first < candidates.size(); first += kCutAtOnce) {
    context.checkpoint();
    const std::size_t count = std::min(kCutAtOnce, candidates.size() - first);
    std::vector<std::vector<std::string>> parts(count);
    parallelFor(static_cast<std::int64_t>(count), context.threadCount(), 4, [&](std::int64_t begin, std::int64_t end) {
      for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) parts[i] = chunkText(candidates[first + i].text, config, tokenizer);
    });
    for (std::size_t i = 0; i < count; ++i) addParts(out, std::move(candidates[first + i]), parts[i], config, context.seed);
  }
  return out;
}

}  // namespace lacuna::corpus

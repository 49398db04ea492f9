#include <algorithm>
#include <unordered_map>

#include "corpus_reading.h"
#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "lacuna/base/rng.h"
#include "lacuna/corpus/corpus.h"

namespace lacuna::corpus {
namespace {

Role roleOf(const std::string& content, std::uint64_t seed) {
  const double u = Rng(seed, "corpus.role", contentNumber(content)).uniform();
  return u < .6 ? Role::Fit : u < .8 ? Role::Tune : Role::Evaluate;
}

Document documentOf(Candidate&& candidate, std::uint64_t seed) {
  Document document;
  document.role = roleOf(candidate.content, seed);
  document.text = std::move(candidate.text);
  document.metadata = std::move(candidate.metadata);
  document.source = std::move(candidate.source);
  document.duplicates = candidate.duplicates;
  document.weight = candidate.weight;
  return document;
}

void addDocuments(Corpus& corpus, Parts&& parts, std::uint64_t seed) {
  std::unordered_map<std::string, std::int64_t> families;
  Hasher hasher;
  for (std::size_t i = 0; i < parts.candidates.size(); ++i) {
    Candidate& candidate = parts.candidates[i];
    const auto family = families.emplace(candidate.content, static_cast<std::int64_t>(families.size())).first->second;
    Document document = documentOf(std::move(candidate), seed);
    document.id = DocumentId(static_cast<std::int64_t>(corpus.documents.size()));
    document.family = FamilyId(family);
    document.chunk = parts.chunk[i];
    hasher.add(document.text).add(document.source);
    for (const auto& [name, value] : document.metadata) hasher.add(name).add(value);
    corpus.documents.push_back(std::move(document));
  }
  corpus.families = static_cast<std::int64_t>(families.size());
  corpus.hash = hasher.hex();
}

/// Adds what is left of every source to one of its counts.
void countBySource(std::vector<SourceCount>& sources, const std::vector<Candidate>& candidates, std::int64_t SourceCount::* left) {
  std::unordered_map<std::string, SourceCount*> byName;
  for (SourceCount& source : sources) byName.emplace(source.source, &source);
  for (const Candidate& candidate : candidates) {
    SourceCount& source = *byName.at(candidate.source);
    ++(source.*left);
    if (left == &SourceCount::distinct) source.population += candidate.weight;
  }
}

Error nothingLeft(const CorpusConfig& config, const Corpus& corpus) {
  std::int64_t raw = 0, wanted = 0, unlike = 0, clean = 0;
  for (const SourceCount& source : corpus.sources) {
    raw += source.raw;
    wanted += source.wanted;
    unlike += source.unlike;
    clean += source.clean;
  }
  return Error("LAC-1102", config.path.string() + ": no document is left to work with: " + std::to_string(raw) + " read, " + std::to_string(wanted) +
                               " passed the filter, " + std::to_string(unlike) + " without copies, " + std::to_string(clean) + " without texts of tasks, " +
                               std::to_string(corpus.shortDropped) +
                               " of them too short for a part",
               "check the path, the text field ('" + corpus.report.textField + "') and the filter");
}

}  // namespace

Corpus readCorpus(const CorpusConfig& config, const RunContext& context, const std::vector<std::string>& taskTexts, const text::Tokenizer* tokenizer) {
  Corpus corpus;
  Reading reading = readCandidates(config, context);
  corpus.report = std::move(reading.report);
  corpus.sources = std::move(reading.sources);
  corpus.duplicatesDropped = reading.duplicatesDropped;
  std::vector<Candidate> candidates = std::move(reading.candidates);
  countBySource(corpus.sources, candidates, &SourceCount::distinct);
  if (config.nearDuplicates.threshold > 0)
    corpus.nearDuplicatesDropped = dropNearDuplicates(candidates, config.nearDuplicates, context, corpus.crowdedBuckets);
  countBySource(corpus.sources, candidates, &SourceCount::unlike);
  if (config.decontaminate)
    for (Candidate& candidate : dropContaminated(candidates, taskTexts, context)) corpus.contaminated.push_back(documentOf(std::move(candidate), context.seed));
  corpus.contaminatedDropped = std::ssize(corpus.contaminated);
  countBySource(corpus.sources, candidates, &SourceCount::clean);
  Parts parts{std::move(candidates), {}, 0};
  if (config.chunks.tokens > 0) parts = cutIntoParts(std::move(parts.candidates), config.chunks, tokenizer, context);
  parts.chunk.resize(parts.candidates.size());
  corpus.shortDropped = parts.shortDropped;
  if (parts.candidates.empty()) throw nothingLeft(config, corpus);
  addDocuments(corpus, std::move(parts), context.seed);
  return corpus;
}

}  // namespace lacuna::corpus

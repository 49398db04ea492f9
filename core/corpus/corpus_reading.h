#pragma once

#include <map>
#include <string>
#include <vector>

#include "document_pool.h"
#include "lacuna/corpus/filter.h"
#include "source_tally.h"

namespace lacuna::corpus {

/// What one reading of the files gives: the documents that stay, in the order of the files, with their weights.
struct Reading {
  std::vector<Candidate> candidates;
  files::ReadReport report;
  std::string sourceField;
  std::vector<SourceCount> sources;      ///< raw and wanted are filled
  std::int64_t duplicatesDropped = 0;
};
/// Filters, drops exact copies, samples. A sample over sources reads twice: once to count them.
Reading readCandidates(const CorpusConfig& config, const RunContext& context);

/// Steps after the reading; each leaves out documents and says how many.
std::int64_t dropNearDuplicates(std::vector<Candidate>& candidates, const NearDuplicateConfig& config, const RunContext& context,
                                std::int64_t& crowdedBuckets);
/// Gives what was dropped.
std::vector<Candidate> dropContaminated(std::vector<Candidate>& candidates, const std::vector<std::string>& taskTexts, const RunContext& context);
/// Each document by its parts, which share its weight. tokenizer: counts their tokens; null: estimated.
struct Parts {
  std::vector<Candidate> candidates;
  std::vector<std::int32_t> chunk;       ///< of each: which part
  std::int64_t shortDropped = 0;
};
Parts cutIntoParts(std::vector<Candidate>&& candidates, const ChunkConfig& config, const text::Tokenizer* tokenizer, const RunContext& context);

}  // namespace lacuna::corpus

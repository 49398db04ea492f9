#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "lacuna/base/ids.h"
#include "lacuna/base/run_context.h"
#include "lacuna/files/cache_room.h"
#include "lacuna/files/files.h"

namespace lacuna::text { class Tokenizer; }

namespace lacuna::corpus {

/// Disjoint uses of documents, drawn by family (methods.md 0.3): 60 / 20 / 20 %.
enum class Role : std::uint8_t { Fit, Tune, Evaluate };

struct Document {
  DocumentId id;                  ///< row in the corpus
  FamilyId family;                ///< exact duplicates (normalised text) and the chunks of one document share one
  std::string source;             ///< value of the source field; empty when there is none
  std::string text;
  std::map<std::string, std::string> metadata;
  Role role = Role::Fit;
  std::uint32_t duplicates = 0;   ///< copies, exact and near, dropped in favour of this one
  double weight = 1;              ///< documents of the corpus, without exact copies, that this one stands for: n_s / m_s (methods.md 1)
  std::int32_t chunk = 0;         ///< which part of its document, 0-based
};

/// A sample of `size` documents over the sources: m_s ∝ n_s^power, at least min(n_s, floor). Takes a second reading, for the n_s.
struct SamplingConfig {
  std::int64_t size = 0;          ///< 0: none is drawn so
  double power = .5;
  std::int64_t floor = 50;
};

struct NearDuplicateConfig {
  double threshold = 0;           ///< Jaccard of shingles from which two documents are one; 0: not looked for
  int permutations = 128;
};

/// Documents cut into parts of at most `tokens` tokens, between paragraphs, else between sentences, else between words.
struct ChunkConfig {
  std::int64_t tokens = 0;        ///< 0: documents stay whole
  std::int64_t least = 32;        ///< shorter parts are left out
  int perFamily = 4;              ///< parts of one document at most: those with the smallest Philox keys
};

struct CorpusConfig {
  std::filesystem::path path;
  std::vector<std::filesystem::path> morePaths{};   ///< further files and folders of the same corpus
  std::string textField{}, sourceField{};           ///< empty: found by itself / none; "url.host" is the host of an address
  std::int64_t maxDocuments = 0;                    ///< 0: all; otherwise those with the smallest Philox keys of their content (a sample free of order)
  bool dropDuplicates = true;
  files::TextUnit textUnit = files::TextUnit::File;
  std::string filter{};                             ///< which documents are wanted (filter.h)
  SamplingConfig sampling{};
  NearDuplicateConfig nearDuplicates{};
  bool decontaminate = false;                       ///< drop documents that share 13 words in a row with a text given to readCorpus
  ChunkConfig chunks{};
  files::CacheSettings kept{};                      ///< where what files gave is kept: a reading that was stopped goes on after the last whole one
};

/// How many documents of a source were left after each step. Without a sample `distinct` has no copies; in a sample it is the sample.
struct SourceCount {
  std::string source;
  std::int64_t raw = 0, wanted = 0, distinct = 0, unlike = 0, clean = 0;   ///< read, passed the filter, no exact copy, no near copy, no task's text
  double population = 0;                                                   ///< documents without copies that `distinct` stands for
};

struct Corpus {
  std::vector<Document> documents;
  files::ReadReport report;
  std::int64_t families = 0, duplicatesDropped = 0;
  std::string hash;                     ///< of all kept texts, sources and metadata in order
  std::int64_t nearDuplicatesDropped = 0, contaminatedDropped = 0;
  std::int64_t crowdedBuckets = 0;      ///< of more than 1000 likely copies: they were compared with some members only
  std::int64_t shortDropped = 0;        ///< documents of which no part was long enough
  std::vector<SourceCount> sources;     ///< by name
  std::vector<Document> contaminated = {};   ///< those dropped for texts of tasks, whole: only to be counted by cluster; families, ids invalid
};

/// Reads, filters, drops exact duplicates (NFC, lower case, white space collapsed), samples, drops near duplicates and documents with
/// texts of tasks, cuts into chunks, assigns roles by family. The result does not depend on threads; the sample not on the order of
/// rows and files either. Tokens of chunks are those of `tokenizer`, without one estimated as 1.3 a word. `taskTexts` is for `decontaminate`.
/// The source field, when not named, is the first of source, meta.pile_set_name, red_pajama_subset, subset, dump, language that half
/// of the documents have. Throws LAC-1101, LAC-1102 (nothing left), LAC-1103 (no document has the named source field), LAC-1104 (filter).
Corpus readCorpus(const CorpusConfig& config, const RunContext& context, const std::vector<std::string>& taskTexts = {},
                  const text::Tokenizer* tokenizer = nullptr);

/// Sample sizes m_s ∝ n_s^a by largest remainder, each at least min(n_s, floor) and at most n_s (methods.md 1).
std::vector<std::int64_t> allocateSample(const std::vector<std::int64_t>& sizes, std::int64_t total, double power, std::int64_t floor);

}  // namespace lacuna::corpus

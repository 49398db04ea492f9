#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "lacuna/base/ids.h"
#include "lacuna/base/run_context.h"
#include "lacuna/files/files.h"

namespace lacuna::corpus {

/// Disjoint uses of documents, drawn by family (methods.md 0.3): 60 / 20 / 20 %.
enum class Role : std::uint8_t { Fit, Tune, Evaluate };

struct Document {
  DocumentId id;                  ///< row in the corpus
  FamilyId family;                ///< exact duplicates (normalised text) share one
  std::string source;             ///< value of the source field; empty when there is none
  std::string text;
  std::map<std::string, std::string> metadata;
  Role role = Role::Fit;
  std::uint32_t duplicates = 0;   ///< copies dropped in favour of this one
};

struct CorpusConfig {
  std::filesystem::path path;
  std::string textField, sourceField;   ///< empty: found by itself / none
  std::int64_t maxDocuments = 0;        ///< 0: all; otherwise those with the smallest Philox keys of their content (a sample free of order)
  bool dropDuplicates = true;
};

struct Corpus {
  std::vector<Document> documents;
  files::ReadReport report;
  std::int64_t families = 0, duplicatesDropped = 0;
  std::string hash;                     ///< of all kept texts, sources and metadata in order
};

/// Reads, drops exact duplicates (NFC is approximated by the text as is; lower case, white space collapsed), assigns roles by family.
/// The source field, when not named, is the first of source, meta.pile_set_name, red_pajama_subset, subset, dump, language that half
/// of the documents have. Throws LAC-1101, LAC-1102 (nothing left), LAC-1103 (no document has the named source field).
Corpus readCorpus(const CorpusConfig& config, const RunContext& context);

/// Sample sizes m_s ∝ n_s^a by largest remainder, each at least min(n_s, floor) and at most n_s (methods.md 1).
std::vector<std::int64_t> allocateSample(const std::vector<std::int64_t>& sizes, std::int64_t total, double power, std::int64_t floor);

}  // namespace lacuna::corpus

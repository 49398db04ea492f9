#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "lacuna/base/run_context.h"

namespace lacuna::study {

struct AssignOptions {
  std::string textField, sourceField;    ///< of the new corpus; empty: found by itself / none
  std::filesystem::path cache;           ///< of encoders' vectors, as StudySpec::cache
};
struct AssignSummary { std::int64_t documents = 0, assigned = 0; };

/// Documents that a study has never seen, each to the cluster whose members' mean direction it lies nearest to, in the study's own embedding:
/// the study's corpus is read and embedded as it was, and nothing is fitted to the new documents. Writes a CSV, one row a document in the
/// order of its corpus: document, source, cluster_id and cluster_label (empty: it has no direction), strength 1 − d₁/d₂, cosine, text (its
/// first 200 characters). Edits by hand count; the study file is only read. Copies among the new documents are kept.
/// Throws LAC-2005 (the clusters are not up to date with the study's spec), LAC-1503 (clusters share documents: their filters assign),
/// LAC-1101 …, LAC-3002, Cancelled.
AssignSummary assignDocuments(const std::filesystem::path& study, const std::filesystem::path& corpus, const std::filesystem::path& out,
                              const AssignOptions& options, const RunContext& context);

}  // namespace lacuna::study

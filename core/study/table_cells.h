#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "lacuna/base/ids.h"
#include "lacuna/base/numbers.h"
#include "lacuna/study/people.h"
#include "tables.h"

/// Cells of tidy tables: numbers by the shortest text that reads back, NaN and invalid ids empty.
namespace lacuna::study {

inline std::string cell(double value) { return std::isnan(value) ? "" : formatNumber(value); }
inline std::string cell(std::int64_t value) { return std::to_string(value); }
inline std::string cell(std::int32_t value) { return std::to_string(value); }
inline std::string cell(bool value) { return value ? "1" : "0"; }
inline std::string cell(const std::string& value) { return value; }
template <class Tag> std::string cell(Id<Tag> id) { return id.valid() ? std::to_string(id.value) : ""; }

template <class... Values> std::vector<std::string> row(const Values&... values) { return {cell(values)...}; }

inline std::string labelOf(const Results& r, ClusterId cluster) {
  for (const ClusterRow& c : r.clusters)
    if (c.id == cluster) return c.label;
  return "";
}

/// "3 17 20"
std::string joinedIds(const std::vector<std::int32_t>& ids);
/// Agreement of people about the clusters, as stored answers give it.
std::vector<AgreementRow> agreementIn(const Results& results, const store::Store& store);
/// Tables of what people said and did: annotations, agreement, rater_pairs, edits.
std::vector<Table> peopleTables(const Results& results, const store::Store& store);

/// Tables for and against the clusters: k_curve, cluster_validity, condensed_tree, topic_merges, contingency_by_field, refine_rounds, refine_log,
/// document_clusters.
std::vector<Table> evidenceTables(const Results& results);

/// Tables of the analyses: rankings, subspaces, controls, curves, specificity, regression, robustness, strength, strength_effects, curation,
/// interactions, mediation.
std::vector<Table> analysisTables(const Results& results);

}  // namespace lacuna::study

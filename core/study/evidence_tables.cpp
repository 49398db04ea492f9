#include <algorithm>
#include <cmath>
#include <map>

#include "table_cells.h"

namespace lacuna::study {
namespace {

std::string idOrNothing(std::int64_t id) { return id < 0 ? "" : cell(id); }

Table condensedTree(const Evidence& e) {
  Table t{"condensed_tree", {{"parent", "integer", "node of the tree of densities"}, {"child", "integer", "node that splits off"},
                             {"lambda", "number", "1 / distance at which it does"}, {"n_documents", "integer", ""}, {"lambda_half", "number", "half of them have left it"},
                             {"lambda_end", "number", "it splits, or the last have left"}, {"stability", "number", ""}, {"cluster_id", "integer", "that it makes, or a part of"}}, {}};
  for (const TreeRow& n : e.tree)
    if (n.parent >= 0) t.rows.push_back(row(n.parent, n.node, n.birth, n.size, n.half, n.end, n.stability, n.cluster));
  return t;
}

Table topicMerges(const Evidence& e) {
  Table t{"topic_merges", {{"from", "integer", "topic, numbered by its first document before any merge"}, {"into", "integer", ""},
                           {"similarity", "number", "cosine of their c-TF-IDF rows"}, {"n_from", "integer", "documents at that moment"}, {"n_into", "integer", ""},
                           {"words_from", "string", ""}, {"words_into", "string", ""}, {"cluster_id", "integer", "that it is in the end"}}, {}};
  for (const MergeRow& m : e.merges) t.rows.push_back(row(m.from, m.into, m.similarity, m.fromSize, m.intoSize, m.fromWords, m.intoWords, m.becomes));
  return t;
}

Table kCurve(const Evidence& e) {
  Table t{"k_curve", {{"k", "integer", ""}, {"macro_silhouette", "number", "mean of the clusters' mean cosine silhouettes"}, {"se", "number", "over clusters"},
                      {"stability", "number", "mean ARI of refits on 80 % of the documents"}, {"stability_sd", "number", ""},
                      {"ami_sources", "number", "adjusted mutual information with the sources"}, {"chosen", "integer", "1: the k of the study"}}, {}};
  for (const KRow& k : e.curve) t.rows.push_back(row(k.k, k.silhouette, k.standardError, k.stability, k.stabilitySd, k.ami, k.chosen));
  return t;
}

/// The whole clustering, a number a row.
Table clusteringChecks(const Results& r) {
  Table t{"clustering_checks", {{"measure", "string", ""}, {"value", "number", ""}, {"error", "number", "standard error of a silhouette, standard deviation of a stability"}, {"n", "integer", "pairs of refits; documents"}}, {}};
  const Evidence& e = r.evidence;
  const auto counted = std::count_if(r.documents.begin(), r.documents.end(), [](const DocumentRow& d) { return std::isfinite(d.silhouette); });
  const auto clustered = std::ssize(r.documents) - e.noise - e.ambiguous;
  const auto of = [](double value, std::int64_t n) { return std::isnan(value) ? std::string() : cell(n); };
  t.rows.push_back(row(std::string("silhouette_mean"), r.meanSilhouette, kNotKnown, of(r.meanSilhouette, counted)));
  t.rows.push_back(row(std::string("silhouette_macro"), r.macroSilhouette, kNotKnown, of(r.macroSilhouette, counted)));
  t.rows.push_back(row(std::string("euclidean_silhouette_mean"), e.euclidean.mean, kNotKnown, of(e.euclidean.mean, clustered)));
  t.rows.push_back(row(std::string("euclidean_silhouette_macro"), e.euclidean.macro, e.euclidean.standardError, of(e.euclidean.macro, clustered)));
  t.rows.push_back(row(std::string("stability_ari"), e.stability.mean, e.stability.sd, of(e.stability.mean, e.stability.pairs)));
  return t;
}

Table clusterValidity(const Evidence& e) {
  Table t{"cluster_validity", {{"field", "string", "of the documents' metadata"}, {"purity", "number", ""}, {"purity_expected", "number", "of permuted clusters"},
                               {"purity_adjusted", "number", "(purity - expected) / (1 - expected)"}, {"nmi", "number", ""}, {"ami", "number", ""}, {"ari", "number", ""},
                               {"homogeneity", "number", ""}, {"completeness", "number", ""}, {"n_documents", "integer", "with a cluster and a value"}}, {}};
  for (const ValidityRow& v : e.validity)
    t.rows.push_back(row(v.field, v.purity, v.expected, v.adjusted, v.nmi, v.ami, v.ari, v.homogeneity, v.completeness, v.documents));
  return t;
}

Table contingencyByField(const Results& r) {
  Table t{"contingency_by_field", {{"field", "string", ""}, {"cluster_id", "integer", ""}, {"value", "string", ""}, {"n_documents", "integer", ""},
                                   {"n_expected", "number", "if clusters and values had nothing to do with each other"},
                                   {"population", "number", "documents of the corpus that they stand for: the sum of their design weights"}}, {}};
  for (const Field& field : r.evidence.fields)
    for (const ContingencyRow& c : contingencyOf(r.documents, r.evidence, field)) t.rows.push_back(row(field.name, c.cluster, field.values[c.value], c.documents, c.expected, c.population));
  return t;
}

Table refineRounds(const Evidence& e) {
  Table t{"refine_rounds", {{"round", "integer", "from 1"}, {"n_changed", "integer", "documents with another label"}, {"macro_purity_before", "number", ""},
                            {"macro_purity_after", "number", ""}, {"macro_silhouette_before", "number", ""}, {"macro_silhouette_after", "number", ""},
                            {"n_clusters_before", "integer", ""}, {"n_clusters_after", "integer", ""}}, {}};
  for (const store::RefineRoundRow& r : e.rounds)
    t.rows.push_back(row(r.round + 1, r.changed, r.purityBefore, r.purityAfter, r.silhouetteBefore, r.silhouetteAfter, r.clustersBefore, r.clustersAfter));
  return t;
}

Table refineLog(const Evidence& e) {
  Table t{"refine_log", {{"round", "integer", "from 1"}, {"action", "string", "split, merge, ambiguous (set aside) or drop (too small)"}, {"cluster_id", "integer", ""},
                         {"other_id", "integer", "the new cluster, or the one merged into"}, {"n_documents", "integer", "that moved"},
                         {"purity", "number", "of the cluster before"}, {"silhouette", "number", "of the cluster before"}}, {}};
  for (const store::RefineStepRow& s : e.steps)
    t.rows.push_back(row(s.round + 1, s.action, s.cluster, idOrNothing(s.other), s.documents, s.purity, s.silhouette));
  return t;
}

/// Every membership; where a document is in one cluster at most, that of `documents`.
Table documentClusters(const Results& r) {
  Table t{"document_clusters", {{"document_id", "integer", ""}, {"cluster_id", "integer", ""}}, {}};
  for (const store::MembershipRow& m : r.evidence.memberships)
    for (const std::int32_t document : m.documents) t.rows.push_back(row(document, m.cluster));
  for (const DocumentRow& d : r.documents)
    if (!r.evidence.multiLabel() && d.cluster >= 0) t.rows.push_back(row(d.id, d.cluster));
  return t;
}

}  // namespace

std::vector<Table> evidenceTables(const Results& r) {
  const Evidence& e = r.evidence;
  return {kCurve(e), clusteringChecks(r), clusterValidity(e), condensedTree(e), topicMerges(e), contingencyByField(r), refineRounds(e), refineLog(e), documentClusters(r)};
}

}  // namespace lacuna::study

#include "people_log.h"
#include "table_cells.h"

namespace lacuna::study {
namespace {

Table annotationsTable(const Results& results, const store::Store& store) {
  Table t{"annotations", {{"number", "integer", "order of answering; a later answer to the same item takes the place of an earlier one"}, {"rater", "string", ""},
                          {"kind", "string", "topic, fits or intruder"}, {"cluster_id", "integer", ""}, {"item", "integer", "place in the cluster's sheet"},
                          {"documents", "string", "shown, in that order"}, {"value", "string", "the answer; empty: withdrawn"},
                          {"expected", "string", "intruder: the document of another cluster"}, {"seconds", "number", "from showing to answering"},
                          {"clustering", "string", "key of the clustering that was judged, or the sheet that was of another"},
                          {"asked", "boolean", "whether its question still is one: others do not count"}, {"created", "string", "UTC"}}, {}};
  const std::string clustering = clusteringOf(store);
  for (const AnnotationRow& a : store.annotations())
    t.rows.push_back(row(a.number, a.rater, a.kind, a.cluster, a.item, joinedIds(a.documents), a.value, a.expected, a.seconds, a.clustering,
                         a.clustering == clustering && stillAsked(a, results.documents), a.created));
  return t;
}

Table editsTable(const store::Store& store) {
  Table t{"edits", {{"number", "integer", ""}, {"kind", "string", "rename, recolour, merge, split, exclude, undo or redo"}, {"cluster_id", "integer", ""},
                    {"target_id", "integer", "cluster that the documents went to"}, {"n_documents", "integer", "that moved"}, {"documents", "string", ""},
                    {"value", "string", "label or colour given"}, {"former", "string", "before"}, {"edit", "integer", "undo, redo: of which edit"},
                    {"clustering", "string", ""}, {"created", "string", "UTC"}}, {}};
  for (const EditRow& e : store.edits())
    t.rows.push_back(row(e.number, e.kind, e.cluster, e.target, std::ssize(e.documents), joinedIds(e.documents), e.value, e.former, e.of, e.clustering, e.created));
  return t;
}

Table agreementTable(const Results& r, const std::vector<AgreementRow>& agreement) {
  Table t{"agreement", {{"cluster_id", "integer", "empty: all clusters"}, {"cluster_label", "string", ""}, {"topics", "string", "given by raters"},
                        {"n_raters", "integer", ""}, {"n_documents", "integer", "judged by anyone"}, {"share_fits", "number", "of decided judgements"},
                        {"fits_low", "number", ""}, {"fits_high", "number", ""}, {"n_shared", "integer", "documents judged by two raters or more"},
                        {"observed", "number", "raw agreement of all pairs of raters"}, {"kappa", "number", "of n_kappa_raters on n_kappa_documents that all of them judged"},
                        {"kappa_low", "number", ""}, {"kappa_high", "number", ""}, {"kappa_method", "string", "cohen (two raters) or fleiss"}, {"kappa_status", "string", ""},
                        {"n_kappa_raters", "integer", ""}, {"n_kappa_documents", "integer", ""}, {"kappa_observed", "number", "raw agreement on them"}, {"alpha", "number", "Krippendorff, nominal"},
                        {"alpha_low", "number", ""}, {"alpha_high", "number", ""}, {"alpha_status", "string", ""}, {"n_intruders", "integer", "intruder items answered"},
                        {"intruders_found", "number", "share; chance is 1/6"}, {"found_low", "number", ""}, {"found_high", "number", ""},
                        {"p_found", "number", "of as many or more by guessing"}}, {}};
  for (const AgreementRow& a : agreement)
    t.rows.push_back(row(a.cluster, labelOf(r, a.cluster), a.topics, a.raters, a.documents, a.fits.value, a.fits.low, a.fits.high, a.shared, a.observed,
                         a.kappa.value, a.kappa.low, a.kappa.high, a.kappaMethod, a.kappaStatus, a.kappaRaters, a.kappaDocuments,
                         a.kappaObserved, a.alpha.value, a.alpha.low, a.alpha.high, a.alphaStatus,
                         a.intruders, a.found.value, a.found.low, a.found.high, a.pFound));
  return t;
}

Table pairsTable(const Results& r, const std::vector<AgreementRow>& agreement) {
  Table t{"rater_pairs", {{"cluster_id", "integer", "empty: all clusters"}, {"cluster_label", "string", ""}, {"rater", "string", ""}, {"other_rater", "string", ""},
                          {"n_documents", "integer", "judged by both"}, {"observed", "number", "raw agreement"}, {"kappa", "number", "Cohen's"},
                          {"kappa_low", "number", ""}, {"kappa_high", "number", ""}, {"kappa_status", "string", ""}}, {}};
  for (const AgreementRow& a : agreement)
    for (const RaterPair& p : a.pairs)
      t.rows.push_back(row(a.cluster, labelOf(r, a.cluster), p.first, p.second, p.documents, p.observed, p.kappa.value, p.kappa.low, p.kappa.high, p.status));
  return t;
}

}  // namespace

std::string joinedIds(const std::vector<std::int32_t>& ids) {
  std::string out;
  for (const std::int32_t id : ids) out += (out.empty() ? "" : " ") + std::to_string(id);
  return out;
}

std::vector<AgreementRow> agreementIn(const Results& results, const store::Store& store) {
  return agreementOf(results.documents, results.clusters, store.annotations(), clusteringOf(store));
}

std::vector<Table> peopleTables(const Results& results, const store::Store& store) {
  const std::vector<AgreementRow> agreement = agreementIn(results, store);
  return {annotationsTable(results, store), agreementTable(results, agreement), pairsTable(results, agreement), editsTable(store)};
}

}  // namespace lacuna::study

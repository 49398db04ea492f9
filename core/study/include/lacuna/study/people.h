#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "lacuna/study/results.h"

/// What people say about clusters (methods.md 3.7): sheets to answer, and how far the answers agree. Pure functions of documents and log.
namespace lacuna::study {

/// One thing to answer, drawn from the seed and the clustering alone.
struct SheetItem {
  std::string kind;                          ///< as AnnotationRow: "topic", "fits", "intruder"
  ClusterId cluster;
  std::int64_t item = 0;
  std::vector<DocumentId> documents;         ///< topic: the first to read; fits: one; intruder: six, shuffled
  DocumentId intruder;                       ///< invalid but for "intruder"
};
inline constexpr std::int64_t kSheetDocuments = 50, kIntruderItems = 10, kTopicDocuments = 8;

/// What an answer is about: answers to one question take each other's place, and count for no other. The documents decide, not their place in
/// a sheet, so that answers outlive sheets that are drawn anew after an edit.
struct Question {
  std::string kind;
  std::int32_t cluster = -1;
  std::vector<std::int32_t> documents;       ///< ascending
  std::string intruder;                      ///< id of the document of another cluster
  auto operator<=>(const Question&) const = default;
};
Question questionOf(const SheetItem& item);
Question questionOf(const AnnotationRow& row);
/// Whether the question of an answer still is one: what was shown is in the cluster that it was shown for, but for the intruder, which is not.
/// `documents` by ascending id.
bool stillAsked(const AnnotationRow& row, const std::vector<DocumentRow>& documents);
/// A rater's name on one line without blanks around it. LAC-1504 where nothing is left.
std::string raterName(const std::string& typed);

/// The sheets of clusters, one after the other: each one's topic and at most 50 documents to judge, or 10 intruder items of five documents and
/// one of another cluster (fewer where a cluster is small; none below 5 documents or without another cluster). kind: "fits" or "intruder".
/// Every document has its own lot, so that an edit which moves some documents changes no more than the places they leave.
/// Where documents may be in several clusters (`shared`), those that are in several are not shown: they would be no intruders.
std::vector<SheetItem> drawSheets(const std::vector<DocumentRow>& documents, const std::vector<ClusterId>& clusters, const std::string& kind, std::uint64_t seed,
                                  const std::vector<store::MembershipRow>& shared = {});
/// The order in which a rater meets the clusters: shuffled, so that no name, size or number leads.
std::vector<ClusterId> sheetOrder(const std::vector<ClusterRow>& clusters, const std::string& kind, const std::string& rater, std::uint64_t seed);

/// A sheet for a rater elsewhere: CSV with a row a document, `answer` empty: a topic; fits, not or unsure (or 1, 2, 3); x at the intruder. Clusters
/// go by names that say nothing (`group`). Cells that a spreadsheet would take for formulas begin with an apostrophe.
/// textOf: a document's whole text; none: as the results hold it.
std::string writeSheet(const Results& results, const std::string& rater, std::uint64_t seed, const std::string& clustering = {},
                       const std::function<std::string(DocumentId)>& textOf = {});
/// Whether a file begins as sheets do.
bool isSheet(const std::filesystem::path& file);
/// The answers of such a file, whatever was edited since it was written; rows without an answer are left out. Answers to a sheet of another
/// clustering say so in `clustering`, which is empty otherwise. LAC-1502: not a sheet of this study, or an answer that means nothing.
std::vector<AnnotationRow> readSheet(const std::filesystem::path& file, const Results& results, const std::string& rater, std::uint64_t seed,
                                     const std::string& clustering = {});

/// What a sheet adds to the log.
struct SheetImport {
  std::vector<AnnotationRow> rows;           ///< to add
  std::int64_t replaced = 0;                 ///< of them take the place of another answer of this rater
  std::int64_t unasked = 0;                  ///< of them are to questions that are no longer asked: kept, not counted
  std::int64_t known = 0;                    ///< answers that the log has already; left out
};
SheetImport importOf(std::vector<AnnotationRow> answers, const std::vector<AnnotationRow>& log, const std::vector<DocumentRow>& documents,
                     const std::string& clustering);

/// The same on a study file: writes a sheet; adds the answers of one to the log.
void exportSheet(const std::filesystem::path& study, const std::string& rater, const std::filesystem::path& to);
SheetImport importSheet(const std::filesystem::path& study, const std::string& rater, const std::filesystem::path& from);

/// Cohen's κ of two raters on the documents that both judged.
struct RaterPair {
  std::string first, second;
  std::int64_t documents = 0;
  double observed = 0;                       ///< raw agreement
  Ranged kappa;                              ///< interval: Fleiss, Cohen & Everitt
  std::string status;
};

/// Agreement about one cluster, or about all (cluster invalid). Answers count while their question is asked (stillAsked).
struct AgreementRow {
  ClusterId cluster;
  std::string topics;                        ///< given by raters, " | " between
  std::int64_t raters = 0, documents = 0;    ///< documents judged by anyone
  Ranged fits;                               ///< share of decided judgements that it fits
  std::int64_t shared = 0;                   ///< documents judged by two raters or more
  double observed = 0;                       ///< raw agreement of all pairs of raters
  /// Cohen's of the two raters with the most documents in common; Fleiss' (bootstrap over families) where others can be added, one by one, while at
  /// least half of the two's documents are judged by all. Of those raters and documents alone, as is the raw agreement beside it (prevalence paradox).
  Ranged kappa;
  std::int64_t kappaRaters = 0, kappaDocuments = 0;
  double kappaObserved = 0;
  std::string kappaMethod, kappaStatus;
  std::vector<RaterPair> pairs;              ///< every two raters who share a document
  Ranged alpha;                              ///< Krippendorff's, nominal, of every answer; raters may miss documents (bootstrap over families)
  std::string alphaStatus;
  std::int64_t intruders = 0;                ///< intruder items answered by anyone
  Ranged found;                              ///< share of intruders found; chance is 1/6
  double pFound = 0;                         ///< P(as many or more by guessing)
};
/// One row a living cluster and a last one for all.
std::vector<AgreementRow> agreementOf(const std::vector<DocumentRow>& documents, const std::vector<ClusterRow>& clusters,
                                      const std::vector<AnnotationRow>& annotations, const std::string& clustering);

/// The logs as they are now, and what follows from them.
struct People {
  std::string clustering;                    ///< key of the clustering that is shown
  std::uint64_t seed = 0;                    ///< of the sheets
  std::vector<AnnotationRow> annotations;
  std::vector<EditRow> edits;
  std::vector<AgreementRow> agreement;
};

}  // namespace lacuna::study

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
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

/// The sheets of clusters, one after the other: each one's topic and at most 50 documents to judge, or 10 intruder items of five documents and
/// one of another cluster (fewer where a cluster is small; none below 5 documents or without another cluster). kind: "fits" or "intruder".
/// Where documents may be in several clusters (`shared`), those that are in several are not shown: they would be no intruders.
std::vector<SheetItem> drawSheets(const std::vector<DocumentRow>& documents, const std::vector<ClusterId>& clusters, const std::string& kind, std::uint64_t seed,
                                  const std::vector<store::MembershipRow>& shared = {});
/// The order in which a rater meets the clusters: shuffled, so that no name, size or number leads.
std::vector<ClusterId> sheetOrder(const std::vector<ClusterRow>& clusters, const std::string& kind, const std::string& rater, std::uint64_t seed);

/// A sheet for a rater elsewhere: CSV with a row a document, `answer` empty: a topic; fits, not or unsure (or 1, 2, 3); x at the intruder.
std::string writeSheet(const Results& results, const std::string& rater, std::uint64_t seed);
/// The answers of such a file; rows without an answer are left out. LAC-1502: not a sheet of this study, or an answer that means nothing.
std::vector<AnnotationRow> readSheet(const std::filesystem::path& file, const Results& results, const std::string& rater, std::uint64_t seed);

/// The same on a study file: writes a sheet; adds the answers of one to the log and gives their number.
void exportSheet(const std::filesystem::path& study, const std::string& rater, const std::filesystem::path& to);
std::int64_t importSheet(const std::filesystem::path& study, const std::string& rater, const std::filesystem::path& from);

/// Agreement about one cluster, or about all (cluster invalid). Answers about documents that a later edit moved do not count.
struct AgreementRow {
  ClusterId cluster;
  std::string topics;                        ///< given by raters, " | " between
  std::int64_t raters = 0, documents = 0;    ///< documents judged by anyone
  Ranged fits;                               ///< share of decided judgements that it fits
  std::int64_t shared = 0;                   ///< documents judged by two raters or more
  double observed = 0;                       ///< raw agreement of pairs of raters; show it beside κ (prevalence paradox)
  Ranged kappa;                              ///< Cohen's of two raters (interval: Fleiss, Cohen & Everitt), Fleiss' of more (bootstrap over documents)
  std::string kappaMethod, kappaStatus;
  Ranged alpha;                              ///< Krippendorff's, nominal; raters may miss documents (bootstrap over documents)
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

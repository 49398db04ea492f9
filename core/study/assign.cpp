#include "lacuna/study/assign.h"

#include <unordered_map>

#include "lacuna/base/error.h"
#include "lacuna/clusters/nearest.h"
#include "lacuna/files/files.h"
#include "lacuna/text/unicode.h"
#include "read_results.h"
#include "table_cells.h"
#include "workspace.h"

namespace lacuna::study {
namespace {

StudySpec specOf(const store::Store& store, const std::filesystem::path& cache) {
  StudySpec spec = parseSpec(store.meta("spec"), store.meta("folder"));
  spec.cache = cache;
  return spec;
}

/// Today's cluster of every document of the corpus, by its place there; −1 where it is in none.
std::vector<std::int32_t> storedLabels(const store::Store& store, const corpus::Corpus& corpus) {
  std::unordered_map<std::int32_t, std::int32_t> clusterOf;
  for (const DocumentRow& row : store.documentsBegun(0)) clusterOf[row.id.value] = std::max(row.cluster, -1);
  std::vector<std::int32_t> labels;
  for (const corpus::Document& document : corpus.documents) {
    const auto known = clusterOf.find(document.id.value);
    labels.push_back(known == clusterOf.end() ? -1 : known->second);
  }
  return labels;
}

Table tableOf(const Results& results, const std::vector<corpus::Document>& documents, const std::vector<clusters::Nearest>& nearest) {
  Table t{"assigned", {{"document", "integer", "0-based, in the order of the corpus"}, {"source", "string", ""}, {"cluster_id", "integer", "empty: no direction"},
                       {"cluster_label", "string", ""}, {"strength", "number", "1 - d1/d2 of cosine distances"},
                       {"cosine", "number", "with the mean direction of the cluster's documents"}, {"text", "string", "its first 200 characters"}}, {}};
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const ClusterId id(nearest[i].cluster);
    const double none = std::nan("");
    t.rows.push_back(row(static_cast<std::int64_t>(i), documents[i].source, id, labelOf(results, id), id.valid() ? nearest[i].strength : none,
                         id.valid() ? nearest[i].cosine : none, std::string(text::firstCharacters(documents[i].text, 200))));
  }
  return t;
}

}  // namespace

AssignSummary assignDocuments(const std::filesystem::path& study, const std::filesystem::path& corpusPath, const std::filesystem::path& out,
                              const AssignOptions& options, const RunContext& context) {
  const std::unique_ptr<store::Store> store = store::Store::open(study, true);
  Workspace w(specOf(*store, options.cache), *store, context);
  if (w.spec().clusters.multiLabel)
    throw Error("LAC-1503", study.string() + ": its clusters share documents, so none is the nearest", "apply the filters of its spec: lacuna-cli inspect CORPUS --filter …");
  requireStage(*store, "clusters", stageKeys(w.spec(), w.modelInfo(), store->edits(), w.inputs()).clusters);
  corpus::CorpusConfig config;
  config.path = corpusPath;
  config.textField = options.textField;
  config.sourceField = options.sourceField;
  config.dropDuplicates = false;
  corpus::Corpus known = w.corpus();
  known.contaminated = corpus::readCorpus(config, context).documents;   // embedded like the others, and nothing is fitted to them
  const embeddings::EmbeddingSet embedding = embed(w, known, std::filesystem::absolute(corpusPath));
  const Results results = readResults(*store, Texts::Begun);
  std::int64_t clusters = 0;
  for (const ClusterRow& cluster : results.clusters) clusters = std::max<std::int64_t>(clusters, cluster.id.value + 1);
  const auto nearest = clusters::nearestWithStrength(embedding.vectors, storedLabels(*store, known), clusters, embedding.contaminated, context);
  files::writeFileAtomically(out, toCsv(tableOf(results, known.contaminated, nearest)));
  AssignSummary summary{std::ssize(nearest), 0};
  for (const clusters::Nearest& one : nearest) summary.assigned += one.cluster >= 0;
  return summary;
}

}  // namespace lacuna::study

#include "clusters_spec.h"

#include <algorithm>

#include "lacuna/base/error.h"
#include "lacuna/corpus/filter.h"

namespace lacuna::study {
namespace {

using nlohmann::json;

constexpr const char* kMethods[] = {"kmeans", "euclidean", "hdbscan", "topics", "metadata", "filters"};

void require(bool holds, const std::string& pointer, const std::string& expected) {
  if (!holds) throw Error("LAC-1401", "study spec: " + pointer + ": expected " + expected, "see docs/study-spec.md");
}

/// Reads a text that is one of two names; true: the second.
bool second(SpecReader& r, const std::string& key, const char* first, const char* other, bool value) {
  std::string name = value ? other : first;
  r.read(key, name);
  require(name == first || name == other, r.pointer(key), std::string(first) + " or " + other + ", found \"" + name + "\"");
  return name == other;
}

void readUmap(SpecReader& reader, clusters::UmapConfig& umap) {
  const json* found = reader.find("umap");
  if (!found) return;
  SpecReader r(*found, reader.pointer("umap"));
  r.read("neighbours", umap.neighbours);
  r.read("dimensions", umap.dimensions);
  r.read("min_dist", umap.minDist);
  r.read("spread", umap.spread);
  r.read("epochs", umap.epochs);
  umap.metric = second(r, "metric", "cosine", "euclidean", umap.metric == clusters::Metric::Euclidean) ? clusters::Metric::Euclidean : clusters::Metric::Cosine;
  umap.start = second(r, "start", "spectral", "pca", umap.start == clusters::MapStart::Pca) ? clusters::MapStart::Pca : clusters::MapStart::Spectral;
  r.finish();
  require(umap.neighbours >= 2, r.pointer("neighbours"), "at least 2");
  require(umap.dimensions >= 1 && umap.dimensions <= 64, r.pointer("dimensions"), "1 to 64");
  require(umap.spread > 0 && umap.minDist >= 0 && umap.minDist < 3 * umap.spread, r.pointer("min_dist"), "0 <= min_dist < 3 * spread");
  require(umap.epochs >= 0, r.pointer("epochs"), "0 or more");
}

/// [{"name", "where"}, …]; what a filter says is checked here, before anything is read.
void readFilters(SpecReader& reader, std::vector<clusters::NamedFilter>& filters) {
  const json* found = reader.find("filters");
  if (!found) return;
  if (!found->is_array()) throw reader.wrong("filters", "a list of filters, as [{\"name\": \"code\", \"where\": \"language == 'py'\"}]", *found);
  filters.clear();
  for (std::size_t i = 0; i < found->size(); ++i) {
    SpecReader r((*found)[i], reader.pointer("filters") + "/" + std::to_string(i));
    clusters::NamedFilter& filter = filters.emplace_back();
    r.read("name", filter.name);
    r.read("where", filter.expression);
    r.finish();
    require(!filter.name.empty(), r.pointer("name"), "a name");
    const corpus::Filter checked(filter.expression);
  }
}

/// Rounds of making the clusters purer (methods.md 3.9); without the section none.
void readRefine(SpecReader& reader, clusters::RefineConfig& refine) {
  const json* found = reader.find("refine");
  if (!found) return;
  SpecReader r(*found, reader.pointer("refine"));
  r.read("rounds", refine.rounds);
  r.read("purity", refine.leastPurity);
  r.read("silhouette", refine.leastSilhouette);
  r.read("merge_cosine", refine.mergeCosine);
  r.read("min_size", refine.minSize);
  r.read("field", refine.field);
  r.finish();
  require(refine.rounds >= 0 && refine.rounds <= 100, r.pointer("rounds"), "0 (none) to 100");
  require(refine.leastPurity >= 0 && refine.leastPurity <= 1, r.pointer("purity"), "a share from 0 to 1");
  require(refine.leastSilhouette >= -1 && refine.leastSilhouette <= 1, r.pointer("silhouette"), "a silhouette from -1 to 1");
  require(refine.mergeCosine >= -1, r.pointer("merge_cosine"), "a cosine from -1 on; from 1 on nothing is merged");
  require(refine.minSize >= 1, r.pointer("min_size"), "at least 1");
  require(!refine.field.empty(), r.pointer("field"), "the name of a field");
}

void check(const SpecReader& r, const clusters::ClusterConfig& c) {
  const auto known = [&](const char* name) { return c.method == name; };
  std::string list;
  for (const char* name : kMethods) list += (list.empty() ? "" : ", ") + std::string(name);
  require(std::any_of(std::begin(kMethods), std::end(kMethods), known), r.pointer("method"), "one of " + list + ", found \"" + c.method + "\"");
  require(c.map == "pca" || c.map == "umap", r.pointer("map"), "pca or umap, found \"" + c.map + "\"");
  require(c.k >= 1, r.pointer("k"), "at least 1");
  require(c.kGrid.empty() || c.method == "kmeans", r.pointer("choose_k"), "the method kmeans");
  require(std::all_of(c.kGrid.begin(), c.kGrid.end(), [](int k) { return k >= 2; }), r.pointer("choose_k"), "numbers of clusters from 2 on");
  require(!c.checkStability || (c.method != "metadata" && c.method != "filters"), r.pointer("check_stability"), "a method that finds clusters: metadata and filters are the same on every subsample");
  require(c.stabilityPairs >= 2, r.pointer("stability_pairs"), "at least 2");
  require(c.restarts >= 1 && c.iterations >= 1, r.pointer("restarts"), "at least 1 restart and 1 iteration");
  require(c.minClusterSize == 0 || c.minClusterSize >= 2, r.pointer("min_cluster_size"), "0 (by the number of documents) or at least 2");
  require(c.minSamples >= 1, r.pointer("min_samples"), "at least 1");
  require(c.topics >= 0, r.pointer("topics"), "0 (as many as are found) or more");
  require(c.mergeSimilarity > 0, r.pointer("merge_similarity"), "a cosine above 0; above 1 nothing is merged");
  require(c.representatives >= 0, r.pointer("representatives"), "0 or more");
  require(c.method != "filters" || !c.filters.empty(), r.pointer("filters"), "at least one filter");
  require(!c.multiLabel || c.method == "filters", r.pointer("multi_label"), "the method filters");
  require(!c.multiLabel || c.refine.rounds == 0, r.pointer("refine"), "no rounds beside multi_label: clusters that share documents are not refined");
}

json umapJson(const clusters::UmapConfig& u) {
  return {{"neighbours", u.neighbours}, {"dimensions", u.dimensions}, {"min_dist", u.minDist}, {"spread", u.spread}, {"epochs", u.epochs},
          {"metric", u.metric == clusters::Metric::Euclidean ? "euclidean" : "cosine"}, {"start", u.start == clusters::MapStart::Pca ? "pca" : "spectral"}};
}

}  // namespace

void readClusterSection(SpecReader& r, clusters::ClusterConfig& c) {
  r.read("method", c.method);
  r.read("k", c.k);
  r.read("choose_k", c.kGrid);
  r.read("stability_pairs", c.stabilityPairs);
  r.read("check_stability", c.checkStability);
  r.read("restarts", c.restarts);
  r.read("iterations", c.iterations);
  r.read("field", c.field);
  r.read("min_size", c.minSize);
  r.read("min_cluster_size", c.minClusterSize);
  r.read("min_samples", c.minSamples);
  r.read("topics", c.topics);
  r.read("merge_similarity", c.mergeSimilarity);
  r.read("representatives", c.representatives);
  r.read("multi_label", c.multiLabel);
  r.read("map", c.map);
  c.selection = second(r, "selection", "eom", "leaf", c.selection == clusters::Selection::Leaf) ? clusters::Selection::Leaf : clusters::Selection::ExcessOfMass;
  c.terms = second(r, "terms", "c-tf-idf", "bm25", c.terms == clusters::TermWeighting::Bm25) ? clusters::TermWeighting::Bm25 : clusters::TermWeighting::ClassTfIdf;
  readUmap(r, c.umap);
  readFilters(r, c.filters);
  readRefine(r, c.refine);
  check(r, c);
}

json clustersJson(const clusters::ClusterConfig& c) {
  json out = {{"method", c.method}, {"k", c.k}, {"restarts", c.restarts}, {"iterations", c.iterations}, {"field", c.field}, {"min_size", c.minSize},
              {"representatives", c.representatives}, {"terms", c.terms == clusters::TermWeighting::Bm25 ? "bm25" : "c-tf-idf"}};
  if (c.method == "hdbscan" || c.method == "topics") {
    out["min_cluster_size"] = c.minClusterSize;
    out["min_samples"] = c.minSamples;
    out["selection"] = c.selection == clusters::Selection::Leaf ? "leaf" : "eom";
  }
  if (c.method == "topics") {
    out["umap"] = umapJson(c.umap);
    out["topics"] = c.topics;
    out["merge_similarity"] = c.mergeSimilarity;
  }
  if (!c.kGrid.empty()) out["choose_k"] = c.kGrid;
  if (c.checkStability) out["check_stability"] = true;
  if (!c.kGrid.empty() || c.checkStability) out["stability_pairs"] = c.stabilityPairs;
  if (const clusters::RefineConfig& f = c.refine; f.rounds > 0)
    out["refine"] = {{"rounds", f.rounds}, {"purity", f.leastPurity}, {"silhouette", f.leastSilhouette}, {"merge_cosine", f.mergeCosine}, {"min_size", f.minSize},
                     {"field", f.field}};
  if (c.multiLabel) out["multi_label"] = true;
  if (c.map != "pca") out["map"] = c.map;
  if (!c.filters.empty()) {
    out["filters"] = json::array();
    for (const clusters::NamedFilter& filter : c.filters) out["filters"].push_back({{"name", filter.name}, {"where", filter.expression}});
  }
  return out;
}

}  // namespace lacuna::study

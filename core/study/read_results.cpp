#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "lacuna/base/numbers.h"
#include "lacuna/store/store.h"
#include "lock.h"
#include "read_evidence.h"
#include "read_results.h"
#include "workspace.h"

namespace lacuna::study {
namespace {

std::int64_t wholeNumber(const std::string& text) { return static_cast<std::int64_t>(parseNumber(text).value_or(0)); }

StageState stateOf(const std::optional<store::StageRecord>& record) {
  if (!record) return StageState::Empty;
  if (record->state == "done") return StageState::UpToDate;
  if (record->state == "running") return StageState::Running;
  return record->state == "failed" ? StageState::Failed : StageState::Stale;
}

std::vector<StageRow> stageRows(const store::Store& store) {
  static constexpr std::pair<const char*, const char*> kStages[] = {{"clusters", "Clusters"}, {"probes", "Probes"}, {"tasks", "Tasks"},
                                                                     {"cells", "Perturbations"}, {"effects", "Effects"}, {"similarity", "Similarity"}};
  std::vector<StageRow> rows;
  for (const auto& [name, title] : kStages) {
    const auto record = store.stage(name);
    rows.push_back({name, title, stateOf(record), record ? record->detail : "", record ? record->errorCode : ""});
  }
  return rows;
}

std::int64_t wholeDocuments(const std::vector<DocumentRow>& documents) {
  if (std::none_of(documents.begin(), documents.end(), [](const DocumentRow& d) { return d.chunk > 0; })) return std::ssize(documents);
  std::unordered_set<std::int32_t> families;
  for (const DocumentRow& d : documents) families.insert(d.family);
  return std::ssize(families);
}

Reading readingOf(const store::Store& store) {
  Reading reading;
  const nlohmann::json kept = nlohmann::json::parse(store.meta("reading"), nullptr, false);
  reading.known = kept.is_object();
  if (!reading.known) return reading;
  for (const auto& [part, delivered] : {std::pair{"bad", false}, {"repaired", true}}) {
    const nlohmann::json kinds = kept.value(part, nlohmann::json::object());
    if (!kinds.is_object()) continue;
    for (const auto& [kind, rows] : kinds.items())
      if (rows.is_number_integer()) reading.rows.push_back({kind, delivered, rows.get<std::int64_t>()});
  }
  const auto texts = [&](const char* part) {
    std::vector<std::string> out;
    const nlohmann::json list = kept.value(part, nlohmann::json::array());
    for (const nlohmann::json& text : list)
      if (text.is_string()) out.push_back(text);
    return out;
  };
  reading.examples = texts("examples");
  reading.warnings = texts("warnings");
  return reading;
}

/// Means over documents and over clusters; older files do not hold them.
void readSilhouettes(const store::Store& store, Results& r) {
  const std::string kept = store.meta("silhouettes");
  r.moved = kept == "moved";
  r.meanSilhouette = r.macroSilhouette = std::nan("");
  if (r.moved) return;
  if (const nlohmann::json means = nlohmann::json::parse(kept, nullptr, false); means.is_array() && means.size() == 2) {
    if (means[0].is_number()) r.meanSilhouette = means[0];
    if (means[1].is_number()) r.macroSilhouette = means[1];
    return;
  }
  double sum = 0, n = 0, macro = 0, filled = 0;
  for (const ClusterRow& c : r.clusters) {
    if (std::isnan(c.silhouette)) continue;
    ++filled;
    sum += c.silhouette * static_cast<double>(c.size);
    n += static_cast<double>(c.size);
    macro += c.silhouette;
  }
  if (n == 0) return;
  r.meanSilhouette = sum / n;
  r.macroSilhouette = macro / filled;
}

}  // namespace

Results readResults(const store::Store& store, Texts texts) {
  Results r;
  r.name = store.meta("name");
  r.uuid = store.meta("uuid");
  r.path = store.path().string();
  r.specJson = store.meta("spec");
  r.model.path = r.specJson.empty() ? "" : parseSpec(r.specJson, store.meta("folder")).model.string();
  r.model.architecture = store.meta("model_architecture");
  r.model.hash = store.meta("model_hash");
  r.model.layers = wholeNumber(store.meta("model_layers"));
  r.model.width = wholeNumber(store.meta("model_width"));
  r.model.mlpWidth = wholeNumber(store.meta("model_mlp_width"));
  r.model.parameters = wholeNumber(store.meta("model_parameters"));
  r.stages = stageRows(store);
  r.documents = texts == Texts::Whole ? store.documents() : store.documentsBegun(Results::textBegun);
  r.wholeDocuments = wholeDocuments(r.documents);
  r.documentsTotal = wholeNumber(store.meta("documents_total"));
  r.sources = store.sources();
  r.corpusFiles = store.corpusFiles();
  r.clusters = livingClusters(store);
  r.reading = readingOf(store);
  r.map = store.meta("map");
  r.circular = store.meta("circular") == "1";
  r.evidence = readEvidence(store, r.documents, r.specJson);
  readSilhouettes(store, r);
  r.probes = store.probes();
  r.subspaces = store.subspaces();
  r.tasks = store.tasks();
  r.effects = store.effects();
  r.cka = store.cka();
  r.ckaMatrices = store.ckaMatrices();
  r.runs = store.runs();
  r.rankings = store.rankings();
  store::Analysis analysis = store.analysis();
  r.controls = std::move(analysis.controls);
  r.curves = std::move(analysis.curves);
  r.specificity = std::move(analysis.specificity);
  r.regression = std::move(analysis.regression);
  r.robustness = std::move(analysis.robustness);
  r.curation = std::move(analysis.curation);
  r.interactions = std::move(analysis.interactions);
  r.mediation = std::move(analysis.mediation);
  r.strengths = store.strengths();
  r.strengthEffects = store.strengthEffects();
  const nlohmann::json caveats = nlohmann::json::parse(store.meta("caveats"), nullptr, false);
  if (caveats.is_array()) r.caveats = caveats.get<std::vector<std::string>>();
  if (const auto lock = lockedPlan(store)) r.lock = lock->json;
  return r;
}

Results readResults(const std::filesystem::path& study) { return readResults(*store::Store::open(study, true)); }

}  // namespace lacuna::study

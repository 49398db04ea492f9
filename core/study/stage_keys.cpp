#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "lacuna/study/cluster_edits.h"
#include "spans.h"
#include "workspace.h"

namespace lacuna::study {
namespace {

/// Raise when the code of a stage changes its numbers: older results then count as out of date.
constexpr std::int64_t kCodeVersion = 3;
constexpr std::int64_t kCorpusVersion = 2;  // of reading: everything after it
constexpr std::int64_t kProbeVersion = 2;   // of the probe stage alone: what lies before it stays
constexpr std::int64_t kTaskVersion = 1, kEffectVersion = 1;   // of these stages alone

/// What is hashed of a file, or of every file below a folder: names, sizes and contents.
class Inputs {
 public:
  Inputs(const StudySpec& spec, InputHashes& hashes) : m_spec(spec), m_hashes(hashes) {}

  void add(Hasher& hasher, const std::filesystem::path& given) {
    const std::filesystem::path path = given.is_absolute() ? given : m_spec.folder / given;
    std::error_code missing;
    if (std::filesystem::is_regular_file(path, missing)) return addFile(hasher, path);
    if (!std::filesystem::is_directory(path, missing)) return;  // the stage that needs it says so
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
      if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) addFile(hasher, file);
  }

  void addTasks(Hasher& hasher) {
    for (const TaskSpec& task : m_spec.tasks) {
      const std::filesystem::path file = task.file.is_absolute() ? task.file : m_spec.folder / task.file;
      add(hasher, file);
      std::error_code missing;  // the data lies beside its sidecar
      if (std::filesystem::exists(file.parent_path(), missing)) add(hasher, file.parent_path());
      if (!task.fewshot.empty()) add(hasher, task.fewshot);
      for (const auto& folder : tasks::judgeFolders(file)) add(hasher, folder);
    }
  }

 private:
  void addFile(Hasher& hasher, const std::filesystem::path& file) {
    hasher.add(file.filename().string()).add(static_cast<std::int64_t>(std::filesystem::file_size(file))).add(m_hashes.of(file).hex);
  }
  const StudySpec& m_spec;
  InputHashes& m_hashes;
};

/// What perturbations and controls want of the probe stage beyond the probes themselves.
std::string extraMaterial(const StudySpec& spec) {
  std::set<std::string> wanted;
  for (const PerturbationSpec& p : spec.perturbations) {
    const std::string where = "@" + p.site + "#" + std::to_string(p.layer);
    if (p.subspace == "pca" || p.subspace == "inlp") wanted.insert(directionKind(p) + where + p.span + std::to_string(p.width));
    if (refitsOnward(p)) wanted.insert(recipeName(p) + where);
    if (p.method == "resample") wanted.insert("donors@" + p.site);
  }
  for (const std::string& kind : spec.controlKinds)
    if (kind == "permuted") wanted.insert(kind + std::to_string(spec.controlDraws));
    else if (kind == "other" && std::any_of(spec.perturbations.begin(), spec.perturbations.end(), refitsOnward)) wanted.insert(kind);
  std::string all;
  for (const std::string& name : wanted) all += name + " ";
  return all;
}

}  // namespace

StageKeys stageKeys(const StudySpec& spec, const model::ModelInfo& model, const std::vector<EditRow>& edits, InputHashes& hashes) {
  Inputs inputs(spec, hashes);
  const nlohmann::json json = nlohmann::json::parse(toJson(spec));
  const auto seed = static_cast<std::int64_t>(spec.seed);
  const std::string computed = spec.precision == model::Precision::Fp32 ? model.hash : model.hash + " " + model::precisionName(spec.precision);
  StageKeys keys;

  Hasher clusters;
  clusters.add("clusters").add(kCodeVersion).add(kCorpusVersion).add(seed).add(json["corpus"].dump()).add(json["embedding"].dump()).add(json["clusters"].dump());
  inputs.add(clusters, spec.corpus.path);
  for (const auto& path : spec.corpus.morePaths) inputs.add(clusters, path);
  if (spec.corpus.decontaminate) inputs.addTasks(clusters);
  if (spec.corpus.chunks.tokens > 0) clusters.add("tokens of").add(tokenizerHash(spec.model.is_absolute() ? spec.model : spec.folder / spec.model));
  if (spec.embedding.encoder == "model") clusters.add(computed);
  if (spec.embedding.encoder.ends_with("-encoder")) inputs.add(clusters, spec.embedding.folder);
  keys.clustering = clusters.hex();
  const std::string byHand = editsHash(historyOf(edits, keys.clustering).done);
  keys.clusters = byHand.empty() ? keys.clustering : Hasher().add("edited").add(keys.clustering).add(byHand).hex();

  Hasher probes;
  probes.add("probes").add(kCodeVersion).add(kProbeVersion).add(keys.clusters).add(computed).add(json["probes"].dump()).add(json["tau"].dump()).add(extraMaterial(spec));
  keys.probes = probes.hex();

  Hasher asked;
  asked.add("tasks").add(kCodeVersion).add(kTaskVersion).add(json["embedding"].dump()).add(keys.clusters).add(seed).add(computed).add(json["tasks"].dump()).add(spec.tuneShare);
  inputs.addTasks(asked);
  keys.tasks = asked.hex();

  keys.cells = Hasher().add("cells").add(kCodeVersion).add(keys.probes).add(keys.tasks).hex();
  keys.effects = Hasher().add("effects").add(kCodeVersion).add(kEffectVersion).add(keys.cells).add(json["perturbations"].dump()).add(json["controls"].dump())
                     .add(json["statistics"].dump()).add(json["robustness"].dump()).add(json["curation"].dump()).hex();
  keys.similarity = Hasher().add("similarity").add(kCodeVersion).add(keys.probes).add(json["perturbations"].dump())
                        .add(json["similarity"].dump()).hex();
  return keys;
}

void requireStage(const store::Store& store, const std::string& name, const std::string& key) {
  const auto record = store.stage(name);
  if (record && record->state == "done" && record->inputHash == key) return;
  throw Error("LAC-2005", store.path().string() + ": stage '" + name + "' is " + (record ? "not up to date with this spec" : "missing"),
              "run the study with this spec first");
}

}  // namespace lacuna::study

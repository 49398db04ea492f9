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
constexpr std::int64_t kCorpusVersion = 1;  // of reading: everything after it
constexpr std::int64_t kProbeVersion = 2;   // of the probe stage alone: what lies before it stays
constexpr std::int64_t kTaskVersion = 1, kEffectVersion = 1;   // of these stages alone

/// Content of a file, or of every file below a folder; of files over 256 MiB size and time stand for the content.
void addInput(Hasher& hasher, const std::filesystem::path& path) {
  constexpr std::uintmax_t kReadWhole = 256u << 20;
  const auto addFile = [&](const std::filesystem::path& file) {
    const std::uintmax_t size = std::filesystem::file_size(file);
    hasher.add(file.filename().string()).add(static_cast<std::int64_t>(size));
    if (size <= kReadWhole) hasher.add(contentHash(file));
    else hasher.add(static_cast<std::int64_t>(std::filesystem::last_write_time(file).time_since_epoch().count()));
  };
  std::error_code missing;
  if (std::filesystem::is_regular_file(path, missing)) return addFile(path);
  if (!std::filesystem::is_directory(path, missing)) return;  // the stage that needs it says so
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) addFile(file);
}

void addTasks(Hasher& hasher, const StudySpec& spec) {
  const auto resolve = [&](const std::filesystem::path& path) { return path.is_absolute() ? path : spec.folder / path; };
  for (const TaskSpec& task : spec.tasks) {
    addInput(hasher, resolve(task.file));
    std::error_code missing;  // the data lies beside its sidecar
    if (std::filesystem::exists(resolve(task.file).parent_path(), missing)) addInput(hasher, resolve(task.file).parent_path());
    if (!task.fewshot.empty()) addInput(hasher, resolve(task.fewshot));
    for (const auto& folder : tasks::judgeFolders(resolve(task.file))) addInput(hasher, folder);
  }
}

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

StageKeys stageKeys(const StudySpec& spec, const model::ModelInfo& model, const std::vector<EditRow>& edits) {
  const auto resolve = [&](const std::filesystem::path& path) { return path.is_absolute() ? path : spec.folder / path; };
  const nlohmann::json json = nlohmann::json::parse(toJson(spec));
  const auto seed = static_cast<std::int64_t>(spec.seed);
  const std::string computed = spec.precision == model::Precision::Fp32 ? model.hash : model.hash + " " + model::precisionName(spec.precision);
  StageKeys keys;

  Hasher clusters;
  clusters.add("clusters").add(kCodeVersion).add(kCorpusVersion).add(seed).add(json["corpus"].dump()).add(json["embedding"].dump()).add(json["clusters"].dump());
  addInput(clusters, resolve(spec.corpus.path));
  for (const auto& path : spec.corpus.morePaths) addInput(clusters, resolve(path));
  if (spec.corpus.decontaminate) addTasks(clusters, spec);
  if (spec.embedding.encoder == "model") clusters.add(model.hash);
  if (spec.embedding.encoder == "sentence-encoder") addInput(clusters, resolve(spec.embedding.folder));
  keys.clustering = clusters.hex();
  const std::string byHand = editsHash(historyOf(edits, keys.clustering).done);
  keys.clusters = byHand.empty() ? keys.clustering : Hasher().add("edited").add(keys.clustering).add(byHand).hex();

  Hasher probes;
  probes.add("probes").add(kCodeVersion).add(kProbeVersion).add(keys.clusters).add(computed).add(json["probes"].dump()).add(json["tau"].dump()).add(extraMaterial(spec));
  keys.probes = probes.hex();

  Hasher asked;
  asked.add("tasks").add(kCodeVersion).add(kTaskVersion).add(json["embedding"].dump()).add(keys.clusters).add(seed).add(computed).add(json["tasks"].dump()).add(spec.tuneShare);
  addTasks(asked, spec);
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

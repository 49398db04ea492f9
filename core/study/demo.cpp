#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/demo/demo.h"
#include "lacuna/study/study.h"

namespace lacuna::study {
namespace {

/// The demo's study: every cluster, four methods, doses by ε and as equal displacement, all tasks, two kinds of controls.
nlohmann::ordered_json demoSpec(const std::filesystem::path& folder) {
  nlohmann::ordered_json tasks = nlohmann::json::array();
  std::vector<std::filesystem::path> sidecars;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "tasks"))
    if (entry.path().extension() == ".json") sidecars.push_back(entry.path());
  std::sort(sidecars.begin(), sidecars.end());
  for (const auto& sidecar : sidecars) tasks.push_back({{"file", "tasks/" + sidecar.filename().string()}});
  return {{"name", "demo"},
          {"model", "model"},
          {"seed", 0},
          {"corpus", {{"path", "corpus.jsonl"}, {"text_field", "text"}, {"source_field", "source"}}},
          {"embedding", {{"encoder", "tfidf"}, {"dimensions", 64}}},
          {"clusters", {{"method", "kmeans"}, {"k", 7}}},
          {"probes", {{"documents", 3000}, {"max_tokens", 128}, {"rankings", {"probeless", "gradients"}}}},
          {"tau", {{"rule", "mass"}, {"value", 0.25}}},
          {"perturbations",
           {{{"method", "project"}, {"epsilons", {0.1, 0.25, 0.5, 0.75, 1.0, 1.5}}},
            {{"method", "mean"}, {"epsilons", {0.25, 0.5, 0.75, 1.0}}},
            {{"method", "grad_sign"}, {"epsilons", {0.05, 0.1, 0.2, 0.4}}, {"control_epsilon", 0.2}},
            {{"method", "leace"}, {"epsilons", {1.0}}},
            {{"method", "project"}, {"displacements", {0.2}}},
            {{"method", "mean"}, {"displacements", {0.2}}}}},
          {"controls", {{"draws", 20}, {"doses", "reference"}, {"kinds", {"permuted", "matched"}}}},
          {"curation", {{"corpus_known", "exact"}}},
          {"similarity", {{"documents", 100}}},
          {"statistics", {{"bootstrap_draws", 10000}, {"level", 0.95}, {"alpha", 0.05}, {"tune_share", 0.35}}},
          {"tasks", tasks}};
}

}  // namespace

void writeDemo(const std::filesystem::path& folder, const std::filesystem::path& resources, const RunContext& context) {
  if (!std::filesystem::is_directory(resources / "model"))
    throw Error("LAC-1001", resources.string() + ": the demo's model folder 'model' is missing", "pass --resources FOLDER");
  std::filesystem::create_directories(folder);
  demo::writeDemoCorpus(folder, {}, context);
  std::filesystem::copy(resources / "model", folder / "model",
                        std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  files::writeFileAtomically(folder / "study.json", demoSpec(folder).dump(2) + "\n");
}

}  // namespace lacuna::study

#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "lacuna/base/rng.h"

/// A study that runs in seconds: a tiny random-weight decoder, a corpus of three kinds of text, two multiple-choice tasks.
namespace lacuna::tests {

inline std::string sentence(Rng& rng, int kind) {
  static const char* const words[3][8] = {{"river", "stone", "valley", "forest", "meadow", "cloud", "winter", "garden"},
                                          {"return", "value", "class", "index", "array", "print", "while", "float"},
                                          {"seven", "plus", "minus", "twelve", "equals", "number", "sum", "nine"}};
  std::string text;
  for (int i = 0; i < 12; ++i) text += std::string(i ? " " : "") + words[rng.uniform() < 0.85 ? kind : static_cast<int>(rng.below(3))][rng.below(8)];
  return text;
}

inline void writeTask(const std::filesystem::path& folder, const std::string& name, int kind, int items) {
  std::ofstream data(folder / (name + ".jsonl"));
  for (int i = 0; i < items; ++i) {
    Rng rng(5, name, static_cast<std::uint64_t>(i));
    const nlohmann::json item = {{"question", sentence(rng, kind)}, {"choices", {sentence(rng, kind).substr(0, 12), sentence(rng, (kind + 1) % 3).substr(0, 12)}},
                                 {"answer", i % 2}};
    data << item.dump() << '\n';
  }
  std::ofstream(folder / (name + ".json"))
      << nlohmann::json{{"format", "multiple_choice"}, {"name", name}, {"file", name + ".jsonl"}, {"prompt", "{question}"}}.dump();
}

/// Writes corpus, tasks and study.json into `folder`; the model is read where it lies. Gives the path of study.json.
inline std::filesystem::path writeTinyStudy(const std::filesystem::path& folder, const std::filesystem::path& model) {
  std::filesystem::create_directories(folder / "tasks");
  std::ofstream corpus(folder / "corpus.jsonl");
  for (int i = 0; i < 360; ++i) {
    Rng rng(3, "tiny-corpus", static_cast<std::uint64_t>(i));
    static const char* const sources[] = {"nature", "code", "maths"};
    corpus << nlohmann::json{{"text", sentence(rng, i % 3)}, {"source", sources[i % 3]}}.dump() << '\n';
  }
  writeTask(folder / "tasks", "stones", 0, 40);
  writeTask(folder / "tasks", "sums", 2, 40);
  const nlohmann::json spec = {
      {"name", "tiny"}, {"model", model.string()}, {"seed", 11},
      {"corpus", {{"path", "corpus.jsonl"}}},
      {"embedding", {{"dimensions", 16}}},
      {"clusters", {{"method", "metadata"}, {"field", "source"}}},
      {"probes", {{"documents", 0}, {"max_tokens", 32}, {"folds", 3}}},
      {"perturbations", {{{"method", "mean"}, {"epsilons", {0.5, 1.0}}}, {{"method", "project"}, {"epsilons", {1.0}}},
                         {{"method", "grad_sign"}, {"epsilons", {0.1}}}}},
      {"controls", {{"draws", 5}}},
      {"statistics", {{"bootstrap_draws", 500}, {"tune_share", 0.25}}},
      {"similarity", {{"documents", 40}}},
      {"tasks", {{{"file", "tasks/stones.json"}}, {{"file", "tasks/sums.json"}}}}};
  std::ofstream(folder / "study.json") << spec.dump(1);
  return folder / "study.json";
}

}  // namespace lacuna::tests

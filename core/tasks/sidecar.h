#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "lacuna/tasks/tasks.h"

namespace lacuna::tasks {

using Json = nlohmann::ordered_json;

/// What a sidecar says, before the defaults of its format.
struct Sidecar {
  std::filesystem::path path;
  std::string format, name;
  std::filesystem::path file;                         ///< resolved against the sidecar's folder
  std::vector<std::string> metrics;
  std::optional<std::string> prompt, description, targetDelimiter, fewshotDelimiter;
  std::filesystem::path fewshotFile;
  std::string sampler;
  std::optional<bool> excludeItem;
  std::optional<int> maxNewTokens;
  std::optional<std::vector<std::string>> until;
  bool chainOfThought = false, permutedChoices = false;
  TaskSampling sampling;
  std::optional<double> topP;
  std::vector<std::string> toxicTexts, neutralTexts;
  TaskClassifier classifier;
  std::filesystem::path bleurt;
  ExactMatchOptions exactMatch;
  Json raw;
};

/// Throws LAC-1301: unknown keys are named all at once, wrong types with their JSON pointer.
Sidecar readSidecar(const std::filesystem::path& path);

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what, const std::string& hint = {});

}  // namespace lacuna::tasks

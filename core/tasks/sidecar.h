#pragma once

#include <filesystem>
#include <map>
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
  std::string positive;
  ExactMatchOptions exactMatch;
  std::map<std::string, Json> fields;                 ///< generic formats: our name → the record's field, or a list of fields
  Json raw;
};

/// A sidecar; or a data file as it is distributed, or a BIG-bench folder, for which one is made up (detect.cpp). Throws LAC-1301: unknown
/// keys are named all at once, wrong types with their JSON pointer.
Sidecar readSidecar(const std::filesystem::path& path);
/// The sidecar that a data file of a public format would have. Throws LAC-1301 saying what was found and what is known.
Sidecar foundSidecar(const std::filesystem::path& dataFile);

/// At a place of a file: "file:12: what".
[[noreturn]] void refuseAt(const std::filesystem::path& file, const std::string& place, const std::string& what, const std::string& hint = {});
/// JSON nested more than 64 deep: what handles it later goes down as deep.
void refuseDeep(const std::filesystem::path& file, const std::string& place, std::string_view text);
[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what, const std::string& hint = {});

}  // namespace lacuna::tasks

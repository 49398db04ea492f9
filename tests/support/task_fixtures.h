#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "lacuna/tasks/tasks.h"

/// The task fixtures (tests/data/tasks/README.md), run by run.
namespace lacuna::fixtures {

using Json = nlohmann::json;

inline std::filesystem::path taskFolder() {
  const char* other = std::getenv("LACUNA_TASK_FIXTURES");
  return other ? other : LACUNA_TEST_DATA "/tasks";
}

struct TaskRun {
  std::filesystem::path folder;
  Json run;
  std::string name() const { return folder.filename().string() + " " + run.at("id").get<std::string>(); }
  std::filesystem::path model() const { return folder / run.at("model").get<std::string>(); }
  std::filesystem::path classifier() const {
    const auto args = run.at("args").get<std::vector<std::string>>();
    const auto at = std::find(args.begin(), args.end(), "--classifier");
    return at == args.end() ? std::filesystem::path() : folder / *(at + 1);
  }
  tasks::TaskOptions options() const {
    tasks::TaskOptions options;
    const auto args = run.at("args").get<std::vector<std::string>>();
    for (std::size_t i = 0; i + 1 < args.size(); i += 2) {
      if (args[i] == "--fewshot") options.fewshotFile = folder / args[i + 1];
      if (args[i] == "-k") options.shots = std::stoi(args[i + 1]);
      if (args[i] == "--sampler") options.sampler = args[i + 1];
    }
    return options;
  }
  tasks::Task task() const { return tasks::readTask(folder / "task.json", options()); }
};

inline std::vector<TaskRun> taskRuns() {
  std::vector<TaskRun> runs;
  for (const auto& entry : std::filesystem::directory_iterator(taskFolder())) {
    if (!std::filesystem::exists(entry.path() / "task.json")) continue;
    std::ifstream file(entry.path() / "expected.json");
    const Json expected = Json::parse(file);
    for (const Json& run : expected.at("runs")) runs.push_back({entry.path(), run});
  }
  return runs;
}

/// Ids of the fixtures' items are written as text.
inline std::int64_t itemIndex(const Json& item) {
  return item.at("item").is_string() ? std::stoll(item.at("item").get<std::string>()) : item.at("item").get<std::int64_t>();
}

}  // namespace lacuna::fixtures

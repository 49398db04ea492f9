#pragma once

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lacuna/base/error.h"
#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"
#include "lacuna/files/files.h"

/// Thin doors to the engine for measuring it beside other tools: no kernel, shortcut or precision of their own.
namespace lacuna::cli {

struct BenchOptions { std::filesystem::path in, out; std::string dtype = "fp32"; };

/// What `use` makes of a JSON file. Throws LAC-1012 with its name where it is no JSON, or lacks what `use` asks for.
template <class Use> auto readBenchJson(const std::filesystem::path& file, const Use& use) {
  try {
    return use(nlohmann::json::parse(files::readText(file)));
  } catch (const nlohmann::json::exception& error) {
    const std::string what = error.what();
    throw Error("LAC-1012", file.string() + ": " + what.substr(std::min(what.size(), what.find("] ") + 2)), "see the benchmark's description");
  }
}
/// [rows, columns]; throws LAC-1012 for other shapes.
MatrixF readBenchMatrix(const std::filesystem::path& file, const RunContext& context);
std::vector<std::int32_t> readBenchIntegers(const std::filesystem::path& file);

/// One report.json: seconds of work, reading and writing.
class BenchTimer {
 public:
  void readDone();
  void workDone();
  void write(const BenchOptions& options, const RunContext& context, const nlohmann::json& more = nlohmann::json::object()) const;

 private:
  std::chrono::steady_clock::time_point m_begin = std::chrono::steady_clock::now();
  double m_read = 0, m_work = 0;
};

void benchSweep(const BenchOptions& options, const RunContext& context);
void benchProbes(const BenchOptions& options, const RunContext& context);
void benchSilhouette(const BenchOptions& options, const RunContext& context);
void benchTopics(const BenchOptions& options, const RunContext& context);
void benchCorpus(const BenchOptions& options, const RunContext& context);

}  // namespace lacuna::cli

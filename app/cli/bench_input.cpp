#include "bench.h"

namespace lacuna::cli {
namespace {

double since(std::chrono::steady_clock::time_point begin) { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); }

}  // namespace

MatrixF readBenchMatrix(const std::filesystem::path& file, const RunContext& context) { return files::readNpyMatrix(file, context.threadCount()); }

std::vector<std::int32_t> readBenchIntegers(const std::filesystem::path& file) {
  const files::NpyArray a = files::readNpy(file);
  return {a.values.begin(), a.values.end()};
}

void BenchTimer::readDone() {
  m_read = since(m_begin);
  m_begin = std::chrono::steady_clock::now();
}

void BenchTimer::workDone() {
  m_work = since(m_begin);
  m_begin = std::chrono::steady_clock::now();
}

void BenchTimer::write(const BenchOptions& options, const RunContext& context, const nlohmann::json& more) const {
  nlohmann::json report = {{"seconds", m_work}, {"read_seconds", m_read}, {"write_seconds", since(m_begin)}, {"threads", context.threadCount()},
                           {"dtype", options.dtype}, {"version", LACUNA_VERSION}};
  report.update(more);
  files::writeFileAtomically(options.out / "report.json", report.dump(2) + "\n");
}

}  // namespace lacuna::cli

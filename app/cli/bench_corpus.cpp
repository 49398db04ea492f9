#include "bench.h"
#include "lacuna/base/error.h"
#include "lacuna/base/log.h"
#include "lacuna/files/npy_rows.h"

namespace lacuna::cli {
namespace {

using nlohmann::json;

std::filesystem::path corpusInput(const std::filesystem::path& in) {
  for (const char* name : {"corpus.jsonl.zst", "corpus.json.gz", "corpus"})
    if (std::filesystem::exists(in / name)) return in / name;
  throw Error("LAC-1101", in.string() + ": expected corpus.jsonl.zst, corpus.json.gz or a folder corpus/", "see the benchmark's description");
}

/// Increasing rows, as documents come.
std::vector<std::int64_t> wantedRows(const std::filesystem::path& file) {
  auto rows = readBenchJson(file, [](const json& data) { return data.at("rows").get<std::vector<std::int64_t>>(); });
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i] < 0 || (i > 0 && rows[i] <= rows[i - 1]))
      throw Error("LAC-1012", file.string() + ": /rows/" + std::to_string(i) + ": expected increasing rows from 0 on, found " + std::to_string(rows[i]),
                  "sort the rows and name each once");
  return rows;
}

}  // namespace

void benchCorpus(const BenchOptions& o, const RunContext& context) {
  BenchTimer timer;
  const std::filesystem::path list = o.in / "sample.json";
  const std::vector<std::int64_t> wanted = wantedRows(list);
  timer.readDone();
  files::NpyColumn lengths(o.out / "lengths.npy");
  std::string sample;
  std::size_t next = 0;
  const files::ReadReport report = files::readRecords(corpusInput(o.in), {}, context, [&](files::Record&& record) {
    if (next < wanted.size() && lengths.size() == wanted[next]) {
      sample += json(record.text).dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
      ++next;
    }
    lengths.add(static_cast<std::int64_t>(record.text.size()));
    return true;
  });
  if (next < wanted.size())
    throw Error("LAC-1012", list.string() + ": /rows/" + std::to_string(next) + ": expected a row of the " + std::to_string(lengths.size()) + " documents, found " +
                                std::to_string(wanted[next]), "rows count from 0, over all files in order");
  timer.workDone();
  lengths.commit();
  files::writeFileAtomically(o.out / "sample.jsonl", sample);
  for (const auto& file : report.files)
    if (file.damaged) log::warning(file.path + " is damaged: its rows before the damage were read");
  timer.write(o, context, {{"documents", lengths.size()}, {"bad_rows", report.badRows()}, {"bytes", report.bytes}, {"damaged", report.damaged()}});
}

}  // namespace lacuna::cli

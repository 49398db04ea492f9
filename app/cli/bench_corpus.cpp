#include "bench.h"
#include "lacuna/base/error.h"

namespace lacuna::cli {
namespace {

using nlohmann::json;

std::filesystem::path corpusInput(const std::filesystem::path& in) {
  for (const char* name : {"corpus.jsonl.zst", "corpus.json.gz", "corpus"})
    if (std::filesystem::exists(in / name)) return in / name;
  throw Error("LAC-1101", in.string() + ": expected corpus.jsonl.zst, corpus.json.gz or a folder corpus/", "see the benchmark's description");
}

}  // namespace

void benchCorpus(const BenchOptions& o, const RunContext& context) {
  BenchTimer timer;
  const auto wanted = readBenchJson(o.in / "sample.json").at("rows").get<std::vector<std::int64_t>>();
  timer.readDone();
  std::vector<std::int64_t> lengths;
  std::string sample;
  std::size_t next = 0;
  const files::ReadReport report = files::readRecords(corpusInput(o.in), {}, context, [&](files::Record&& record) {
    if (next < wanted.size() && static_cast<std::int64_t>(lengths.size()) == wanted[next]) {
      sample += json(record.text).dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
      ++next;
    }
    lengths.push_back(static_cast<std::int64_t>(record.text.size()));
    return true;
  });
  timer.workDone();
  files::writeNpy(o.out / "lengths.npy", lengths);
  files::writeFileAtomically(o.out / "sample.jsonl", sample);
  std::uint64_t bad = 0;
  for (const auto& [kind, count] : report.bad) bad += count;
  timer.write(o, context, {{"documents", lengths.size()}, {"bad_rows", bad}, {"bytes", report.bytes}});
}

}  // namespace lacuna::cli

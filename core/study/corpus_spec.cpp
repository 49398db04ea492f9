#include "corpus_spec.h"

#include "lacuna/base/error.h"
#include "lacuna/corpus/filter.h"

namespace lacuna::study {
namespace {

using nlohmann::json;

constexpr double kNearThreshold = .7;

void require(bool holds, const SpecReader& reader, const char* key, const char* expected) {
  if (!holds) throw Error("LAC-1401", "study spec: " + reader.pointer(key) + ": expected " + expected, "see docs/study-spec.md");
}

/// A file or folder, or a list of them.
void readPaths(SpecReader& r, corpus::CorpusConfig& corpus) {
  const json* found = r.find("path");
  if (!found) return;
  const json list = found->is_array() ? *found : json::array({*found});
  if (list.empty()) throw r.wrong("path", "a file or folder, or a list of them", *found);
  std::vector<std::filesystem::path> paths;
  for (const json& path : list) {
    if (!path.is_string()) throw r.wrong("path", "a file or folder, or a list of them", *found);
    paths.emplace_back(path.get<std::string>());
  }
  corpus.path = paths.front();
  corpus.morePaths.assign(paths.begin() + 1, paths.end());
}

void readUnit(SpecReader& r, corpus::CorpusConfig& corpus) {
  std::string unit = "file";
  r.read("text_unit", unit);
  require(unit == "file" || unit == "line" || unit == "paragraph", r, "text_unit", "file, line or paragraph");
  corpus.textUnit = textUnitFromName(unit);
}

void readCopies(SpecReader& r, corpus::CorpusConfig& corpus) {
  r.read("drop_duplicates", corpus.dropDuplicates);
  std::string dedup = corpus.dropDuplicates ? "exact" : "none";
  r.read("dedup", dedup);
  require(dedup == "none" || dedup == "exact" || dedup == "near", r, "dedup", "none, exact or near");
  double threshold = kNearThreshold;
  r.read("near_threshold", threshold);
  require(threshold > 0 && threshold <= 1, r, "near_threshold", "a Jaccard in (0, 1]");
  corpus.dropDuplicates = dedup != "none";
  if (dedup == "near") corpus.nearDuplicates.threshold = threshold;
}

void readSampling(const json& object, const std::string& pointer, corpus::SamplingConfig& sampling) {
  SpecReader r(object, pointer);
  r.read("size", sampling.size);
  r.read("power", sampling.power);
  r.read("floor", sampling.floor);
  require(sampling.size > 0, r, "size", "how many documents");
  require(sampling.power >= 0 && sampling.power <= 1, r, "power", "a number from 0 (as many of each source) to 1 (in proportion)");
  require(sampling.floor >= 0, r, "floor", "at least 0");
  r.finish();
}

void readChunks(const json& object, const std::string& pointer, corpus::ChunkConfig& chunks) {
  SpecReader r(object, pointer);
  chunks.tokens = 512;
  r.read("tokens", chunks.tokens);
  r.read("least", chunks.least);
  r.read("per_family", chunks.perFamily);
  require(chunks.tokens >= 8, r, "tokens", "at least 8");
  require(chunks.least >= 0 && chunks.least <= chunks.tokens, r, "least", "at most the tokens of a part");
  require(chunks.perFamily >= 1, r, "per_family", "at least 1");
  r.finish();
}

/// A wrong filter is told before anything is read.
void checkFilter(const SpecReader& r, const std::string& expression) {
  try {
    static_cast<void>(corpus::Filter(expression));
  } catch (const Error& error) {
    throw Error("LAC-1401", "study spec: " + r.pointer("filter") + ": " + error.message(), error.hint());
  }
}

const char* unitName(files::TextUnit unit) {
  return unit == files::TextUnit::Line ? "line" : unit == files::TextUnit::Paragraph ? "paragraph" : "file";
}

json pathsJson(const corpus::CorpusConfig& corpus) {
  if (corpus.morePaths.empty()) return corpus.path.string();
  json paths = json::array({corpus.path.string()});
  for (const auto& path : corpus.morePaths) paths.push_back(path.string());
  return paths;
}

}  // namespace

files::TextUnit textUnitFromName(const std::string& name) {
  return name == "line" ? files::TextUnit::Line : name == "paragraph" ? files::TextUnit::Paragraph : files::TextUnit::File;
}

void readCorpusSection(SpecReader& r, corpus::CorpusConfig& corpus) {
  readPaths(r, corpus);
  r.read("text_field", corpus.textField);
  readUnit(r, corpus);
  r.read("source_field", corpus.sourceField);
  r.read("filter", corpus.filter);
  checkFilter(r, corpus.filter);
  r.read("max_documents", corpus.maxDocuments);
  if (const json* sampling = r.find("sampling")) readSampling(*sampling, r.pointer("sampling"), corpus.sampling);
  require(corpus.sampling.size == 0 || corpus.maxDocuments == 0, r, "max_documents", "one of max_documents and sampling");
  readCopies(r, corpus);
  r.read("decontaminate", corpus.decontaminate);
  if (const json* chunks = r.find("chunk")) readChunks(*chunks, r.pointer("chunk"), corpus.chunks);
}

json corpusJson(const corpus::CorpusConfig& c) {
  json out = {{"path", pathsJson(c)}, {"text_field", c.textField}, {"source_field", c.sourceField},
              {"max_documents", c.maxDocuments}, {"drop_duplicates", c.dropDuplicates}};
  if (c.textUnit != files::TextUnit::File) out["text_unit"] = unitName(c.textUnit);
  if (!c.filter.empty()) out["filter"] = c.filter;
  if (c.sampling.size > 0) out["sampling"] = {{"size", c.sampling.size}, {"power", c.sampling.power}, {"floor", c.sampling.floor}};
  if (c.nearDuplicates.threshold > 0) out["dedup"] = "near", out["near_threshold"] = c.nearDuplicates.threshold;
  if (c.decontaminate) out["decontaminate"] = true;
  if (c.chunks.tokens > 0) out["chunk"] = {{"tokens", c.chunks.tokens}, {"least", c.chunks.least}, {"per_family", c.chunks.perFamily}};
  return out;
}

}  // namespace lacuna::study

#include "inspect.h"

#include <fstream>
#include <map>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/files/safetensors.h"
#include "lacuna/model/model.h"
#include "lacuna/study/study.h"
#include "lacuna/tasks/tasks.h"

namespace lacuna::cli {
namespace {

using nlohmann::ordered_json;

ordered_json problem(const Error& e) { return {{"code", e.code()}, {"message", e.message()}, {"hint", e.hint()}}; }

/// Runs one part of an inspection; what it finds wrong is listed instead of ending the inspection.
template <class Body> void attempt(ordered_json& out, Body&& body) {
  try {
    body();
  } catch (const Error& e) {
    out["problems"].push_back(problem(e));
  }
}

ordered_json inspectModelFolder(const std::filesystem::path& folder) {
  ordered_json out = {{"kind", "model"}, {"path", folder.string()}, {"sound", true}, {"problems", ordered_json::array()}};
  attempt(out, [&] {
    const model::ModelInfo m = model::inspectModel(folder);
    out["architecture"] = m.architecture;
    out["model_type"] = m.family;
    out["layers"] = m.layers;
    out["width"] = m.width;
    out["mlp_width"] = m.mlpWidth;
    out["heads"] = m.heads;
    out["kv_heads"] = m.kvHeads;
    out["vocabulary"] = m.vocabulary;
    out["max_positions"] = m.maxPositions;
    out["parameters"] = m.parameters;
    out["dtype"] = m.dtype;
    out["memory_fp32_bytes"] = m.bytesFp32();
    out["memory_bf16_bytes"] = m.parameters * 2;
  });
  if (std::filesystem::exists(folder / "tokenizer.json") || std::filesystem::exists(folder / "vocab.json") ||
      std::filesystem::exists(folder / "vocab.txt") || std::filesystem::exists(folder / "tokenizer.model"))
    attempt(out, [&] {
      const auto tokenizer = text::Tokenizer::load(folder);
      out["tokenizer"] = {{"kind", tokenizer->kind()}, {"vocabulary", tokenizer->vocabularySize()}};
      if (out.contains("vocabulary") && tokenizer->vocabularySize() > out["vocabulary"].get<std::int64_t>())
        throw Error("LAC-1003", "the tokenizer has " + std::to_string(tokenizer->vocabularySize()) + " tokens, the embedding " +
                                    std::to_string(out["vocabulary"].get<std::int64_t>()) + " rows", "use the tokenizer that came with the weights");
    });
  else
    out["tokenizer"] = nullptr;
  out["sound"] = out["problems"].empty();
  return out;
}

ordered_json inspectSafetensors(const std::filesystem::path& file) {
  const files::SafetensorsFile tensors(file);
  ordered_json list = ordered_json::array();
  std::map<std::string, std::int64_t> byDtype;
  for (const files::TensorInfo& t : tensors.tensors()) {
    list.push_back({{"name", t.name}, {"dtype", t.dtype}, {"shape", t.shape}});
    byDtype[t.dtype] += t.elements();
  }
  return {{"kind", "safetensors"}, {"path", file.string()}, {"sound", true}, {"bytes", std::filesystem::file_size(file)}, {"elements", byDtype},
          {"metadata", tensors.metadata()}, {"tensors", list}};
}

ordered_json inspectCorpus(const std::filesystem::path& path, bool full, const RunContext& context) {
  files::ReadOptions options;
  if (!full) options.maxRecords = 200;
  std::map<std::string, std::map<std::string, std::uint64_t>> groups;
  const files::ReadReport r = files::readRecords(path, options, context, [&](files::Record&& record) {
    for (const auto& [field, value] : record.metadata)
      if (auto& values = groups[field]; values.size() <= 64) ++values[value];
    return true;
  });
  ordered_json shown = ordered_json::object(), fileList = ordered_json::array();
  for (const auto& [field, values] : groups)
    if (values.size() <= 64) shown[field] = values;
  for (const auto& f : r.files) fileList.push_back({{"path", f.path}, {"documents", f.documents}, {"damaged", f.damaged}});
  return {{"kind", "corpus"}, {"path", path.string()}, {"complete", full}, {"documents", r.documents}, {"bad", r.bad}, {"repaired", r.repaired},
          {"text_field", r.textField}, {"metadata", r.metadataFields}, {"groups", shown}, {"damaged", r.damaged()}, {"files", fileList},
          {"examples", r.examples}, {"bytes", r.bytes}};
}

ordered_json inspectTask(const std::filesystem::path& file) {
  const tasks::Task task = tasks::readTask(file);
  return {{"kind", "task"}, {"path", file.string()}, {"sound", true}, {"name", task.name}, {"format", task.format}, {"items", task.items.size()}, {"metrics", task.metrics}};
}

ordered_json inspectStudy(const std::filesystem::path& file) {
  const study::Results r = study::readResults(file);
  return {{"kind", "study"}, {"path", file.string()}, {"sound", true}, {"name", r.name}, {"uuid", r.uuid}, {"documents", r.documents.size()}, {"clusters", r.clusters.size()},
          {"tasks", r.tasks.size()}, {"runs", r.runs.size()}, {"effects", r.effects.size()}};
}

bool startsWith(const std::filesystem::path& file, const std::string& magic) {
  std::ifstream in(file, std::ios::binary);
  std::string head(magic.size(), '\0');
  return in.read(head.data(), static_cast<std::streamsize>(head.size())) && head == magic;
}

bool isSidecar(const std::filesystem::path& file) {
  if (file.extension() != ".json" || std::filesystem::file_size(file) > (64u << 10)) return false;
  const auto json = nlohmann::json::parse(files::readText(file), nullptr, false);
  return json.is_object() && json.contains("format") && json.contains("file");
}

}  // namespace

ordered_json inspectPath(const std::filesystem::path& path, bool full, const RunContext& context) {
  if (!std::filesystem::exists(path)) throw Error("LAC-1105", path.string() + ": no such file or folder", "check the path");
  if (std::filesystem::is_directory(path)) {
    if (std::filesystem::exists(path / "config.json")) return inspectModelFolder(path);
    for (const char* name : {"tokenizer.json", "vocab.txt", "vocab.json", "tokenizer.model"})
      if (std::filesystem::exists(path / name)) {
        const auto tokenizer = text::Tokenizer::load(path);
        return {{"kind", "tokenizer"}, {"path", path.string()}, {"sound", true}, {"tokenizer", {{"kind", tokenizer->kind()}, {"vocabulary", tokenizer->vocabularySize()}}}};
      }
    for (const char* name : {"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5"})
      if (std::filesystem::exists(path / name)) return inspectModelFolder(path);
    return inspectCorpus(path, full, context);
  }
  if (path.extension() == ".safetensors") return inspectSafetensors(path);
  if (startsWith(path, "SQLite format 3")) return inspectStudy(path);
  if (isSidecar(path)) return inspectTask(path);
  return inspectCorpus(path, full, context);
}

std::string asLines(const ordered_json& json) {
  std::string out;
  for (const auto& [key, value] : json.items()) {
    if (value.is_structured() && value.empty()) continue;
    out += key + ": " + (value.is_string() ? value.get<std::string>() : value.dump(value.is_structured() ? 2 : -1, ' ', false, nlohmann::json::error_handler_t::replace)) + "\n";
  }
  return out;
}

}  // namespace lacuna::cli

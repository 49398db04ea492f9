#include "inspect.h"

#include <fstream>
#include <map>

#include "lacuna/base/error.h"
#include "lacuna/embeddings/sentence_encoder.h"
#include "lacuna/files/files.h"
#include "lacuna/files/safetensors.h"
#include "lacuna/model/folder_report.h"
#include "lacuna/study/study.h"
#include "lacuna/tasks/tasks.h"

namespace lacuna::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

ordered_json problem(const Error& e) { return {{"code", e.code()}, {"message", e.message()}, {"hint", e.hint()}}; }

/// A look that throws is a path that is not sound; the error is its one problem.
template <class Look> ordered_json guarded(const char* kind, const fs::path& path, const Look& look) {
  try {
    return look();
  } catch (const Error& e) {
    return {{"kind", kind}, {"path", path.string()}, {"sound", false}, {"problems", {problem(e)}}};
  }
}

ordered_json asJson(const model::FolderReport& r, const fs::path& folder) {
  const bool tokenizerAlone = r.role == model::FolderRole::Tokenizer;
  ordered_json out = {{"kind", tokenizerAlone ? "tokenizer" : "model"}, {"path", folder.string()}, {"role", model::roleName(r.role)},
                      {"sound", r.sound()}, {"problems", ordered_json::array()}, {"warnings", r.warnings}};
  for (const Error& e : r.problems) out["problems"].push_back(problem(e));
  if (r.parameters > 0) {
    out["architecture"] = r.architecture;
    out["model_type"] = r.family;
    out["layers"] = r.layers;
    out["width"] = r.width;
    out["mlp_width"] = r.mlpWidth;
    out["heads"] = r.heads;
    out["kv_heads"] = r.kvHeads;
    out["vocabulary"] = r.vocabulary;
    out["max_positions"] = r.maxPositions;
    out["parameters"] = r.parameters;
    out["dtype"] = r.dtype;
    out["stored_bytes"] = r.storedBytes;
    out["memory_fp32_bytes"] = r.bytesAs(4);
    out["memory_bf16_bytes"] = r.bytesAs(2);
  }
  out["tokenizer"] = r.tokenizerKind.empty() ? ordered_json() : ordered_json{{"kind", r.tokenizerKind}, {"vocabulary", r.tokens}};
  return out;
}

ordered_json inspectSentenceEncoder(const fs::path& folder, bool full, const RunContext& context) {
  ordered_json out = guarded("model", folder, [&]() -> ordered_json {
    const embeddings::SentenceFolder sentence = embeddings::inspectSentenceFolder(folder);
    ordered_json inner = asJson(model::reportFolder(sentence.transformer, context, {full}), folder);
    inner["transformer"] = inner["role"];
    inner["pipeline"] = sentence.description;
    return inner;
  });
  out["role"] = "sentence encoder";
  return out;
}

ordered_json inspectSafetensors(const fs::path& file) {
  const files::SafetensorsFile tensors(file);
  ordered_json list = ordered_json::array();
  std::map<std::string, std::int64_t> byDtype;
  for (const files::TensorInfo& t : tensors.tensors()) {
    list.push_back({{"name", t.name}, {"dtype", t.dtype}, {"shape", t.shape}});
    byDtype[t.dtype] += t.elements();
  }
  return {{"kind", "safetensors"}, {"path", file.string()}, {"sound", true}, {"bytes", fs::file_size(file)}, {"elements", byDtype},
          {"metadata", tensors.metadata()}, {"tensors", list}};
}

ordered_json inspectTask(const fs::path& file) {
  const tasks::Task task = tasks::readTask(file);
  std::map<std::string, int> categories;
  for (const tasks::Item& item : task.items)
    if (!item.category.empty()) ++categories[item.category];
  return {{"kind", "task"},        {"path", file.string()},      {"sound", true},          {"name", task.name},
          {"format", task.format}, {"items", task.items.size()}, {"metrics", task.metrics}, {"chance", tasks::chanceLevel(task)},
          {"categories", categories}, {"first_prompt", task.items.front().prompt}};
}

ordered_json inspectStudy(const fs::path& file) {
  const study::Results r = study::readResults(file);
  return {{"kind", "study"},
          {"path", file.string()},
          {"sound", true},
          {"name", r.name},
          {"uuid", r.uuid},
          {"documents", r.documents.size()},
          {"clusters", r.clusters.size()},
          {"tasks", r.tasks.size()},
          {"runs", r.runs.size()},
          {"effects", r.effects.size()}};
}

bool startsWith(const fs::path& file, const std::string& magic) {
  std::ifstream in(file, std::ios::binary);
  std::string head(magic.size(), '\0');
  return in.read(head.data(), static_cast<std::streamsize>(head.size())) && head == magic;
}


/// Files that only model and tokenizer folders have, whether they can be read or not.
bool isModelFolder(const fs::path& folder) {
  for (const char* name : {"config.json", "tokenizer.json", "tokenizer.model", "sentencepiece.bpe.model", "spiece.model", "spm.model",
                           "merges.txt", "vocab.txt"})
    if (std::error_code ignored; fs::exists(fs::symlink_status(folder / name, ignored))) return true;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string extension = entry.path().extension().string(), stem = entry.path().stem().string();
    for (const char* weights : {".safetensors", ".h5", ".gguf", ".msgpack", ".onnx", ".pt", ".pth", ".ckpt"})
      if (extension == weights) return true;
    if (stem.starts_with("pytorch_model") || stem.starts_with("model.safetensors")) return true;
  }
  return false;
}

ordered_json inspectFolder(const fs::path& path, const InspectOptions& o, const RunContext& context) {
  if (fs::exists(path / "modules.json")) return inspectSentenceEncoder(path, o.full, context);
  if (tasks::looksLikeTask(path)) return guarded("task", path, [&] { return inspectTask(path); });
  if (isModelFolder(path)) return asJson(model::reportFolder(path, context, {o.full}), path);
  return guarded("corpus", path, [&] { return inspectCorpus(std::span(&path, 1), o, context); });
}

ordered_json inspectPath(const fs::path& path, const InspectOptions& o, const RunContext& context) {
  if (std::error_code failed; !fs::exists(path, failed)) throw Error("LAC-1105", path.string() + ": no such file or folder", "check the path");
  if (fs::is_directory(path)) return inspectFolder(path, o, context);
  if (!fs::is_regular_file(path)) throw Error("LAC-1105", path.string() + " is neither a file nor a folder", "check the path");
  if (path.extension() == ".safetensors") return guarded("safetensors", path, [&] { return inspectSafetensors(path); });
  if (startsWith(path, "SQLite format 3")) return guarded("study", path, [&] { return inspectStudy(path); });
  if (tasks::looksLikeTask(path)) return guarded("task", path, [&] { return inspectTask(path); });
  return guarded("corpus", path, [&] { return inspectCorpus(std::span(&path, 1), o, context); });
}

}  // namespace

ordered_json inspectPaths(std::span<const fs::path> paths, const InspectOptions& options, const RunContext& context) {
  if (paths.size() == 1 && !options.corpus) return inspectPath(paths.front(), options, context);
  return guarded("corpus", paths.front(), [&] { return inspectCorpus(paths, options, context); });
}

}  // namespace lacuna::cli

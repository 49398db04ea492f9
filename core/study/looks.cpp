#include "lacuna/study/looks.h"

#include <nlohmann/json.hpp>

#include "lacuna/embeddings/embed_files.h"
#include "lacuna/embeddings/sentence_encoder.h"
#include "lacuna/files/files.h"
#include "lacuna/model/folder_report.h"
#include "lacuna/model/model.h"
#include "lacuna/store/store.h"
#include "lacuna/study/spec.h"
#include "lacuna/tasks/tasks.h"
#include "looked.h"
#include "workspace.h"

namespace lacuna::study {
namespace {

namespace fs = std::filesystem;

void fill(ModelLook& look, const model::FolderReport& report) {
  look.role = model::roleName(report.role);
  look.architecture = report.architecture;
  look.dtype = report.dtype;
  look.tokenizer = report.tokenizerKind;
  look.layers = report.layers;
  look.width = report.width;
  look.parameters = report.parameters;
  look.tokens = report.tokens;
  look.bytesFp32 = static_cast<std::uint64_t>(report.bytesAs(4));
  look.bytesBf16 = static_cast<std::uint64_t>(report.bytesAs(2));
  look.freeBytes = model::availableMemory();
  look.warnings = report.warnings;
  look.problems = report.problems;
}

/// A JSON object that names a model and a corpus.
bool looksLikeSpec(const fs::path& path) {
  constexpr std::uintmax_t largest = 1 << 20;
  std::error_code failed;
  if (path.extension() != ".json" || !fs::is_regular_file(path, failed) || fs::file_size(path, failed) > largest || failed) return false;
  const auto json = nlohmann::json::parse(files::readText(path), nullptr, false);
  return json.is_object() && json.contains("model") && json.contains("corpus") && json["corpus"].is_object();
}

}  // namespace

ModelLook lookAtModel(const fs::path& folder, const RunContext& context) {
  return looked(ModelLook(), [&](ModelLook& look) {
    requirePath(folder);
    fill(look, model::reportFolder(folder, context));
    if (look.sound() && look.role != model::roleName(model::FolderRole::Decoder))
      look.problems.emplace_back("LAC-1002", folder.string() + " holds a " + look.role + ", and a study perturbs a causal language model",
                                 "choose the folder of a GPT-2, GPT-NeoX, GPT-J, LLaMA, Mistral, Qwen2 or OPT model");
    if (look.sound() && look.tokenizer.empty())
      look.problems.emplace_back("LAC-1003", folder.string() + " has no tokenizer", "put its tokenizer.json beside config.json");
  });
}

ModelLook lookAtEncoder(const fs::path& folder, const RunContext& context) {
  return looked(ModelLook(), [&](ModelLook& look) {
    requirePath(folder);
    if (embeddings::embedsImages(folder)) return fill(look, model::reportFolder(folder, context));
    const embeddings::SentenceFolder sentence = embeddings::inspectSentenceFolder(folder);
    fill(look, model::reportFolder(sentence.transformer, context));
    look.role = "sentence encoder";
  });
}

bool bf16IsFast() { return model::isFast(model::Precision::Bf16); }

TaskLook lookAtTask(const fs::path& file, int shots, const RunContext& context) {
  context.checkpoint();
  return looked(TaskLook(), [&](TaskLook& look) {
    requirePath(file);
    tasks::TaskOptions options;
    options.shots = shots;
    const tasks::Task task = tasks::readTask(file, options);
    look.name = task.name;
    look.format = task.format;
    look.items = static_cast<std::int64_t>(task.items.size());
    look.metrics = task.metrics;
    look.chance = tasks::chanceLevel(task);
    if (!task.items.empty()) look.prompt = task.items.front().prompt;
  });
}

std::string guessInput(const fs::path& path) {
  std::error_code failed;
  if (path.extension() == ".lacuna") return "study";
  if (fs::is_directory(path, failed)) {
    if (fs::exists(path / "modules.json", failed)) return "encoder";
    if (tasks::looksLikeTask(path)) return "task";
    if (!fs::exists(path / "config.json", failed)) return "corpus";
    const model::FolderReport report = model::reportFolder(path, {});
    return report.role == model::FolderRole::Encoder ? "encoder" : "model";
  }
  if (looksLikeSpec(path)) return "spec";
  return tasks::looksLikeTask(path) ? "task" : "corpus";
}

std::string specOf(const fs::path& file) {
  StudySpec spec;
  if (file.extension() == ".lacuna") {
    const auto store = store::Store::open(file, true);
    spec = parseSpec(store->meta("spec"), store->meta("folder"));
  } else {
    spec = readSpec(file);
  }
  const auto settle = [&](fs::path& path) {
    if (!path.empty()) path = fs::absolute(spec.folder / path).lexically_normal();
  };
  settle(spec.model);
  settle(spec.corpus.path);
  for (fs::path& path : spec.corpus.morePaths) settle(path);
  settle(spec.embedding.folder);
  for (TaskSpec& task : spec.tasks) settle(task.file), settle(task.fewshot);
  return toJson(spec);
}

void createStudy(const std::string& spec, const fs::path& file) {
  const StudySpec parsed = parseSpec(spec, fs::absolute(file).parent_path());
  if (std::error_code failed; fs::exists(file, failed))
    throw Error("LAC-3007", file.string() + " is there already", "choose another name: a study is never written over");
  if (!file.parent_path().empty()) fs::create_directories(file.parent_path());
  const auto store = store::Store::create(file);
  initialiseStudy(*store, parsed);
}

}  // namespace lacuna::study

#include "lacuna/study/looks.h"

#include "lacuna/embeddings/sentence_encoder.h"
#include "lacuna/files/files.h"
#include "lacuna/model/folder_report.h"
#include "lacuna/model/model.h"
#include "lacuna/store/store.h"
#include "lacuna/study/spec.h"
#include "lacuna/tasks/tasks.h"
#include "workspace.h"

namespace lacuna::study {
namespace {

namespace fs = std::filesystem;

/// What is wrong with an input is its look's problem.
template <class SomeLook, class Work>
SomeLook looked(SomeLook look, const Work& work) {
  try {
    work(look);
  } catch (const Error& error) {
    look.problems.push_back(error);
  } catch (const fs::filesystem_error& error) {
    look.problems.emplace_back("LAC-1105", error.what(), "check that the path can be read");
  }
  return look;
}

void requirePath(const fs::path& path) {
  if (std::error_code failed; !fs::exists(path, failed)) throw Error("LAC-1105", path.string() + ": no such file or folder", "check the path");
}

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

std::string cut(std::string text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return text.substr(0, bytes) + "…";
}

void measureFiles(const fs::path& path, CorpusLook& look) {
  const auto add = [&](const fs::path& file) {
    look.fileBytes += fs::file_size(file);
    ++look.files;
  };
  if (fs::is_regular_file(path)) return add(path);
  for (const auto& entry : fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied))
    if (entry.is_regular_file()) add(entry.path());
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
    const embeddings::SentenceFolder sentence = embeddings::inspectSentenceFolder(folder);
    fill(look, model::reportFolder(sentence.transformer, context));
    look.role = "sentence encoder";
  });
}

bool bf16IsFast() { return model::isFast(model::Precision::Bf16); }

CorpusLook lookAtCorpus(const fs::path& path, const std::string& textField, const RunContext& context) {
  return looked(CorpusLook(), [&](CorpusLook& look) {
    requirePath(path);
    measureFiles(path, look);
    files::ReadOptions options;
    options.textField = textField;
    options.maxRecords = 200;
    const files::ReadReport report = files::readRecords(path, options, context, [&](files::Record&& record) {
      if (look.rows.size() < 3) look.rows.push_back(cut(std::move(record.text), 400));
      return true;
    });
    look.textField = report.textField;
    look.fields = report.metadataFields;
    look.documents = report.documents;
    for (const auto& [kind, count] : report.bad) look.bad += count;
    look.complete = report.documents < options.maxRecords;
    look.warnings = report.warnings;
    for (const std::string& example : report.examples) look.warnings.push_back(example);
  });
}

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
  return tasks::looksLikeTask(path) ? "task" : "corpus";
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

#include <algorithm>
#include <fstream>

#include "lacuna/files/files.h"
#include "lacuna/text/unicode.h"
#include "records.h"

namespace lacuna::tasks {
namespace {

namespace fs = std::filesystem;

bool has(const Json& record, std::initializer_list<const char*> keys) {
  return record.is_object() && std::any_of(keys.begin(), keys.end(), [&](const char* key) { return record.contains(key) && !record[key].is_null(); });
}

/// A file whose examples stand in one object: BIG-bench says what it measures, BBH does not.
std::string formatOfObject(const Json& json) {
  if (!json.contains("examples") || !json["examples"].is_array()) return {};
  if (!json["examples"].empty() && !has(json["examples"].front(), {"input"})) return {};   // examples of something else
  if (has(json, {"metrics", "preferred_score", "keywords", "description", "name"})) return "bigbench";
  const bool scored = std::any_of(json["examples"].begin(), json["examples"].end(), [](const Json& one) { return has(one, {"target_scores"}); });
  return scored ? "bigbench" : "bbh";
}

bool isGsm8k(const Json& record) {
  if (!has(record, {"question"}) || !has(record, {"answer"}) || !record["answer"].is_string()) return false;
  return record["answer"].get<std::string>().find("#### ") != std::string::npos;
}

bool isToxicityPrompt(const Json& record) {
  return has(record, {"prompt"}) && record["prompt"].is_object() && record["prompt"].contains("text") && record["prompt"].contains("toxicity");
}

/// By the first record.
std::string formatOfRecord(const Json& record) {
  if (isToxicityPrompt(record)) return "realtoxicityprompts";
  if (isGsm8k(record)) return "gsm8k";
  if (has(record, {"sent_more"}) && has(record, {"sent_less"})) return "crows_pairs";
  const bool asks = has(record, {"question", "input", "prompt"});
  if (asks && (has(record, {"choices", "options"}) || (has(record, {"A"}) && has(record, {"B"})))) return "multiple_choice";
  const bool document = has(record, {"text", "page", "content", "document", "body"});   // a question may be told of it
  if (asks && !document && has(record, {"references", "reference", "target", "answer"})) return "generation";
  return document ? "perplexity" : "";
}

/// The first record of JSON lines, a JSON list or a table; null when there is none.
Json firstRecord(const std::string& text) {
  const std::string_view body = text::stripped(text);
  if (body.starts_with('[')) {
    const Json list = Json::parse(body, nullptr, false);
    return list.is_array() && !list.empty() ? list.front() : Json();
  }
  if (body.starts_with('{')) return Json::parse(body.substr(0, body.find('\n')), nullptr, false);
  const bool commas = text.substr(0, text.find('\n')).find(',') != std::string::npos && text.substr(0, text.find('\n')).find('\t') == std::string::npos;
  const auto rows = files::parseCsv(std::string_view(text).substr(0, std::size_t{1} << 20), commas ? ',' : '\0');
  Json record = Json::object();
  if (rows.size() > 1 && rows[0].size() > 1)
    for (std::size_t i = 0; i < rows[0].size(); ++i) record[rows[0][i]] = i < rows[1].size() ? rows[1][i] : "";
  return record;
}

std::string keysOf(const Json& record) {
  std::string names;
  if (record.is_object())
    for (const auto& [key, value] : record.items()) names += (names.empty() ? "" : ", ") + key;
  return names.empty() ? "no fields" : "the fields " + names;
}

std::string formatOf(const fs::path& file) {
  if (fs::is_directory(file)) return "bigbench";
  if (text::lower(file.extension().string()) == ".txt") return "perplexity";
  const std::string text = files::readText(file);
  if (text.starts_with("\x1f\x8b") || text.starts_with("\x28\xb5\x2f\xfd") || text.starts_with("PAR1")) return "perplexity";
  refuseDeep(file, "", text);
  const Json whole = text::stripped(text).starts_with('{') ? Json::parse(text, nullptr, false) : Json();
  if (whole.is_object())
    if (const std::string format = formatOfObject(whole); !format.empty()) return format;
  const Json first = whole.is_object() ? whole : firstRecord(text);
  if (first.is_discarded())
    refuseAt(file, ":1", "expected a JSON object, found something else.", "A task file is JSON lines, a JSON list, a table or one object with \"examples\".");
  const std::string format = formatOfRecord(first);
  if (format.empty())
    refuse(file,
           "expected a task file (GSM8K, BIG-bench, BBH, RealToxicityPrompts, CrowS-Pairs, multiple choice, generation, documents), "
           "found a first record with " + keysOf(first) + ".",
           R"(Write a sidecar beside it that says what it is: {"format": "multiple_choice", "name": …, "file": …, "fields": {"question": …}}.)");
  return format;
}

/// A name for tables: the file's, without its ending; of a BIG-bench file called task.json its folder's.
std::string nameOf(const fs::path& file) {
  const fs::path whole = fs::weakly_canonical(file);
  const std::string stem = whole.stem().string();
  return stem == "task" ? whole.parent_path().filename().string() : stem;
}

}  // namespace

Sidecar foundSidecar(const fs::path& dataFile) {
  Sidecar s;
  s.path = s.file = dataFile;
  s.format = formatOf(dataFile);
  s.name = nameOf(dataFile);
  s.sampler = "lm-eval";
  s.raw = {{"format", s.format}, {"name", s.name}, {"file", dataFile.filename().string()}};
  return s;
}

namespace {

constexpr std::size_t kGlance = 1 << 20;
constexpr std::uintmax_t kLargestObject = 256u << 20;   // one object that is larger is no task

/// The object that a text begins with, or the first of a list; empty when it does not end within the text.
std::string_view firstObject(std::string_view text) {
  std::size_t at = text.find_first_not_of(" \t\r\n");
  if (at != std::string_view::npos && text[at] == '[') at = text.find_first_not_of(" \t\r\n", at + 1);
  if (at == std::string_view::npos || text[at] != '{') return {};
  bool quoted = false;
  int depth = 0;
  for (std::size_t i = at; i < text.size(); ++i) {
    if (quoted) {
      if (text[i] == '\\') ++i;
      else quoted = text[i] != '"';
    } else if (text[i] == '"') {
      quoted = true;
    } else if (text[i] == '{' || text[i] == '[') {
      ++depth;
    } else if ((text[i] == '}' || text[i] == ']') && --depth == 0) {
      return text.substr(at, i + 1 - at);
    }
  }
  return {};
}

/// A file of many records is told by its first one: corpora are large.
bool isTaskByGlance(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(kGlance, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  const std::string_view body = text::stripped(text), first = firstObject(text);
  const bool isJson = body.starts_with('{') || body.starts_with('[');
  if (isJson && (first.empty() || first.size() == body.size())) {   // one object, or a record larger than a glance
    const Json whole = first.empty() ? Json() : Json::parse(first, nullptr, false);
    if (has(whole, {"format"}) && has(whole, {"file"})) return true;
    return fs::file_size(path) <= kLargestObject && formatOf(path) != "perplexity";
  }
  refuseDeep(path, "", isJson ? first : body);
  const std::string format = formatOfRecord(isJson ? Json::parse(first, nullptr, false) : firstRecord(text));
  return !format.empty() && format != "perplexity";
}

}  // namespace

bool looksLikeTask(const fs::path& path) {
  try {
    if (fs::is_directory(path)) return !subTasks(path).empty();
    const std::string extension = text::lower(path.extension().string());
    if (extension != ".json" && extension != ".jsonl" && extension != ".csv" && extension != ".tsv") return false;
    return isTaskByGlance(path);
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace lacuna::tasks

#include "sidecar.h"

#include <algorithm>
#include <array>
#include <set>

#include "answer_metrics.h"
#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/files/files.h"

namespace lacuna::tasks {
namespace {

constexpr std::array kFormats{"gsm8k", "bigbench", "bbh", "realtoxicityprompts", "crows_pairs", "multiple_choice", "generation", "perplexity"};

constexpr std::uint64_t kMostCount = 1'000'000;

using Keys = std::set<std::string>;
const Keys kTop{"format", "name", "file", "metric", "prompt", "description", "target_delimiter", "fewshot_delimiter", "fewshot",
                "generation", "mode", "choice_order", "exact_match", "classifier", "bleurt",
                "continuations", "fields", "positive"};
const Keys kFewshot{"file", "sampler", "exclude_item"};
const Keys kGeneration{"max_new_tokens", "until", "samples", "temperature", "top_p", "top_k", "seed"};
const Keys kClassifier{"folder", "label", "rule"}, kContinuations{"toxic", "neutral"};
const Keys kFields{"question", "choices", "answer", "references", "text", "group"};
const Keys kExactMatch{"ignore_case", "ignore_punctuation", "ignore_numbers", "regexes_to_ignore"};

/// A part of the sidecar that knows where it stands.
class Part {
 public:
  Part(const std::filesystem::path& file, const Json& json, std::string pointer) : m_file(file), m_json(json), m_pointer(std::move(pointer)) {}

  std::optional<std::string> text(const char* key) const {
    const Json* value = find(key, &Json::is_string, "a string");
    return value ? std::optional(value->get<std::string>()) : std::nullopt;
  }
  std::optional<bool> flag(const char* key) const {
    const Json* value = find(key, &Json::is_boolean, "true or false");
    return value ? std::optional(value->get<bool>()) : std::nullopt;
  }
  std::optional<int> count(const char* key) const {
    const Json* value = find(key, &Json::is_number_unsigned, "a whole number");
    if (value && value->get<std::uint64_t>() > kMostCount) wrong(key, "at most 1000000", *value);
    return value ? std::optional(value->get<int>()) : std::nullopt;
  }
  std::optional<double> number(const char* key, double above, double most) const {
    const Json* value = find(key, &Json::is_number, "a number");
    if (!value) return std::nullopt;
    if (const auto number = value->get<double>(); number > above && number <= most) return number;
    wrong(key, ("a number above " + formatNumber(above) + ", at most " + formatNumber(most)).c_str(), *value);
  }
  std::optional<std::vector<std::string>> list(const char* key) const {
    const Json* value = find(key, &Json::is_array, "a list of strings");
    if (!value) return std::nullopt;
    std::vector<std::string> result;
    for (const Json& entry : *value) {
      if (!entry.is_string()) wrong(key, "a list of strings", entry);
      result.push_back(entry.get<std::string>());
    }
    return result;
  }
  Part part(const char* key) const {
    static const Json empty = Json::object();
    const Json* value = find(key, &Json::is_object, "an object");
    return {m_file, value ? *value : empty, m_pointer + "/" + key};
  }
  std::string oneOf(const char* key, std::initializer_list<const char*> allowed) const {
    const std::string value = text(key).value_or(*allowed.begin());
    if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return value;
    std::string names;
    for (const char* name : allowed) names += (names.empty() ? "" : ", ") + std::string(name);
    refuse(m_file, m_pointer + "/" + key + ": expected one of " + names + ", found \"" + value + "\".");
  }
  const Json& json() const { return m_json; }
  void unknownKeys(const Keys& known, std::string& names) const {
    for (const auto& [key, value] : m_json.items())
      if (!known.contains(key)) names += (names.empty() ? "" : ", ") + m_pointer + "/" + key;
  }

 private:
  const Json* find(const char* key, bool (Json::*is)() const noexcept, const char* expected) const {
    const auto found = m_json.find(key);
    if (found == m_json.end()) return nullptr;
    if (!((*found).*is)()) wrong(key, expected, *found);
    return &*found;
  }
  [[noreturn]] void wrong(const char* key, const char* expected, const Json& found) const {
    refuse(m_file, m_pointer + "/" + key + ": expected " + expected + ", found " + found.dump() + ".");
  }
  const std::filesystem::path& m_file;
  const Json& m_json;
  std::string m_pointer;
};

std::string required(const Part& top, const char* key, const std::filesystem::path& file) {
  const auto value = top.text(key);
  if (!value || value->empty()) refuse(file, std::string("/") + key + ": missing, but required.");
  return *value;
}

/// A field's name, or a list of them.
void readFields(const Part& fields, const std::filesystem::path& path, Sidecar& s) {
  const bool generic = s.format == "multiple_choice" || s.format == "generation" || s.format == "perplexity";
  for (const auto& [key, value] : fields.json().items()) {
    const bool list = value.is_array() && !value.empty() && std::all_of(value.begin(), value.end(), [](const Json& one) { return one.is_string(); });
    if (!value.is_string() && !list) refuse(path, "/fields/" + key + ": expected the name of a field or a list of names, found " + value.dump() + ".");
    if (!generic) refuse(path, "/fields: the fields of " + s.format + " have fixed names.", "Leave \"fields\" out.");
    s.fields[key] = value;
  }
}

TaskSampling samplingOf(const Part& generation) {
  TaskSampling sampling;
  sampling.samples = generation.count("samples").value_or(0);
  sampling.temperature = generation.number("temperature", 0, 1e6).value_or(1);
  sampling.topK = generation.count("top_k").value_or(0);
  sampling.seed = static_cast<std::uint64_t>(generation.count("seed").value_or(0));
  return sampling;
}

void readJudges(const Part& top, Sidecar& s) {
  const Part classifier = top.part("classifier");
  if (const auto folder = classifier.text("folder")) s.classifier.folder = s.path.parent_path() / *folder;
  s.classifier.label = classifier.text("label").value_or("");
  s.classifier.rule = classifier.text("rule").value_or("");
  if (const auto folder = top.text("bleurt")) s.bleurt = s.path.parent_path() / *folder;
}

void refuseUnknownKeys(const Part& top, const std::filesystem::path& path) {
  std::string names;
  top.unknownKeys(kTop, names);
  top.part("fewshot").unknownKeys(kFewshot, names);
  top.part("generation").unknownKeys(kGeneration, names);
  top.part("exact_match").unknownKeys(kExactMatch, names);
  top.part("classifier").unknownKeys(kClassifier, names);
  top.part("continuations").unknownKeys(kContinuations, names);
  top.part("fields").unknownKeys(kFields, names);
  if (!names.empty()) refuse(path, "unknown keys: " + names + ".", "Check their spelling; docs/tasks.md lists the keys.");
}

/// Deepest nesting of lists and objects; the parser's own words would fill the stack.
std::int64_t depthOf(std::string_view text) {
  std::int64_t depth = 0, most = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') ++i;
    else if (c == '"') quoted = !quoted;
    else if (!quoted && (c == '[' || c == '{')) most = std::max(most, ++depth);
    else if (!quoted && (c == ']' || c == '}')) --depth;
  }
  return most;
}

}  // namespace

void refuseDeep(const std::filesystem::path& file, const std::string& place, std::string_view text) {
  constexpr std::int64_t most = 64;
  if (const std::int64_t depth = depthOf(text); depth > most)
    refuseAt(file, place, "lists and objects are nested " + std::to_string(depth) + " deep; at most " + std::to_string(most) + " are read.");
}

void refuseAt(const std::filesystem::path& file, const std::string& place, const std::string& what, const std::string& hint) {
  throw Error("LAC-1301", file.string() + place + ": " + what, hint.empty() ? "Mend the file there; docs/tasks.md says what each format holds." : hint);
}

void refuse(const std::filesystem::path& file, const std::string& what, const std::string& hint) {
  refuseAt(file, "", what, hint);
}

Sidecar readSidecar(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) {
    const std::filesystem::path inside = path / "task.json";
    return std::filesystem::exists(inside) ? readSidecar(inside) : foundSidecar(path);
  }
  const std::string text = files::readText(path);
  Json raw = Json::parse(text, nullptr, false);
  if (!raw.is_object() || !(raw.contains("format") || raw.contains("file"))) return foundSidecar(path);
  refuseDeep(path, "", text);
  Sidecar s;
  s.path = path;
  s.raw = std::move(raw);
  const Part top(path, s.raw, "");
  refuseUnknownKeys(top, path);
  s.format = required(top, "format", path);
  if (std::find(kFormats.begin(), kFormats.end(), s.format) == kFormats.end())
    refuse(path, "/format: \"" + s.format + "\" is not known.", "Known: gsm8k, bigbench, bbh, realtoxicityprompts, crows_pairs, multiple_choice, generation, perplexity.");
  s.name = required(top, "name", path);
  s.file = path.parent_path() / required(top, "file", path);
  s.metrics = top.list("metric").value_or(std::vector<std::string>{});
  s.prompt = top.text("prompt");
  s.description = top.text("description");
  s.targetDelimiter = top.text("target_delimiter");
  s.fewshotDelimiter = top.text("fewshot_delimiter");
  const Part fewshot = top.part("fewshot"), generation = top.part("generation"), match = top.part("exact_match");
  if (const auto file = fewshot.text("file")) s.fewshotFile = path.parent_path() / *file;
  s.sampler = fewshot.oneOf("sampler", {"lm-eval", "first"});
  s.excludeItem = fewshot.flag("exclude_item");
  s.maxNewTokens = generation.count("max_new_tokens");
  s.until = generation.list("until");
  s.chainOfThought = top.oneOf("mode", {"direct", "cot"}) == "cot";
  if (s.chainOfThought && s.format != "bbh") refuse(path, "/mode: \"cot\" is of bbh alone, but the format is " + s.format + ".", "Leave the key out.");
  s.permutedChoices = top.oneOf("choice_order", {"file", "bigbench"}) == "bigbench";
  s.exactMatch = {match.flag("ignore_case").value_or(false), match.flag("ignore_punctuation").value_or(false),
                  match.flag("ignore_numbers").value_or(false), match.list("regexes_to_ignore").value_or(std::vector<std::string>{})};
  checkRegexes(s.exactMatch.regexesToIgnore);
  readJudges(top, s);
  readFields(top.part("fields"), path, s);
  s.sampling = samplingOf(generation);
  s.positive = top.text("positive").value_or("");
  s.topP = generation.number("top_p", 0, 1);
  const Part continuations = top.part("continuations");
  s.toxicTexts = continuations.list("toxic").value_or(std::vector<std::string>{});
  s.neutralTexts = continuations.list("neutral").value_or(std::vector<std::string>{});
  return s;
}

}  // namespace lacuna::tasks

#include "records.h"

#include <algorithm>
#include <functional>

#include "lacuna/files/files.h"
#include "lacuna/text/unicode.h"

namespace lacuna::tasks {
namespace {

constexpr std::size_t kMostShown = 80;

std::string shown(const Json& value) {
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() <= kMostShown ? text : std::string(text::firstCharacters(text, kMostShown)) + "…";
}

struct Row { Json value; std::string place; };

Json parsed(std::string_view text, const std::filesystem::path& path, const std::string& place) {
  refuseDeep(path, place, text);
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    refuseAt(path, place, std::string("not valid JSON: ") + error.what(), "Each line must be one whole JSON object, in UTF-8.");
  }
}

/// JSON lines, or one JSON list.
std::vector<Row> jsonRows(const std::string& text, const std::filesystem::path& path) {
  std::vector<Row> rows;
  if (text::stripped(text).starts_with('[')) {
    for (Json& value : parsed(text, path, "")) rows.push_back({std::move(value), ": item " + std::to_string(rows.size())});
    return rows;
  }
  std::int64_t line = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view row = text::stripped(std::string_view(text).substr(begin, end - begin));
    const std::string place = ":" + std::to_string(++line);
    if (!row.empty()) rows.push_back({parsed(row, path, place), place});
    begin = end + 1;
  }
  return rows;
}

std::string extensionOf(const std::filesystem::path& path) { return text::lower(path.extension().string()); }

std::vector<Row> csvRows(const std::string& text, const std::filesystem::path& path) {
  // A row of another length must not change what separates the fields.
  const bool commas = text.substr(0, text.find('\n')).find(',') != std::string::npos && extensionOf(path) != ".tsv";
  const auto lines = files::parseCsv(text, commas ? ',' : '\0');
  std::vector<Row> rows;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::string place = ": row " + std::to_string(i);
    if (lines[i].size() != lines[0].size())
      refuseAt(path, place, "expected " + std::to_string(lines[0].size()) + " fields as in the header, found " + std::to_string(lines[i].size()) + ".",
               "Fields with commas, quotes or line ends stand in double quotes.");
    Json record = Json::object();
    for (std::size_t column = 0; column < lines[0].size(); ++column) record[lines[0][column]] = lines[i][column];
    rows.push_back({std::move(record), place});
  }
  return rows;
}

/// Whole documents: JSON lines, CSV, plain text; packed ones too.
std::vector<Row> documentRows(const std::filesystem::path& path, const std::string& textField) {
  std::vector<Row> rows;
  files::ReadOptions options;
  options.textField = textField;
  const files::ReadReport report = files::readRecords(path, options, {}, [&](files::Record&& record) {
    rows.push_back({Json{{"text", std::move(record.text)}}, ": document " + std::to_string(record.row)});
    return true;
  });
  if (!report.bad.empty())
    refuseAt(path, "", "not every row holds a text: " + (report.examples.empty() ? report.bad.begin()->first : report.examples.front()), "Mend or remove these rows.");
  return rows;
}

/// BBH's cot-prompts/NAME.txt: a line with the canary, "-----", a description and worked examples "Q: …\nA: …".
std::vector<Row> promptRows(const std::string& text, const std::filesystem::path& path, bool cot, std::string& description) {
  constexpr std::string_view rule = "-----\n", question = "\n\nQ: ", answer = "\nA: ", thought = "Let's think step by step.\n", verdict = "the answer is ";
  const std::size_t begin = text.find(rule);
  if (begin == std::string::npos) refuseAt(path, ":2", "expected the line \"-----\" below the canary.", "Give a file of BBH's cot-prompts, or a JSON file of examples.");
  std::string_view rest = text::rightStripped(std::string_view(text).substr(begin + rule.size()));
  std::size_t at = rest.find(question);
  description = std::string(rest.substr(0, at)) + "\n\n";
  std::vector<Row> rows;
  while (at != std::string_view::npos) {
    const std::size_t start = at + question.size(), next = rest.find(question, start);
    const std::string_view one = rest.substr(start, next == std::string_view::npos ? next : next - start);
    const std::string place = ": example " + std::to_string(rows.size());
    const std::size_t split = one.find(answer);
    if (split == std::string_view::npos) refuseAt(path, place, "no line begins with \"A: \".");
    std::string_view target = one.substr(split + answer.size());
    if (target.starts_with(thought)) target.remove_prefix(thought.size());
    if (const std::size_t said = target.rfind(verdict); !cot && said != std::string_view::npos) {
      target.remove_prefix(said + verdict.size());
      if (target.ends_with('.')) target.remove_suffix(1);
    }
    rows.push_back({Json{{"input", one.substr(0, split)}, {"target", target}}, place});
    at = next;
  }
  return rows;
}

bool hasExamples(const std::string& format) { return format == "bigbench" || format == "bbh"; }

/// One named field, or a list of fields that become a list; a missing one is said.
Json fieldOf(const Json& record, const Json& from, const std::function<void(const std::string&)>& missing) {
  if (from.is_array()) {
    Json list = Json::array();
    for (const Json& one : from) list.push_back(fieldOf(record, one, missing));
    return list;
  }
  const std::string name = from.get<std::string>();
  const Json* const value = fieldAt(record, name);
  if (!value) missing(name);
  return value ? *value : Json();
}

}  // namespace

void RecordReader::take(Json value, std::int64_t index, std::string place, std::size_t part, DataFile& into) {
  if (!value.is_object()) refuseAt(into.path, place, "expected an object, found " + shown(value) + ".");
  for (const auto& [to, from] : m_fields)
    value[to] = fieldOf(value, from, [&](const std::string& name) {
      refuseAt(into.path, place, "\"fields\" of the sidecar takes \"" + to + "\" from the field \"" + name + "\", which is not there.", "Correct /fields in the sidecar.");
    });
  const std::int64_t identity = identityOf(value);
  // BIG-bench drops repeated examples before anything else.
  if (m_format == "bigbench" && !into.seen.insert(identity).second) return;
  into.records.push_back({index, std::move(place), part, std::move(value), identity});
}

std::int64_t RecordReader::identityOf(const Json& record) {
  // Sorted keys: equality as dictionaries have it.
  const std::string canonical = nlohmann::json(record).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return m_known.emplace(canonical, static_cast<std::int64_t>(m_known.size())).first->second;
}

void RecordReader::readExamples(const std::filesystem::path& path, const Json& json, DataFile& into) {
  if (!json.is_object() || !json.contains("examples") || !json["examples"].is_array())
    refuseAt(path, "", "expected an object with the list \"examples\", found " + shown(json) + ".", "Give the task.json of a BIG-bench task or a BBH file.");
  const std::size_t part = into.headers.size() - 1;
  const auto first = into.records.empty() ? 0 : into.records.back().index + 1;
  for (std::size_t i = 0; i < json["examples"].size(); ++i)
    take(json["examples"][i], first + static_cast<std::int64_t>(i), (into.path == path ? "" : "/" + path.lexically_relative(into.path).string()) + ": /examples/" + std::to_string(i), part, into);
  into.headers.back() = json;
  into.headers.back().erase("examples");
}

void RecordReader::readFile(const std::filesystem::path& path, DataFile& into) {
  std::vector<Row> rows;
  if (m_format == "perplexity") {
    const auto named = m_fields.find("text");
    rows = documentRows(path, named != m_fields.end() && named->second.is_string() ? named->second.get<std::string>() : "");
  } else {
    const std::string text = files::readText(path), extension = extensionOf(path);
    if (m_format == "bbh" && extension == ".txt") rows = promptRows(text, path, m_chainOfThought, into.description);
    else if (hasExamples(m_format)) return readExamples(path, parsed(text, path, ""), into);
    else rows = m_format == "crows_pairs" || extension == ".csv" || extension == ".tsv" ? csvRows(text, path) : jsonRows(text, path);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) take(std::move(rows[i].value), static_cast<std::int64_t>(i), std::move(rows[i].place), 0, into);
}

DataFile RecordReader::read(const std::filesystem::path& path) {
  DataFile file;
  file.path = path;
  if (std::filesystem::is_directory(path) && m_format == "bigbench") {
    for (const auto& [name, part] : subTasks(path)) {
      if (!file.records.empty()) file.headers.emplace_back();
      file.parts.resize(file.headers.size());
      file.parts.back() = name;
      readExamples(part, parsed(files::readText(part), part, ""), file);
    }
  } else {
    readFile(path, file);
  }
  if (file.records.empty()) refuseAt(path, "", "holds no records.", "Check that this is the file you mean.");
  return file;
}

std::vector<std::pair<std::string, std::filesystem::path>> subTasks(const std::filesystem::path& folder) {
  std::vector<std::pair<std::string, std::filesystem::path>> out;
  if (std::filesystem::exists(folder / "task.json")) return {{"", folder / "task.json"}};
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (std::filesystem::exists(entry.path() / "task.json")) out.emplace_back(entry.path().filename().string(), entry.path() / "task.json");
  std::sort(out.begin(), out.end());
  if (out.empty()) refuseAt(folder, "", "neither it nor a folder in it holds a task.json.", "Give the folder of a BIG-bench task.");
  return out;
}

const Json* fieldAt(const Json& record, const std::string& path) {
  // A key with dots in it goes before a way through objects.
  if (const auto whole = record.find(path); whole != record.end()) return &*whole;
  const Json* value = &record;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string key = path.substr(begin, end - begin);
    if (!value->is_object() || !value->contains(key)) return nullptr;
    value = &(*value)[key];
    begin = end + 1;
  }
  return value;
}

std::optional<std::string> fieldText(const Json& record, const std::string& path) {
  const Json* const value = fieldAt(record, path);
  if (!value) return std::nullopt;
  return value->is_string() ? value->get<std::string>() : value->dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string headerText(const Json& header, const char* key, const char* absent) {
  const auto found = header.find(key);
  return found != header.end() && found->is_string() ? found->get<std::string>() : std::string(absent);
}

}  // namespace lacuna::tasks

#include "records.h"

#include <algorithm>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/text/unicode.h"

namespace lacuna::tasks {
namespace {

Json parsedLine(std::string_view text, const std::filesystem::path& path, std::int64_t line) {
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    refuse(path, "line " + std::to_string(line) + " is not valid JSON: " + error.what());
  }
}

/// JSON lines, or one JSON list.
std::vector<Json> jsonRecords(const std::string& text, const std::filesystem::path& path) {
  std::vector<Json> records;
  if (text::stripped(text).starts_with('[')) {
    const Json list = parsedLine(text, path, 1);
    return {list.begin(), list.end()};
  }
  std::int64_t line = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view row = text::stripped(std::string_view(text).substr(begin, end - begin));
    ++line;
    if (!row.empty()) records.push_back(parsedLine(row, path, line));
    begin = end + 1;
  }
  return records;
}

std::vector<Json> csvRecords(const std::string& text, const std::filesystem::path& path) {
  const auto rows = files::parseCsv(text);
  std::vector<Json> records;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].size() != rows[0].size())
      refuse(path, "row " + std::to_string(i) + ": expected " + std::to_string(rows[0].size()) + " fields, found " + std::to_string(rows[i].size()) + ".");
    Json record = Json::object();
    for (std::size_t column = 0; column < rows[0].size(); ++column) record[rows[0][column]] = rows[i][column];
    records.push_back(std::move(record));
  }
  return records;
}

bool hasExamples(const std::string& format) { return format == "bigbench" || format == "bbh"; }

}  // namespace

std::int64_t RecordReader::identityOf(const Json& record) {
  // Sorted keys: equality as dictionaries have it.
  const std::string canonical = nlohmann::json(record).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return m_known.emplace(canonical, static_cast<std::int64_t>(m_known.size())).first->second;
}

DataFile RecordReader::read(const std::filesystem::path& path) {
  DataFile file;
  file.path = path;
  const std::string text = files::readText(path);
  std::vector<Json> values;
  if (hasExamples(m_format)) {
    file.header = parsedLine(text, path, 1);
    if (!file.header.is_object() || !file.header.contains("examples") || !file.header["examples"].is_array())
      refuse(path, "expected an object with the list \"examples\".");
    values.assign(file.header["examples"].begin(), file.header["examples"].end());
    file.header.erase("examples");
  } else {
    values = m_format == "crows_pairs" ? csvRecords(text, path) : jsonRecords(text, path);
  }
  std::set<std::int64_t> seen;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i].is_object()) refuse(path, "record " + std::to_string(i) + ": expected an object, found " + values[i].dump() + ".");
    const std::int64_t identity = identityOf(values[i]);
    // BIG-bench drops repeated examples before anything else.
    if (m_format == "bigbench" && !seen.insert(identity).second) continue;
    file.records.push_back({static_cast<std::int64_t>(i), std::move(values[i]), identity});
  }
  if (file.records.empty()) refuse(path, "holds no records.");
  return file;
}

std::optional<std::string> fieldText(const Json& record, const std::string& path) {
  const Json* value = &record;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string key = path.substr(begin, end - begin);
    if (!value->is_object() || !value->contains(key)) return std::nullopt;
    value = &(*value)[key];
    begin = end + 1;
  }
  return value->is_string() ? value->get<std::string>() : value->dump();
}

std::string headerText(const Json& header, const char* key, const char* absent) {
  const auto found = header.find(key);
  return found != header.end() && found->is_string() ? found->get<std::string>() : std::string(absent);
}

}  // namespace lacuna::tasks

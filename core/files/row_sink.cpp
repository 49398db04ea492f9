#include "row_sink.h"

#include <algorithm>

#include "lacuna/base/error.h"
#include "text_field.h"

namespace lacuna::files {
namespace {

constexpr std::size_t sampledRows = 200, mostExamples = 20, mostMetadataFields = 1000;
constexpr std::uint64_t sampledBytes = 32u << 20;

}  // namespace

void RowSink::beginFile(const std::string& path) {
  m_report.files.push_back({path, 0, false});
  m_nextRow = 0;
}

bool RowSink::row(Row&& row, std::uint64_t line) {
  Waiting waiting{std::move(row), m_report.files.size() - 1, m_nextRow++, line};
  if (!m_textField.empty()) {
    deliver(std::move(waiting));
    return !m_stopped;
  }
  for (const auto& [name, value] : waiting.row.fields) m_waitingBytes += name.size() + value.text.size();
  m_waiting.push_back(std::move(waiting));
  if (m_waiting.size() >= sampledRows || m_waitingBytes >= sampledBytes) flush();
  return !m_stopped;
}

bool RowSink::bad(const std::string& kind, std::uint64_t line, const std::string& what) {
  ++m_nextRow;
  count(kind, m_report.files.size() - 1, line, what);
  return !m_stopped;
}

bool RowSink::document(std::string&& text, std::uint64_t line) {
  if (text.empty()) return bad("empty_text", line, "the text is empty");
  Row repairs;
  Record record;
  std::uint64_t replaced = 0;
  record.text = sanitiseUtf8(text, &replaced);
  if (replaced > 0) repairs.repairs.insert("invalid_utf8");
  noteControlCharacters(record.text, repairs);
  record.row = m_nextRow++;
  send(std::move(record), repairs.repairs, m_report.files.size() - 1);
  return !m_stopped;
}

void RowSink::damaged(const std::string& what) {
  auto& file = m_report.files.back();
  file.damaged = true;
  if (m_report.examples.size() < mostExamples) m_report.examples.push_back(file.path + ": " + what);
}

void RowSink::warn(const std::string& what) { m_report.warnings.push_back(m_report.files.back().path + ": " + what); }

void RowSink::count(const std::string& kind, std::size_t file, std::uint64_t line, const std::string& what) {
  ++m_report.bad[kind];
  if (m_report.examples.size() < mostExamples)
    m_report.examples.push_back(m_report.files[file].path + ":" + std::to_string(line) + ": " + what);
}

void RowSink::flush() {
  std::vector<Row> rows;
  for (Waiting& waiting : m_waiting) rows.push_back(std::move(waiting.row));
  m_textField = findTextField(rows);
  if (m_textField.empty()) {
    std::string names;
    for (const Row& row : rows)
      for (const auto& [name, value] : row.fields)
        if (names.size() < 500 && (", " + names + ",").find(", " + name + ",") == std::string::npos) names += (names.empty() ? "" : ", ") + name;
    throw Error("LAC-1101", "no field of '" + m_report.files[m_waiting.front().file].path + "' looks like the text of a document; its fields are: " + names,
                "name the field that holds the text");
  }
  for (std::size_t i = 0; i < rows.size() && !m_stopped; ++i) {
    m_waiting[i].row = std::move(rows[i]);
    deliver(std::move(m_waiting[i]));
  }
  m_waiting.clear();
}

void RowSink::deliver(Waiting&& waiting) {
  auto& fields = waiting.row.fields;
  const auto text = fields.find(m_textField);
  if (text == fields.end() || !text->second.isText) return count("missing_text", waiting.file, waiting.line, "no text in '" + m_textField + "'");
  if (text->second.text.empty()) return count("empty_text", waiting.file, waiting.line, "'" + m_textField + "' is empty");
  noteControlCharacters(text->second.text, waiting.row);
  Record record;
  record.text = std::move(text->second.text);
  record.row = waiting.index;
  fields.erase(text);
  for (auto& [name, value] : fields) {
    if (m_metadata.size() < mostMetadataFields) m_metadata.insert(name);
    record.metadata.emplace(name, std::move(value.text));
  }
  send(std::move(record), waiting.row.repairs, waiting.file);
}

void RowSink::send(Record&& record, const std::set<std::string>& repairs, std::size_t file) {
  ++m_report.documents;
  ++m_report.files[file].documents;
  m_report.bytes += record.text.size();
  for (const std::string& kind : repairs) ++m_report.repaired[kind];
  m_stopped = !m_use(std::move(record)) || (m_options.maxRecords > 0 && m_report.documents >= m_options.maxRecords);
}

ReadReport RowSink::finish() {
  if (!m_waiting.empty() && !m_stopped) flush();
  m_report.textField = m_textField;
  m_report.metadataFields.assign(m_metadata.begin(), m_metadata.end());
  return std::move(m_report);
}

}  // namespace lacuna::files

#include "delivery.h"

#include "lacuna/base/error.h"
#include "text_field.h"

namespace lacuna::files {
namespace {

constexpr std::size_t sampledRows = 200, mostExamples = 20, mostMetadataFields = 1000;
constexpr std::uint64_t sampledBytes = 32u << 20;

}  // namespace

Delivery::Delivery(const std::vector<std::filesystem::path>& files, const ReadOptions& options, const std::function<bool(Record&&)>& use)
    : m_options(options), m_use(use), m_textField(options.textField), m_notes(files.size()) {
  for (const auto& file : files) m_report.files.push_back({file.string()});
}

void Delivery::take(std::size_t file, RowEvent&& event) {
  if (m_stopped) return;
  switch (event.kind) {
    case RowEvent::Kind::Row: return row(file, std::move(event.row), event.line);
    case RowEvent::Kind::Document: {
      Record record;
      record.text = std::move(event.text);
      record.row = m_notes[file].nextRow++;
      return send(std::move(record), event.row.repairs, file);
    }
    case RowEvent::Kind::Bad:
      m_notes[file].nextRow += event.rows;
      return count(event.badKind, file, event.line, event.text, event.rows);
    case RowEvent::Kind::Damaged:
      m_report.files[file].damaged = true;
      return example(file, m_report.files[file].path + ": " + event.text);
    case RowEvent::Kind::Warning: m_notes[file].warnings.push_back(m_report.files[file].path + ": " + event.text);
  }
}

void Delivery::row(std::size_t file, Row&& row, std::uint64_t line) {
  Waiting waiting{std::move(row), file, m_notes[file].nextRow++, line};
  if (!m_textField.empty()) return deliver(std::move(waiting));
  for (const auto& [name, value] : waiting.row.fields) m_waitingBytes += name.size() + value.text.size();
  m_waiting.push_back(std::move(waiting));
  if (m_waiting.size() >= sampledRows || m_waitingBytes >= sampledBytes) flush();
}

void Delivery::example(std::size_t file, std::string&& what) {
  if (m_notes[file].examples.size() < mostExamples) m_notes[file].examples.push_back(std::move(what));
}

void Delivery::count(const std::string& kind, std::size_t file, std::uint64_t line, const std::string& what, std::uint64_t rows) {
  m_report.bad[kind] += rows;
  example(file, m_report.files[file].path + ":" + std::to_string(line) + ": " + what);
}

void Delivery::flush() {
  std::vector<Row> rows;
  for (Waiting& waiting : m_waiting) rows.push_back(std::move(waiting.row));
  const TextFieldGuess guess = guessTextField(rows);
  if (guess.field.empty())
    throw Error("LAC-1101", "'" + m_report.files[m_waiting.front().file].path + "': " + guess.why, "name the field that holds the text");
  m_textField = guess.field;
  for (std::size_t i = 0; i < rows.size() && !m_stopped; ++i) {
    m_waiting[i].row = std::move(rows[i]);
    deliver(std::move(m_waiting[i]));
  }
  m_waiting.clear();
}

void Delivery::deliver(Waiting&& waiting) {
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
    record.metadata.emplace_hint(record.metadata.end(), name, std::move(value.text));
  }
  send(std::move(record), waiting.row.repairs, waiting.file);
}

void Delivery::send(Record&& record, const std::set<std::string>& repairs, std::size_t file) {
  record.file = file;
  ++m_report.documents;
  ++m_report.files[file].documents;
  m_report.bytes += record.text.size();
  for (const std::string& kind : repairs) ++m_report.repaired[kind];
  m_stopped = !m_use(std::move(record)) || (m_options.maxRecords > 0 && m_report.documents >= m_options.maxRecords);
}

ReadReport Delivery::finish() {
  if (!m_waiting.empty() && !m_stopped) flush();
  m_report.textField = m_textField;
  m_report.metadataFields.assign(m_metadata.begin(), m_metadata.end());
  for (const FileNotes& notes : m_notes) {
    for (const std::string& what : notes.examples)
      if (m_report.examples.size() < mostExamples) m_report.examples.push_back(what);
    m_report.warnings.insert(m_report.warnings.end(), notes.warnings.begin(), notes.warnings.end());
  }
  return std::move(m_report);
}

}  // namespace lacuna::files

#include "delivery.h"

#include <algorithm>

#include "lacuna/base/error.h"
#include "text_field.h"

namespace lacuna::files {
namespace {

constexpr std::size_t sampledRows = 200, mostExamples = 20, mostMetadataFields = 1000;
constexpr std::uint64_t sampledBytes = 32u << 20;

/// Adds as many as fit.
template <class T> void addUpTo(std::vector<T>& all, const std::vector<T>& more, std::size_t most) {
  for (const T& one : more)
    if (all.size() < most) all.push_back(one);
}

}  // namespace

void ReadReport::add(const ReadReport& more) {
  documents += more.documents;
  bytes += more.bytes;
  for (const auto& [kind, rows] : more.bad) bad[kind] += rows;
  for (const auto& [kind, rows] : more.repaired) repaired[kind] += rows;
  addUpTo(examples, more.examples, mostExamples);
  warnings.insert(warnings.end(), more.warnings.begin(), more.warnings.end());
  if (textField.empty()) textField = more.textField;
  files.insert(files.end(), more.files.begin(), more.files.end());
  if (std::includes(metadataFields.begin(), metadataFields.end(), more.metadataFields.begin(), more.metadataFields.end())) return;
  std::set<std::string> fields(metadataFields.begin(), metadataFields.end());
  for (const std::string& field : more.metadataFields)
    if (fields.size() < mostMetadataFields) fields.insert(field);
  metadataFields.assign(fields.begin(), fields.end());
}

Delivery::Delivery(const std::vector<std::filesystem::path>& files, const ReadOptions& options, const std::function<bool(Record&&)>& use)
    : m_options(options), m_use(use), m_textField(options.textField), m_files(files.size()) {
  for (std::size_t i = 0; i < files.size(); ++i) m_files[i].report.files.push_back({files[i].string()});
}

void Delivery::know(std::size_t file, ReadReport&& before) {
  if (m_textField.empty()) m_textField = before.textField;
  m_documents += before.documents;
  m_files[file].report = std::move(before);
  m_files[file].ended = m_files[file].told = true;
}

void Delivery::take(std::size_t file, RowEvent&& event) {
  if (m_stopped) return;
  switch (event.kind) {
    case RowEvent::Kind::Row: return row(file, std::move(event.row), event.line);
    case RowEvent::Kind::Document: {
      Record record;
      record.text = std::move(event.text);
      record.row = m_files[file].nextRow++;
      return send(std::move(record), event.row.repairs, file);
    }
    case RowEvent::Kind::Bad: {
      const Place place{file, m_files[file].nextRow, event.line};
      m_files[file].nextRow += event.rows;
      return count(event.badKind, place, event.text, event.rows);
    }
    case RowEvent::Kind::Damaged:
      m_files[file].report.files.front().damaged = true;
      return example(file, m_files[file].nextRow, pathOf(file) + ": " + event.text);
    case RowEvent::Kind::Warning: m_files[file].report.warnings.push_back(pathOf(file) + ": " + event.text);
  }
}

void Delivery::end(std::size_t file) {
  if (m_stopped) return;
  m_files[file].ended = true;
  if (m_waiting.empty()) tell(file);   // else once its rows are delivered
}

void Delivery::tell(std::size_t file) {
  FileState& state = m_files[file];
  if (state.told) return;
  state.told = true;
  state.report.textField = m_textField;
  state.report.metadataFields.assign(state.metadata.begin(), state.metadata.end());
  if (m_options.finished) m_options.finished(file, state.report);
}

void Delivery::row(std::size_t file, Row&& row, std::uint64_t line) {
  Waiting waiting{std::move(row), {file, m_files[file].nextRow++, line}};
  if (!m_textField.empty()) return deliver(std::move(waiting));
  m_waitingBytes += bytesOf(waiting.row);
  m_goodRows += isGoodRow(waiting.row) ? 1 : 0;
  m_waiting.push_back(std::move(waiting));
  if (m_goodRows >= sampledRows || m_waitingBytes >= sampledBytes) flush();
}

void Delivery::example(std::size_t file, std::uint64_t row, std::string&& what) {
  std::vector<std::string>& examples = m_files[file].report.examples;
  std::vector<std::uint64_t>& rows = m_files[file].exampleRows;
  const auto place = std::upper_bound(rows.begin(), rows.end(), row) - rows.begin();
  if (static_cast<std::size_t>(place) == mostExamples) return;
  examples.insert(examples.begin() + place, std::move(what));
  rows.insert(rows.begin() + place, row);
  if (rows.size() <= mostExamples) return;
  examples.pop_back();
  rows.pop_back();
}

void Delivery::count(const std::string& kind, const Place& place, const std::string& what, std::uint64_t rows) {
  m_files[place.file].report.bad[kind] += rows;
  example(place.file, place.index, pathOf(place.file) + ":" + std::to_string(place.line) + ": " + what);
}

void Delivery::flush() {
  std::vector<Row> rows;
  for (Waiting& waiting : m_waiting) rows.push_back(std::move(waiting.row));
  const TextFieldGuess guess = guessTextField(rows);
  if (guess.field.empty())
    throw Error("LAC-1101", "'" + pathOf(m_waiting.front().place.file) + "': " + guess.why, "name the field that holds the text");
  m_textField = guess.field;
  for (std::size_t i = 0; i < rows.size() && !m_stopped; ++i) {
    m_waiting[i].row = std::move(rows[i]);
    deliver(std::move(m_waiting[i]));
  }
  m_waiting.clear();
  for (std::size_t file = 0; file < m_files.size() && !m_stopped; ++file)
    if (m_files[file].ended) tell(file);
}

void Delivery::deliver(Waiting&& waiting) {
  auto& fields = waiting.row.fields;
  const auto text = fields.find(m_textField);
  const Place& place = waiting.place;
  if (text == fields.end() || !text->second.isText) return count("missing_text", place, "no text in '" + m_textField + "'");
  if (text->second.text.empty()) return count("empty_text", place, "'" + m_textField + "' is empty");
  noteControlCharacters(text->second.text, waiting.row);
  Record record;
  record.text = std::move(text->second.text);
  record.row = place.index;
  fields.erase(text);
  std::set<std::string>& metadata = m_files[place.file].metadata;
  for (auto& [name, value] : fields) {
    if (metadata.size() < mostMetadataFields) metadata.insert(name);
    record.metadata.emplace_hint(record.metadata.end(), name, std::move(value.text));
  }
  send(std::move(record), waiting.row.repairs, place.file);
}

void Delivery::send(Record&& record, const std::set<std::string>& repairs, std::size_t file) {
  ReadReport& report = m_files[file].report;
  record.file = file;
  ++report.documents;
  ++report.files.front().documents;
  report.bytes += record.text.size();
  for (const std::string& kind : repairs) ++report.repaired[kind];
  ++m_documents;
  m_stopped = !m_use(std::move(record)) || (m_options.maxRecords > 0 && m_documents >= m_options.maxRecords);
}

ReadReport Delivery::finish() {
  if (!m_waiting.empty() && !m_stopped) flush();
  ReadReport all;
  for (FileState& state : m_files) {
    if (!state.told) state.report.metadataFields.assign(state.metadata.begin(), state.metadata.end());
    all.add(state.report);
  }
  all.textField = m_textField;
  return all;
}

}  // namespace lacuna::files

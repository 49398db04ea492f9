#include "row_sink.h"

#include "lacuna/files/files.h"

namespace lacuna::files {

void RowSink::row(Row&& row, std::uint64_t line) {
  if (row.fields.size() > mostFields) return bad("too_long", line, "the row has more than " + std::to_string(mostFields) + " fields");
  take({RowEvent::Kind::Row, std::move(row), {}, {}, line});
}

void RowSink::bad(const std::string& kind, std::uint64_t line, const std::string& what, std::uint64_t rows) {
  take({RowEvent::Kind::Bad, {}, what, kind, line, rows});
}

void RowSink::document(std::string&& text, std::uint64_t line) {
  if (text.empty()) return bad("empty_text", line, "the text is empty");
  RowEvent event{RowEvent::Kind::Document, {}, {}, {}, line};
  std::uint64_t replaced = 0;
  event.text = sanitiseUtf8(text, &replaced);
  if (replaced > 0) event.row.repairs.insert("invalid_utf8");
  noteControlCharacters(event.text, event.row);
  take(std::move(event));
}

void RowSink::damaged(const std::string& what) { take({RowEvent::Kind::Damaged, {}, what, {}, 0}); }

void RowSink::warn(const std::string& what) { take({RowEvent::Kind::Warning, {}, what, {}, 0}); }

}  // namespace lacuna::files

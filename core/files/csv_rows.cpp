#include <vector>

#include "containers.h"
#include "csv_parser.h"

namespace lacuna::files {
namespace {

/// Rows under the names of the header.
class CsvRows {
 public:
  CsvRows(const ReadOptions& options, RowSink& sink) : m_options(options), m_sink(sink) {}

  void add(const std::vector<std::string>& fields, bool tooLong, std::uint64_t line) {
    if (tooLong) {
      m_sink.bad("too_long", line, "the row has more than " + std::to_string(m_options.maxLineBytes) + " bytes");
    } else if (m_header.empty()) {
      for (const std::string& name : fields) m_header.push_back(sanitiseUtf8(name));
    } else if (fields.size() != m_header.size()) {
      m_sink.bad("wrong_field_count", line,
                 "the row has " + std::to_string(fields.size()) + " fields, the header " + std::to_string(m_header.size()));
    } else {
      Row row;
      for (std::size_t i = 0; i < fields.size(); ++i) {
        std::uint64_t replaced = 0;
        row.fields[m_header[i]] = {sanitiseUtf8(fields[i], &replaced), true};
        if (replaced > 0) row.repairs.insert("invalid_utf8");
      }
      m_sink.row(std::move(row), line);
    }
  }

 private:
  const ReadOptions& m_options;
  RowSink& m_sink;
  std::vector<std::string> m_header;
};

}  // namespace

void readCsv(ByteSource& source, std::string_view head, const ReadOptions& options, RowSink& sink) {
  CsvParser parser(guessSeparator(head), options.maxLineBytes);
  CsvRows rows(options, sink);
  std::vector<char> buffer(1 << 18);
  std::uint64_t line = 1, start = 1;
  for (std::size_t got; sink.wanted() && (got = source.read(buffer.data(), buffer.size())) > 0;)
    for (std::size_t i = 0; i < got && sink.wanted(); ++i) {
      const bool ended = parser.feed(buffer[i]);
      if (buffer[i] == '\n') ++line;
      if (ended) rows.add(parser.row(), parser.tooLong(), start);
      if (ended || parser.atRowStart()) start = line;
    }
  if (!sink.wanted() || !source.damage().empty()) return;
  const bool open = parser.openQuote();
  if (!parser.finish()) return;
  if (open)
    sink.bad("unparsable", start, "a quote is opened and never closed");
  else
    rows.add(parser.row(), parser.tooLong(), start);
}

}  // namespace lacuna::files

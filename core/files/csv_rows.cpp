#include <set>
#include <vector>

#include "containers.h"
#include "csv_parser.h"

namespace lacuna::files {
namespace {

/// Rows under the names of the header.
class CsvRows {
 public:
  CsvRows(const ReadOptions& options, RowSink& sink) : m_options(options), m_sink(sink) {}

  void add(const CsvParser& parser) {
    if (m_header.empty()) header(parser);
    else if (parser.tooLong()) m_sink.bad("too_long", parser.rowLine(), tooLong("the row"));
    else row(parser.row(), parser.rowLine());
  }
  /// False once nothing can be made of the file.
  bool wanted() const { return !m_refused && m_sink.wanted(); }

 private:
  std::string tooLong(const std::string& what) const {
    return what + " has more than " + std::to_string(m_options.maxLineBytes) + " bytes or " + std::to_string(mostFields) + " fields";
  }

  void header(const CsvParser& parser) {
    m_refused = parser.tooLong();
    if (m_refused) m_sink.damaged(tooLong("its header"));
    for (const std::string& field : parser.row()) {
      const std::string plain = sanitiseUtf8(field);
      std::string name = plain;
      for (int copy = 2; !m_names.insert(name).second; ++copy) name = plain + "." + std::to_string(copy);
      if (name != plain) m_sink.warn("its header has '" + plain + "' more than once: column " + std::to_string(m_header.size() + 1) + " is read as '" + name + "'");
      m_header.push_back(std::move(name));
    }
  }

  void row(const std::vector<std::string>& fields, std::uint64_t line) {
    if (fields.size() != m_header.size())
      return m_sink.bad("wrong_field_count", line,
                        "the row has " + std::to_string(fields.size()) + " fields, the header " + std::to_string(m_header.size()));
    Row row;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      std::uint64_t replaced = 0;
      row.fields[m_header[i]] = {sanitiseUtf8(fields[i], &replaced), true};
      if (replaced > 0) row.repairs.insert("invalid_utf8");
    }
    m_sink.row(std::move(row), line);
  }

  const ReadOptions& m_options;
  RowSink& m_sink;
  std::vector<std::string> m_header;
  std::set<std::string> m_names;
  bool m_refused = false;
};

/// A quote that is never closed takes all lines behind it along.
void reportOpenQuote(const CsvParser& parser, RowSink& sink) {
  const std::uint64_t lines = parser.openLines();
  sink.bad("unparsable", parser.quoteLine(), "a quote is opened here and never closed: the " + std::to_string(lines) + " lines up to the end are lost", lines);
}

}  // namespace

void readCsv(ByteSource& source, CsvFormat format, const ReadOptions& options, RowSink& sink) {
  CsvParser parser(format, {options.maxLineBytes, mostFields});
  CsvRows rows(options, sink);
  std::vector<char> buffer(1 << 18);
  for (std::size_t got; rows.wanted() && (got = source.read(buffer.data(), buffer.size())) > 0;)
    for (std::size_t i = 0; i < got && rows.wanted(); ++i)
      if (parser.feed(buffer[i])) rows.add(parser);
  if (!rows.wanted() || !source.damage().empty()) return;
  if (parser.openQuote()) reportOpenQuote(parser, sink);
  else if (parser.finish()) rows.add(parser);
}

}  // namespace lacuna::files

#include <functional>
#include <memory>
#include <vector>

#include <lacuna_parquet.h>

#include "containers.h"
#include "descriptor.h"
#include "lacuna/base/numbers.h"
#include "text_field.h"
#include "utf8.h"

namespace lacuna::files {
namespace {

constexpr std::uint64_t rowsBetweenReports = 256;

std::string_view view(lct_string text) { return {text.data, text.size}; }

/// Bytes of which a quarter or less are no text; digests and pictures have more.
bool mayBeText(std::string_view bytes) { return isUtf8(bytes) || oddBytes(bytes) <= bytes.size() / 4; }

std::string lastError() { return std::string(view(lct_last_error())); }

/// Why a file that begins like Parquet cannot be opened.
std::string whyUnreadable(const std::filesystem::path& path) {
  const std::string why = lastError();   // before another call
  const Descriptor file = Descriptor::openFile(path);
  std::byte end[4] = {};
  const bool read = file.size() >= 12 && file.readAt(file.size() - 4, end);
  const std::string_view mark(reinterpret_cast<const char*>(end), 4);
  if (read && mark == "PAR1") return "its Parquet footer is damaged: " + why;
  if (read && mark == "PARE") return "it is a Parquet file with an encrypted footer: decrypt it first";
  return "it begins as Parquet and does not end so: it is cut off, or was never finished";
}

class ParquetRows {
 public:
  ParquetRows(lcp_file* file, const ReadOptions& options, RowSink& sink) : m_file(file), m_options(options), m_sink(sink) {
    std::size_t columns = 0;
    lcp_columns(file, &columns);
    for (std::size_t i = 0; i < columns; ++i) {
      lct_string name{};
      lcp_column_name(file, i, &name);
      m_names.push_back(sanitiseUtf8(view(name)));
    }
  }

  void group(std::size_t index, const std::function<void(double)>& onRow) {
    std::size_t rows = 0;
    const std::uint64_t first = m_row;
    if (lcp_begin_group(m_file, index, &rows) != LCT_OK) return lost(index, first, rows);
    m_row += rows;
    for (std::uint64_t i = 0; i < rows && m_sink.wanted(); ++i) {
      const lcp_value* values = nullptr;
      int more = 0;
      if (lcp_next(m_file, &values, &more) != LCT_OK || more == 0) return lost(index, first + i, rows - i);
      if (i % rowsBetweenReports == 0) onRow(static_cast<double>(i) / static_cast<double>(rows));
      row(values, first + i + 1);
    }
  }

 private:
  void lost(std::size_t index, std::uint64_t first, std::uint64_t rows) {
    const std::string what = "row group " + std::to_string(index) + " is damaged: " + lastError();
    m_row = first + rows;
    if (rows > 0) m_sink.bad("damaged_row_group", first + 1, what, rows);
    m_sink.damaged(what);
  }

  void row(const lcp_value* values, std::uint64_t number) {
    Row row;
    for (std::size_t i = 0; i < m_names.size(); ++i) {
      if (values[i].kind == LCP_NULL && isWellKnownTextField(m_names[i])) row.nulls.insert(m_names[i]);
      if (values[i].kind == LCP_NULL || (values[i].kind == LCP_BYTES && !mayBeText(view(values[i].text)))) continue;
      if (values[i].text.size > m_options.maxLineBytes)
        return m_sink.bad("too_long", number, "'" + m_names[i] + "' has more than " + std::to_string(m_options.maxLineBytes) + " bytes");
      std::uint64_t replaced = 0;
      row.fields[m_names[i]] = {text(values[i], replaced), values[i].kind == LCP_TEXT || values[i].kind == LCP_BYTES};
      if (replaced > 0) row.repairs.insert("invalid_utf8");
    }
    m_sink.row(std::move(row), number);
  }

  static std::string text(const lcp_value& value, std::uint64_t& replaced) {
    switch (value.kind) {
      case LCP_INTEGER: return std::to_string(value.integer);
      case LCP_UNSIGNED: return std::to_string(static_cast<std::uint64_t>(value.integer));
      case LCP_REAL: return formatNumber(value.real);
      case LCP_TRUTH: return value.integer != 0 ? "true" : "false";
      default: return sanitiseUtf8(view(value.text), &replaced);
    }
  }

  lcp_file* m_file;
  const ReadOptions& m_options;
  RowSink& m_sink;
  std::vector<std::string> m_names;
  std::uint64_t m_row = 0;
};

}  // namespace

void readParquet(const std::filesystem::path& path, const ReadOptions& options, RowSink& sink, const std::function<void(double)>& onProgress) {
  const std::string name = path.string();
  lcp_file* opened = nullptr;
  if (lcp_open({name.data(), name.size()}, &opened) != LCT_OK) return sink.damaged(whyUnreadable(path));
  const std::unique_ptr<lcp_file, decltype(&lcp_close)> file(opened, lcp_close);
  std::size_t groups = 0;
  lcp_groups(opened, &groups);
  ParquetRows rows(opened, options, sink);
  for (std::size_t g = 0; g < groups && sink.wanted(); ++g)
    rows.group(g, [&](double share) { onProgress((static_cast<double>(g) + share) / static_cast<double>(groups)); });
}

}  // namespace lacuna::files

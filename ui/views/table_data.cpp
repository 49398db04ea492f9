#include "views/table_data.h"

#include <QLocale>
#include <cmath>

#include "lacuna/base/numbers.h"
#include "views/format.h"

namespace lacuna::ui {
namespace {

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

std::string csvCell(const TableCell& cell) {
  if (const auto* value = std::get_if<double>(&cell)) return std::isfinite(*value) ? formatNumber(*value) : std::string();
  if (const auto* value = std::get_if<std::int64_t>(&cell)) return std::to_string(*value);
  if (const auto* value = std::get_if<QString>(&cell)) return quoted(value->toStdString());
  return {};
}

}  // namespace

std::string toCsv(const TableData& table) {
  std::string out;
  for (std::size_t c = 0; c < table.columns.size(); ++c) out += (c ? "," : "") + quoted(table.columns[c].name);
  out += '\n';
  for (const auto& row : table.rows) {
    for (std::size_t c = 0; c < row.size(); ++c) out += (c ? "," : "") + csvCell(row[c]);
    out += '\n';
  }
  return out;
}

QString cellText(const TableColumn& column, const TableCell& cell) {
  if (const auto* value = std::get_if<double>(&cell); value && std::isfinite(*value))
    if (*value != 0 && std::abs(*value) < 0.5 * std::pow(10.0, -column.decimals))
      return column.sign ? signedNumber(*value, decimalsFor(std::abs(*value))) : QLocale().toString(*value, 'g', 2);
  if (const auto* value = std::get_if<double>(&cell))
    return column.sign ? signedNumber(*value, column.decimals) : number(*value, column.decimals);
  if (const auto* value = std::get_if<std::int64_t>(&cell)) return count(*value);
  if (const auto* value = std::get_if<QString>(&cell)) return *value;
  return QStringLiteral("–");
}

}  // namespace lacuna::ui

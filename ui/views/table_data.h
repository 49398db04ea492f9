#pragma once

#include <QString>
#include <string>
#include <variant>
#include <vector>

namespace lacuna::ui {

struct TableColumn {
  std::string name;      ///< as in a CSV file: snake_case, with its unit
  QString title;
  bool numeric = false;
  int decimals = 3;
  bool sign = false;     ///< shown with its sign
};
using TableCell = std::variant<std::monostate, double, std::int64_t, QString>;

/// What a view shows, as a table: its accessible twin and its CSV.
struct TableData {
  std::vector<TableColumn> columns;
  std::vector<std::vector<TableCell>> rows;
};

/// RFC 4180 with LF, UTF-8, '.' decimals, shortest round-trip numbers; a cell that could not be computed is empty.
std::string toCsv(const TableData& table);
QString cellText(const TableColumn& column, const TableCell& cell);   ///< for the screen

}  // namespace lacuna::ui

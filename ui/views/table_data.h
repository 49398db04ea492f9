#pragma once

#include <QString>
#include <functional>
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

/// The same with cells that are made when they are looked at, for tables too long to hold.
struct LazyTable {
  std::vector<TableColumn> columns;
  std::size_t rows = 0;
  std::function<TableCell(std::size_t row, std::size_t column)> cell;
};

/// RFC 4180 with LF, UTF-8, '.' decimals, shortest round-trip numbers; a cell that could not be computed is empty.
std::string toCsv(const TableData& table);
QString cellText(const TableColumn& column, const TableCell& cell);   ///< for the screen

}  // namespace lacuna::ui

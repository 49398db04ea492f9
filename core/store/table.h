#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "columns.h"
#include "lacuna/base/error.h"

/// Rows to SQL and back, driven by columns.h. NaN is stored as NULL and read back as NaN. Vectors are little-endian blobs.
namespace lacuna::store {

std::string termsToText(const std::vector<TermRow>& terms);
std::vector<TermRow> termsFromText(const std::string& text);

template <class T> inline constexpr bool isId = false;
template <class Tag> inline constexpr bool isId<Id<Tag>> = true;
template <class T> inline constexpr bool isNumberVector = false;
template <class T> inline constexpr bool isNumberVector<std::vector<T>> = std::is_arithmetic_v<T>;

/// Names and types of the columns: "id INTEGER, label TEXT, …" and "id, label, …".
struct ColumnLister {
  std::string definitions, names, marks;
  template <class T> void operator()(const char* name, T&) {
    const char* type = "BLOB";
    if constexpr (std::is_integral_v<T> || isId<T>) type = "INTEGER";
    else if constexpr (std::is_floating_point_v<T>) type = "REAL";
    else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::vector<TermRow>>) type = "TEXT";
    const char* comma = names.empty() ? "" : ", ";
    definitions += std::string(comma) + name + " " + type;
    names += std::string(comma) + name;
    marks += std::string(comma) + "?";
  }
};

class Binder {
 public:
  explicit Binder(SQLite::Statement& statement) : m_statement(statement) {}

  template <class T> void operator()(const char*, T& value) {
    const int i = ++m_index;
    if constexpr (isId<T>) m_statement.bind(i, value.value);
    else if constexpr (std::is_integral_v<T>) m_statement.bind(i, static_cast<std::int64_t>(value));
    else if constexpr (std::is_floating_point_v<T>) bindReal(i, value);
    else if constexpr (std::is_same_v<T, std::string>) m_statement.bind(i, value);
    else if constexpr (std::is_same_v<T, std::vector<TermRow>>) m_statement.bind(i, termsToText(value));
    else if constexpr (std::is_same_v<T, MatrixD>) bindMatrix(i, value);
    else m_statement.bind(i, value.data(), static_cast<int>(value.size() * sizeof(value[0])));
  }

 private:
  void bindReal(int i, double value) {
    if (std::isnan(value)) m_statement.bind(i);
    else m_statement.bind(i, value);
  }
  void bindMatrix(int i, const MatrixD& value) {
    const std::int64_t shape[2] = {value.rows(), value.cols()};
    std::string bytes(sizeof shape + static_cast<std::size_t>(value.size()) * sizeof(double), '\0');
    std::memcpy(bytes.data(), shape, sizeof shape);
    if (value.size() > 0) std::memcpy(bytes.data() + sizeof shape, value.data(), bytes.size() - sizeof shape);
    m_statement.bind(i, bytes.data(), static_cast<int>(bytes.size()));
  }
  SQLite::Statement& m_statement;
  int m_index = 0;
};

class Reader {
 public:
  explicit Reader(SQLite::Statement& statement) : m_statement(statement) {}

  template <class T> void operator()(const char* name, T& value) {
    const SQLite::Column column = m_statement.getColumn(m_index++);
    if constexpr (isId<T>) value = column.isNull() ? T() : T(column.getInt64());
    else if constexpr (std::is_same_v<T, bool>) value = column.getInt() != 0;
    else if constexpr (std::is_integral_v<T>) value = static_cast<T>(column.getInt64());
    else if constexpr (std::is_floating_point_v<T>) value = column.isNull() ? std::nan("") : column.getDouble();
    else if constexpr (std::is_same_v<T, std::string>) value = column.getString();
    else if constexpr (std::is_same_v<T, std::vector<TermRow>>) value = termsFromText(column.getString());
    else if constexpr (std::is_same_v<T, MatrixD>) readMatrix(name, column, value);
    else readVector(name, column, value);
  }

 private:
  template <class T> void readVector(const char* name, const SQLite::Column& column, T& value) {
    using Scalar = std::decay_t<decltype(value[0])>;
    const auto bytes = static_cast<std::size_t>(column.getBytes());
    if (bytes % sizeof(Scalar) != 0) throw damaged(name);
    value.resize(static_cast<Eigen::Index>(bytes / sizeof(Scalar)));
    if (bytes > 0) std::memcpy(value.data(), column.getBlob(), bytes);
  }
  void readMatrix(const char* name, const SQLite::Column& column, MatrixD& value) {
    const auto bytes = static_cast<std::size_t>(column.getBytes());
    std::int64_t shape[2] = {0, 0};
    if (bytes < sizeof shape) throw damaged(name);
    std::memcpy(shape, column.getBlob(), sizeof shape);
    const std::size_t cells = (bytes - sizeof shape) / sizeof(double);
    if (shape[0] < 0 || shape[1] < 0 || (shape[1] > 0 && static_cast<std::size_t>(shape[0]) != cells / static_cast<std::size_t>(shape[1])) ||
        static_cast<std::size_t>(shape[0] * shape[1]) != cells)
      throw damaged(name);
    value.resize(shape[0], shape[1]);
    if (cells > 0) std::memcpy(value.data(), static_cast<const char*>(column.getBlob()) + sizeof shape, cells * sizeof(double));
  }
  static Error damaged(const char* name) {
    return Error("LAC-3004", std::string("study file: column '") + name + "' holds a blob of the wrong size",
                 "open a backup of the study; the file was changed by something else");
  }
  SQLite::Statement& m_statement;
  int m_index = 0;
};

template <class Row> ColumnLister columnsOf() {
  ColumnLister lister;
  Row row;
  visit(lister, row);
  return lister;
}

/// "CREATE TABLE name (columns, PRIMARY KEY (key))"
template <class Row> void createTable(SQLite::Database& db, const std::string& name, const std::string& key) {
  const std::string primary = key.empty() ? "" : ", PRIMARY KEY (" + key + ")";
  db.exec("CREATE TABLE " + name + " (" + columnsOf<Row>().definitions + primary + ")");
}

/// Columns that this version knows and the file does not.
template <class Row> void addMissingColumns(SQLite::Database& db, const std::string& name) {
  std::set<std::string> known;
  SQLite::Statement info(db, "PRAGMA table_info(" + name + ")");
  while (info.executeStep()) known.insert(info.getColumn(1).getString());
  const std::string definitions = columnsOf<Row>().definitions;
  for (std::size_t at = 0; at < definitions.size();) {
    const std::size_t end = std::min(definitions.find(", ", at), definitions.size());
    const std::string column = definitions.substr(at, end - at);
    if (!known.contains(column.substr(0, column.find(' ')))) db.exec("ALTER TABLE " + name + " ADD COLUMN " + column);
    at = end + 2;
  }
}

template <class Row> void insertRows(SQLite::Database& db, const std::string& name, const std::vector<Row>& rows) {
  const ColumnLister columns = columnsOf<Row>();
  SQLite::Statement statement(db, "INSERT OR REPLACE INTO " + name + " (" + columns.names + ") VALUES (" + columns.marks + ")");
  for (const Row& row : rows) {
    Binder binder(statement);
    visit(binder, const_cast<Row&>(row));  // one list of columns serves writing and reading; the binder only reads
    statement.exec();
    statement.reset();
  }
}

/// `columns`: expressions in the order of the row's columns.
template <class Row>
std::vector<Row> selectRows(SQLite::Database& db, const std::string& name, const std::string& order = "rowid", const std::string& columns = columnsOf<Row>().names) {
  std::vector<Row> rows;
  SQLite::Statement statement(db, "SELECT " + columns + " FROM " + name + " ORDER BY " + order);
  while (statement.executeStep()) {
    Reader reader(statement);
    visit(reader, rows.emplace_back());
  }
  return rows;
}

}  // namespace lacuna::store

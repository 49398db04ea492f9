#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lacuna/store/store.h"
#include "lacuna/study/results.h"

namespace lacuna::study {

struct Column { std::string name, datatype, description; };

/// A tidy table: one row an observation, cells already in the C locale, empty where there is no value.
struct Table {
  std::string name;
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
  /// Instead of rows, for a table too long to hold: hands them over one by one.
  std::function<void(const std::function<void(const std::vector<std::string>&)>&)> stream = {};

  void forEachRow(const std::function<void(const std::vector<std::string>&)>& use) const {
    if (stream) return stream(use);
    for (const auto& row : rows) use(row);
  }
};

/// Names of all tables, in the order in which "all" writes them.
const std::vector<std::string>& tableNames();
/// LAC-1501 when there is no such table.
Table makeTable(const std::string& name, const Results& results, const store::Store& store);

std::string toCsv(const Table& table);
/// CSVW metadata: titles, datatypes, descriptions, and where the numbers come from.
std::string toCsvMetadata(const Table& table, const std::map<std::string, std::string>& provenance);
std::string toJsonLines(const Table& table);
/// booktabs; at most the first 60 rows are of any use on paper, all are written.
std::string toLatex(const Table& table, const std::map<std::string, std::string>& provenance);

}  // namespace lacuna::study

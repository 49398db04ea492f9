#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/files/files.h"
#include "lacuna/perturbation/perturbation.h"
#include "lacuna/study/study.h"
#include "read_results.h"
#include "tables.h"

namespace lacuna::study {
namespace {

std::string escapedTex(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::string("&%$#_{}").find(c) != std::string::npos) out += '\\';
    if (c == '\\') out += "\\textbackslash{}";
    else if (c == '~') out += "\\textasciitilde{}";
    else if (c == '^') out += "\\textasciicircum{}";
    else out += c;
  }
  return out;
}

/// Four significant digits are what a printed table can use.
std::string printed(const std::string& cell) {
  const auto number = parseNumber(cell);
  if (!number || cell.find('.') == std::string::npos) return escapedTex(cell);
  return formatFixed(*number, std::abs(*number) < 1 ? 4 : 3);
}

std::string join(const std::vector<std::string>& parts, const std::string& separator) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) out += (i ? separator : "") + parts[i];
  return out;
}

}  // namespace

std::string toCsv(const Table& table) {
  std::vector<std::string> header;
  for (const Column& column : table.columns) header.push_back(column.name);
  std::string out = files::csvRow(header);
  table.forEachRow([&](const std::vector<std::string>& row) { out += files::csvRow(row); });
  return out;
}

std::string toCsvMetadata(const Table& table, const std::map<std::string, std::string>& provenance) {
  nlohmann::ordered_json columns = nlohmann::json::array();
  for (const Column& column : table.columns)
    columns.push_back({{"name", column.name}, {"titles", column.name}, {"datatype", column.datatype}, {"dc:description", column.description}});
  nlohmann::ordered_json out = {{"@context", "http://www.w3.org/ns/csvw"}, {"url", table.name + ".csv"}, {"tableSchema", {{"columns", columns}}}};
  for (const auto& [key, value] : provenance) out["lacuna:" + key] = value;
  return out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string toJsonLines(const Table& table) {
  std::string out;
  table.forEachRow([&](const std::vector<std::string>& row) {
    nlohmann::ordered_json object;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const auto number = table.columns[c].datatype == "string" ? std::nullopt : parseNumber(row[c]);
      if (row[c].empty()) object[table.columns[c].name] = nullptr;
      else if (number) object[table.columns[c].name] = *number;
      else object[table.columns[c].name] = row[c];
    }
    out += object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  });
  return out;
}

std::string toLatex(const Table& table, const std::map<std::string, std::string>& provenance) {
  std::string out;
  for (const auto& [key, value] : provenance) out += "% " + key + ": " + value + "\n";
  out += "\\begin{tabular}{" + std::string(table.columns.size(), 'l') + "}\n\\toprule\n";
  std::vector<std::string> header;
  for (const Column& column : table.columns) header.push_back(escapedTex(column.name));
  out += join(header, " & ") + " \\\\\n\\midrule\n";
  table.forEachRow([&](const std::vector<std::string>& row) {
    std::vector<std::string> cells;
    for (const std::string& cell : row) cells.push_back(printed(cell));
    out += join(cells, " & ") + " \\\\\n";
  });
  return out + "\\bottomrule\n\\end{tabular}\n";
}

std::vector<std::filesystem::path> exportStudy(const std::filesystem::path& study, const std::filesystem::path& folder,
                                               const std::vector<std::string>& what, const std::string& format) {
  if (format != "csv" && format != "json" && format != "latex")
    throw Error("LAC-1501", "there is no format '" + format + "'", "known: csv, json, latex");
  const auto store = store::Store::open(study, true);
  const Results results = readResults(*store);
  const bool all = what.empty() || (what.size() == 1 && what.front() == "all");
  const std::map<std::string, std::string> provenance = {{"study", results.uuid}, {"study_name", results.name}, {"model_hash", results.model.hash},
                                                         {"version", LACUNA_VERSION}};
  std::filesystem::create_directories(folder);
  std::vector<std::filesystem::path> written;
  const auto write = [&](const std::string& file, const std::string& bytes) {
    files::writeFileAtomically(folder / file, bytes);
    written.push_back(folder / file);
  };
  for (const std::string& name : all ? tableNames() : what) {
    const Table table = makeTable(name, results, *store);
    if (format == "json") write(name + ".jsonl", toJsonLines(table));
    if (format == "latex") write(name + ".tex", toLatex(table, provenance));
    if (format != "csv") continue;
    write(name + ".csv", toCsv(table));
    write(name + ".csv-metadata.json", toCsvMetadata(table, provenance));
  }
  return written;
}

std::string runPerturbation(const std::filesystem::path& study, std::int64_t run, bool includeFirst) {
  const auto store = store::Store::open(study, true);
  for (const store::ArmRow& arm : store->arms()) {
    if (arm.run != run || arm.draw >= 0 || nlohmann::json::parse(arm.parameters).contains("interchange")) continue;
    perturbation::PerturbationSet set = perturbation::setFromJson(nlohmann::json::parse(arm.parameters));
    for (perturbation::Perturbation& p : set) p.includeFirst = p.includeFirst || includeFirst;
    return perturbation::toJson(set).dump(1);
  }
  throw Error("LAC-1404", study.string() + ": run " + std::to_string(run) + " does not exist or perturbs nothing", "lacuna-cli export --what runs lists them");
}

}  // namespace lacuna::study

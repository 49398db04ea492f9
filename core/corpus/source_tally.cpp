#include "source_tally.h"

#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"

namespace lacuna::corpus {
namespace {

// Fields by which the well-known corpora name the set a document came from, best first.
constexpr const char* kSourceFields[] = {"source", "meta.pile_set_name", "red_pajama_subset", "subset", "dump", "language"};
constexpr std::size_t kMostNames = 200;

}  // namespace

SourceTally::SourceTally(std::string named) : m_named(!named.empty()) {
  if (m_named) m_fields.push_back({std::move(named), {}, 0});
  else
    for (const char* name : kSourceFields) m_fields.push_back({name, {}, 0});
}

void SourceTally::add(const Metadata& metadata, bool wanted) {
  const auto count = [&](Counts& counts) {
    ++counts.raw;
    counts.wanted += wanted ? 1 : 0;
  };
  count(m_all);
  for (Field& field : m_fields) {
    const auto value = fieldOf(metadata, field.name);
    if (!value || value->empty()) continue;
    count(field.values[*value]);
    field.wanted += wanted ? 1 : 0;
  }
  if (m_named && m_names.size() < kMostNames)
    for (const auto& [name, value] : metadata) ++m_names[name];
}

void SourceTally::merge(const SourceTally& more) {
  const auto add = [](Counts& counts, const Counts& other) {
    counts.raw += other.raw;
    counts.wanted += other.wanted;
  };
  add(m_all, more.m_all);
  for (std::size_t f = 0; f < m_fields.size(); ++f) {
    for (const auto& [value, counts] : more.m_fields[f].values) add(m_fields[f].values[value], counts);
    m_fields[f].wanted += more.m_fields[f].wanted;
  }
  for (const auto& [name, count] : more.m_names)
    if (m_names.size() < kMostNames || m_names.contains(name)) m_names[name] += count;
}

nlohmann::json SourceTally::json() const {
  nlohmann::json fields = nlohmann::json::array();
  for (const Field& field : m_fields) {
    nlohmann::json values = nlohmann::json::object();
    for (const auto& [value, counts] : field.values) values[value] = {counts.raw, counts.wanted};
    fields.push_back({{"values", values}, {"wanted", field.wanted}});
  }
  return {{"all", {m_all.raw, m_all.wanted}}, {"fields", fields}, {"names", m_names}};
}

void SourceTally::add(const nlohmann::json& counts) {
  SourceTally more("");
  more.m_fields = m_fields;
  more.m_all = {counts.at("all").at(0), counts.at("all").at(1)};
  more.m_names = counts.at("names").get<std::map<std::string, std::int64_t>>();
  for (std::size_t f = 0; f < m_fields.size(); ++f) {
    const nlohmann::json& field = counts.at("fields").at(f);
    more.m_fields[f].wanted = field.at("wanted");
    more.m_fields[f].values.clear();
    for (const auto& [value, count] : field.at("values").items()) more.m_fields[f].values[value] = {count.at(0), count.at(1)};
  }
  merge(more);
}

std::string SourceTally::field(const std::filesystem::path& corpus) const {
  if (m_named && m_fields.front().wanted == 0 && m_all.wanted > 0) {
    std::string names;
    for (const auto& [name, count] : m_names) names += (names.empty() ? "" : ", ") + name;
    throw Error("LAC-1103", corpus.string() + ": no document has the source field '" + m_fields.front().name + "'",
                "fields found: " + (names.empty() ? "none" : names));
  }
  for (const Field& field : m_fields)
    if (m_named || (field.wanted > 0 && 2 * field.wanted >= m_all.wanted)) return field.name;
  return {};
}

std::vector<SourceCount> SourceTally::counts(const std::string& name) const {
  Counts rest = m_all;
  std::map<std::string, Counts> values;
  for (const Field& field : m_fields)
    if (field.name == name) values = field.values;
  for (const auto& [value, counts] : values) {
    rest.raw -= counts.raw;
    rest.wanted -= counts.wanted;
  }
  if (rest.raw > 0) values[""] = rest;
  std::vector<SourceCount> out;
  for (const auto& [value, counts] : values) {
    SourceCount row;
    row.source = value;
    row.raw = counts.raw;
    row.wanted = counts.wanted;
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace lacuna::corpus

#include "source_tally.h"

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

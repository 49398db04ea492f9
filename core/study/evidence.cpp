#include "lacuna/study/evidence.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "read_evidence.h"

namespace lacuna::study {
namespace {

using nlohmann::json;

/// Rows of cells that the study keeps as one text; a cell that is absent or null is not known.
class Rows {
 public:
  explicit Rows(const std::string& text) : m_rows(json::parse(text, nullptr, false)) {}
  std::size_t size() const { return m_rows.is_array() ? m_rows.size() : 0; }
  double number(std::size_t row, std::size_t column) const {
    const json* cell = at(row, column);
    return cell && cell->is_number() ? cell->get<double>() : std::nan("");
  }
  std::int64_t whole(std::size_t row, std::size_t column, std::int64_t otherwise) const {
    const json* cell = at(row, column);
    return cell && cell->is_number_integer() ? cell->get<std::int64_t>() : otherwise;
  }
  std::string text(std::size_t row, std::size_t column) const {
    const json* cell = at(row, column);
    return cell && cell->is_string() ? cell->get<std::string>() : "";
  }
  bool isText(std::size_t row, std::size_t column) const {
    const json* cell = at(row, column);
    return cell && cell->is_string();
  }

 private:
  const json* at(std::size_t row, std::size_t column) const {
    const json& cells = m_rows[row];
    return cells.is_array() && column < cells.size() ? &cells[column] : nullptr;
  }
  json m_rows;
};

std::vector<KRow> readCurve(const std::string& text) {
  const Rows rows(text);
  std::vector<KRow> out;
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.push_back({rows.whole(i, 0, 0), rows.number(i, 1), rows.number(i, 2), rows.number(i, 3), rows.number(i, 4), rows.number(i, 5), rows.whole(i, 6, 0) == 1});
  return out;
}

/// Files of older versions hold one row, of the sources, without the field's name.
std::vector<ValidityRow> readValidity(const std::string& text) {
  const Rows rows(text);
  std::vector<ValidityRow> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool named = rows.isText(i, 0);
    const std::size_t c = named ? 1 : 0;
    out.push_back({named ? rows.text(i, 0) : "source", rows.number(i, c), rows.number(i, c + 1), rows.number(i, c + 2), rows.number(i, c + 3), rows.number(i, c + 4),
                   rows.number(i, c + 5), rows.number(i, c + 6), rows.number(i, c + 7), rows.whole(i, c + 8, 0)});
  }
  return out;
}

std::vector<TreeRow> readTree(const std::string& text) {
  const Rows rows(text);
  std::vector<TreeRow> out;
  if (rows.size() == 0) return out;
  const auto root = static_cast<std::int32_t>(rows.whole(0, 0, 0));   // its number is that of the points
  out.push_back({root, -1, root, 0, rows.number(0, 2), rows.number(0, 2), std::nan(""), {}});
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.push_back({static_cast<std::int32_t>(rows.whole(i, 1, -1)), static_cast<std::int32_t>(rows.whole(i, 0, -1)), rows.whole(i, 3, 0), rows.number(i, 2), rows.number(i, 4),
                   rows.number(i, 5), rows.number(i, 6), ClusterId(rows.whole(i, 7, -1))});
  return out;
}

std::vector<MergeRow> readMerges(const std::string& text) {
  const Rows rows(text);
  std::vector<MergeRow> out;
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.push_back({static_cast<std::int32_t>(rows.whole(i, 0, -1)), static_cast<std::int32_t>(rows.whole(i, 1, -1)), rows.number(i, 2), rows.whole(i, 3, 0), rows.whole(i, 4, 0),
                   rows.text(i, 5), rows.text(i, 6), ClusterId(rows.whole(i, 7, -1))});
  return out;
}

EuclideanRow readEuclidean(const std::string& text) {
  const Rows rows(text);
  return rows.size() == 0 ? EuclideanRow() : EuclideanRow{rows.number(0, 0), rows.number(0, 1), rows.number(0, 2), rows.number(0, 3)};
}

StabilityRow readStability(const std::string& text) {
  const Rows rows(text);
  return rows.size() == 0 ? StabilityRow() : StabilityRow{rows.number(0, 0), rows.number(0, 1), rows.whole(0, 2, 0)};
}

Field fieldOf(store::FieldRow row) {
  Field field{std::move(row.name), {}, std::move(row.codes)};
  const json values = json::parse(row.values, nullptr, false);
  if (values.is_array() && std::all_of(values.begin(), values.end(), [](const json& v) { return v.is_string(); })) field.values = values.get<std::vector<std::string>>();
  for (std::int32_t& code : field.codes)
    if (code >= std::ssize(field.values)) code = -1;
  return field;
}

/// Older files: the sources are with the documents.
Field sourcesOf(const std::vector<DocumentRow>& documents) {
  Field field{"source", {}, {}};
  std::map<std::string, std::int64_t> sizes;
  for (const DocumentRow& d : documents)
    if (!d.source.empty()) ++sizes[d.source];
  for (const auto& [value, n] : sizes) field.values.push_back(value);
  std::stable_sort(field.values.begin(), field.values.end(), [&](const std::string& a, const std::string& b) { return sizes[a] > sizes[b]; });
  std::map<std::string, std::int32_t> places;
  for (const std::string& value : field.values) places.emplace(value, static_cast<std::int32_t>(places.size()));
  for (const DocumentRow& d : documents) field.codes.push_back(d.source.empty() ? -1 : places[d.source]);
  return field;
}

}  // namespace

const Field* Evidence::field(const std::string& name) const {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

const ValidityRow* Evidence::against(const std::string& name) const {
  const auto found = std::find_if(validity.begin(), validity.end(), [&](const ValidityRow& v) { return v.field == name; });
  return found == validity.end() ? nullptr : &*found;
}

std::vector<ClusterId> Evidence::clustersOf(const DocumentRow& document) const {
  if (!multiLabel()) return document.cluster < 0 ? std::vector<ClusterId>() : std::vector<ClusterId>{ClusterId(document.cluster)};
  std::vector<ClusterId> out;
  for (const store::MembershipRow& row : memberships)
    if (std::binary_search(row.documents.begin(), row.documents.end(), document.id.value)) out.push_back(row.cluster);
  return out;
}

std::vector<ContingencyRow> contingencyOf(const std::vector<DocumentRow>& documents, const Evidence& evidence, const Field& field) {
  const std::size_t values = field.values.size();
  struct Cell { std::int64_t documents = 0; double population = 0; };
  std::map<std::int32_t, std::vector<Cell>> counts;
  std::vector<std::int64_t> all(values, 0);
  const auto count = [&](std::int32_t cluster, std::size_t document) {
    std::vector<Cell>& row = counts.try_emplace(cluster, values).first->second;
    const std::int32_t code = field.codes[document];
    if (code < 0) return;
    ++row[static_cast<std::size_t>(code)].documents;
    row[static_cast<std::size_t>(code)].population += documents[document].weight;
  };
  std::int64_t total = 0;
  for (std::size_t i = 0; i < documents.size() && i < field.codes.size(); ++i) {
    if (documents[i].cluster < 0) continue;
    if (!evidence.multiLabel()) count(documents[i].cluster, i);
    if (field.codes[i] >= 0) ++all[static_cast<std::size_t>(field.codes[i])], ++total;
  }
  for (const store::MembershipRow& m : evidence.memberships)   // ids are places
    for (const std::int32_t d : m.documents)
      if (static_cast<std::size_t>(d) < std::min(documents.size(), field.codes.size())) count(m.cluster.value, static_cast<std::size_t>(d));
  std::vector<ContingencyRow> out;
  for (const auto& [cluster, row] : counts) {
    const auto size = std::accumulate(row.begin(), row.end(), 0.0, [](double sum, const Cell& cell) { return sum + static_cast<double>(cell.documents); });
    for (std::size_t v = 0; v < values; ++v)
      out.push_back({ClusterId(cluster), v, row[v].documents, size * static_cast<double>(all[v]) / static_cast<double>(total), row[v].population});
  }
  return out;
}

Evidence readEvidence(const store::Store& store, const std::vector<DocumentRow>& documents, const std::string& specJson) {
  Evidence e;
  const json spec = json::parse(specJson, nullptr, false);
  if (const json::json_pointer method("/clusters/method"); spec.is_object() && spec.contains(method) && spec[method].is_string()) e.method = spec[method].get<std::string>();
  e.curve = readCurve(store.meta("k_curve"));
  e.stable = std::any_of(e.curve.begin(), e.curve.end(), [](const KRow& row) { return row.chosen && row.stability >= .8; });
  e.euclidean = readEuclidean(store.meta("euclidean_silhouette"));
  e.stability = readStability(store.meta("cluster_stability"));
  e.validity = readValidity(store.meta("cluster_validity"));
  const auto stage = store.stage("clusters");
  e.stale = stage && stage->state != "done";
  e.tree = readTree(store.meta("condensed_tree"));
  e.merges = readMerges(store.meta("topic_merges"));
  e.stopped = store.meta("refine_stopped");
  store::ClusterRecord record = store.clusterRecord();
  for (store::FieldRow& row : record.fields)
    if (row.codes.size() == documents.size()) e.fields.push_back(fieldOf(std::move(row)));
  if (!e.field("source"))
    if (Field source = sourcesOf(documents); source.values.size() > 1) e.fields.insert(e.fields.begin(), std::move(source));
  for (store::RefineRoundRow& row : record.rounds) row.labels.clear();
  e.rounds = std::move(record.rounds);
  e.steps = std::move(record.steps);
  e.memberships = std::move(record.memberships);
  if (e.method == "filters")
    for (const ClusterRow& cluster : store.clusters())
      if (cluster.size == 0) e.emptyFilters.push_back(cluster.label);
  for (const DocumentRow& d : documents) {
    e.ambiguous += d.cluster == -2;
    e.noise += d.cluster == -1;
  }
  return e;
}

}  // namespace lacuna::study

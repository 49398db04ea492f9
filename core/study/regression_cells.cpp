#include "regression_cells.h"

#include <algorithm>
#include <cmath>

#include "lacuna/base/numbers.h"
#include "lacuna/statistics/descriptive.h"
#include "membership.h"

namespace lacuna::study {
namespace {

using statistics::statusName;

double meanTokens(const std::vector<DocumentRow>& documents, const std::vector<store::MembershipRow>& shared, ClusterId cluster) {
  const std::vector<std::uint8_t> members = membersOf(cluster, documents, shared);
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < documents.size(); ++i)
    if (members[i] && documents[i].tokens > 0) {
      sum += documents[i].tokens;
      ++n;
    }
  return n > 0 ? sum / n : 1;
}

std::string termName(const std::string& name, const CellNames& names) {
  const auto named = [&](const std::string& prefix, const std::vector<std::string>& known) -> std::string {
    if (name.rfind(prefix, 0) != 0) return "";
    const auto index = static_cast<std::size_t>(std::stoul(name.substr(prefix.size())));
    return prefix.substr(0, prefix.size() - 1) + ":" + (index < known.size() ? known[index] : std::to_string(index));
  };
  if (const std::string task = named("task ", names.tasks); !task.empty()) return task;
  if (const std::string method = named("method ", names.methods); !method.empty()) return method;
  return name;
}

std::int32_t placeOf(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::int32_t>(found - names.begin());
  names.push_back(name);
  return static_cast<std::int32_t>(names.size()) - 1;
}

double layersOf(const store::Store& store, const std::vector<EffectRow>& effects) {
  double layers = 0;
  for (const EffectRow& e : effects) layers = std::max(layers, static_cast<double>(e.layer.value) + 1);
  const std::string counted = store.meta("model_layers");
  return counted.empty() ? layers : parseNumber(counted).value_or(layers);
}

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : "; ") + part;
  return all;
}

RegressionRow rowOf(const effects::EffectRegression& fit, const std::string& model, const std::string& term, const statistics::Estimate& e, double p, double vif) {
  return {model, term, e.value, e.se, e.low, e.high, p, vif, fit.n, std::min(fit.clusters, fit.tasks),
          statusName(fit.status == statistics::Status::Ok ? e.status : fit.status), joined(fit.notices)};
}

void addTerm(const effects::EffectRegression& fit, const effects::EffectTerm& term, const std::string& name, std::vector<RegressionRow>& rows) {
  rows.push_back(rowOf(fit, "ols-hc3", name, term.hc3.estimate, term.hc3.p, term.vif));
  rows.push_back(rowOf(fit, "two-way", name, term.twoWay.estimate, term.twoWay.p, term.vif));
  if (std::isfinite(term.wild.p)) {
    statistics::Estimate wild = term.twoWay.estimate;
    wild.low = wild.high = wild.se = std::nan("");
    rows.push_back(rowOf(fit, "wild-bootstrap", name, wild, term.wild.p, term.vif));
  }
  rows.push_back(rowOf(fit, "meta", name, term.meta, std::nan(""), term.vif));
  if (std::isfinite(term.mixed.value)) rows.push_back(rowOf(fit, "mixed", name, term.mixed, std::nan(""), term.vif));
}

}  // namespace

std::int32_t CellNames::task(const std::string& name) { return placeOf(tasks, name); }
std::int32_t CellNames::method(const std::string& name) { return placeOf(methods, name); }

double cleanSd(const EffectData& data, const std::string& task) {
  const store::OutcomeRow* clean = data.outcome("clean", task, "margin");
  const store::TaskItems* items = data.itemsOf(task);
  if (!clean || !items) return std::nan("");
  std::vector<double> values;
  for (std::size_t i = 0; i < items->evaluate.size(); ++i)
    if (items->evaluate[i] && std::isfinite(clean->values[i])) values.push_back(clean->values[i]);
  return values.size() > 1 ? std::sqrt(statistics::variance(values)) : std::nan("");
}

std::vector<StudyCell> studyCells(const EffectData& data, const std::vector<EffectRow>& effects, const store::Store& store, CellNames& names) {
  const auto documents = store.documents();
  const double layers = layersOf(store, effects);
  std::map<std::pair<std::int64_t, std::string>, double> similarity;
  for (const store::RelationRow& row : store.relations()) similarity[{row.cluster.value, row.task}] = row.similarity;
  const std::vector<store::MembershipRow> shared = store.clusterRecord().memberships;
  std::map<std::int64_t, double> tokens;
  for (const ClusterRow& c : data.clusters) tokens[c.id.value] = static_cast<double>(c.size) * meanTokens(documents, shared, c.id);
  for (const TaskRow& task : data.tasks) names.task(task.name);
  std::vector<StudyCell> cells;
  for (const EffectRow& e : effects) {
    if (e.metric != "margin" || e.controls == 0 || !std::isfinite(e.aceAdjusted)) continue;
    const double sd = cleanSd(data, e.task);
    if (!(sd > 0)) continue;
    effects::EffectCell cell;
    cell.cluster = static_cast<std::int32_t>(e.cluster.value);
    cell.task = names.task(e.task);
    cell.method = names.method(e.method);
    cell.effect = e.aceAdjusted / sd;
    cell.variance = e.se * e.se / (sd * sd);
    cell.depth = layers > 1 ? static_cast<double>(e.layer.value) / (layers - 1) : 0;
    cell.lnTokens = std::log(std::max(1.0, tokens[e.cluster.value]));
    cell.similarity = similarity.contains({e.cluster.value, e.task}) ? similarity.at({e.cluster.value, e.task}) : std::nan("");
    if (e.neurons > 0) cell.lnNeurons = std::log(static_cast<double>(e.neurons));
    cells.push_back({cell, &e});
  }
  return cells;
}

std::vector<effects::EffectCell> effectCells(std::span<const StudyCell> cells) {
  std::vector<effects::EffectCell> out;
  for (const StudyCell& cell : cells) out.push_back(cell.cell);
  return out;
}

std::vector<RegressionRow> regressionRows(std::span<const effects::EffectCell> cells, const CellNames& names, double level, std::uint64_t seed) {
  effects::EffectRegressionConfig config;
  config.level = level;
  config.seed = seed;
  config.wildDraws = 1999;
  config.wildIntervals = false;   // p alone: an interval inverts the test a few hundred times
  const effects::EffectRegression fit = effects::effectRegression(cells, config);
  std::vector<RegressionRow> rows;
  for (const effects::EffectTerm& term : fit.terms) addTerm(fit, term, termName(term.name, names), rows);
  if (rows.empty()) {
    statistics::Estimate none;
    none.value = none.se = none.low = none.high = std::nan("");
    rows.push_back(rowOf(fit, "ols-hc3", "intercept", none, std::nan(""), std::nan("")));
  }
  return rows;
}

}  // namespace lacuna::study

#include "views/neurons/neuron_view_models.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "views/format.h"
#include "views/probes/probe_view_models.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

EmptyState noNeurons(bool there, const QString& what) {
  if (there) return {};
  return {what, NeuronMapViewModel::tr("Needs probes, and there are none for this cluster."), u"study.update"_s, NeuronMapViewModel::tr("Train probes")};
}

std::vector<std::int32_t> byImportance(const study::ProbeRow& probe) {
  std::vector<std::int32_t> order(probe.importance.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    return probe.importance[static_cast<std::size_t>(a)] > probe.importance[static_cast<std::size_t>(b)];
  });
  return order;
}

std::set<std::pair<std::int32_t, std::int32_t>> neuronSet(const study::Results& results, ClusterId cluster) {
  std::set<std::pair<std::int32_t, std::int32_t>> all;
  for (const auto* p : neuronProbes(results, cluster))
    for (const std::int32_t n : p->selected) all.emplace(p->layer.value, n);
  return all;
}

}  // namespace

QString importanceNote(const std::vector<const study::ProbeRow*>& probes) {
  QStringList flat, none;
  for (const auto* p : probes) {
    const auto [low, high] = std::minmax_element(p->importance.begin(), p->importance.end());
    if (p->selected.empty()) none << u"L%1"_s.arg(p->layer.value);
    if (p->importance.size() > 1 && *low == *high) flat << u"L%1"_s.arg(p->layer.value);
  }
  QStringList notes;
  if (!flat.isEmpty()) notes << NeuronMapViewModel::tr("%1: all importances are equal, so no neuron stands out.").arg(flat.join(u", "_s));
  if (!none.isEmpty()) notes << NeuronMapViewModel::tr("%1: S is empty, because τ lies above every importance.").arg(none.join(u", "_s));
  return notes.join(u' ');
}

std::vector<const study::ProbeRow*> neuronProbes(const study::Results& results, ClusterId cluster) {
  std::vector<const study::ProbeRow*> rows;
  const std::string site = neuronSite(results);
  for (const auto& p : results.probes)
    if (p.cluster == cluster && p.site == site && !p.importance.empty()) rows.push_back(&p);
  std::stable_sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) { return a->layer < b->layer; });
  return rows;
}

NeuronMapViewModel::NeuronMapViewModel(StudyContext& context) : ViewModel(context, u"neurons"_s, tr("Neurons: layers × neurons")) {}

QString NeuronMapViewModel::subtitle() const {
  const auto probes = neuronProbes(results(), shownCluster());
  std::size_t selected = 0, total = 0;
  for (const auto* p : probes) selected += p->selected.size(), total += p->importance.size();
  return tr("%1 · importance w at %2 · |S| = %3 of %4 neurons, marked above each layer")
      .arg(study().clusterLabel(shownCluster()), qs(neuronSite(results())), count(static_cast<std::int64_t>(selected)), count(static_cast<std::int64_t>(total)));
}

EmptyState NeuronMapViewModel::emptyState() const {
  return noNeurons(!neuronProbes(results(), shownCluster()).empty(), tr("Which neurons carry a cluster"));
}

QString NeuronMapViewModel::note() const { return importanceNote(neuronProbes(results(), shownCluster())); }

std::vector<std::vector<std::int32_t>> NeuronMapViewModel::order() const {
  std::vector<std::vector<std::int32_t>> out;
  for (const auto* p : neuronProbes(results(), shownCluster())) {
    out.push_back(byImportance(*p));
    if (!m_sorted) std::sort(out.back().begin(), out.back().end());
  }
  return out;
}

NeuronFigure NeuronMapViewModel::figure() const {
  NeuronFigure f;
  const auto probes = neuronProbes(results(), shownCluster());
  const auto columns = order();
  f.sorted = m_sorted;
  f.xLabel = m_sorted ? tr("neurons of each layer, most important first") : tr("neuron");
  f.scaleLabel = tr("importance w");
  f.grid.rows = static_cast<std::int64_t>(probes.size());
  std::size_t widest = 0;
  for (const auto* p : probes) widest = std::max(widest, p->importance.size());
  f.grid.columns = static_cast<std::int64_t>(widest);
  f.grid.values.assign(probes.size() * widest, std::numeric_limits<float>::quiet_NaN());
  f.high = 0;
  for (std::size_t r = 0; r < probes.size(); ++r) {
    const auto& p = *probes[r];
    f.rowLabels.push_back(u"L%1"_s.arg(p.layer.value));
    const std::set<std::int32_t> chosen(p.selected.begin(), p.selected.end());
    f.selected.emplace_back();
    for (std::size_t c = 0; c < columns[r].size(); ++c) {
      const std::int32_t neuron = columns[r][c];
      const float w = p.importance[static_cast<std::size_t>(neuron)];
      f.grid.values[r * widest + c] = w;
      f.high = std::max<double>(f.high, w);
      if (chosen.contains(neuron)) f.selected.back().push_back(static_cast<std::int32_t>(c));
      if (selection().neuron() && selection().neuron()->layer == p.layer && selection().neuron()->neuron.value == neuron)
        f.cursor = {static_cast<int>(r), static_cast<int>(c)};
    }
  }
  if (f.high <= 0) f.high = 1;
  return f;
}

QString NeuronMapViewModel::describe(int row, int column) const {
  const auto probes = neuronProbes(results(), shownCluster());
  const auto columns = order();
  const auto r = static_cast<std::size_t>(row);
  if (r >= columns.size() || static_cast<std::size_t>(column) >= columns[r].size()) return {};
  const auto& p = *probes[r];
  const std::int32_t neuron = columns[r][static_cast<std::size_t>(column)];
  const float w = p.importance[static_cast<std::size_t>(neuron)];
  const auto rank = 1 + std::count_if(p.importance.begin(), p.importance.end(), [w](float other) { return other > w; });
  const bool in = std::find(p.selected.begin(), p.selected.end(), neuron) != p.selected.end();
  return tr("L%1 n%2 · w = %3\nrank %4 of %5 · %6").arg(p.layer.value).arg(neuron).arg(number(w, 5)).arg(rank).arg(p.importance.size())
      .arg(in ? tr("in S") : tr("not in S"));
}

void NeuronMapViewModel::activate(int item, Qt::KeyboardModifiers) {
  const auto probes = neuronProbes(results(), shownCluster());
  const auto columns = order();
  std::size_t widest = 1;
  for (const auto& row : columns) widest = std::max(widest, row.size());
  const std::size_t r = static_cast<std::size_t>(item) / widest, c = static_cast<std::size_t>(item) % widest;
  if (r < columns.size() && c < columns[r].size()) study().selection().setNeuron(NeuronRef{probes[r]->layer, NeuronIndex(columns[r][c])});
}

void NeuronMapViewModel::setSorted(bool sorted) {
  if (std::exchange(m_sorted, sorted) != sorted) Q_EMIT changed();
}

QJsonObject NeuronMapViewModel::state() const { return {{u"sorted"_s, m_sorted}}; }
void NeuronMapViewModel::restore(const QJsonObject& state) { setSorted(state[u"sorted"_s].toBool()); }

TableData NeuronMapViewModel::table() const {
  TableData t{{{"layer", tr("Layer"), true}, {"neuron", tr("Neuron"), true}, {"importance", tr("w"), true, 5}, {"selected", tr("In S")}}, {}};
  for (const auto* p : neuronProbes(results(), shownCluster())) {
    const std::set<std::int32_t> chosen(p->selected.begin(), p->selected.end());
    for (const std::int32_t n : byImportance(*p))
      t.rows.push_back({std::int64_t{p->layer.value}, std::int64_t{n}, static_cast<double>(p->importance[static_cast<std::size_t>(n)]),
                        chosen.contains(n) ? tr("yes") : tr("no")});
  }
  return t;
}

RankViewModel::RankViewModel(StudyContext& context) : ViewModel(context, u"rank"_s, tr("Importance by rank")) {}

/// The layer of the primary neuron, else the layer with the best probe.
const study::ProbeRow* RankViewModel::probe() const {
  const study::ProbeRow* best = nullptr;
  for (const auto* p : neuronProbes(results(), shownCluster())) {
    if (selection().neuron() && selection().neuron()->layer == p->layer) return p;
    if (!best || p->auc > best->auc) best = p;
  }
  return best;
}

QString RankViewModel::subtitle() const {
  const auto* p = probe();
  if (!p) return {};
  QString text = tr("%1 · L%2 · |S| = %3 of %4").arg(study().clusterLabel(p->cluster)).arg(p->layer.value).arg(p->selected.size()).arg(p->importance.size());
  if (std::isfinite(p->effectiveCount) && p->effectiveCount > 0)
    text += tr(" · effective count %1, Gini %2").arg(number(p->effectiveCount, 1), number(p->gini, 2));
  return std::isfinite(p->nullThreshold) ? text + tr(" · permutation null τ_β = %1 of |β|").arg(stripped(p->nullThreshold)) : text;
}

QString RankViewModel::note() const { return probe() ? importanceNote({probe()}) : QString(); }

EmptyState RankViewModel::emptyState() const { return noNeurons(probe() != nullptr, tr("How fast importance falls, and where τ cuts")); }

SeriesFigure RankViewModel::figure() const {
  SeriesFigure f;
  const auto* p = probe();
  if (!p) return f;
  const bool beta = m_beta && p->beta.size() == p->importance.size();
  f.xLabel = tr("rank");
  f.yLabel = beta ? u"|β|"_s : tr("importance w");
  f.logX = f.logY = true;
  f.markers = false;
  Series s;
  s.name = study().clusterLabel(p->cluster);
  s.tone = study().clusterTone(p->cluster);
  s.labelled = false;
  double rank = 0;
  for (const std::int32_t n : byImportance(*p)) {
    const auto neuron = static_cast<std::size_t>(n);
    const double height = beta ? std::abs(p->beta[neuron]) : p->importance[neuron];
    if (height <= 0) break;
    s.x.push_back(++rank);
    s.y.push_back(height);
  }
  if (!s.y.empty()) f.yLow = s.y.front() * 1e-4;   // below that the curve says nothing
  f.series.push_back(std::move(s));
  if (!p->selected.empty()) f.lines.push_back({static_cast<double>(p->selected.size()), u"|S| = %1"_s.arg(p->selected.size()), true, true, false});
  if (!beta && p->tau > 0) f.lines.push_back({p->tau, tr("τ = %1").arg(number(p->tau, 4)), false, true, false});
  if (beta && std::isfinite(p->nullThreshold)) f.lines.push_back({p->nullThreshold, tr("null: τ_β = %1").arg(stripped(p->nullThreshold)), false, true, false});
  return f;
}

void RankViewModel::setShowsBeta(bool shown) {
  if (std::exchange(m_beta, shown) != shown) Q_EMIT changed();
}

QJsonObject RankViewModel::state() const { return {{u"beta"_s, m_beta}}; }
void RankViewModel::restore(const QJsonObject& state) { setShowsBeta(state[u"beta"_s].toBool()); }

TableData RankViewModel::table() const {
  TableData t{{{"rank", tr("Rank"), true}, {"neuron", tr("Neuron"), true}, {"importance", tr("w"), true, 5}, {"beta", u"β"_s, true, 5, true}}, {}};
  const auto* p = probe();
  if (!p) return t;
  std::int64_t rank = 0;
  for (const std::int32_t n : byImportance(*p)) {
    const auto neuron = static_cast<std::size_t>(n);
    t.rows.push_back({++rank, std::int64_t{n}, static_cast<double>(p->importance[neuron]), neuron < p->beta.size() ? TableCell(double{p->beta[neuron]}) : TableCell()});
  }
  return t;
}

OverlapViewModel::OverlapViewModel(StudyContext& context) : ViewModel(context, u"overlap"_s, tr("Shared neurons")) {}

QString OverlapViewModel::subtitle() const { return tr("Jaccard index of the neuron sets S, all layers"); }
EmptyState OverlapViewModel::emptyState() const { return noNeurons(!results().probes.empty(), tr("Which clusters share neurons")); }

QString OverlapViewModel::note() const {
  QStringList none;
  for (const auto& c : results().clusters)
    if (neuronSet(results(), c.id).empty()) none << study().clusterLabel(c.id);
  return none.isEmpty() ? QString() : tr("Hatched, because τ lies above every importance: %1.").arg(none.join(u", "_s));
}

MatrixFigure OverlapViewModel::figure() const {
  MatrixFigure f;
  const auto& clusters = results().clusters;
  f.scaleLabel = tr("Jaccard");
  f.grid.rows = f.grid.columns = static_cast<std::int64_t>(clusters.size());
  std::vector<std::set<std::pair<std::int32_t, std::int32_t>>> sets;
  for (const auto& c : clusters) {
    sets.push_back(neuronSet(results(), c.id));
    f.rowLabels.push_back(study().clusterLabel(c.id));
  }
  f.columnLabels = f.rowLabels;
  for (std::size_t a = 0; a < sets.size(); ++a)
    for (std::size_t b = 0; b < sets.size(); ++b) {
      const auto shared = static_cast<double>(std::count_if(sets[a].begin(), sets[a].end(), [&](const auto& n) { return sets[b].contains(n); }));
      const double together = static_cast<double>(sets[a].size() + sets[b].size()) - shared;
      const bool empty = sets[a].empty() || sets[b].empty();
      const double jaccard = empty ? std::nan("") : shared / together;
      f.grid.values.push_back(static_cast<float>(jaccard));
      f.texts.push_back(number(jaccard, 2));
      const QString reason = tr("%1 and %2\nno neuron of %3 lies above τ").arg(f.rowLabels[a], f.rowLabels[b], f.rowLabels[sets[a].empty() ? a : b]);
      f.tooltips.push_back(empty ? reason : tr("%1 and %2\n%3 shared neurons, Jaccard %4").arg(f.rowLabels[a], f.rowLabels[b]).arg(shared).arg(number(jaccard, 3)));
    }
  f.low = 0;
  f.high = 1;
  return f;
}

void OverlapViewModel::activate(int cell, Qt::KeyboardModifiers) {
  study().selection().setCluster(results().clusters[static_cast<std::size_t>(cell) / results().clusters.size()].id);
}

TableData OverlapViewModel::table() const {
  TableData t{{{"cluster_a", tr("Cluster")}, {"cluster_b", tr("Cluster")}, {"jaccard", tr("Jaccard"), true}}, {}};
  const MatrixFigure f = figure();
  for (std::int64_t r = 0; r < f.grid.rows; ++r)
    for (std::int64_t c = 0; c < f.grid.columns; ++c)
      t.rows.push_back({f.rowLabels[static_cast<std::size_t>(r)], f.rowLabels[static_cast<std::size_t>(c)], static_cast<double>(f.grid.at(r, c))});
  return t;
}

}  // namespace lacuna::ui

#include "views/probes/probe_view_models.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "views/format.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

EmptyState noProbes(const study::Results& results, const QString& what) {
  if (!results.probes.empty()) return {};
  return {what, ProbeQualityViewModel::tr("No probe has been trained yet."), u"study.update"_s, ProbeQualityViewModel::tr("Run the study")};
}

std::vector<const study::ProbeRow*> probesOf(const study::Results& results, ClusterId cluster) {
  std::vector<const study::ProbeRow*> rows;
  const std::string site = neuronSite(results);
  for (const auto& p : results.probes)
    if (p.cluster == cluster && p.site == site) rows.push_back(&p);
  std::stable_sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) { return a->layer < b->layer; });
  return rows;
}

TableData probeTable(const StudyContext& study) {
  const auto tr = [](const char* text) { return ProbeQualityViewModel::tr(text); };
  TableData t{{{"cluster_label", tr("Cluster")}, {"site", tr("Site")}, {"layer", tr("Layer"), true}, {"auc", tr("AUC"), true}, {"ci_low", tr("CI low"), true},
               {"ci_high", tr("CI high"), true}, {"token_auc", tr("AUC of tokens"), true}, {"accuracy", tr("Accuracy"), true}, {"selectivity", tr("Selectivity"), true}, {"lambda", u"λ"_s, true, 4},
               {"n_neurons", u"|S|"_s, true}, {"tau", u"τ"_s, true, 5}, {"passed", tr("Passed")}, {"status", tr("Status")}}, {}};
  for (const auto& p : study.results().probes)
    t.rows.push_back({study.clusterLabel(p.cluster), qs(p.site), std::int64_t{p.layer.value}, p.auc, p.aucLow, p.aucHigh, p.tokenAuc, p.accuracy, p.selectivity, p.lambda,
                      static_cast<std::int64_t>(p.selected.size()), p.tau, p.passed ? tr("yes") : tr("no"), qs(p.status)});
  return t;
}

}  // namespace

std::string neuronSite(const study::Results& results) {
  for (const auto& p : results.probes)
    if (p.site == "mlp_hidden") return p.site;
  return results.probes.empty() ? std::string() : results.probes.front().site;
}

ProbeQualityViewModel::ProbeQualityViewModel(StudyContext& context) : ViewModel(context, u"probes"_s, tr("Probe quality by layer")) {}

QString ProbeQualityViewModel::subtitle() const {
  return tr("held-out AUC, one against the rest, at %1 · intervals of the selected cluster, dashed: its probes on single tokens").arg(qs(neuronSite(results())));
}

QString ProbeQualityViewModel::note() const {
  const auto rows = probesOf(results(), shownCluster());
  for (const auto* p : rows)
    if (!p->passed && !p->reason.empty()) return tr("%1, L%2: weights not interpretable (%3)").arg(study().clusterLabel(p->cluster)).arg(p->layer.value).arg(qs(p->reason));
  return {};
}

EmptyState ProbeQualityViewModel::emptyState() const { return noProbes(results(), tr("How well each layer encodes each cluster")); }

/// The same probes of the selected cluster on single held-out tokens.
Series ProbeQualityViewModel::tokenSeries() const {
  Series s;
  s.name = tr("token by token");
  s.tone = study().clusterTone(selection().cluster());
  s.dashed = true;
  for (const auto* p : probesOf(results(), selection().cluster())) {
    if (!std::isfinite(p->tokenAuc)) continue;
    s.x.push_back(p->layer.value);
    s.y.push_back(p->tokenAuc);
    s.low.push_back(p->tokenAucLow);
    s.high.push_back(p->tokenAucHigh);
  }
  return s;
}

SeriesFigure ProbeQualityViewModel::figure() const {
  SeriesFigure f;
  f.xLabel = tr("layer");
  f.yLabel = tr("AUC");
  std::set<std::int32_t> layers;
  for (const auto& c : results().clusters) {
    Series s;
    s.name = study().clusterLabel(c.id);
    s.tone = study().clusterTone(c.id);
    s.faint = selection().cluster().valid() && selection().cluster() != c.id;
    s.ribbon = c.id == selection().cluster();
    for (const auto* p : probesOf(results(), c.id)) {
      if (!std::isfinite(p->auc)) continue;
      layers.insert(p->layer.value);
      s.x.push_back(p->layer.value);
      s.y.push_back(p->auc);
      s.low.push_back(p->aucLow);
      s.high.push_back(p->aucHigh);
    }
    if (!s.x.empty()) f.series.push_back(std::move(s));
  }
  if (Series tokens = tokenSeries(); !tokens.x.empty()) f.series.push_back(std::move(tokens));
  for (const std::int32_t layer : layers) f.xTicks.push_back(layer), f.xTickLabels.push_back(u"L%1"_s.arg(layer));
  f.lines.push_back({0.5, tr("chance"), false, true, false});
  return f;
}

void ProbeQualityViewModel::activate(int item, Qt::KeyboardModifiers) {
  for (const auto& c : results().clusters) {
    std::vector<const study::ProbeRow*> rows = probesOf(results(), c.id);
    std::erase_if(rows, [](const auto* p) { return !std::isfinite(p->auc); });
    if (item < static_cast<int>(rows.size())) return study().selection().setCluster(c.id);
    item -= static_cast<int>(rows.size());
  }
}

TableData ProbeQualityViewModel::table() const { return probeTable(study()); }

ProbeMatrixViewModel::ProbeMatrixViewModel(StudyContext& context) : ViewModel(context, u"probe-matrix"_s, tr("Clusters × layers")) {}

QString ProbeMatrixViewModel::subtitle() const { return tr("AUC · dot: the probe passed against chance and control labels"); }
EmptyState ProbeMatrixViewModel::emptyState() const { return noProbes(results(), tr("Where each cluster is encoded")); }

std::vector<LayerIndex> ProbeMatrixViewModel::layers() const {
  std::set<LayerIndex> layers;
  for (const auto& p : results().probes)
    if (p.site == neuronSite(results())) layers.insert(p.layer);
  return {layers.begin(), layers.end()};
}

MatrixFigure ProbeMatrixViewModel::figure() const {
  MatrixFigure f;
  f.low = 0.5;
  f.scaleLabel = tr("AUC");
  const auto columns = layers();
  for (const LayerIndex layer : columns) f.columnLabels.push_back(u"L%1"_s.arg(layer.value));
  f.grid.rows = static_cast<std::int64_t>(results().clusters.size());
  f.grid.columns = static_cast<std::int64_t>(columns.size());
  for (std::size_t r = 0; r < results().clusters.size(); ++r) {
    const ClusterId id = results().clusters[r].id;
    f.rowLabels.push_back(study().clusterLabel(id));
    const auto rows = probesOf(results(), id);
    for (const LayerIndex layer : columns) {
      const auto found = std::find_if(rows.begin(), rows.end(), [layer](const auto* p) { return p->layer == layer; });
      const auto* p = found == rows.end() ? nullptr : *found;
      f.grid.values.push_back(p ? static_cast<float>(p->auc) : std::numeric_limits<float>::quiet_NaN());
      f.texts.push_back(p ? number(p->auc, 2) : QString());
      f.marked.push_back(p && p->passed);
      f.tooltips.push_back(p ? tr("%1, L%2\nAUC %3 [%4, %5]\nselectivity %6 · |S| = %7").arg(f.rowLabels.back()).arg(layer.value)
                                   .arg(number(p->auc), number(p->aucLow), number(p->aucHigh), number(p->selectivity)).arg(p->selected.size())
                             : tr("not probed"));
    }
    if (id == selection().cluster())
      for (std::size_t c = 0; c < columns.size(); ++c)
        if (selection().neuron() && selection().neuron()->layer == columns[c]) f.highlighted.emplace_back(static_cast<int>(r), static_cast<int>(c));
  }
  return f;
}

void ProbeMatrixViewModel::activate(int cell, Qt::KeyboardModifiers) {
  const auto columns = layers().size();
  study().selection().setCluster(results().clusters[static_cast<std::size_t>(cell) / columns].id);
}

TableData ProbeMatrixViewModel::table() const { return probeTable(study()); }

}  // namespace lacuna::ui

#include "views/neurons/rankings_view_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "views/format.h"
#include "views/neurons/neuron_view_models.h"
#include "views/probes/probe_view_models.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr double robust = 0.3;   ///< Jaccard index from which a ranking counts as method-robust

bool disagrees(const study::RankingRow& row) { return std::isfinite(row.jaccard) && row.jaccard < robust; }

QString rankingMeaning(const QString& way) {
  if (way == "probe"_L1) return RankingsViewModel::tr("probe: |β| of the linear probe");
  if (way == "probeless"_L1) return RankingsViewModel::tr("probeless: distance of the class means, in sd");
  if (way == "stability"_L1) return RankingsViewModel::tr("stability: how often L1 keeps the neuron on half samples");
  if (way == "gradients"_L1) return RankingsViewModel::tr("gradients: integrated gradients of an MLP probe");
  return way;
}

const study::RankingRow* between(const std::vector<const study::RankingRow*>& rows, const QString& a, const QString& b) {
  for (const auto* row : rows)
    if ((qs(row->first) == a && qs(row->second) == b) || (qs(row->first) == b && qs(row->second) == a)) return row;
  return nullptr;
}

const study::RankingRow* weakest(const std::vector<const study::RankingRow*>& rows) {
  const study::RankingRow* worst = nullptr;
  for (const auto* row : rows)
    if (std::isfinite(row->jaccard) && (!worst || row->jaccard < worst->jaccard)) worst = row;
  return worst;
}

}  // namespace

QString rankingName(const QString& way) {
  if (way == "probe"_L1) return RankingsViewModel::tr("probe");
  if (way == "probeless"_L1) return RankingsViewModel::tr("probeless");
  if (way == "stability"_L1) return RankingsViewModel::tr("stability");
  if (way == "gradients"_L1) return RankingsViewModel::tr("gradients");
  return way;
}

RankingsViewModel::RankingsViewModel(StudyContext& context) : ViewModel(context, u"rankings"_s, tr("Rankings")) {}

LayerIndex RankingsViewModel::layer() const {
  if (selection().neuron()) return selection().neuron()->layer;
  const auto ranked = [this](const study::ProbeRow& probe) {
    return std::any_of(results().rankings.begin(), results().rankings.end(),
                       [&](const auto& r) { return r.cluster == probe.cluster && r.layer == probe.layer; });
  };
  const study::ProbeRow* best = nullptr;
  for (const auto* probe : neuronProbes(results(), shownCluster()))
    if (ranked(*probe) && (!best || probe->auc > best->auc)) best = probe;
  return best ? best->layer : LayerIndex();
}

std::vector<const study::RankingRow*> RankingsViewModel::rows() const {
  std::vector<const study::RankingRow*> out;
  const LayerIndex shown = layer();
  for (const auto& row : results().rankings)
    if (row.cluster == shownCluster() && row.layer == shown && row.site == neuronSite(results())) out.push_back(&row);
  return out;
}

/// In the order of the methods; ways this version does not know come last.
QStringList RankingsViewModel::ways() const {
  QStringList there;
  for (const auto* row : rows())
    for (const QString& way : {qs(row->first), qs(row->second)})
      if (!there.contains(way)) there << way;
  const QStringList known{u"probe"_s, u"probeless"_s, u"stability"_s, u"gradients"_s};
  const auto place = [&](const QString& way) { return known.contains(way) ? known.indexOf(way) : known.size(); };
  std::stable_sort(there.begin(), there.end(), [&](const QString& a, const QString& b) { return place(a) < place(b); });
  return there;
}

QString RankingsViewModel::subtitle() const {
  const auto all = rows();
  if (all.empty()) return {};
  return tr("%1 · L%2 · Spearman ρ over all neurons, Jaccard J of the %3 leading · dot: J < 0.3")
      .arg(study().clusterLabel(shownCluster())).arg(layer().value).arg(all.front()->top);
}

QString RankingsViewModel::note() const {
  const auto all = rows();
  const auto* worst = weakest(all);
  if (!worst || !disagrees(*worst)) return {};
  return tr("Ranking not method-robust: %1 and %2 share few leading neurons (J = %3).")
      .arg(rankingName(qs(worst->first)), rankingName(qs(worst->second)), number(worst->jaccard, 2));
}

QString RankingsViewModel::caption() const {
  return tr("Agreement between ways of ranking neurons for a cluster. %1. %2").arg(subtitle(), note()).trimmed();
}

QString RankingsViewModel::summary() const {
  const auto* worst = weakest(rows());
  if (!worst) return subtitle();
  return tr("%1 rankings of the neurons of %2; the least agreement is %3 with %4, Jaccard %5.").arg(ways().size())
      .arg(study().clusterLabel(shownCluster()), rankingName(qs(worst->first)), rankingName(qs(worst->second)), number(worst->jaccard, 2));
}

EmptyState RankingsViewModel::emptyState() const {
  if (!rows().empty()) return {};
  const QString what = tr("Whether other ways of ranking find the same neurons");
  if (results().rankings.empty()) return {what, tr("No ranking beside the probe's own has been made yet."), u"study.update"_s, tr("Run the study")};
  return {what, tr("There are none for %1 at this layer.").arg(study().clusterLabel(shownCluster())), u"selection.clear"_s, tr("Clear the selection")};
}

MatrixFigure RankingsViewModel::figure() const {
  MatrixFigure f;
  const auto all = rows();
  const QStringList names = ways();
  f.map = ColourMap::Diverging;
  f.low = -1;
  f.scaleLabel = tr("Spearman ρ");
  f.grid.rows = f.grid.columns = names.size();
  for (const QString& way : names) f.rowLabels.push_back(rankingName(way));
  f.columnLabels = f.rowLabels;
  for (const QString& a : names)
    for (const QString& b : names) {
      const auto* row = between(all, a, b);
      const bool self = a == b;
      f.grid.values.push_back(self ? 1 : row ? static_cast<float>(row->spearman) : std::numeric_limits<float>::quiet_NaN());
      f.texts.push_back(self ? number(1, 0) : row ? u"%1\nJ %2"_s.arg(number(row->spearman, 2), number(row->jaccard, 2)) : QString());
      f.marked.push_back(row && disagrees(*row));
      const QString pair = u"%1\n%2\n"_s.arg(rankingMeaning(a), rankingMeaning(b));
      f.tooltips.push_back(self  ? rankingMeaning(a)
                           : row ? pair + tr("Spearman ρ = %1 over all neurons\nJaccard J = %2 of the %3 leading").arg(number(row->spearman),
                           number(row->jaccard)).arg(row->top) +
                                       (row->status == "OK" ? QString() : u'\n' + qs(row->status))
                                 : pair + tr("not computed"));
    }
  return f;
}

TableData RankingsViewModel::table() const {
  TableData t{{{"cluster_label", tr("Cluster")}, {"site", tr("Site")}, {"layer", tr("Layer"), true}, {"first", tr("Ranking")}, {"second", tr("and")},
               {"spearman", tr("Spearman"), true, 3, true}, {"jaccard", tr("Jaccard"), true}, {"top", tr("Leading"), true},
               {"status", tr("Status")}}, {}};
  for (const auto* r : rows())
    t.rows.push_back({study().clusterLabel(r->cluster), qs(r->site), std::int64_t{r->layer.value}, qs(r->first), qs(r->second), r->spearman,
        r->jaccard, r->top,
                      qs(r->status)});
  return t;
}

}  // namespace lacuna::ui

#include "views/probes/erasure_view_model.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "views/format.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr double nothingLeft = 0.5;

QString placeOf(const study::SubspaceRow& row) {
  return row.start.valid() ? ErasureViewModel::tr("L%1, edited from L%2").arg(row.layer.value).arg(row.start.value) : ErasureViewModel::tr("L%1").arg(row.layer.value);
}

}  // namespace

QString subspaceName(const QString& kind) {
  if (kind == "meandiff"_L1) return ErasureViewModel::tr("difference of means");
  if (kind == "probe"_L1) return ErasureViewModel::tr("probe direction");
  if (kind == "leace"_L1) return ErasureViewModel::tr("LEACE");
  for (const auto& [prefix, name] : {std::pair(u"pca"_s, ErasureViewModel::tr("PCA, %1 directions")), std::pair(u"inlp"_s, ErasureViewModel::tr("INLP, %1 directions"))}) {
    bool number = false;
    const int rank = kind.startsWith(prefix) ? kind.mid(prefix.size()).toInt(&number) : 0;
    if (number) return name.arg(rank);
  }
  return methodName(kind);
}

ErasureViewModel::ErasureViewModel(StudyContext& context) : ViewModel(context, u"erasure"_s, tr("Erasure check")) {}

std::vector<const study::SubspaceRow*> ErasureViewModel::rows() const {
  std::vector<const study::SubspaceRow*> out;
  for (const auto& row : results().subspaces)
    if (row.cluster == shownCluster()) out.push_back(&row);
  std::stable_sort(out.begin(), out.end(), [](const auto* a, const auto* b) {
    return std::tie(a->kind, a->site, a->layer, a->start) < std::tie(b->kind, b->site, b->layer, b->start);
  });
  return out;
}

QString ErasureViewModel::subtitle() const {
  return tr("%1 · AUC of a fresh probe after the subspace is taken out of held-out states · red: nothing left, 0.5").arg(study().clusterLabel(shownCluster()));
}

QString ErasureViewModel::note() const {
  std::map<QString, std::pair<int, int>> kinds;
  for (const auto& row : results().subspaces) {
    auto& [incomplete, all] = kinds[subspaceName(qs(row.kind))];
    incomplete += row.incomplete ? 1 : 0;
    ++all;
  }
  QStringList said;
  for (const auto& [name, counts] : kinds)
    if (counts.first > 0) said << tr("%1 (%2 of %3)").arg(name).arg(counts.first).arg(counts.second);
  return said.isEmpty() ? QString() : tr("Incomplete, over all clusters and layers: %1. What is left still tells the cluster; such a projection removes one way of reading it, not the knowledge.").arg(said.join(u", "_s));
}

QString ErasureViewModel::caption() const { return tr("%1 Subspaces were fitted on documents of role fit, the fresh probe on edited documents of role tune, and judged on those of role evaluate.").arg(ViewModel::caption()); }

QString ErasureViewModel::summary() const {
  const auto all = rows();
  const auto incomplete = std::count_if(all.begin(), all.end(), [](const auto* row) { return row->incomplete; });
  return tr("%1: %2 of %3 subspaces leave something of the cluster").arg(study().clusterLabel(shownCluster())).arg(incomplete).arg(all.size());
}

EmptyState ErasureViewModel::emptyState() const {
  if (!results().subspaces.empty()) return {};
  return {tr("Whether taking a subspace away takes the cluster away"),
          results().probes.empty() ? tr("No probe has been trained yet.") : tr("This study was run before subspaces were checked, or it has none."), u"study.update"_s, tr("Run the study")};
}

ForestFigure ErasureViewModel::figure() const {
  ForestFigure f;
  f.axisLabel = tr("AUC after erasure");
  for (const auto* r : rows()) {
    ForestRow row;
    row.group = subspaceName(qs(r->kind));
    row.label = placeOf(*r);
    row.computed = !std::isnan(r->auc);
    row.estimate = r->auc;
    row.low = std::isnan(r->aucLow) ? r->auc : r->aucLow;
    row.high = std::isnan(r->aucHigh) ? r->auc : r->aucHigh;
    row.mark = nothingLeft;
    row.filled = r->incomplete;
    row.tone = r->incomplete ? study().clusterTone(r->cluster) : int(toneMuted);
    row.right = row.computed ? tr("%1 · rank %2%3").arg(number(r->auc, 2)).arg(r->rank).arg(r->incomplete ? tr(" · incomplete") : QString()) : qs(r->status);
    row.tooltip = tr("%1, %2 at %3\nAUC %4 %5 · rank %6\n%7").arg(row.group, row.label, qs(r->site), number(r->auc, 3), interval(r->aucLow, r->aucHigh)).arg(r->rank).arg(
        r->incomplete ? tr("what is left still tells the cluster") : r->reason.empty() ? qs(r->status) : qs(r->reason));
    f.rows.push_back(std::move(row));
  }
  return f;
}

void ErasureViewModel::activate(int row, Qt::KeyboardModifiers) { study().selection().setCluster(rows()[static_cast<std::size_t>(row)]->cluster); }

TableData ErasureViewModel::table() const {
  TableData t{{{"cluster_label", tr("Cluster")}, {"kind", tr("Subspace")}, {"site", tr("Site")}, {"layer", tr("Layer"), true}, {"start", tr("Edited from"), true},
               {"rank", tr("Rank"), true}, {"auc", tr("AUC after"), true}, {"auc_low", tr("low"), true}, {"auc_high", tr("high"), true}, {"incomplete", tr("Incomplete")},
               {"status", tr("Status")}, {"reason", tr("Reason")}}, {}};
  for (const auto& r : results().subspaces) {
    const TableCell start = r.start.valid() ? TableCell(std::int64_t{r.start.value}) : TableCell();
    t.rows.push_back({study().clusterLabel(r.cluster), subspaceName(qs(r.kind)), qs(r.site), std::int64_t{r.layer.value}, start, r.rank, r.auc, r.aucLow, r.aucHigh,
                      r.incomplete ? tr("yes") : tr("no"), qs(r.status), qs(r.reason)});
  }
  return t;
}

}  // namespace lacuna::ui

#include "views/probes/validity_view_model.h"

#include <algorithm>
#include <cmath>

#include "views/format.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

bool wordsSuffice(const study::ProbeRow& probe) { return std::isfinite(probe.gain) && probe.gain <= 0; }

/// 0: the gate failed; 1: words alone do as well; 2: nothing to object.
int concern(const study::ProbeRow& probe) { return !probe.passed ? 0 : wordsSuffice(probe) ? 1 : 2; }

QString gateWords(const study::ProbeRow& probe) {
  if (probe.passed) return u"✓ "_s + ValidityViewModel::tr("passed");
  const QString reason = !probe.reason.empty() ? qs(probe.reason) : qs(probe.status);
  return u"✕ "_s + (reason.isEmpty() ? ValidityViewModel::tr("failed") : reason);
}

QString yesNo(bool value) { return value ? ValidityViewModel::tr("yes") : ValidityViewModel::tr("no"); }

}  // namespace

ValidityViewModel::ValidityViewModel(StudyContext& context) : ViewModel(context, u"validity"_s, tr("Validity")) {}

std::vector<const study::ProbeRow*> ValidityViewModel::rows() const {
  std::vector<const study::ProbeRow*> rows;
  for (const auto& probe : results().probes) rows.push_back(&probe);
  std::stable_sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) { return concern(*a) < concern(*b); });
  return rows;
}

QString ValidityViewModel::subtitle() const {
  const auto& probes = results().probes;
  const auto passed = std::count_if(probes.begin(), probes.end(), [](const auto& p) { return p.passed; });
  return tr("%1 of %2 probes passed their gate · held-out documents · failures first").arg(passed).arg(probes.size());
}

QString ValidityViewModel::note() const {
  const auto& probes = results().probes;
  const auto failed = std::count_if(probes.begin(), probes.end(), [](const auto& p) { return !p.passed; });
  const auto shallow = std::count_if(probes.begin(), probes.end(), [](const auto& p) { return wordsSuffice(p); });
  QStringList said;
  if (failed > 0) said << tr("%1 of %2 probes failed their gate: their weights say nothing about the cluster.").arg(failed).arg(probes.size());
  if (shallow > 0) said << tr("Gain ≤ 0 for %1: surface words alone do as well.").arg(shallow);
  return said.join(u' ');
}

QString ValidityViewModel::caption() const {
  return tr("Validity of the probes, one against the rest, on held-out documents: AUC with its interval, average precision, selectivity against "
      "control labels, "
            "gain over the better surface baseline, and AUC of probes retrained on the chosen neurons S alone and on all others. %1.").arg(subtitle());
}

EmptyState ValidityViewModel::emptyState() const {
  if (!results().probes.empty()) return {};
  return {tr("Which probes may be trusted, and why the others may not"), tr("No probe has been trained yet."), u"study.update"_s, tr("Run the study")};
}

TableData ValidityViewModel::table() const {
  TableData t{{{"cluster_label", tr("Cluster")}, {"layer", tr("Layer"), true}, {"gate", tr("Gate")}, {"auc", tr("AUC"), true},
               {"ci_low", tr("CI low"), true},
               {"ci_high", tr("CI high"), true}, {"selectivity", tr("Selectivity"), true, 2, true}, {"gain", tr("Gain over words"), true, 3, true},
               {"auc_set", tr("AUC of S"), true}, {"auc_complement", tr("without S"), true}, {"average_precision", tr("Avg. precision"), true},
               {"token_auc", tr("AUC of tokens"), true}, {"lambda", u"λ"_s, true, 4}, {"separable", tr("Separable")}, {"site", tr("Site")}, {"status", tr("Status")}}, {}};
  for (const auto* p : rows())
    t.rows.push_back({study().clusterLabel(p->cluster), std::int64_t{p->layer.value}, gateWords(*p), p->auc, p->aucLow, p->aucHigh, p->selectivity,
        p->gain, p->aucSet,
                      p->aucComplement, p->averagePrecision, p->tokenAuc, p->lambda, yesNo(p->separable), qs(p->site), qs(p->status)});
  return t;
}

std::vector<int> ValidityViewModel::highlightedRows() const {
  std::vector<int> out;
  const auto all = rows();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i]->cluster == selection().cluster()) out.push_back(static_cast<int>(i));
  return out;
}

void ValidityViewModel::activateRow(int row) { study().selection().setCluster(rows()[static_cast<std::size_t>(row)]->cluster); }

}  // namespace lacuna::ui

#include "views/statistics/regression_view_model.h"

#include <algorithm>
#include <cmath>

#include "views/format.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

bool usable(const study::RegressionRow& row) { return row.status == "OK" && std::isfinite(row.estimate); }

QString whyNot(const study::RegressionRow& row) { return row.reason.empty() ? qs(row.status) : qs(row.reason); }

/// Reasons of rows that say one, each once: refusals and notices.
QStringList reasons(const std::vector<study::RegressionRow>& rows) {
  QStringList said;
  for (const auto& row : rows)
    if (const QString reason = qs(row.reason); !reason.isEmpty() && !said.contains(reason)) said << reason;
  return said;
}

/// What the model must hold but the question is not about: the table has it.
bool isNuisance(const study::RegressionRow& row) { return row.term == "intercept" || row.term.rfind("task:", 0) == 0; }

bool hasInterval(const study::RegressionRow& row) { return std::isfinite(row.low) && std::isfinite(row.high); }

/// By its p; an estimator that gives none is judged by its interval.
bool found(const study::RegressionRow& row) {
  if (!usable(row)) return false;
  return std::isfinite(row.p) ? row.p < 0.05 : hasInterval(row) && row.low * row.high > 0;
}

/// "+0.52 [+0.33, +0.71]  p 0.003", with what the estimator gives.
QString coefficientText(const study::RegressionRow& row) {
  const QString estimate = hasInterval(row) ? effectText(row.estimate, row.low, row.high) :
                                             signedNumber(row.estimate, decimalsFor(std::abs(row.estimate)));
  return std::isfinite(row.p) ? RegressionViewModel::tr("%1  p %2").arg(estimate, pValue(row.p)) : estimate;
}

QString regressionTooltip(const study::RegressionRow& row) {
  const QString head = u"%1 · %2\n"_s.arg(termName(qs(row.term)), estimatorName(qs(row.model)));
  if (!usable(row)) return head + RegressionViewModel::tr("not computed: %1").arg(whyNot(row));
  const QString text = head + RegressionViewModel::tr("%1 · se %2\n%3 cells, %4 clusters")
                                  .arg(coefficientText(row), number(row.se), count(row.n), count(row.clusters));
  return std::isfinite(row.vif) && row.vif > 0 ? text + RegressionViewModel::tr(" · VIF %1").arg(number(row.vif, 1)) : text;
}

}  // namespace

QString estimatorName(const QString& model) {
  if (model == "ols-hc3"_L1) return RegressionViewModel::tr("OLS, HC3");
  if (model == "two-way"_L1) return RegressionViewModel::tr("two-way clusters");
  if (model == "wild-bootstrap"_L1) return RegressionViewModel::tr("wild bootstrap");
  if (model == "meta"_L1) return RegressionViewModel::tr("meta-regression");
  if (model == "mixed"_L1) return RegressionViewModel::tr("mixed model");
  return model;
}

QString termName(const QString& term) {
  if (term == "intercept"_L1) return RegressionViewModel::tr("intercept");
  if (term == "ln_tokens"_L1) return RegressionViewModel::tr("ln tokens");
  if (term == "similarity"_L1) return RegressionViewModel::tr("similarity");
  if (term == "ln_neurons"_L1) return RegressionViewModel::tr("ln |S|");
  if (term == "depth"_L1) return RegressionViewModel::tr("depth of the layer");
  if (term == "ln_params"_L1) return RegressionViewModel::tr("ln parameters");
  if (term.startsWith("method:"_L1)) return RegressionViewModel::tr("method: %1").arg(methodName(term.mid(7)));
  if (term.startsWith("task:"_L1)) return RegressionViewModel::tr("task: %1").arg(term.mid(5));
  return term;
}

RegressionViewModel::RegressionViewModel(StudyContext& context) : ViewModel(context, u"regression"_s, tr("Regression")) {}

std::vector<const study::RegressionRow*> RegressionViewModel::rows() const {
  QStringList terms;
  for (const auto& row : results().regression)
    if (!isNuisance(row) && !row.term.empty() && !terms.contains(qs(row.term))) terms << qs(row.term);
  std::vector<const study::RegressionRow*> out;
  for (const QString& term : terms)
    for (const auto& row : results().regression)
      if (qs(row.term) == term) out.push_back(&row);
  return out;
}

QString RegressionViewModel::subtitle() const {
  std::int64_t n = 0, clusters = 0;
  double vif = 0;
  for (const auto& row : results().regression) {
    n = std::max(n, row.n), clusters = std::max(clusters, row.clusters);
    if (std::isfinite(row.vif)) vif = std::max(vif, row.vif);
  }
  if (n == 0) return {};
  const QString text = tr("standardised ACE on cluster and task · %1 cells, %2 clusters").arg(count(n), count(clusters));
  return (vif > 0 ? text + tr(" · VIF up to %1").arg(number(vif, 1)) : text) + tr(" · filled: significant at 0.05");
}

QString RegressionViewModel::note() const { return emptyState().shown() ? QString() : reasons(results().regression).join(u' '); }

QString RegressionViewModel::summary() const {
  const auto all = rows();
  const auto those = std::count_if(all.begin(), all.end(), [](const auto* row) { return found(*row); });
  return tr("%1 of %2 coefficients are significant at 0.05. %3").arg(those).arg(all.size()).arg(subtitle());
}

QString RegressionViewModel::caption() const {
  return tr("Regression of standardised effects, each coefficient by every estimator. Dots: estimates; lines: intervals where the estimator gives "
      "one; filled: significant at 0.05; the intercept and "
            "task effects are in the table. %1. A slope across clusters is not a causal dose of data.").arg(subtitle());
}

EmptyState RegressionViewModel::emptyState() const {
  const QString what = tr("What large effects go with: size of the cluster, likeness to the task, method");
  if (results().regression.empty()) return {what, tr("No regression has been made yet."), u"study.update"_s, tr("Run the study")};
  const auto all = rows();
  if (std::any_of(all.begin(), all.end(), [](const auto* row) { return usable(*row); })) return {};
  const QStringList why = reasons(results().regression);
  return {what, why.isEmpty() ? tr("Refused: %1").arg(qs(results().regression.front().status)) : tr("Refused: %1").arg(why.join(u' ')),
      u"study.update"_s, tr("Run what is not up to date")};
}

ForestFigure RegressionViewModel::figure() const {
  ForestFigure f;
  f.axisLabel = tr("coefficient (sd of the outcome per unit)");
  f.axisHint = tr("> 0: larger effects");
  for (const auto* r : rows()) {
    ForestRow row;
    row.label = estimatorName(qs(r->model));
    row.group = termName(qs(r->term));
    row.computed = usable(*r);
    row.right = row.computed ? coefficientText(*r) : tr("– not computed");
    row.tooltip = regressionTooltip(*r);
    row.estimate = r->estimate;
    row.low = std::isfinite(r->low) ? r->low : r->estimate;
    row.high = std::isfinite(r->high) ? r->high : r->estimate;
    row.filled = found(*r);
    row.tone = toneText;
    f.rows.push_back(std::move(row));
  }
  return f;
}

TableData RegressionViewModel::table() const {
  TableData t{{{"model", tr("Estimator")}, {"term", tr("Term")}, {"estimate", tr("Estimate"), true, 3, true}, {"se", tr("se"), true},
               {"ci_low", tr("CI low"), true, 3, true},
               {"ci_high", tr("CI high"), true, 3, true}, {"p", tr("p"), true, 4}, {"vif", tr("VIF"), true, 1}, {"n", tr("n"), true},
               {"clusters", tr("Clusters"), true},
               {"status", tr("Status")}, {"reason", tr("Reason")}}, {}};
  for (const auto& r : results().regression)
    t.rows.push_back({qs(r.model), qs(r.term), r.estimate, r.se, r.low, r.high, r.p, r.vif, r.n, r.clusters, qs(r.status), qs(r.reason)});
  return t;
}

}  // namespace lacuna::ui

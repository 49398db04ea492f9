#include "views/report/strength_view_model.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <algorithm>
#include <cmath>
#include <limits>

#include "views/effects/effect_words.h"
#include "views/format.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

struct Measured {
  double epsilon = 0, mean = 0, upper = 0, se = 0;
  bool confirms = false;      ///< on the fresh half of the unrelated data
  QString set;                ///< of largest bound
};

bool sameBudget(double a, double b) { return std::abs(a - b) < 1e-9; }

/// The largest tuned ε before the first whose bound exceeds a budget; NaN: not even the smallest keeps it.
double measuredUpTo(const std::vector<Measured>& points, double budget) {
  double kept = std::numeric_limits<double>::quiet_NaN();
  for (const Measured& p : points) {
    if (p.confirms) continue;
    if (!(p.upper <= budget)) break;
    kept = p.epsilon;
  }
  return kept;
}

/// The measured points, by ε; what is no number stays NaN.
std::vector<Measured> measuredOf(const study::StrengthRow& row) {
  std::vector<Measured> points;
  const double missing = std::numeric_limits<double>::quiet_NaN();
  for (const QJsonValue& value : QJsonDocument::fromJson(QByteArray::fromStdString(row.probes)).array()) {
    const QJsonObject point = value.toObject();
    points.push_back({point[u"epsilon"_s].toDouble(missing), point[u"mean"_s].toDouble(missing), point[u"upper"_s].toDouble(missing),
        point[u"se"_s].toDouble(missing),
                      point[u"half"_s].toString() == "confirm"_L1, point[u"set"_s].toString()});
  }
  std::erase_if(points, [](const Measured& p) { return !std::isfinite(p.epsilon) || !std::isfinite(p.mean); });
  std::stable_sort(points.begin(), points.end(), [](const Measured& a, const Measured& b) { return a.epsilon < b.epsilon; });
  return points;
}

bool safe(const study::StrengthRow& row) { return std::isfinite(row.epsilon) && row.epsilon > 0; }

QString statusWords(const study::StrengthRow& row) {
  if (row.status == "AT_CEILING") return StrengthViewModel::tr("budget never exceeded");
  if (!std::isfinite(row.epsilon)) return StrengthViewModel::tr("not computed");
  if (!safe(row)) return StrengthViewModel::tr("no safe strength");
  return row.status == "OK" ? StrengthViewModel::tr("safe") : qs(row.status);
}

}  // namespace

StrengthViewModel::StrengthViewModel(StudyContext& context) : ViewModel(context, u"strength"_s, tr("Safe strength")) {
  connect(&context.selection(), &SelectionModel::lossBudgetChanged, this, [this] {
    if (linked()) Q_EMIT changed();
  });
}

bool StrengthViewModel::tunable() const { return !results().effects.empty(); }

/// Steps of a thousandth, as the spin box; never 0, which no strength keeps.
void StrengthViewModel::moveLine(int, double budget) { study().selection().setLossBudget(std::clamp(std::round(budget * 1000) / 1000, 0.001, 1.0)); }

const study::StrengthRow* StrengthViewModel::shown() const {
  const study::StrengthRow* best = nullptr;
  const auto closeness = [this](const study::StrengthRow& row) {
    return (row.cluster == shownCluster() ? 4 : 0) + (qs(row.method) == m_method ? 2 : 0) + (qs(row.method) == selection().condition().method ? 1 : 0);
  };
  for (const auto& row : results().strengths)
    if (!best || closeness(row) > closeness(*best)) best = &row;
  return best;
}

QString StrengthViewModel::subtitle() const {
  const auto* row = shown();
  if (!row) return {};
  const auto points = measuredOf(*row);
  const auto tuned = std::count_if(points.begin(), points.end(), [](const Measured& p) { return !p.confirms; });
  return tr("%1 · %2, L%3 · loss on unrelated data, nats a token, at %4 strengths · ribbon: up to the 95 % bound")
      .arg(study().clusterLabel(row->cluster), methodName(qs(row->method))).arg(row->layer.value).arg(tuned);
}

QString StrengthViewModel::note() const {
  const auto* row = shown();
  if (!row) return {};
  QStringList said;
  if (row->nonMonotone) said << tr("The loss is not monotone in ε: the first crossing counts.");
  if (!row->reason.empty()) said << qs(row->reason) + u'.';
  if (const double asked = selection().lossBudget(); !sameBudget(asked, row->budget)) {
    const double kept = measuredUpTo(measuredOf(*row), asked);
    said << (std::isfinite(kept) ? tr("A budget of %1 is kept by what was measured up to ε = %2: tune to confirm it.").arg(number(asked), number(kept, 2))
                                 : tr("No measured strength keeps a budget of %1.").arg(number(asked)));
  }
  return said.join(u' ');
}

QString StrengthViewModel::summary() const {
  const auto* row = shown();
  if (!row) return {};
  if (!std::isfinite(row->epsilon)) return tr("%1: %2").arg(study().clusterLabel(row->cluster), statusWords(*row));
  if (!safe(*row)) return tr("%1: no strength keeps the budget of %2 nats a token.").arg(study().clusterLabel(row->cluster), number(row->budget));
  return tr("%1 may be perturbed up to ε = %2 within %3 nats a token; %4 binds.")
      .arg(study().clusterLabel(row->cluster), number(row->epsilon, 2), number(row->budget), row->binding.empty() ? tr("nothing") : qs(row->binding));
}

QString StrengthViewModel::caption() const {
  return tr("Increase of the loss on unrelated data against the strength ε, with its one-sided 95 % bound; \"fresh half\": the bound on data not "
      "used for tuning; horizontal: the budget; vertical: the largest strength "
            "whose bound keeps it. %1 %2").arg(summary(), note()).trimmed();
}

EmptyState StrengthViewModel::emptyState() const {
  if (!results().strengths.empty()) return {};
  const QString what = tr("How strong a perturbation may be before it harms unrelated abilities");
  if (results().effects.empty()) return {what, tr("No perturbation has been run yet."), u"study.update"_s, tr("Run the study")};
  return {what, tr("No strength has been tuned yet: it is measured for the panel's perturbation, on documents and tasks that have nothing to do with "
      "its cluster."),
          u"run.tune"_s, tr("Find the largest safe strength")};
}

SeriesFigure StrengthViewModel::figure() const {
  SeriesFigure f;
  f.xLabel = u"ε"_s;
  f.yLabel = tr("Δ loss");
  f.zeroLine = true;
  const auto* row = shown();
  if (!row) return f;
  Series mean, bound, fresh;
  mean.name = tr("mean");
  bound.name = tr("95 % bound");
  fresh.name = tr("fresh half");
  mean.tone = bound.tone = study().clusterTone(row->cluster);
  fresh.tone = toneText;
  bound.dashed = fresh.dashed = true;
  const auto add = [](Series& series, double x, double y) { series.x.push_back(x), series.y.push_back(y); };
  for (const Measured& p : measuredOf(*row)) {
    const double upper = std::isfinite(p.upper) ? p.upper : p.mean;
    if (std::isfinite(p.upper)) add(p.confirms ? fresh : bound, p.epsilon, p.upper);
    if (p.confirms) continue;
    add(mean, p.epsilon, p.mean);
    mean.low.push_back(p.mean);
    mean.high.push_back(upper);
  }
  for (Series* series : {&mean, &bound, &fresh})
    if (!series->x.empty()) f.series.push_back(std::move(*series));
  f.lines.push_back({row->budget, tr("budget %1").arg(number(row->budget)), false, true, false});
  const double asked = selection().lossBudget();
  f.band = {{0, asked}};
  f.lines.push_back({asked, sameBudget(asked, row->budget) ? QString() : tr("next %1").arg(number(asked)), false, true, true});
  if (safe(*row)) f.lines.push_back({row->epsilon, tr("ε* = %1").arg(number(row->epsilon, 2)), true, false, false});
  return f;
}

TableData StrengthViewModel::strengths() const {
  TableData t{{{"cluster_label", tr("Cluster")}, {"epsilon_star", u"ε*"_s, true}, {"displacement", u"δ"_s, true}, {"status", tr("Status")},
               {"binding", tr("Binds")},
               {"budget", tr("Budget"), true}, {"method", tr("Method")}, {"layer", tr("Layer"), true}, {"reason", tr("Reason")}}, {}};
  for (const auto& r : results().strengths)
    t.rows.push_back({study().clusterLabel(r.cluster), r.epsilon, r.displacement, statusWords(r), qs(r.binding), r.budget, qs(r.method),
        std::int64_t{r.layer.value}, qs(r.reason)});
  return t;
}

TableData StrengthViewModel::table() const {
  TableData t = strengths();
  for (const auto& [name, title] : {std::pair("epsilon", u"ε"_s), std::pair("mean", tr("Mean")), std::pair("upper", tr("95 % bound")),
      std::pair("se", tr("se"))})
    t.columns.push_back({name, title, true, 4});
  t.columns.push_back({"half", tr("Half")});
  t.columns.push_back({"set", tr("Data")});
  std::vector<std::vector<TableCell>> rows;
  for (std::size_t i = 0; i < t.rows.size(); ++i) {
    const auto points = measuredOf(results().strengths[i]);
    const auto add = [&](const std::vector<TableCell>& measured) {
      rows.push_back(t.rows[i]);
      rows.back().insert(rows.back().end(), measured.begin(), measured.end());
    };
    if (points.empty()) add(std::vector<TableCell>(6));
    for (const Measured& p : points) add({p.epsilon, p.mean, p.upper, p.se, p.confirms ? tr("confirm") : tr("tune"), p.set});
  }
  t.rows = std::move(rows);
  return t;
}

std::vector<int> StrengthViewModel::highlightedRows() const {
  const auto* row = shown();
  return row ? std::vector<int>{static_cast<int>(row - results().strengths.data())} : std::vector<int>();
}

void StrengthViewModel::activateRow(int row) {
  const auto& chosen = results().strengths[static_cast<std::size_t>(row)];
  const bool other = std::exchange(m_method, qs(chosen.method)) != qs(chosen.method);
  const bool moved = study().selection().cluster() != chosen.cluster;
  study().selection().setCluster(chosen.cluster);
  if (other && !moved) Q_EMIT changed();
}

}  // namespace lacuna::ui

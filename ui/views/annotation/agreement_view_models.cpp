#include "views/annotation/agreement_view_models.h"

#include <algorithm>
#include <cmath>

#include "views/format.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr double chance = 1.0 / 6;

QString percent(double share) { return std::isnan(share) ? u"–"_s : u"%1 %"_s.arg(number(100 * share, 0)); }

}  // namespace

EmptyState PeopleViewModel::emptyState() const {
  if (all() && (all()->documents > 0 || all()->intruders > 0)) return {};
  const QString what = id() == "agreement"_L1 ? tr("How far raters agree about each cluster") : tr("How often raters find the document that does not belong");
  if (results().clusters.empty()) return {what, tr("There are no clusters yet."), u"study.update"_s, tr("Run the study")};
  return {what, tr("Nobody has finished a group yet."), {}, {}};
}

QString PeopleViewModel::nameOf(const study::AgreementRow& row) const { return row.cluster.valid() ? study().clusterLabel(row.cluster) : tr("all clusters"); }

ForestRow PeopleViewModel::forestRow(const study::AgreementRow& row, const study::Ranged& value) const {
  ForestRow out;
  out.label = nameOf(row);
  out.estimate = value.value;
  out.low = std::isnan(value.low) ? value.value : value.low;
  out.high = std::isnan(value.high) ? value.value : value.high;
  out.computed = !std::isnan(value.value);
  out.filled = true;
  out.tone = row.cluster.valid() ? study().clusterTone(row.cluster) : int(toneText);
  out.highlighted = row.cluster.valid() && selection().cluster() == row.cluster;
  return out;
}

void PeopleViewModel::activate(int row, Qt::KeyboardModifiers) {
  const ClusterId id = rows()[static_cast<std::size_t>(row)].cluster;
  study().selection().setCluster(study().selection().cluster() == id ? ClusterId() : id);
}

TableData PeopleViewModel::table() const {
  TableData t{{{"cluster_label", tr("Cluster")}, {"topics", tr("Topics given")}, {"n_raters", tr("Raters"), true}, {"n_documents", tr("Documents"), true},
               {"share_fits", tr("Fits"), true, 2}, {"fits_low", tr("low"), true, 2}, {"fits_high", tr("high"), true, 2}, {"n_shared", tr("Shared"), true},
               {"observed", tr("Raw agreement"), true, 2}, {"kappa", u"κ"_s, true, 2, true}, {"kappa_low", tr("low"), true, 2, true},
               {"kappa_high", tr("high"), true, 2, true}, {"kappa_method", tr("Kind of κ")}, {"alpha", u"α"_s, true, 2, true},
               {"alpha_low", tr("low"), true, 2, true}, {"alpha_high", tr("high"), true, 2, true}, {"n_intruders", tr("Intruders"), true},
               {"intruders_found", tr("Found"), true, 2}, {"found_low", tr("low"), true, 2}, {"found_high", tr("high"), true, 2}, {"p_found", tr("p (guessing)"), true}}, {}};
  for (const auto& a : rows())
    t.rows.push_back({nameOf(a), qs(a.topics), a.raters, a.documents, a.fits.value, a.fits.low, a.fits.high, a.shared, a.observed, a.kappa.value, a.kappa.low,
                      a.kappa.high, qs(a.kappaMethod), a.alpha.value, a.alpha.low, a.alpha.high, a.intruders, a.found.value, a.found.low, a.found.high, a.pFound});
  return t;
}

AgreementViewModel::AgreementViewModel(StudyContext& context) : PeopleViewModel(context, u"agreement"_s, tr("Agreement")) {}

QString AgreementViewModel::subtitle() const {
  if (!all()) return {};
  const QString kind = all()->kappaMethod == "cohen" ? tr("Cohen's κ") : all()->kappaMethod == "fleiss" ? tr("Fleiss' κ") : tr("Krippendorff's α");
  return tr("%1 with 95 % intervals · %2 raters · %3 documents judged, %4 by two or more")
      .arg(kind).arg(all()->raters).arg(count(all()->documents), count(all()->shared));
}

QString AgreementViewModel::note() const {
  if (!all() || all()->documents == 0) return {};
  if (all()->raters < 2) return tr("One rater so far: agreement needs a second. Share a sheet: lacuna-cli annotate sheet.");
  const auto paradox = [](const study::AgreementRow& r) { return r.observed > 0.85 && (std::isnan(r.kappa.value) || r.kappa.value < 0.4); };
  return std::any_of(rows().begin(), rows().end(), paradox) ? tr("Where nearly every document fits, κ is low or undefined even if raters agree: read the raw agreement beside it.") : QString();
}

QString AgreementViewModel::summary() const {
  return all() && all()->shared > 0 ? tr("%1: raw agreement %2, κ %3, α %4").arg(tr("all clusters"), percent(all()->observed), number(all()->kappa.value, 2), number(all()->alpha.value, 2))
                                    : subtitle();
}

ForestFigure AgreementViewModel::figure() const {
  ForestFigure f;
  f.axisLabel = all() && all()->kappaMethod.empty() ? tr("α beyond chance") : tr("κ beyond chance");
  f.axisHint = tr("0: as often as by chance · 1: always");
  for (const auto& a : rows()) {
    ForestRow row = forestRow(a, a.kappaMethod.empty() ? a.alpha : a.kappa);
    row.right = tr("raw %1 · fits %2 · n %3").arg(percent(a.observed), percent(a.fits.value)).arg(a.documents);
    row.tooltip = tr("%1\nκ %2 %3 · α %4 %5\nraw agreement %6 on %7 shared documents\n%8 of decided judgements: it fits").arg(
        nameOf(a), number(a.kappa.value, 2), interval(a.kappa.low, a.kappa.high), number(a.alpha.value, 2), interval(a.alpha.low, a.alpha.high),
        percent(a.observed), count(a.shared), percent(a.fits.value));
    if (!a.topics.empty()) row.tooltip += tr("\ntopics: %1").arg(qs(a.topics));
    f.rows.push_back(std::move(row));
  }
  return f;
}

IntruderViewModel::IntruderViewModel(StudyContext& context) : PeopleViewModel(context, u"intruders"_s, tr("Intruders found")) {}

QString IntruderViewModel::subtitle() const {
  return all() ? tr("share of items whose intruder was chosen, 95 % interval · %1 items answered · red: guessing, 1/6").arg(count(all()->intruders)) : QString();
}

QString IntruderViewModel::summary() const {
  return all() && all()->intruders > 0 ? tr("%1 of intruders found, %2 by guessing; p %3").arg(percent(all()->found.value), percent(chance), pValue(all()->pFound)) : subtitle();
}

ForestFigure IntruderViewModel::figure() const {
  ForestFigure f;
  f.axisLabel = tr("intruders found");
  f.markLabel = tr("guessing");
  for (const auto& a : rows()) {
    ForestRow row = forestRow(a, a.found);
    row.mark = chance;
    row.right = a.intruders > 0 ? tr("%1 · n %2").arg(percent(a.found.value)).arg(a.intruders) : u"–"_s;
    row.tooltip = tr("%1\n%2 found %3 of %4 items\np of as many by guessing: %5").arg(nameOf(a), percent(a.found.value), interval(a.found.low, a.found.high), count(a.intruders), pValue(a.pFound));
    f.rows.push_back(std::move(row));
  }
  return f;
}

}  // namespace lacuna::ui

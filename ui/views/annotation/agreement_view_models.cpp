#include "views/annotation/agreement_view_models.h"

#include <algorithm>
#include <cmath>

#include "views/format.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr double chance = 1.0 / 6;

/// "ann and bob κ 0.40 on 50 documents", one a line.
QStringList pairTexts(const study::AgreementRow& row) {
  QStringList out;
  for (const auto& pair : row.pairs)
    out << PeopleViewModel::tr("%1 and %2: κ %3, raw %4 %, n %5").arg(qs(pair.first), qs(pair.second), number(pair.kappa.value, 2), number(100 * pair.observed, 0), count(pair.documents));
  return out;
}

/// "Fleiss' κ of 3 raters on 40 documents"
QString kappaText(const study::AgreementRow& row) {
  if (row.kappaRaters < 2) return {};
  const QString documents = PeopleViewModel::tr("%n document(s)", nullptr, static_cast<int>(row.kappaDocuments));
  return row.kappaMethod == "cohen" ? PeopleViewModel::tr("Cohen's κ of 2 raters on %1").arg(documents) : PeopleViewModel::tr("Fleiss' κ of %1 raters on %2").arg(row.kappaRaters).arg(documents);
}

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
               {"observed", tr("Raw agreement"), true, 2}, {"alpha", u"α"_s, true, 2, true}, {"alpha_low", tr("low"), true, 2, true},
               {"alpha_high", tr("high"), true, 2, true}, {"kappa", u"κ"_s, true, 2, true}, {"kappa_low", tr("low"), true, 2, true},
               {"kappa_high", tr("high"), true, 2, true}, {"kappa_method", tr("Kind of κ")}, {"n_kappa_raters", tr("Raters of κ"), true},
               {"n_kappa_documents", tr("Documents of κ"), true}, {"kappa_observed", tr("Raw agreement of κ"), true, 2}, {"pairs", tr("Cohen's κ of every pair")}, {"n_intruders", tr("Intruders"), true},
               {"intruders_found", tr("Found"), true, 2}, {"found_low", tr("low"), true, 2}, {"found_high", tr("high"), true, 2}, {"p_found", tr("p (guessing)"), true}}, {}};
  for (const auto& a : rows())
    t.rows.push_back({nameOf(a), qs(a.topics), a.raters, a.documents, a.fits.value, a.fits.low, a.fits.high, a.shared, a.observed, a.alpha.value, a.alpha.low,
                      a.alpha.high, a.kappa.value, a.kappa.low, a.kappa.high, qs(a.kappaMethod), a.kappaRaters, a.kappaDocuments, a.kappaObserved,
                      pairTexts(a).join(u"; "_s), a.intruders, a.found.value, a.found.low, a.found.high, a.pFound});
  return t;
}

AgreementViewModel::AgreementViewModel(StudyContext& context) : PeopleViewModel(context, u"agreement"_s, tr("Agreement")) {}

QString AgreementViewModel::subtitle() const {
  if (!all()) return {};
  return tr("Krippendorff's α with 95 % intervals · %1 raters · %2 documents judged, %3 by two or more").arg(all()->raters).arg(count(all()->documents), count(all()->shared));
}

QString AgreementViewModel::note() const {
  if (!all() || all()->documents == 0) return {};
  if (all()->raters < 2) return tr("One rater so far: agreement needs a second. Export a sheet for someone else, or type another name as rater.");
  const auto paradox = [](const study::AgreementRow& r) { return r.observed > 0.85 && (std::isnan(r.alpha.value) || r.alpha.value < 0.4); };
  return std::any_of(rows().begin(), rows().end(), paradox) ? tr("Where nearly every document fits, α and κ are low or undefined even if raters agree: read the raw agreement beside them.") : QString();
}

QString AgreementViewModel::summary() const {
  return all() && all()->shared > 0 ? tr("%1: raw agreement %2, κ %3, α %4").arg(tr("all clusters"), percent(all()->observed), number(all()->kappa.value, 2), number(all()->alpha.value, 2))
                                    : subtitle();
}

/// One measure on the axis: α exists wherever two judged a document, whoever they are; κ and raw agreement stand beside it in words.
ForestFigure AgreementViewModel::figure() const {
  ForestFigure f;
  f.axisLabel = tr("Krippendorff's α");
  f.axisHint = tr("0: as often as by chance · 1: always");
  for (const auto& a : rows()) {
    ForestRow row = forestRow(a, a.alpha);
    row.right = tr("raw %1 · κ %2 · n %3").arg(percent(a.observed), number(a.kappa.value, 2), count(a.shared));
    QStringList lines{nameOf(a), tr("α %1 %2, raw agreement %3 on %4 shared documents").arg(number(a.alpha.value, 2), interval(a.alpha.low, a.alpha.high), percent(a.observed), count(a.shared))};
    if (a.alphaStatus == "NOT_IDENTIFIED") lines << tr("everybody says the same of every document: there is no chance to measure against");
    if (!kappaText(a).isEmpty()) lines << tr("%1: %2 %3, raw agreement %4").arg(kappaText(a), number(a.kappa.value, 2), interval(a.kappa.low, a.kappa.high), percent(a.kappaObserved));
    if (a.pairs.size() > 1) lines << pairTexts(a);
    lines << tr("%1 of decided judgements: it fits; %2 documents judged").arg(percent(a.fits.value), count(a.documents));
    if (!a.topics.empty()) lines << tr("topics: %1").arg(qs(a.topics));
    row.tooltip = lines.join(u'\n');
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

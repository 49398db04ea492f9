#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "views/format.h"
#include "views/trust/field_words.h"
#include "views/trust/trust_view_models.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

/// The value at a share of sorted numbers.
double quantile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return std::nan("");
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at), above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

ClusterValidityViewModel::ClusterValidityViewModel(StudyContext& context) : ViewModel(context, u"cluster-validity"_s, tr("Validity")) {}

const std::vector<ClusterValidityViewModel::Spread>& ClusterValidityViewModel::spreads() const {
  if (m_spreadsOf == study().sharedResults()) return m_spreads;
  m_spreadsOf = study().sharedResults();
  std::unordered_map<std::int32_t, std::vector<double>> values;
  for (const auto& d : results().documents)
    if (d.cluster >= 0 && !std::isnan(d.silhouette)) values[d.cluster].push_back(d.silhouette);
  m_spreads.clear();
  for (const auto& c : results().clusters) {
    std::vector<double>& own = values[c.id.value];
    std::sort(own.begin(), own.end());
    m_spreads.push_back({quantile(own, 0.1), quantile(own, 0.9)});
  }
  return m_spreads;
}

QString ClusterValidityViewModel::subtitle() const {
  QString text = tr("macro silhouette %1").arg(number(results().macroSilhouette, 2));
  const study::Evidence& e = results().evidence;
  if (!std::isnan(e.euclidean.macro)) {
    text += tr(" · by Euclidean distance %1").arg(number(e.euclidean.macro, 2));
    if (e.euclidean.standardError > 0) text += tr(" ± %1, sampled").arg(number(e.euclidean.standardError, 2));
  }
  if (e.stability.pairs > 0) text += tr(" · ARI of %1 pairs of refits %2").arg(e.stability.pairs).arg(number(e.stability.mean, 2));
  if (const study::ValidityRow* v = validityShown(results(), selection())) text += u" · "_s + purityText(*v);
  return text;
}

QString ClusterValidityViewModel::note() const {
  const study::Evidence& e = results().evidence;
  QStringList said;
  if (e.stale) said << tr("Out of date: clusters or settings changed since these numbers were worked out.");
  if (e.ambiguous > 0) said << tr("%n document(s) are ambiguous: set aside, counted, and seen by no probe.", nullptr, static_cast<int>(e.ambiguous));
  if (e.noise > 0) said << tr("%n document(s) are in no cluster: noise, or passed over by the filters.", nullptr, static_cast<int>(e.noise));
  QStringList unused;
  for (const std::string& name : e.emptyFilters) unused << qs(name);
  if (!unused.empty()) said << tr("No document passes: %1.").arg(unused.join(u", "_s));
  QStringList small;
  for (const auto& c : results().clusters)
    if (c.tooFew) small << study().clusterLabel(c.id);
  if (!small.empty()) said << tr("Too few documents to trust: %1.").arg(small.join(u", "_s));
  return said.join(u' ');
}

QString ClusterValidityViewModel::caption() const {
  return tr("%1 Dots: mean cosine silhouette in the embedding; lines: the middle 80 % of the documents; red: the mean over clusters. Hollow: too few documents.").arg(ViewModel::caption());
}

EmptyState ClusterValidityViewModel::emptyState() const {
  if (!results().clusters.empty()) return {};
  return {tr("How well each cluster holds together"), tr("There are no clusters yet."), u"study.update"_s, tr("Run the study")};
}

ForestFigure ClusterValidityViewModel::figure() const {
  ForestFigure f;
  f.axisLabel = tr("silhouette");
  f.markLabel = tr("mean over clusters");
  for (std::size_t i = 0; i < results().clusters.size(); ++i) {
    const auto& c = results().clusters[i];
    const Spread& spread = spreads()[i];
    ForestRow row;
    row.label = study().clusterLabel(c.id);
    row.tone = study().clusterTone(c.id);
    row.computed = !std::isnan(c.silhouette);
    row.estimate = c.silhouette;
    row.low = std::isnan(spread.low) ? c.silhouette : spread.low;
    row.high = std::isnan(spread.high) ? c.silhouette : spread.high;
    row.filled = !c.tooFew;
    row.highlighted = selection().cluster() == c.id;
    if (!std::isnan(results().macroSilhouette)) row.mark = results().macroSilhouette;
    const QString size = tr("n %1").arg(count(c.size));
    row.right = row.computed ? tr("%1 · %2 · %3 % < 0").arg(number(c.silhouette, 2), size, number(100 * c.shareNegative, 0)) : tr("not computed · %1").arg(size);
    row.tooltip = tr("%1 · %2 documents\nmean silhouette %3, middle 80 % %4\n%5 % nearer to another cluster").arg(row.label, count(c.size), number(c.silhouette, 3), interval(spread.low, spread.high), number(100 * c.shareNegative, 1));
    if (c.persistence > 0) {
      row.right += tr(" · pers. %1").arg(number(c.persistence, 2));
      row.tooltip += tr("\npersistence over densities %1").arg(number(c.persistence, 3));
    }
    f.rows.push_back(std::move(row));
  }
  return f;
}

void ClusterValidityViewModel::activate(int row, Qt::KeyboardModifiers) {
  const ClusterId id = results().clusters[static_cast<std::size_t>(row)].id;
  study().selection().setCluster(study().selection().cluster() == id ? ClusterId() : id);
}

TableData ClusterValidityViewModel::table() const {
  TableData t{{{"cluster_id", tr("Cluster"), true}, {"cluster_label", tr("Label")}, {"n", tr("n"), true}, {"silhouette_mean", tr("Mean s"), true},
               {"silhouette_p10", tr("10 %"), true}, {"silhouette_p90", tr("90 %"), true}, {"share_negative", tr("Share < 0"), true}, {"persistence", tr("Persistence"), true},
               {"too_few", tr("Too few")}, {"largest_value", tr("Most frequent value")}, {"share_largest", tr("Its share here"), true},
               {"share_expected", tr("Its share of all"), true}}, {}};
  const std::vector<LargestValue> largest = largestValues(results(), selection());
  for (std::size_t i = 0; i < results().clusters.size(); ++i) {
    const auto& c = results().clusters[i];
    t.rows.push_back({std::int64_t{c.id.value}, study().clusterLabel(c.id), c.size, c.silhouette, spreads()[i].low, spreads()[i].high, c.shareNegative,
                      c.persistence > 0 ? c.persistence : std::nan(""), c.tooFew ? tr("yes") : tr("no"), largest[i].value, largest[i].share, largest[i].expected});
  }
  return t;
}

}  // namespace lacuna::ui

#include <algorithm>
#include <cmath>

#include "views/format.h"
#include "views/number_list.h"
#include "views/trust/trust_view_models.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr double stable = 0.8;

Series series(const QString& name, int tone) {
  Series s;
  s.name = name;
  s.tone = tone;
  return s;
}

}  // namespace

std::vector<int> gridAround(int k) {
  std::vector<int> grid{k / 2, 3 * k / 4, k, 3 * k / 2, 2 * k};
  for (int& tried : grid) tried = std::max(2, tried);
  grid.erase(std::unique(grid.begin(), grid.end()), grid.end());
  return grid;
}

KCurveViewModel::KCurveViewModel(StudyContext& context) : ViewModel(context, u"k-curve"_s, tr("How many clusters")) {}

const study::KRow* KCurveViewModel::chosen() const {
  const auto found = std::find_if(curve().begin(), curve().end(), [](const auto& row) { return row.chosen; });
  return found == curve().end() ? nullptr : &*found;
}

const study::KRow* KCurveViewModel::best() const {
  const study::KRow* found = nullptr;
  for (const auto& row : curve())
    if (!std::isnan(row.silhouette) && (!found || row.silhouette > found->silhouette)) found = &row;
  return found;
}

QString KCurveViewModel::subtitle() const {
  const study::KRow *c = chosen(), *b = best();
  if (!c || !b) return {};
  if (!results().evidence.stable)
    return tr("No number of clusters is stable (ARI of refits below 0.8). %1 was taken: its refits agree most (ARI %2).").arg(c->k).arg(number(c->stability, 2));
  const QString rule = c == b ? tr("%1 is the largest k whose refits agree (ARI %2 ≥ 0.8); its silhouette is the best (%3).").arg(c->k).arg(number(c->stability, 2), number(c->silhouette, 2))
                              : tr("%1 is the largest k whose refits agree (ARI %2 ≥ 0.8) and whose silhouette (%3) is within one SE of the best (%4 ± %5 at k = %6).")
                                    .arg(c->k).arg(number(c->stability, 2), number(c->silhouette, 2), number(b->silhouette, 2), number(b->standardError, 2)).arg(b->k);
  return rule;
}

QString KCurveViewModel::note() const {
  if (curve().empty() || results().evidence.stable) return {};
  return tr("A clustering whose refits differ says little about the data: ask for fewer clusters, or for another embedding.");
}

QString KCurveViewModel::caption() const {
  return tr("%1 Silhouette: mean over clusters of their mean cosine silhouettes, ribbon ± one standard error over clusters. Stability: mean adjusted Rand index of pairs of refits, each on its own 80 % of the documents. AMI: adjusted mutual information with the sources.")
      .arg(ViewModel::caption());
}

EmptyState KCurveViewModel::emptyState() const {
  if (!curve().empty()) return {};
  const QString what = tr("Silhouette, stability and agreement over the number of clusters");
  if (results().clusters.empty()) return {what, tr("There are no clusters yet."), u"study.update"_s, tr("Run the study")};
  const std::string& method = results().evidence.method;
  if (!method.empty() && method != "kmeans") return {what, tr("The method “%1” finds the number of clusters by itself: there is nothing to choose.").arg(qs(method)), {}, {}};
  const auto k = static_cast<int>(results().clusters.size());
  return {what, tr("The spec asks for %1 clusters. With \"choose_k\": [%2] under \"clusters\" each of these is refitted, and the largest stable one is taken.").arg(k).arg(numbersText(gridAround(k))),
          u"study.choose-k"_s, tr("Choose among %1…").arg(numbersText(gridAround(k)))};
}

SeriesFigure KCurveViewModel::figure() const {
  SeriesFigure f;
  f.xLabel = tr("number of clusters k");
  f.yHigh = 1.04;
  Series silhouette = series(tr("silhouette"), toneAccent), stability = series(tr("ARI of refits"), 2), ami = series(tr("AMI with sources"), 6);
  for (const auto& row : curve()) {
    const auto k = static_cast<double>(row.k);
    f.xTicks.push_back(k);
    if (!std::isnan(row.silhouette)) {
      const double error = std::isnan(row.standardError) ? 0 : row.standardError;
      silhouette.x.push_back(k), silhouette.y.push_back(row.silhouette);
      silhouette.low.push_back(row.silhouette - error), silhouette.high.push_back(row.silhouette + error);
    }
    if (!std::isnan(row.stability)) stability.x.push_back(k), stability.y.push_back(row.stability);
    if (!std::isnan(row.ami)) ami.x.push_back(k), ami.y.push_back(row.ami);
  }
  for (Series* s : {&silhouette, &stability, &ami})
    if (!s->x.empty()) f.series.push_back(std::move(*s));
  f.lines.push_back({.at = stable, .label = {}});
  if (picked() > 0 && !isChosen(picked())) f.lines.push_back({.at = static_cast<double>(picked()), .label = picked() == curve().back().k ? QString() : tr("k = %1?").arg(picked()), .vertical = true});
  if (const study::KRow* c = chosen()) f.lines.push_back({.at = static_cast<double>(c->k), .label = c == &curve().back() ? QString() : tr("k = %1").arg(c->k), .vertical = true, .dashed = false});
  return f;
}

std::vector<int> KCurveViewModel::tried() const {
  std::vector<int> numbers;
  for (const study::KRow& row : curve()) numbers.push_back(static_cast<int>(row.k));
  return numbers;
}

int KCurveViewModel::picked() const {
  const std::vector<int> numbers = tried();
  if (std::find(numbers.begin(), numbers.end(), m_picked) != numbers.end()) return m_picked;
  return chosen() ? static_cast<int>(chosen()->k) : numbers.empty() ? 0 : numbers.front();
}

void KCurveViewModel::pick(int k) {
  if (std::exchange(m_picked, k) != k) Q_EMIT changed();
}

bool KCurveViewModel::isChosen(int k) const { return chosen() && chosen()->k == k; }

TableData KCurveViewModel::table() const {
  TableData t{{{"k", tr("k"), true}, {"macro_silhouette", tr("Silhouette"), true}, {"se", tr("SE"), true}, {"stability", tr("ARI of refits"), true},
               {"stability_sd", tr("sd"), true}, {"ami_sources", tr("AMI with sources"), true}, {"chosen", tr("Chosen")}}, {}};
  for (const auto& row : curve())
    t.rows.push_back({row.k, row.silhouette, row.standardError, row.stability, row.stabilitySd, row.ami, row.chosen ? tr("yes") : QString()});
  return t;
}

}  // namespace lacuna::ui

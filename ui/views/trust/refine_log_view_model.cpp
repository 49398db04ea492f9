#include "views/trust/refine_log_view_model.h"

#include <algorithm>

#include "lacuna/study/cluster_edits.h"
#include "views/format.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

QString change(double before, double after) { return RefineLogViewModel::tr("%1 → %2").arg(number(before, 2), number(after, 2)); }

/// "2 split · 1 merged · 41 documents ambiguous · 1 dropped"
QString deeds(const study::Evidence& e, std::int64_t round) {
  int split = 0, merged = 0, dropped = 0;
  std::int64_t ambiguous = 0;
  for (const auto& step : e.steps) {
    if (step.round != round) continue;
    split += step.action == "split" ? 1 : 0;
    merged += step.action == "merge" ? 1 : 0;
    dropped += step.action == "drop" ? 1 : 0;
    if (step.action == "ambiguous") ambiguous += step.documents;
  }
  QStringList said;
  if (split > 0) said << RefineLogViewModel::tr("%n split", nullptr, split);
  if (merged > 0) said << RefineLogViewModel::tr("%n merged", nullptr, merged);
  if (dropped > 0) said << RefineLogViewModel::tr("%n dropped", nullptr, dropped);
  if (ambiguous > 0) said << RefineLogViewModel::tr("%n document(s) ambiguous", nullptr, static_cast<int>(ambiguous));
  return said.isEmpty() ? RefineLogViewModel::tr("nothing to do") : said.join(u" · "_s);
}

QString stepWords(const StudyContext& study, const store::RefineStepRow& s) {
  const QString name = study.clusterLabel(ClusterId(s.cluster)), n = count(s.documents);
  const QString why = RefineLogViewModel::tr(" (purity %1, silhouette %2)").arg(number(s.purity, 2), number(s.silhouette, 2));
  if (s.action == "split") return RefineLogViewModel::tr("%1: %2 documents split off as %3").arg(name, n, study.clusterLabel(ClusterId(s.other))) + why;
  if (s.action == "merge") return RefineLogViewModel::tr("%1: merged into %2").arg(name, study.clusterLabel(ClusterId(s.other)));
  if (s.action == "drop") return RefineLogViewModel::tr("%1: dropped, only %2 documents").arg(name, n);
  return RefineLogViewModel::tr("%1: %2 documents are nearer to another cluster").arg(name, n);
}

}  // namespace

RefineLogViewModel::RefineLogViewModel(StudyContext& context) : ViewModel(context, u"refine-log"_s, tr("Refining, round by round")) {}

QString RefineLogViewModel::subtitle() const {
  const study::Evidence& e = results().evidence;
  if (e.rounds.empty()) return {};
  return tr("macro purity %1 · macro silhouette %2 · %3 → %4 clusters").arg(change(e.rounds.front().purityBefore, e.rounds.back().purityAfter),
      change(e.rounds.front().silhouetteBefore, e.rounds.back().silhouetteAfter)).arg(e.rounds.front().clustersBefore).arg(e.rounds.back().clustersAfter);
}

QString RefineLogViewModel::note() const {
  const std::int64_t back = wentBackTo();
  return back > 0 ? tr("The clusters are those from before round %1: somebody went back. Undo takes that back.").arg(back) : QString();
}

EmptyState RefineLogViewModel::emptyState() const {
  if (!results().evidence.rounds.empty()) return {};
  const QString what = tr("Rounds of splitting, merging and setting aside");
  if (results().clusters.empty()) return {what, tr("There are no clusters yet."), u"study.update"_s, tr("Run the study")};
  if (results().evidence.multiLabel()) return {what, tr("Clusters that share documents are not refined."), {}, {}};
  return {what, tr("As they were found. \"refine\": {\"rounds\": 5} under \"clusters\" splits what is impure or loose, merges what is alike, sets aside what is ambiguous."),
          u"study.refine"_s, tr("Refine the clusters…")};
}

std::int64_t RefineLogViewModel::wentBackTo() const {
  std::int64_t round = 0;
  for (const auto& edit : study::historyOf(study().people().edits, study().people().clustering).done)
    if (edit.kind == "revert") round = QString::fromStdString(edit.value).toLongLong();
  return round;
}

std::vector<RefineLogViewModel::Round> RefineLogViewModel::rounds() const {
  const study::Evidence& e = results().evidence;
  const std::int64_t back = wentBackTo();
  const auto all = std::max<std::size_t>(1, results().documents.size());
  std::vector<Round> out;
  for (const auto& r : e.rounds) {
    Round round;
    round.number = r.round + 1;
    round.title = tr("Round %1").arg(round.number);
    round.did = deeds(e, r.round);
    round.purity = change(r.purityBefore, r.purityAfter);
    round.silhouette = change(r.silhouetteBefore, r.silhouetteAfter);
    round.changed = tr("%1 % of the labels changed").arg(number(100 * static_cast<double>(r.changed) / static_cast<double>(all), 1));
    round.takenBack = back > 0 && round.number >= back;
    QStringList steps;
    for (const auto& s : e.steps)
      if (s.round == r.round) steps << stepWords(study(), s);
    round.details = steps.join(u'\n');
    out.push_back(std::move(round));
  }
  return out;
}

QString RefineLogViewModel::ending() const {
  return results().evidence.stopped.empty() ? QString() : tr("Ended: %1.").arg(qs(results().evidence.stopped));
}

TableData RefineLogViewModel::table() const {
  TableData t{{{"round", tr("Round"), true, 0}, {"action", tr("What")}, {"cluster_label", tr("Cluster")}, {"other_label", tr("and")}, {"n_documents", tr("Documents"), true},
               {"purity", tr("Purity before"), true}, {"silhouette", tr("Silhouette before"), true}}, {}};
  for (const auto& s : results().evidence.steps)
    t.rows.push_back({s.round + 1, qs(s.action), study().clusterLabel(ClusterId(s.cluster)), s.other >= 0 ? study().clusterLabel(ClusterId(s.other)) : QString(), s.documents, s.purity, s.silhouette});
  return t;
}

}  // namespace lacuna::ui

#include "views/report/curation_view_model.h"

#include <algorithm>
#include <cmath>

#include "views/effects/effect_words.h"
#include "views/format.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

QString verdictWords(const study::CurationRow& row) {
  if (row.verdict == "up") return u"▲ "_s + CurationViewModel::tr("up");
  if (row.verdict == "down") return u"▼ "_s + CurationViewModel::tr("down");
  return CurationViewModel::tr("no change");
}

bool moves(const study::CurationRow& row) { return row.verdict == "up" || row.verdict == "down"; }
QString percent(double share) { return number(100 * share, 1) + u" %"_s; }

QString curationTooltip(const StudyContext& study, const study::CurationRow& row) {
  return CurationViewModel::tr("%1: %2\n%3\nshare of tokens %4 now, %5 proposed (× %6)\nutility %7 · P(U > 0) = %8 · P(among the first) = %9\n")
             .arg(study.clusterLabel(row.cluster), verdictWords(row), qs(row.reason), percent(row.share), percent(row.newShare),
             number(row.multiplier, 2),
                  signedNumber(row.utility), number(row.probabilityPositive, 2), number(row.probabilityTop, 2)) +
         CurationViewModel::tr("rank %1 to %2").arg(number(row.rankLow, 0), number(row.rankHigh, 0));
}

}  // namespace

CurationViewModel::CurationViewModel(StudyContext& context) : ViewModel(context, u"curation"_s, tr("Curation")) {}

std::vector<const study::CurationRow*> CurationViewModel::rows() const {
  std::vector<const study::CurationRow*> rows;
  for (const auto& row : results().curation) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) {
    if (std::isfinite(a->utility) != std::isfinite(b->utility)) return std::isfinite(a->utility);
    return std::isfinite(a->utility) && a->utility > b->utility;
  });
  return rows;
}

QString CurationViewModel::subtitle() const {
  const auto moved = std::count_if(results().curation.begin(), results().curation.end(), [](const auto& row) { return moves(row); });
  return tr("bar: proposed share of tokens · line: share now · largest utility first · %1 of %2 clusters have a verdict").arg(moved)
      .arg(results().curation.size());
}

QString CurationViewModel::note() const { return tr("HYPOTHESIS: an effect on a representation is not the effect of retraining."); }

QString CurationViewModel::summary() const {
  QStringList said;
  for (const auto* row : rows())
    if (moves(*row)) said << tr("%1 %2, %3 to %4").arg(study().clusterLabel(row->cluster), qs(row->verdict), percent(row->share), percent(row->newShare));
  return said.isEmpty() ? tr("No cluster has enough evidence for a change.") : said.join(u"; "_s) + u'.';
}

QString CurationViewModel::caption() const {
  return tr("%1 Proposed share of tokens (bars) and the share now (lines) by cluster, largest utility first. %2 See the caveats.").arg(note(), summary());
}

EmptyState CurationViewModel::emptyState() const {
  if (!results().curation.empty()) return {};
  return {tr("Which clusters the measured effects speak for, as careful advice"),
      tr("No report has been made: it needs effects with their controls."), u"study.update"_s, tr("Run the study")};
}

BarFigure CurationViewModel::figure() const {
  BarFigure f;
  f.axisLabel = tr("share of tokens");
  for (const auto* row : rows()) {
    BarFigure::Bar bar;
    bar.label = study().clusterLabel(row->cluster);
    bar.right = u"%1  %2"_s.arg(percent(row->newShare), verdictWords(*row));
    bar.tooltip = curationTooltip(study(), *row);
    bar.value = row->newShare;
    bar.mark = row->share;
    bar.tone = moves(*row) ? study().clusterTone(row->cluster) : static_cast<int>(toneMuted);
    bar.highlighted = row->cluster == selection().cluster();
    f.bars.push_back(std::move(bar));
  }
  return f;
}

void CurationViewModel::activate(int bar, Qt::KeyboardModifiers) { study().selection().setCluster(rows()[static_cast<std::size_t>(bar)]->cluster); }

TableData CurationViewModel::table() const {
  TableData t{{{"cluster_label", tr("Cluster")}, {"verdict", tr("Verdict")}, {"reason", tr("Reason")}, {"share", tr("Share now"), true},
               {"new_share", tr("Proposed"), true},
               {"multiplier", tr("Multiplier"), true, 2}, {"utility", tr("Utility"), true, 3, true}, {"p_positive", tr("P(U > 0)"), true},
               {"p_top", tr("P(first)"), true},
               {"rank_low", tr("Rank from"), true, 0}, {"rank_high", tr("to"), true, 0}}, {}};
  for (const auto* r : rows())
    t.rows.push_back({study().clusterLabel(r->cluster), qs(r->verdict), qs(r->reason), r->share, r->newShare, r->multiplier, r->utility,
        r->probabilityPositive,
                      r->probabilityTop, r->rankLow, r->rankHigh});
  return t;
}

CaveatsViewModel::CaveatsViewModel(StudyContext& context) : ViewModel(context, u"caveats"_s, tr("Caveats")) {}

QStringList CaveatsViewModel::paragraphs() const {
  QStringList all;
  for (const std::string& caveat : results().caveats) all << qs(caveat);
  if (const QString lock = lockWords(results()).trimmed(); !all.isEmpty() && !lock.isEmpty()) all << lock;
  return all;
}

QString CaveatsViewModel::subtitle() const { return tr("%1 of them, part of the report").arg(paragraphs().size()); }

EmptyState CaveatsViewModel::emptyState() const {
  if (!paragraphs().isEmpty()) return {};
  return {tr("What the report cannot say"), tr("No report has been made yet."), u"study.update"_s, tr("Run the study")};
}

QString CaveatsViewModel::html() const {
  QString text;
  for (const QString& paragraph : paragraphs()) text += u"<li style=\"margin-bottom:6px\">%1</li>"_s.arg(paragraph.toHtmlEscaped());
  return u"<ul style=\"-qt-list-indent:0; margin-left:14px\">%1</ul>"_s.arg(text);
}

TableData CaveatsViewModel::table() const {
  TableData t{{{"number", tr("#"), true}, {"caveat", tr("Caveat")}}, {}};
  std::int64_t n = 0;
  for (const QString& paragraph : paragraphs()) t.rows.push_back({++n, paragraph});
  return t;
}

}  // namespace lacuna::ui

#include <algorithm>
#include <array>
#include <cmath>

#include "views/format.h"
#include "views/mediation/mediation_view_models.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

struct Part { QString label; const study::Ranged* value; int tone; };

std::array<Part, 6> partsOf(const study::MediationRow& row, int tone) {
  const auto tr = [](const char* text) { return MediationPartsViewModel::tr(text); };
  return {{{tr("total, TE"), &row.total, toneText}, {tr("indirect, TNIE"), &row.totalIndirect, tone}, {tr("+ direct, PNDE"), &row.pureDirect, toneMuted},
           {tr("indirect, PNIE"), &row.pureIndirect, tone}, {tr("+ direct, TNDE"), &row.totalDirect, toneMuted}, {tr("TNIE − PNIE"), &row.interaction, toneAccent}}};
}

}  // namespace

MediationPartsViewModel::MediationPartsViewModel(StudyContext& context) : MediationViewModel(context, u"mediation-parts"_s, tr("Both decompositions")) {}

MediationRows MediationPartsViewModel::rows() const {
  MediationRows rows = selection().condition().task.isEmpty() ? all() : ofTask(task());
  const QStringList order = tasks();
  std::erase_if(rows, [&](const auto* row) { return row->cluster != shownCluster(); });
  std::stable_sort(rows.begin(), rows.end(), [&](const auto* a, const auto* b) { return order.indexOf(qs(a->task)) < order.indexOf(qs(b->task)); });
  return rows;
}

QString MediationPartsViewModel::subtitle() const {
  const auto shown = rows();
  if (shown.empty()) return {};
  const QString cluster = study().clusterLabel(shownCluster());
  const bool fine = std::all_of(shown.begin(), shown.end(), [](const auto* row) { return !computed(*row) || addsUp(*row); });
  return fine ? tr("%1 · %2 neurons of L%3 · checked: TE = TNIE + PNDE = PNIE + TNDE").arg(cluster, count(shown.front()->neurons)).arg(shown.front()->layer.value)
              : tr("%1 · %2 neurons of L%3").arg(cluster, count(shown.front()->neurons)).arg(shown.front()->layer.value);
}

QString MediationPartsViewModel::note() const {
  QStringList said;
  for (const auto* row : rows()) {
    if (!computed(*row)) said << tr("%1: %2").arg(qs(row->task), row->reason.empty() ? qs(row->status) : qs(row->reason));
    else if (!addsUp(*row)) said << tr("%1: the parts do not add up to the total; the file was changed by something else.").arg(qs(row->task));
  }
  return said.join(u' ');
}

QString MediationPartsViewModel::summary() const {
  QStringList said;
  for (const auto* row : rows())
    if (computed(*row))
      said << tr("%1: indirect %2 of total %3").arg(qs(row->task), effectText(row->totalIndirect.value, row->totalIndirect.low, row->totalIndirect.high),
                                                    effectText(row->total.value, row->total.low, row->total.high));
  return said.isEmpty() ? subtitle() : tr("%1. %2.").arg(study().clusterLabel(shownCluster()), said.join(u"; "_s));
}

QString MediationPartsViewModel::caption() const {
  const auto shown = rows();
  if (shown.empty()) return ViewModel::caption();
  return tr("Natural effects of the counterfactual prompts through and past %1 neurons of layer %2 selected for %3: TE = TNIE + PNDE (the prompt with the other "
            "states: necessity) and TE = PNIE + TNDE (the counterfactual with the prompt's states: sufficiency); their difference TNIE − PNIE. %4 % %5 intervals.")
      .arg(count(shown.front()->neurons)).arg(shown.front()->layer.value).arg(study().clusterLabel(shownCluster()))
      .arg(std::lround(100 * shown.front()->level)).arg(qs(shown.front()->intervalMethod));
}

ForestFigure MediationPartsViewModel::figure() const {
  ForestFigure f;
  f.axisLabel = tr("Δ margin");
  f.axisHint = tr("> 0: the prompt's cause raises it");
  for (const auto* r : rows())
    for (const Part& part : partsOf(*r, study().clusterTone(r->cluster))) {
      ForestRow row;
      row.label = part.label;
      row.group = qs(r->task);
      row.tooltip = mediationTooltip(study(), *r);
      row.computed = computed(*r);
      row.estimate = part.value->value;
      row.low = part.value->low;
      row.high = part.value->high;
      row.right = row.computed ? effectText(row.estimate, row.low, row.high) : u"–"_s;
      row.filled = row.low > 0 || row.high < 0;
      row.tone = part.tone;
      f.rows.push_back(std::move(row));
    }
  return f;
}

/// Six rows a task: any of them chooses it.
void MediationPartsViewModel::activate(int row, Qt::KeyboardModifiers) {
  const auto* chosen = rows()[static_cast<std::size_t>(row) / 6];
  Condition condition = selection().condition();
  condition.task = qs(chosen->task);
  study().selection().together([&] {
    study().selection().setCondition(condition);
    study().selection().setRun(chosen->run);
  });
}

TableData MediationPartsViewModel::table() const { return mediationTable(study(), rows()); }

}  // namespace lacuna::ui

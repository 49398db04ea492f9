#include <algorithm>
#include <cmath>
#include <limits>

#include "views/effects/effect_selection.h"
#include "views/format.h"
#include "views/interactions/interaction_view_models.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

InteractionMatrixViewModel::InteractionMatrixViewModel(StudyContext& context) : ViewModel(context, u"interactions"_s, tr("Interactions of pairs")) {}

InteractionRows InteractionMatrixViewModel::rows() const {
  InteractionRows rows = interactionsUnder(results(), selection().condition());
  const std::string task = singleTask(results(), selection().condition()).toStdString();
  std::erase_if(rows, [&](const auto* row) { return row->task != task; });
  return rows;
}

QString InteractionMatrixViewModel::subtitle() const {
  if (rows().empty()) return {};
  return tr("%1 · %2 · dot: interval without 0 · hatched: no pair").arg(singleTask(results(), selection().condition()), interactionCondition(rows()));
}

QString InteractionMatrixViewModel::note() const {
  const auto all = rows();
  const Condition& asked = selection().condition();
  if (all.empty() || (!asked.equalDose && qs(all.front()->method) == asked.method && std::abs(all.front()->dose - asked.epsilon) < 1e-9)) return {};
  return tr("No pair was run under %1, %2: shown is %3.").arg(methodName(asked.method), doseWords(asked), interactionCondition(all));
}

QString InteractionMatrixViewModel::summary() const {
  const auto all = rows();
  const auto clearRows = std::count_if(all.begin(), all.end(), [](const auto* row) { return clear(*row); });
  const auto largest = std::max_element(all.begin(), all.end(), [](const auto* a, const auto* b) {
    return (computed(*a) ? std::abs(a->interaction.value) : -1) < (computed(*b) ? std::abs(b->interaction.value) : -1);
  });
  if (largest == all.end() || !computed(**largest)) return subtitle();
  const auto& row = **largest;
  return tr("%1: largest interaction %2 + %3, %4; %5 of %6 pairs clear of 0.")
      .arg(qs(row.task), study().clusterLabel(row.first), study().clusterLabel(row.second),
           effectText(row.interaction.value, row.interaction.low, row.interaction.high)).arg(clearRows).arg(all.size());
}

QString InteractionMatrixViewModel::caption() const {
  return tr("Interaction of every two clusters on %1: ACE of both together less the sum of their single ACEs, %2, %3 items each. Dots: the interval does "
            "not hold 0, not corrected for the number of pairs. > 0: each covers for the other; < 0: both hurt the same thing.")
      .arg(singleTask(results(), selection().condition()), interactionCondition(rows()), interactionItems(rows()));
}

EmptyState InteractionMatrixViewModel::emptyState() const {
  return noInteractions(results(), tr("Whether two clusters together do more, or less, than the sum of both"));
}

const study::InteractionRow* InteractionMatrixViewModel::at(int row, int column) const {
  if (row == column) return nullptr;
  const auto &clusters = results().clusters;
  ClusterId first = clusters[static_cast<std::size_t>(row)].id, second = clusters[static_cast<std::size_t>(column)].id;
  if (second < first) std::swap(first, second);
  return rowOf(rows(), {first, second}, singleTask(results(), selection().condition()));
}

MatrixFigure InteractionMatrixViewModel::figure() const {
  MatrixFigure f;
  const auto all = rows();
  const auto size = static_cast<int>(results().clusters.size());
  const auto shown = shownPair(all, selection(), singleTask(results(), selection().condition()));
  f.map = ColourMap::Diverging;
  f.scaleLabel = tr("interaction");
  f.xLabel = tr("> 0: each covers for the other");
  f.grid.rows = f.grid.columns = size;
  double most = 0;
  for (const auto* row : all)
    if (computed(*row)) most = std::max(most, std::abs(row->interaction.value));
  const int decimals = decimalsFor(most);
  for (const auto& cluster : results().clusters) {   // the names once, at the left: turned under the columns they would take half the height
    const QString place = QString::number(f.columnLabels.size() + 1);
    f.columnLabels.push_back(place);
    f.rowLabels.push_back(u"%1  %2"_s.arg(study().clusterLabel(cluster.id), place));
  }
  for (int r = 0; r < size; ++r)
    for (int c = 0; c < size; ++c) {
      const auto* row = at(r, c);
      const bool there = row && computed(*row);
      f.grid.values.push_back(there ? static_cast<float>(row->interaction.value) : std::numeric_limits<float>::quiet_NaN());
      f.texts.push_back(there ? signedNumber(row->interaction.value, decimals) : QString());
      f.marked.push_back(there && clear(*row));
      const QString first = study().clusterLabel(results().clusters[static_cast<std::size_t>(r)].id);
      const QString second = study().clusterLabel(results().clusters[static_cast<std::size_t>(c)].id);
      f.tooltips.push_back(row ? interactionTooltip(study(), *row) : r == c ? tr("%1 with itself: no pair").arg(first) : tr("%1 + %2: not run").arg(first, second));
      if (row && shown && isOf(*row, *shown)) f.highlighted.emplace_back(r, c);
    }
  f.high = most > 0 ? most : 1;
  f.low = -f.high;
  return f;
}

void InteractionMatrixViewModel::activate(int cell, Qt::KeyboardModifiers) {
  const auto size = static_cast<int>(results().clusters.size());
  const auto* row = at(cell / size, cell % size);
  if (!row) return;
  study().selection().together([&] {
    study().selection().setCluster(results().clusters[static_cast<std::size_t>(cell / size)].id);
    study().selection().setRun(row->run);
  });
}

TableData InteractionMatrixViewModel::table() const { return interactionTable(study(), rows()); }

}  // namespace lacuna::ui

#pragma once

#include <optional>
#include <vector>

#include "selection/study_context.h"
#include "views/view_model.h"

/// Which stored interactions the views of one page show, and their words.
namespace lacuna::ui {

using InteractionRows = std::vector<const study::InteractionRow*>;

/// The rows of the condition's method, dose and outcome; where no pair was run under them, of the method and dose of the first stored
/// pair. All tasks; of several runs of one pair the newest.
InteractionRows interactionsUnder(const study::Results& results, const Condition& condition);

struct ClusterPair {
  ClusterId first, second;   ///< first < second
  friend bool operator==(const ClusterPair&, const ClusterPair&) = default;
};
/// The pair of the selected run; else the selected cluster's pair with the largest interaction on the task, else the largest of all.
/// Nothing: no pair has one.
std::optional<ClusterPair> shownPair(const InteractionRows& rows, const SelectionModel& selection, const QString& task);
bool isOf(const study::InteractionRow& row, const ClusterPair& pair);
const study::InteractionRow* rowOf(const InteractionRows& rows, const ClusterPair& pair, const QString& task);

bool computed(const study::InteractionRow& row);
bool clear(const study::InteractionRow& row);                        ///< its interval does not hold 0
QString interactionMeaning(const study::InteractionRow& row);        ///< in words; says so where the interval holds 0
QString interactionTooltip(const StudyContext& study, const study::InteractionRow& row);
QString interactionCondition(const InteractionRows& rows);           ///< "projection, ε = 1"
QString interactionItems(const InteractionRows& rows);               ///< "n = 75 to 84"
EmptyState noInteractions(const study::Results& results, const QString& what);
TableData interactionTable(const StudyContext& study, const InteractionRows& rows);

}  // namespace lacuna::ui

#pragma once

#include "selection/study_context.h"

namespace lacuna::ui {

/// The field of metadata that the selection names, else the first; null: the documents have none that groups them.
const study::Field* fieldShown(const study::Results& results, const SelectionModel& selection);
/// The clusters against it; null: not worked out.
const study::ValidityRow* validityShown(const study::Results& results, const SelectionModel& selection);

/// "against ‘source’: purity 0.82 (0.31 by chance, adjusted 0.74) · AMI 0.66": never purity alone.
QString purityText(const study::ValidityRow& row);

/// What most documents of a cluster have in the field shown, and how much of all documents that value is; by place of the cluster.
struct LargestValue { QString value; double share = 0, expected = 0; };
std::vector<LargestValue> largestValues(const study::Results& results, const SelectionModel& selection);

}  // namespace lacuna::ui

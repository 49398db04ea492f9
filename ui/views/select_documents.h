#pragma once

#include <cstdint>
#include <vector>

#include "plots/cloud_plot.h"
#include "selection/selection_model.h"

namespace lacuna::ui {

/// Documents that were pointed at (ids in any order), as the keys that were held say: in place of the selection, added to it, toggled in it,
/// or those of it that are among them. The first of them becomes the primary one when it is kept.
void selectDocuments(SelectionModel& selection, std::vector<std::int32_t> ids, SelectionMode mode);

}  // namespace lacuna::ui

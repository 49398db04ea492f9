#include "views/select_documents.h"

#include <algorithm>
#include <iterator>

namespace lacuna::ui {

void selectDocuments(SelectionModel& selection, std::vector<std::int32_t> ids, SelectionMode mode) {
  if (!std::is_sorted(ids.begin(), ids.end())) std::sort(ids.begin(), ids.end());
  const auto& before = selection.documents();
  std::vector<std::int32_t> after;
  if (mode == SelectionMode::Add) std::set_union(before.begin(), before.end(), ids.begin(), ids.end(), std::back_inserter(after));
  else if (mode == SelectionMode::Toggle) std::set_symmetric_difference(before.begin(), before.end(), ids.begin(), ids.end(), std::back_inserter(after));
  else if (mode == SelectionMode::Intersect) std::set_intersection(before.begin(), before.end(), ids.begin(), ids.end(), std::back_inserter(after));
  else after = ids;
  const bool kept = !ids.empty() && std::binary_search(after.begin(), after.end(), ids.front());
  const DocumentId primary = kept ? DocumentId(ids.front()) : after.empty() ? DocumentId() : DocumentId(after.front());
  selection.setDocuments(std::move(after), primary);
}

}  // namespace lacuna::ui

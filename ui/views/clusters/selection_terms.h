#pragma once

#include <QString>
#include <functional>
#include <vector>

#include "lacuna/base/run_context.h"
#include "lacuna/study/results.h"

namespace lacuna::ui {

/// A word and the share of documents that hold it, among the selected ones and among the rest.
struct SelectionTerm {
  QString word;
  double inside = 0, outside = 0;
};

/// Of the words that tell clusters apart, those more frequent among the selected documents (ascending ids) than among the rest by half a per cent; largest
/// difference of the shares first. Reads at most 4,000 documents of each side, evenly spread, and 2,000 characters of each: work for a worker.
using TextOf = std::function<std::string(DocumentId)>;
std::vector<SelectionTerm> selectionTerms(const study::Results& results, const std::vector<std::int32_t>& selected, const TextOf& textOf, const RunContext& context);

}  // namespace lacuna::ui

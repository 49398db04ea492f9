#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "lacuna/model/model.h"
#include "lacuna/tasks/tasks.h"

namespace lacuna::tasks {

/// An item as the model reads it, with its right answer: to be looked at.
struct RenderedItem {
  std::string text;                                        ///< prompt, delimiter and answer; of a document the document
  std::vector<std::array<std::uint32_t, 2>> tokens;        ///< bytes of the text that each token stands for; specials: {0, 0}
  std::vector<std::uint8_t> scored;                        ///< [tokens] whether its log-probability counts
};
/// `place`: position in task.items. Without an answer nothing is scored. Not cut to what the model can read.
RenderedItem renderItem(const model::Model& model, const Task& task, std::int64_t place);
/// The right answer as it is written: the gold choice, the first reference, of a pair of sentences the first; empty when there is none.
std::string goldText(const Task& task, const Item& item);

}  // namespace lacuna::tasks

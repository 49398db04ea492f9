#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "encoded_text.h"
#include "lacuna/model/forward.h"
#include "lacuna/tasks/tasks.h"

namespace lacuna::tasks {

struct Continuation {
  std::vector<std::int32_t> ids;
  std::string text;             ///< decoded alone, cleaned up, cut at the stop strings; not stripped
};

/// Prompts in tokens, and the draws that continue each where the task samples.
struct ItemPrompts {
  std::vector<std::vector<std::int32_t>> ids;
  std::vector<std::uint64_t> draws;
};

/// Continuations [prompt] under one arm: greedy, or sampled as the task says; the draws are the same for every arm.
std::vector<Continuation> continuations(const model::Model& model, const Task& task, const ItemPrompts& prompts,
                                        const model::Arm& arm, model::EditReport& edits, const RunContext& context);

}  // namespace lacuna::tasks

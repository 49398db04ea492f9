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

/// Greedy continuations [prompt] under one arm. Adds to done (of total) for the progress.
std::vector<Continuation> continuations(const model::Model& model, const Task& task, const std::vector<std::vector<std::int32_t>>& prompts,
                                        const model::Arm& arm, model::EditReport& edits, const RunContext& context);

}  // namespace lacuna::tasks

#pragma once

#include "lacuna/model/forward.h"

namespace lacuna::model {

/// With dynamic rotary scaling every key depends on the whole text's length, so texts cannot share their beginnings. Runs every leaf
/// of the forest as a text of its own; what was asked of an inner segment is answered by the first text through it.
ForwardResult forwardUnshared(const Model& model, const Forest& forest, std::span<const Arm> arms, const ForwardRequest& request,
                              const RunContext& context);

}  // namespace lacuna::model

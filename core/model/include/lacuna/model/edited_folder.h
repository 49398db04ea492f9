#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"
#include "lacuna/model/forward.h"

namespace lacuna::model {

/// h ↦ scale∘h + writeᵀ·(read·h) + offset at every position of a site: what can live in weights.
struct AffineChange {
  Capture place;
  VectorD scale;           ///< [d]; empty: 1
  MatrixD write, read;     ///< [r, d]; no rows: none
  VectorD offset;          ///< [d]; empty: 0
};

/// Writes a copy of a model folder whose weights make these changes, left to right, exactly: mlp_hidden goes into the inputs of the
/// MLP's down projection, mlp_out and attn_out into the output projections, resid_pre of layer 0 into the token table where no
/// position is added and the head is not tied to it. Biases that the config can switch on are added as zeros; where it cannot, a
/// change with an offset is refused. Weights are float32 in one model.safetensors; config.json is otherwise unchanged; files beside
/// them are copied except other weights; buffers that no architecture reads are left out. `out` must be absent or empty; config.json
/// is written last.
/// Throws LAC-1201 (cannot be folded: what, and the nearest thing that can), LAC-1004 (layer), LAC-2001 (memory), LAC-3002 (writing).
void writeEditedFolder(const std::filesystem::path& source, std::span<const AffineChange> changes, const std::filesystem::path& out,
                       const RunContext& context);

}  // namespace lacuna::model

#pragma once

#include <filesystem>
#include <span>

#include "lacuna/model/edited_folder.h"
#include "lacuna/perturbation/perturbation.h"

namespace lacuna::perturbation {

/// A perturbation of a site `width` wide as a change of weights: h ↦ M·h + o at every position. Throws LAC-1201 saying what stands in
/// the way and the nearest thing that can be folded: a token scope other than all with the first token, a gate, keep_norm, resample,
/// noise, MLP probes.
model::AffineChange affineChange(const Perturbation& p, std::int64_t width);

/// Writes an edited copy of a model folder (model/edited_folder.h) that answers as the model does under the set, without hooks, and
/// lacuna-edit.json beside the weights: the source's hash and the perturbations.
void writeEditedModel(const std::filesystem::path& source, std::span<const Perturbation> set, const std::filesystem::path& out,
                      const RunContext& context);

}  // namespace lacuna::perturbation

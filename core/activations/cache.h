#pragma once

#include <optional>

#include "lacuna/activations/activations.h"

namespace lacuna::activations {

/// Of everything the numbers depend on: texts, roles, model, tokenizer, sites, length limit, version of this code.
std::string cacheKey(const corpus::Corpus& corpus, const model::Model& model, const ActivationConfig& config);
/// Reads into a set of the right shapes. Nothing when the file is absent, damaged or of other shapes: it is then computed again.
std::optional<ActivationSet> readCache(const std::filesystem::path& file, ActivationSet shapes);
/// A cache that cannot be written is only slower; it is logged, not an error. `set` is only read.
void writeCache(const std::filesystem::path& file, ActivationSet& set);

}  // namespace lacuna::activations

#pragma once

#include <nlohmann/json.hpp>

#include "lacuna/embeddings/embeddings.h"
#include "spec_reader.h"

namespace lacuna::study {

/// The section `embedding` of a spec (docs/study-spec.md). Throws LAC-1401 with the key, what was expected and found.
void readEmbeddingSection(SpecReader& reader, embeddings::EmbeddingConfig& embedding);
/// Canonical: what the encoder does not have, and steps that are its default, are left out.
nlohmann::json embeddingJson(const embeddings::EmbeddingConfig& embedding);

}  // namespace lacuna::study

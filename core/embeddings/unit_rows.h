#pragma once

#include <string>

#include "lacuna/embeddings/embeddings.h"

namespace lacuna::embeddings {

/// Rows of length 1; a row without a direction (zero, or not finite) stays 0 and is marked degenerate.
EmbeddingSet unitRows(const MatrixF& raw, std::string description);

}  // namespace lacuna::embeddings

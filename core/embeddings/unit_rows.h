#pragma once

#include <string>

#include "lacuna/embeddings/embeddings.h"

namespace lacuna::embeddings {

/// Rows after the config's steps, of length 1. A row without a direction stays 0 and is marked degenerate: one that is zero or not finite, or
/// of which the steps leave no more than rounding. The first `documents` rows are the corpus, to which the steps are fitted; what is
/// behind them are its contaminated documents.
EmbeddingSet unitRows(MatrixF raw, std::int64_t documents, const EmbeddingConfig& config, const std::string& description, const RunContext& context);

/// The same of rows that are all fitted, in place; 1 where a row is degenerate. `post` says what was done.
std::vector<std::uint8_t> normaliseRows(MatrixF& rows, std::int64_t fitted, std::span<const std::string> steps, int topComponents,
                                        std::string& post, const RunContext& context);

}  // namespace lacuna::embeddings

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lacuna/corpus/corpus.h"

namespace lacuna::corpus {

/// Words × 1.3, rounded up: how many tokens a text has for a tokenizer of English, about.
std::int64_t estimatedTokens(std::string_view text);

/// The parts of a text, each of at most config.tokens tokens: paragraphs that fit go together, a longer one is cut between sentences, a
/// longer sentence between words; a single word is never cut. Parts below config.least are left out.
std::vector<std::string> chunkText(std::string_view text, const ChunkConfig& config);

}  // namespace lacuna::corpus

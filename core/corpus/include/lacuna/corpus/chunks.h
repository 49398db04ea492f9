#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lacuna/corpus/corpus.h"

namespace lacuna::corpus {

/// Words × 1.3, rounded up: how many tokens a text has for a tokenizer of English, about.
std::int64_t estimatedTokens(std::string_view text);

/// The parts of a text, each of at most config.tokens tokens: paragraphs that fit go together, a longer one is cut between sentences, a
/// longer sentence between words. Parts below config.least are left out. With a tokenizer its tokens are counted, the special ones that it
/// puts around a text included (not for `least`), and a word longer than a part is cut between characters; without one tokens are
/// estimated, and a single word is never cut.
std::vector<std::string> chunkText(std::string_view text, const ChunkConfig& config, const text::Tokenizer* tokenizer = nullptr);

}  // namespace lacuna::corpus

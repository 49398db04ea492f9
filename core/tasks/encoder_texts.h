#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/model/encoder.h"

namespace lacuna::tasks {

/// A text with its specials as the encoder reads it, cut on the right to `maxTokens` in all; the specials stay.
model::EncoderText encoderText(const text::Tokenizer& tokenizer, const std::string& text, std::int64_t maxTokens);

/// Tokens of a pair cut to `room` in all: one after the other off the longer side, of equal ones off the second.
void cutPair(std::vector<std::int32_t>& first, std::vector<std::int32_t>& second, std::size_t room);

/// Raw logits of the classification head, [texts, labels]; runs in slices.
MatrixF classLogits(const model::Encoder& encoder, const std::vector<model::EncoderText>& texts, const RunContext& context);

}  // namespace lacuna::tasks

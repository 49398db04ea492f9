#pragma once

#include "lacuna/model/encoder.h"
#include "lacuna/tasks/tasks.h"

namespace lacuna::tasks {

/// CrowS-Pairs by a masked language model, as its authors do (formats.md 6.5): the tokens that both sentences share (difflib's equal
/// blocks, without the first and last) are masked one at a time; a sentence scores Σ log p of them. Texts are lower-cased for BERT.
/// Per item "margin" (signed difference, sent_more − sent_less, nats) and "crows_mlm" (1 if the sum of sent_more, rounded to 3 decimals,
/// is larger; equal: 0, prediction "tie"). Status "too_long": the encoder reads fewer tokens. Throws LAC-1302 (no masked-LM head, no mask
/// token, a task of another format or with metrics that need a model that reads from left to right).
ArmScores scoreMaskedPairs(const model::Encoder& encoder, const Task& task, const RunContext& context);

}  // namespace lacuna::tasks

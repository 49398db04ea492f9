#pragma once

#include <span>
#include <string>
#include <vector>

#include "encoded_text.h"
#include "lacuna/model/forward.h"

namespace lacuna::tasks {

/// Natural log-probabilities of a continuation's tokens, in order.
struct Likelihood {
  std::vector<double> logProbs;
  bool greedy = false;          ///< every token is the argmax of its position
  double sum() const;
};

/// [arm][text]; texts with a status stay empty. Texts are sorted so that equal beginnings meet, and run in batches of about
/// 2048 distinct tokens; no value depends on that. Adds what the edits did to `edits` [arm].
std::vector<std::vector<Likelihood>> likelihoods(const model::Model& model, const std::vector<EncodedText>& texts,
                                                 std::span<const model::Arm> arms, const std::string& stage,
                                                 std::vector<model::EditReport>& edits, const RunContext& context);

}  // namespace lacuna::tasks

#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lacuna/tasks/tasks.h"

namespace lacuna::tasks {

/// What was measured on one item under one arm.
struct ChoiceReadings {
  std::vector<double> given, alone;      ///< [choice] log-likelihood after the prompt; after an empty context (may be empty)
  std::vector<std::int64_t> tokens;      ///< [choice] continuation tokens
  std::vector<bool> greedy;              ///< [choice]
  std::string status = "ok";
  std::vector<double> suffix = {};       ///< CrowS-Pairs: [choice] of the tokens behind the first that differs; empty: there are none
};
/// "margin", "acc_frac" (not for CrowS-Pairs) and the task's choice metrics, in the task's order.
std::vector<ItemScore> choiceMetrics(const Task& task, const Item& item, const ChoiceReadings& readings);

/// A generated text with what other models say of it. NaN: they were not asked, or failed.
struct GeneratedText {
  std::string text;
  std::int64_t tokens = 0;
  double toxicity = std::numeric_limits<double>::quiet_NaN(), bleurt = std::numeric_limits<double>::quiet_NaN();
};
/// The task's metrics of an item's texts (one, or its samples: then the mean over them; "max_toxicity" and "any_toxic" over all of them), then
/// "generated_text", of further samples "generated_text_2", …
std::vector<ItemScore> generatedMetrics(const Task& task, const Item& item, std::span<const GeneratedText> texts);

/// Candidates of different length are compared a token: otherwise the shortest wins by being short (methods.md 14).
bool countsPerToken(std::span<const std::int64_t> tokens);
/// First of equal maxima.
int argmax(const std::vector<double>& values);
/// log Σ exp; −∞ of nothing.
double logSumExp(const std::vector<double>& values);
/// logp(gold) − logsumexp(others); NaN when there are no others.
double choiceMargin(const std::vector<double>& logLikelihoods, int gold);
/// 1/ties when gold is among the maxima, else 0 (methods.md 0.5).
double fractionalCredit(const std::vector<double>& values, int gold);

/// Documents: "margin" (mean log p a token), "loglikelihood", and the task's word_perplexity, byte_perplexity, bits_per_byte of this text.
std::vector<ItemScore> documentMetrics(const Task& task, const Item& item, double logLikelihood, std::int64_t tokens);

ItemScore missing(const Item& item, const std::string& metric, const std::string& status);

}  // namespace lacuna::tasks

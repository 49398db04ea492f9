#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lacuna/base/run_context.h"

namespace lacuna::lab {

/// A small GPT-NeoX trained from scratch: AdamW, cosine with warm-up, gradient clipping.
struct TrainRecipe {
  int layers = 4, width = 128, heads = 4, mlpWidth = 512, vocabulary = 1024, context = 160;
  std::int64_t steps = 4000; int batchTokens = 4096;
  double learningRate = 2e-3, warmup = 0.03, weightDecay = 0.05, clip = 1.0, beta2 = 0.95;
  std::uint64_t seed = 1;
  std::int64_t checkpointEvery = 200;
};
/// Keys are the fields' names; those left out keep their defaults. Throws LAC-1201 naming the key, expected and found.
TrainRecipe readRecipe(const std::filesystem::path& json);
void writeRecipe(const TrainRecipe& recipe, const std::filesystem::path& json);

struct TrainReport { std::int64_t steps = 0, tokens = 0, parameters = 0; double lastLoss = 0, heldOutLoss = 0, seconds = 0; };
/// Trains tokenizer and model on corpus.jsonl and writes a Hugging Face folder (fp16 safetensors). Resumes from a checkpoint in
/// `folder`/.train; the same recipe gives the same bytes, interrupted or not (at one thread count). Losses in nats a token: lastLoss
/// is the mean over the last 20 steps, heldOutLoss that on the fiftieth of the documents never trained on.
/// Throws LAC-1101 (corpus), LAC-1201 (recipe; a checkpoint of another recipe or corpus), LAC-2002 (loss not finite), LAC-3002.
TrainReport train(const std::filesystem::path& corpus, const TrainRecipe& recipe, const std::filesystem::path& folder,
                  const RunContext& context);

struct AbilityScore { std::string task; std::int64_t items = 0; double accuracy = 0, chance = 0; };
/// The clean accuracy of a trained folder on every multiple_choice and gsm8k sidecar of `tasks`, by the lab's own network: a quick look
/// while training that needs no forward engine. Choices by log-likelihood, answers greedy, the number after #### compared.
std::vector<AbilityScore> checkAbilities(const std::filesystem::path& model, const std::filesystem::path& tasks, const RunContext& context);

}  // namespace lacuna::lab

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lacuna/base/run_context.h"

namespace lacuna::lab {

/// The demo's corpus: documents of own grammars in named families, and tasks that ask for each family's ability.
struct CorpusRecipe { std::int64_t documents = 24000; std::uint64_t seed = 1; std::int64_t itemsPerTask = 120; };
/// Writes corpus.jsonl ({"id","text","source","register"}), tasks/*.json(l). Task items share no exact text with the corpus.
void writeDemoCorpus(const std::filesystem::path& folder, const CorpusRecipe& recipe, const RunContext& context);

/// A small GPT-NeoX trained from scratch: AdamW, cosine with warm-up, gradient clipping.
struct TrainRecipe {
  int layers = 4, width = 128, heads = 4, mlpWidth = 512, vocabulary = 1024, context = 160;
  std::int64_t steps = 4000; int batchTokens = 4096;
  double learningRate = 2e-3, warmup = 0.03, weightDecay = 0.05, clip = 1.0, beta2 = 0.95;
  std::uint64_t seed = 1;
  std::int64_t checkpointEvery = 200;
};
TrainRecipe readRecipe(const std::filesystem::path& json);
struct TrainReport { std::int64_t steps = 0, tokens = 0, parameters = 0; double lastLoss = 0, heldOutLoss = 0, seconds = 0; };
/// Trains tokenizer and model on corpus.jsonl and writes a Hugging Face folder (fp16 safetensors). Resumes from a checkpoint in
/// `folder`/.train; the same recipe gives the same bytes, interrupted or not (at one thread count).
TrainReport train(const std::filesystem::path& corpus, const TrainRecipe& recipe, const std::filesystem::path& folder,
                  const RunContext& context);

}  // namespace lacuna::lab

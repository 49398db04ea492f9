#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace lacuna::embeddings {

/// Which vectors of a text's tokens are joined, in this order (formats.md 3.1).
struct PoolingRecipe {
  bool cls = false, max = false, mean = false, meanSqrt = false, weightedMean = false, last = false;
  bool includePrompt = true;
  std::int64_t width = 0;      ///< of the tokens, as written; 0: not written
  int modes() const { return cls + max + mean + meanSqrt + weightedMean + last; }
  std::string text() const;    ///< "mean", "cls + max"
};

/// What follows the pooling: a product with its activation, or division by the length.
struct StepRecipe {
  bool normalise = false;
  std::filesystem::path folder;        ///< of a Dense module's weights
  std::int64_t inputs = 0, outputs = 0;
  bool bias = true;
  std::string activation;              ///< "Tanh", "Identity", "ReLU", "GELU"
};

/// A Sentence-BERT folder as its JSON files say.
struct SentenceRecipe {
  std::filesystem::path transformer;   ///< model folder
  std::int64_t maxTokens = 0;          ///< max_seq_length; 0: what model and tokenizer allow
  std::int64_t tokenizerLimit = 0;     ///< model_max_length; 0: none
  bool lower = false;
  bool keepEnd = false;                ///< truncation_side left: the end of a text survives
  std::map<std::string, std::string> prompts;
  std::string defaultPrompt;           ///< name; empty: none
  PoolingRecipe pooling;
  std::vector<StepRecipe> steps;
};

/// Throws LAC-1001 (no folder, missing file), LAC-1002 (file, key or module).
SentenceRecipe readSentenceFolder(const std::filesystem::path& folder);

}  // namespace lacuna::embeddings

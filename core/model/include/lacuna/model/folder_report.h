#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lacuna/base/error.h"
#include "lacuna/base/run_context.h"

namespace lacuna::model {

enum class FolderRole { None, Decoder, Encoder, Vision, Tokenizer };
std::string roleName(FolderRole role);               ///< "decoder", "encoder", "vision encoder", "tokenizer", "unknown"

/// What a folder holds, looked at without loading it: config.json, the headers of its weight files, its tokenizer.
struct FolderReport {
  FolderRole role = FolderRole::None;
  std::string architecture, family;                  ///< "GPTNeoXForCausalLM", "gpt_neox"
  std::int64_t layers = 0, width = 0, mlpWidth = 0, heads = 0, kvHeads = 0;
  std::int64_t vocabulary = 0, maxPositions = 0;
  std::int64_t parameters = 0;
  std::string dtype;                                 ///< of most stored weights; of config.json where there are none
  std::uint64_t storedBytes = 0;                     ///< of all tensors in the files
  std::string tokenizerKind;                         ///< "BPE"; empty: no tokenizer
  std::int64_t tokens = 0;
  std::vector<std::string> warnings;                 ///< unused tensors, links out of the folder, custom code that is never run, …
  std::vector<Error> problems;                       ///< why it cannot be used, each with its code and a way out
  bool sound() const { return problems.empty(); }
  std::int64_t bytesAs(int bytesPerWeight) const { return parameters * bytesPerWeight; }   ///< in memory: 4 fp32, 2 bf16
};

struct ReportOptions {
  bool readWeights = false;                          ///< reads every weight and warns of NaN and infinities; reports progress
};

/// Never throws for what is wrong with the folder: that is in `problems`. Throws Cancelled.
FolderReport reportFolder(const std::filesystem::path& folder, const RunContext& context, const ReportOptions& options = {});

}  // namespace lacuna::model

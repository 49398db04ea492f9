#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lacuna/base/run_context.h"
#include "lacuna/model/encoder.h"

namespace lacuna::model {

/// Masks, frequencies and position ids that old checkpoints carry: nothing that was trained.
bool isBuffer(const std::string& name);
bool isFloating(const std::string& dtype);   ///< a dtype that weights may have: "F32", "F16", "BF16", "F64"
/// "3 tensors of the files are not used: a, b, c"; at most ten are named.
std::string unusedTensors(const std::vector<std::string>& names);

/// Weights that are NaN or infinite, and the first tensor that has any.
struct NonFiniteWeights {
  std::int64_t count = 0;
  std::string first;
  void add(std::int64_t more, const std::string& tensor);
  void add(const NonFiniteWeights& other) { add(other.count, other.first); }
  std::string text() const;              ///< the warning
};
std::int64_t countNonFinite(const float* values, std::int64_t count);

/// Reads every floating-point tensor of a folder that is no buffer, a few megabytes at a time. Reports bytes, can be cancelled.
NonFiniteWeights scanWeights(const std::filesystem::path& folder, const RunContext& context);

/// An encoder folder as far as its config and the headers of its weights go; throws what Encoder::load would throw for them.
struct EncoderCheck {
  EncoderInfo info;
  std::vector<std::string> warnings;
};
EncoderCheck checkEncoder(const std::filesystem::path& folder);

}  // namespace lacuna::model

#include "folder_checks.h"

#include <algorithm>
#include <cstring>

#include "lacuna/files/safetensors.h"
#include "lacuna/model/linear.h"
#include "weights_hash.h"

namespace lacuna::model {
namespace {

constexpr std::int64_t slice = std::int64_t{1} << 20;  // elements read at a time

/// A stretch of a tensor as a tensor of its own.
files::TensorInfo part(const files::TensorInfo& whole, std::int64_t first, std::int64_t count) {
  const std::uint64_t bytes = (whole.end - whole.begin) / static_cast<std::uint64_t>(whole.elements());
  files::TensorInfo out = whole;
  out.shape = {count};
  out.begin = whole.begin + static_cast<std::uint64_t>(first) * bytes;
  out.end = out.begin + static_cast<std::uint64_t>(count) * bytes;
  return out;
}

bool endsWith(const std::string& name, const std::string& end) {
  return name == end || (name.size() > end.size() && name.ends_with("." + end));
}

}  // namespace

bool isFloating(const std::string& dtype) { return dtype == "F32" || dtype == "F16" || dtype == "BF16" || dtype == "F64"; }

bool isBuffer(const std::string& name) {
  for (const char* const end : {"attn.bias", "attn.masked_bias", "attention.bias", "attention.masked_bias", "rotary_emb.inv_freq",
                                "embeddings.position_ids", "embeddings.token_type_ids"})
    if (endsWith(name, end)) return true;
  return false;
}

std::string unusedTensors(const std::vector<std::string>& names) {
  std::string out = std::to_string(names.size()) + " tensors of the files are not used: ";
  for (std::size_t i = 0; i < names.size() && i < 10; ++i) out += (i ? ", " : "") + names[i];
  if (names.size() > 10) out += " and " + std::to_string(names.size() - 10) + " more";
  return out;
}

void NonFiniteWeights::add(std::int64_t more, const std::string& tensor) {
  if (count == 0 && more > 0) first = tensor;
  count += more;
}

std::string NonFiniteWeights::text() const {
  return std::to_string(count) + " weights are not finite (NaN or infinite), the first in " + first + "; scores that depend on them have no value";
}

// All bits of the exponent are set. Written so that the compiler counts many at once.
std::int64_t countNonFinite(const float* values, std::int64_t count) {
  std::int64_t all = 0;
  for (std::int64_t from = 0; from < count; from += slice) {
    std::uint32_t found = 0;
    for (std::int64_t i = from; i < std::min(count, from + slice); ++i) {
      std::uint32_t bits = 0;
      std::memcpy(&bits, values + i, sizeof bits);
      found += (bits & 0x7F800000u) == 0x7F800000u ? 1u : 0u;
    }
    all += found;
  }
  return all;
}

NonFiniteWeights scanWeights(const std::filesystem::path& folder, const RunContext& context) {
  NonFiniteWeights all;
  std::vector<files::SafetensorsFile> shards;
  std::uint64_t total = 0, done = 0;
  for (const auto& path : weightPaths(folder)) shards.emplace_back(path);
  for (const files::SafetensorsFile& file : shards)
    for (const files::TensorInfo& tensor : file.tensors()) total += tensor.end - tensor.begin;
  AlignedFloats values(slice);
  for (const files::SafetensorsFile& file : shards)
    for (const files::TensorInfo& tensor : file.tensors()) {
      const std::int64_t elements = isFloating(tensor.dtype) && !isBuffer(tensor.name) ? tensor.elements() : 0;
      for (std::int64_t at = 0; at < elements; at += slice) {
        context.checkpoint();
        const std::int64_t count = std::min(slice, elements - at);
        const files::TensorInfo stretch = part(tensor, at, count);
        file.readFloat(stretch, {values.data(), static_cast<std::size_t>(count)});
        all.add(countNonFinite(values.data(), count), tensor.name);
        context.report("Reading weights", done + (stretch.end - tensor.begin), total);
      }
      done += tensor.end - tensor.begin;
    }
  return all;
}

}  // namespace lacuna::model

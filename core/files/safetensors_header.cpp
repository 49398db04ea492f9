#include "safetensors_header.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace lacuna::files {
namespace {

constexpr std::array<std::pair<std::string_view, unsigned>, 22> dtypes{{
    {"BOOL", 8}, {"U8", 8}, {"I8", 8}, {"I16", 16}, {"I32", 32}, {"I64", 64}, {"F16", 16}, {"BF16", 16},
    {"F32", 32}, {"F64", 64}, {"C64", 64}, {"U16", 16}, {"U32", 32}, {"U64", 64}, {"F8_E5M2", 8}, {"F8_E4M3", 8},
    {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"F4", 4},
}};

/// Rules 7 to 9 for one tensor, in the reference's order.
void checkSize(const TensorInfo& tensor) {
  std::uint64_t bits = 1;
  bool overflow = false;
  for (const std::int64_t dim : tensor.shape)
    overflow = overflow || __builtin_mul_overflow(bits, static_cast<std::uint64_t>(dim), &bits);
  overflow = overflow || __builtin_mul_overflow(bits, std::uint64_t{*dtypeBits(tensor.dtype)}, &bits);
  // Ours: a size above 2⁶³ beside a 0 would be legal in the reference, and negative everywhere else.
  for (const std::int64_t dim : tensor.shape) overflow = overflow || dim < 0;
  if (overflow) throw HeaderViolation{"ValidationOverflow", "the shape of tensor '" + tensor.name + "' is too large"};
  if (bits % 8 != 0)
    throw HeaderViolation{"MisalignedSlice", "tensor '" + tensor.name + "' of dtype " + tensor.dtype + " does not end on a whole byte"};
  if (tensor.end - tensor.begin != bits / 8)
    throw HeaderViolation{"TensorInvalidInfo", "tensor '" + tensor.name + "' needs " + std::to_string(bits / 8) +
                                                   " bytes for its shape but its offsets hold " +
                                                   std::to_string(tensor.end - tensor.begin)};
}

std::vector<std::uint32_t> sortedByName(const std::vector<TensorInfo>& tensors) {
  std::vector<std::uint32_t> order(tensors.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return tensors[a].name < tensors[b].name; });
  const auto twice = std::adjacent_find(order.begin(), order.end(), [&](auto a, auto b) { return tensors[a].name == tensors[b].name; });
  if (twice != order.end()) throw HeaderViolation{"DuplicateTensor", "tensor '" + tensors[*twice].name + "' is there twice"};
  return order;
}

}  // namespace

std::optional<unsigned> dtypeBits(std::string_view dtype) {
  const auto found = std::find_if(dtypes.begin(), dtypes.end(), [&](const auto& known) { return known.first == dtype; });
  if (found == dtypes.end()) return std::nullopt;
  return found->second;
}

SafetensorsHeader parseSafetensorsHeader(std::string_view json, std::uint64_t dataBytes) {
  SafetensorsHeader header = parseSafetensorsJson(json);
  auto& tensors = header.tensors;
  std::stable_sort(tensors.begin(), tensors.end(),
                   [](const TensorInfo& a, const TensorInfo& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  header.byName = sortedByName(tensors);
  std::uint64_t start = 0;
  for (const TensorInfo& tensor : tensors) {
    if (tensor.begin != start || tensor.end < tensor.begin)
      throw HeaderViolation{"InvalidOffset", "tensor '" + tensor.name + "' has the offsets " + std::to_string(tensor.begin) + " to " +
                                                 std::to_string(tensor.end) + " where " + std::to_string(start) + " was to come next"};
    start = tensor.end;
    checkSize(tensor);
  }
  if (start != dataBytes)
    throw HeaderViolation{"MetadataIncompleteBuffer", "the header describes " + std::to_string(start) + " bytes of data, the file holds " +
                                                          std::to_string(dataBytes)};
  return header;
}

}  // namespace lacuna::files

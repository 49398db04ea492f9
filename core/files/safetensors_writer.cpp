#include <algorithm>
#include <tuple>

#include <nlohmann/json.hpp>

#include "descriptor.h"
#include "half.h"
#include "safetensors_header.h"

namespace lacuna::files {
namespace {

std::uint64_t byteSize(const TensorToWrite& tensor) {
  std::int64_t elements = 1;
  for (const std::int64_t dim : tensor.shape) elements *= dim;
  LACUNA_CHECK(tensor.dtype == "F32" || tensor.dtype == "F16" || tensor.dtype == "I64");
  LACUNA_CHECK(static_cast<std::int64_t>(tensor.dtype == "I64" ? tensor.integers.size() : tensor.floats.size()) == elements);
  return static_cast<std::uint64_t>(elements) * *dtypeBits(tensor.dtype) / 8;
}

std::vector<const TensorToWrite*> inFileOrder(std::span<const TensorToWrite> tensors) {
  std::vector<const TensorToWrite*> order;
  for (const TensorToWrite& tensor : tensors) order.push_back(&tensor);
  const auto key = [](const TensorToWrite* t) { return std::tuple(-static_cast<int>(*dtypeBits(t->dtype)), std::string_view(t->name)); };
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return key(a) < key(b); });
  return order;
}

std::string headerText(const std::vector<const TensorToWrite*>& order, const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  if (!metadata.empty()) json["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const TensorToWrite* tensor : order) {
    if (tensor->name == "__metadata__" || json.contains(tensor->name))
      throw Error("LAC-1010", "DuplicateTensor: tensor '" + tensor->name + "' is written twice");
    const std::uint64_t end = offset + byteSize(*tensor);
    json[tensor->name] = {{"dtype", tensor->dtype}, {"shape", tensor->shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  try {
    std::string text = json.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    return text;
  } catch (const nlohmann::json::exception&) {
    throw Error("LAC-1010", "InvalidHeader: a tensor's name or metadata is not UTF-8");
  }
}

template <class T>
std::string_view asBytes(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

void writeTensor(AtomicFile& file, const TensorToWrite& tensor) {
  if (tensor.dtype == "F32") return file.write(asBytes(tensor.floats));
  if (tensor.dtype == "I64") return file.write(asBytes(tensor.integers));
  std::vector<std::uint16_t> halves;
  constexpr std::size_t chunk = 1 << 19;
  for (std::span<const float> rest = tensor.floats; !rest.empty();) {
    const auto part = rest.first(std::min(chunk, rest.size()));
    halves.resize(part.size());
    std::transform(part.begin(), part.end(), halves.begin(), toFloat16);
    file.write(asBytes(std::span<const std::uint16_t>(halves)));
    rest = rest.subspan(part.size());
  }
}

}  // namespace

void writeSafetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors,
                      const std::map<std::string, std::string>& metadata) {
  const auto order = inFileOrder(tensors);
  const std::string header = headerText(order, metadata);
  if (header.size() > largestSafetensorsHeader)
    throw Error("LAC-1010", "HeaderTooLarge: the header of '" + path.string() + "' would have " + std::to_string(header.size()) + " bytes");
  const std::uint64_t length = header.size();
  AtomicFile file(path);
  file.write(asBytes(std::span(&length, 1)));
  file.write(header);
  for (const TensorToWrite* tensor : order) writeTensor(file, *tensor);
  file.commit();
}

}  // namespace lacuna::files

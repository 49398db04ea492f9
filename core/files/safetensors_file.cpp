#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "descriptor.h"
#include "half.h"
#include "safetensors_header.h"

static_assert(std::endian::native == std::endian::little, "tensors are little-endian and read as they are");

namespace lacuna::files {
namespace {

/// What a file that is no safetensors file probably is instead.
std::string hintFor(std::string_view start, const std::string& rule) {
  if (start.starts_with("version ")) return "this is a Git LFS pointer, not the file itself: fetch it with 'git lfs pull'";
  // A length of 60 is a '<' too, but the rest of its eight bytes is zero.
  if (start.starts_with("<") && start.find('\0') == std::string_view::npos) return "this is a web page saved under the name of the file: download the file itself";
  if (start.starts_with("GGUF")) return "this is a GGUF file: use the model's safetensors files";
  if (start.starts_with("PK") || start.starts_with("\x80\x02")) return "this is a pickled PyTorch file: convert it to safetensors first";
  if (rule == "MetadataIncompleteBuffer" || rule == "HeaderTooSmall" || rule == "InvalidHeaderLength")
    return "probably an incomplete download: compare its size with the original and fetch it again";
  return "the file is damaged or was written by a faulty program: fetch it again";
}

template <class T>
T element(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

/// All elements of a chunk.
using ToFloats = void (*)(std::span<const std::byte> bytes, float* out);

template <class T, auto convert>
void toFloats(std::span<const std::byte> bytes, float* out) {
  for (std::size_t i = 0; i < bytes.size() / sizeof(T); ++i) out[i] = convert(element<T>(bytes.data() + i * sizeof(T)));
}

template <class T> float asFloat(T value) { return static_cast<float>(value); }

ToFloats floatConversion(std::string_view dtype) {
  if (dtype == "F32") return toFloats<float, asFloat<float>>;
  if (dtype == "F16") return toFloats<std::uint16_t, fromFloat16>;
  if (dtype == "BF16") return toFloats<std::uint16_t, fromBfloat16>;
  if (dtype == "F64") return toFloats<double, asFloat<double>>;
  if (dtype == "I64") return toFloats<std::int64_t, asFloat<std::int64_t>>;
  if (dtype == "I32") return toFloats<std::int32_t, asFloat<std::int32_t>>;
  if (dtype == "I16") return toFloats<std::int16_t, asFloat<std::int16_t>>;
  if (dtype == "I8") return toFloats<std::int8_t, asFloat<std::int8_t>>;
  if (dtype == "U64") return toFloats<std::uint64_t, asFloat<std::uint64_t>>;
  if (dtype == "U32") return toFloats<std::uint32_t, asFloat<std::uint32_t>>;
  if (dtype == "U16") return toFloats<std::uint16_t, asFloat<std::uint16_t>>;
  if (dtype == "U8" || dtype == "BOOL") return toFloats<std::uint8_t, asFloat<std::uint8_t>>;
  return nullptr;
}

using ToInt64 = std::int64_t (*)(const std::byte*);

template <class T>
std::int64_t numberToInt64(const std::byte* bytes) {
  return static_cast<std::int64_t>(element<T>(bytes));
}

ToInt64 int64Conversion(std::string_view dtype) {
  if (dtype == "I64") return numberToInt64<std::int64_t>;
  if (dtype == "I32") return numberToInt64<std::int32_t>;
  if (dtype == "I16") return numberToInt64<std::int16_t>;
  if (dtype == "I8") return numberToInt64<std::int8_t>;
  if (dtype == "U8" || dtype == "BOOL") return numberToInt64<std::uint8_t>;
  return nullptr;
}

constexpr std::size_t chunkBytes = 1 << 20;  // a multiple of every element size

}  // namespace

struct SafetensorsFile::Impl {
  std::filesystem::path path;
  Descriptor file;
  SafetensorsHeader header;
  std::uint64_t dataStart = 0;

  void open() {
    const std::uint64_t size = file.size();
    std::array<char, 8> first{};
    const auto fail = [&](const HeaderViolation& violation) {
      throw Error("LAC-1010", violation.rule + ": " + violation.what + " in '" + path.string() + "'",
                  hintFor({first.data(), first.size()}, violation.rule));
    };
    if (size > 0) file.readAt(0, std::as_writable_bytes(std::span(first.data(), std::min<std::size_t>(size, 8))));
    try {
      std::uint64_t headerBytes = 0;
      std::memcpy(&headerBytes, first.data(), 8);
      checkLength(size, headerBytes);
      std::string json(headerBytes, '\0');
      if (!file.readAt(8, std::as_writable_bytes(std::span(json)))) throw unreadable(path);
      dataStart = 8 + headerBytes;
      header = parseSafetensorsHeader(json, size - dataStart);
    } catch (const HeaderViolation& violation) {
      fail(violation);
    }
  }

  static void checkLength(std::uint64_t size, std::uint64_t headerBytes) {
    if (size < 8) throw HeaderViolation{"HeaderTooSmall", "the file has " + std::to_string(size) + " bytes, at least 8 are needed"};
    if (headerBytes > largestSafetensorsHeader)
      throw HeaderViolation{"HeaderTooLarge", "the header claims " + std::to_string(headerBytes) + " bytes, at most 100000000 are allowed"};
    if (headerBytes > size - 8)
      throw HeaderViolation{"InvalidHeaderLength",
                            "the header claims " + std::to_string(headerBytes) + " bytes, the file has " + std::to_string(size)};
  }

  /// `use(bytes)` gets the tensor in chunks of whole elements.
  void stream(const TensorInfo& tensor, const auto& use) const {
    std::vector<std::byte> buffer(std::min<std::uint64_t>(chunkBytes, tensor.end - tensor.begin));
    for (std::uint64_t at = tensor.begin; at < tensor.end; at += buffer.size()) {
      const std::span part(buffer.data(), std::min<std::uint64_t>(buffer.size(), tensor.end - at));
      readAt(tensor, at, part);
      use(std::span<const std::byte>(part));
    }
  }

  void readAt(const TensorInfo& tensor, std::uint64_t at, std::span<std::byte> out) const {
    if (!file.readAt(dataStart + at, out))
      throw Error("LAC-1010", "tensor '" + tensor.name + "' of '" + path.string() + "' can no longer be read",
                  "the file was changed or its disk failed since it was opened: open it again");
  }

  [[noreturn]] void unsupported(const TensorInfo& tensor) const {
    throw Error("LAC-1011", "tensor '" + tensor.name + "' of '" + path.string() + "' has dtype " + tensor.dtype + ", which cannot be used here",
                "convert the model to F32, F16 or BF16");
  }
};

std::int64_t TensorInfo::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t dim : shape) count *= dim;
  return count;
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : m_impl(std::make_unique<Impl>()) {
  m_impl->path = path;
  m_impl->file = Descriptor::openFile(path);
  m_impl->open();
}

SafetensorsFile::~SafetensorsFile() = default;
SafetensorsFile::SafetensorsFile(SafetensorsFile&&) noexcept = default;

const std::filesystem::path& SafetensorsFile::path() const { return m_impl->path; }
const std::vector<TensorInfo>& SafetensorsFile::tensors() const { return m_impl->header.tensors; }
const std::map<std::string, std::string>& SafetensorsFile::metadata() const { return m_impl->header.metadata; }

const TensorInfo* SafetensorsFile::find(const std::string& name) const {
  const auto& [tensors, byName, metadata] = m_impl->header;
  const auto search = [&](const std::string& wanted) -> const TensorInfo* {
    const auto at = std::lower_bound(byName.begin(), byName.end(), wanted, [&](auto i, const auto& n) { return tensors[i].name < n; });
    return at != byName.end() && tensors[*at].name == wanted ? &tensors[*at] : nullptr;
  };
  if (const TensorInfo* found = search(name)) return found;
  // torch's save_model drops all but one of tensors that share memory and notes "dropped → kept" here.
  const auto alias = metadata.find(name);
  return alias == metadata.end() ? nullptr : search(alias->second);
}

std::vector<std::byte> SafetensorsFile::readBytes(const TensorInfo& tensor) const {
  std::vector<std::byte> bytes(tensor.end - tensor.begin);
  m_impl->readAt(tensor, tensor.begin, bytes);
  return bytes;
}

void SafetensorsFile::readAhead(const TensorInfo& tensor, const std::stop_token& stop) const {
  std::vector<std::byte> buffer(std::min<std::uint64_t>(chunkBytes, tensor.end - tensor.begin));
  for (std::uint64_t at = tensor.begin; at < tensor.end && !stop.stop_requested(); at += buffer.size())
    m_impl->readAt(tensor, at, std::span(buffer.data(), std::min<std::uint64_t>(buffer.size(), tensor.end - at)));
}

void SafetensorsFile::readFloat(const TensorInfo& tensor, std::span<float> out) const {
  LACUNA_CHECK(static_cast<std::int64_t>(out.size()) == tensor.elements());
  if (tensor.dtype == "F32") {
    m_impl->readAt(tensor, tensor.begin, std::as_writable_bytes(out));
    return;
  }
  const ToFloats convert = floatConversion(tensor.dtype);
  if (convert == nullptr) m_impl->unsupported(tensor);
  const std::size_t width = *dtypeBits(tensor.dtype) / 8;
  float* to = out.data();
  m_impl->stream(tensor, [&](std::span<const std::byte> bytes) {
    convert(bytes, to);
    to += bytes.size() / width;
  });
}

std::vector<std::int64_t> SafetensorsFile::readInt64(const TensorInfo& tensor) const {
  const ToInt64 convert = int64Conversion(tensor.dtype);
  if (convert == nullptr) m_impl->unsupported(tensor);
  const std::size_t width = *dtypeBits(tensor.dtype) / 8;
  std::vector<std::int64_t> values;
  values.reserve(static_cast<std::size_t>(tensor.elements()));
  m_impl->stream(tensor, [&](std::span<const std::byte> bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += width) values.push_back(convert(bytes.data() + at));
  });
  return values;
}

}  // namespace lacuna::files

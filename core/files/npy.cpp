#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "descriptor.h"
#include "lacuna/base/numbers.h"
#include "lacuna/files/files.h"
#include "npy_header.h"

namespace lacuna::files {
namespace {

constexpr std::string_view magic = npyMagic;

template <class T>
void write(const std::filesystem::path& path, const char* descr, std::span<const T> values, std::span<const std::int64_t> shape) {
  AtomicFile file(path);
  file.write(npyHeader(descr, shape));
  file.write({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
  file.commit();
}

constexpr std::int64_t kLargePage = 2 << 20;

/// Memory that is filled for the first time costs the kernel a step a page: few large ones where there is much of it.
void preferLargePages(std::span<std::byte> memory) {
  const auto begin = (reinterpret_cast<std::uintptr_t>(memory.data()) + kLargePage - 1) / kLargePage * kLargePage;
  const auto end = reinterpret_cast<std::uintptr_t>(memory.data()) + memory.size();
  if (end > begin + kLargePage) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);   // refused: small ones
}

struct Header {
  std::string descr;
  bool fortran = false;
  std::vector<std::int64_t> shape;
  std::size_t dataStart = 0;
};

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : m_path(path), m_file(Descriptor::openFile(path)), m_size(m_file.size()), m_header(parseHeader()) {}

  NpyArray read() const {
    const Header& h = m_header;
    const std::string bytes = text(h.dataStart, elementCount() * width());
    NpyArray array{h.shape, std::vector<double>(elementCount())};
    for (std::uint64_t i = 0; i < array.values.size(); ++i) array.values[h.fortran ? rowMajor(h.shape, i) : i] = element(bytes, h.descr, i * width());
    return array;
  }

  /// A matrix of floats goes from the file to where it stays.
  MatrixF readMatrix(int threads) const {
    if (m_header.shape.size() != 2) fail("expected two dimensions, found " + std::to_string(m_header.shape.size()));
    if (m_header.descr != "<f4" || m_header.fortran) {
      const NpyArray array = read();
      return Eigen::Map<const MatrixD>(array.values.data(), array.shape[0], array.shape[1]).cast<float>();
    }
    elementCount();
    MatrixF matrix(m_header.shape[0], m_header.shape[1]);
    const auto bytes = std::as_writable_bytes(std::span(matrix.data(), static_cast<std::size_t>(matrix.size())));
    preferLargePages(bytes);
    parallelFor(static_cast<std::int64_t>(bytes.size()), threads, kLargePage, [&](std::int64_t begin, std::int64_t end) {
      const auto at = static_cast<std::size_t>(begin);
      fill(m_header.dataStart + at, bytes.subspan(at, static_cast<std::size_t>(end - begin)));
    });
    return matrix;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error("LAC-1012", "'" + m_path.string() + "' is no usable .npy file: " + what,
                "save it with numpy.save as float32, float64, int32, int64 or bool");
  }

  void fill(std::uint64_t offset, std::span<std::byte> buffer) const {
    if (!m_file.readAt(offset, buffer)) throw unreadable(m_path);
  }
  std::string text(std::uint64_t offset, std::uint64_t size) const {
    std::string bytes(size, '\0');
    fill(offset, std::as_writable_bytes(std::span(bytes)));
    return bytes;
  }

  Header parseHeader() const {
    const std::string start = text(0, std::min<std::uint64_t>(m_size, 12));
    if (!start.starts_with(magic) || start.size() < 12) fail("it does not begin with \\x93NUMPY");
    const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(start[i])); };
    const std::size_t version = byte(6), begin = version == 1 ? 10 : 12;
    if (version < 1 || version > 3) fail("format version " + std::to_string(version) + " is not known");
    const std::size_t length = byte(8) | byte(9) << 8 | (version == 1 ? 0 : byte(10) << 16 | byte(11) << 24);
    if (length > m_size - begin) fail("its header is cut off");
    const std::string described = text(begin, length);
    Header h;
    h.dataStart = begin + length;
    h.descr = std::string(valueOf(described, "'descr'"));
    if (h.descr.size() >= 2 && h.descr.front() == '\'' ) h.descr = h.descr.substr(1, h.descr.find('\'', 1) - 1);
    if (h.descr != "<f4" && h.descr != "<f8" && h.descr != "<i4" && h.descr != "<i8" && h.descr != "|b1") fail("its dtype is " + h.descr);
    h.fortran = valueOf(described, "'fortran_order'").starts_with("True");
    h.shape = parseShape(valueOf(described, "'shape'"));
    return h;
  }

  /// The text after "key:", blanks skipped.
  std::string_view valueOf(std::string_view text, std::string_view key) const {
    std::size_t at = text.find(key);
    if (at != std::string_view::npos) at = text.find_first_not_of(" :", at + key.size());
    if (at == std::string_view::npos) fail("its header lacks " + std::string(key));
    return text.substr(at);
  }

  std::vector<std::int64_t> parseShape(std::string_view text) const {
    const std::size_t close = text.find(')');
    if (!text.starts_with('(') || close == std::string_view::npos) fail("its shape is not a tuple");
    std::vector<std::int64_t> shape;
    for (std::size_t at = 1; at < close;) {
      const std::size_t end = std::min(text.find(',', at), close);
      std::string_view dim = text.substr(at, end - at);
      while (dim.starts_with(' ')) dim.remove_prefix(1);
      while (dim.ends_with(' ')) dim.remove_suffix(1);
      if (!dim.empty()) {
        const auto value = parseNumber(dim);
        if (!value || *value < 0 || *value > 1e15 || dim.find_first_not_of("0123456789") != std::string_view::npos)
          fail("its shape has the entry '" + std::string(dim) + "'");
        shape.push_back(static_cast<std::int64_t>(*value));
      }
      at = end + 1;
    }
    return shape;
  }

  std::size_t width() const { return static_cast<std::size_t>(m_header.descr.back() - '0'); }

  /// As the shape says; the file must hold exactly that.
  std::uint64_t elementCount() const {
    std::uint64_t count = 1;
    for (const std::int64_t dim : m_header.shape)
      if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(dim), &count)) fail("its shape is too large");
    const std::uint64_t available = m_size - m_header.dataStart;
    if (count > available / width() || count * width() != available)
      fail("the shape needs " + std::to_string(count) + " elements of " + std::to_string(width()) + " bytes, the file holds " +
           std::to_string(available) + " bytes");
    return count;
  }

  static std::size_t rowMajor(const std::vector<std::int64_t>& shape, std::uint64_t columnMajorIndex) {
    std::size_t index = 0, stride = 1;
    std::vector<std::size_t> strides(shape.size());
    for (std::size_t d = shape.size(); d-- > 0; stride *= static_cast<std::size_t>(shape[d])) strides[d] = stride;
    for (std::size_t d = 0; d < shape.size(); ++d) {
      const auto dim = static_cast<std::uint64_t>(shape[d]);
      index += strides[d] * (columnMajorIndex % dim);
      columnMajorIndex /= dim;
    }
    return index;
  }

  template <class T>
  static double value(const std::string& bytes, std::size_t at) {
    T number;
    std::memcpy(&number, bytes.data() + at, sizeof(T));
    return static_cast<double>(number);
  }

  static double element(const std::string& bytes, std::string_view descr, std::size_t at) {
    if (descr == "<f4") return value<float>(bytes, at);
    if (descr == "<f8") return value<double>(bytes, at);
    if (descr == "<i4") return value<std::int32_t>(bytes, at);
    if (descr == "<i8") return value<std::int64_t>(bytes, at);
    return value<std::uint8_t>(bytes, at) != 0 ? 1 : 0;
  }

  std::filesystem::path m_path;
  Descriptor m_file;
  std::uint64_t m_size;
  Header m_header;
};

}  // namespace

void writeNpy(const std::filesystem::path& path, const MatrixF& matrix) {
  const std::int64_t shape[] = {matrix.rows(), matrix.cols()};
  write<float>(path, "<f4", {matrix.data(), static_cast<std::size_t>(matrix.size())}, shape);
}

void writeNpy(const std::filesystem::path& path, const std::vector<float>& values, const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (const std::int64_t dim : shape) count *= dim;
  LACUNA_CHECK(count == static_cast<std::int64_t>(values.size()));
  write<float>(path, "<f4", values, shape);
}
void writeNpy(const std::filesystem::path& path, const std::vector<std::int32_t>& values) {
  const std::int64_t shape[] = {static_cast<std::int64_t>(values.size())};
  write<std::int32_t>(path, "<i4", values, shape);
}

NpyArray readNpy(const std::filesystem::path& path) { return Reader(path).read(); }
MatrixF readNpyMatrix(const std::filesystem::path& path, int threads) { return Reader(path).readMatrix(threads); }

}  // namespace lacuna::files

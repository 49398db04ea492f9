#include "byte_source.h"

#include <algorithm>
#include <cstring>
#include <system_error>

#include "descriptor.h"
#include "read_ahead.h"
#include "utf8.h"

namespace lacuna::files {
namespace {

class RawFile : public ByteSource {
 public:
  RawFile(const std::filesystem::path& path, std::function<void(std::size_t)> onRead)
      : m_file(Descriptor::openFile(path)), m_onRead(std::move(onRead)) {}

  std::size_t read(char* buffer, std::size_t size) override {
    const std::int64_t got = m_file.readSome(buffer, size);
    if (got < 0) m_damage = "reading failed: " + std::generic_category().message(errno);
    if (got > 0 && m_onRead) m_onRead(static_cast<std::size_t>(got));
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }

 private:
  Descriptor m_file;
  std::function<void(std::size_t)> m_onRead;
};

/// Stands for what is no character: the row it is in becomes one with invalid UTF-8, and has U+FFFD there.
constexpr char noUtf8 = '\xFF';

class Transcoder : public ByteSource {
 public:
  Transcoder(std::unique_ptr<ByteSource> in, Utf from) : m_in(std::move(in)), m_from(from) {}

  std::size_t read(char* buffer, std::size_t size) override {
    while (m_out.empty() && !m_end) fill();
    const std::size_t count = std::min(size, m_out.size());
    std::memcpy(buffer, m_out.data(), count);
    m_out.erase(0, count);
    return count;
  }
  const std::string& damage() const override { return m_in->damage(); }
  const std::string& warning() const override { return m_in->warning(); }

 private:
  void fill() {
    char bytes[4096];
    const std::size_t got = m_in->read(bytes, sizeof bytes);
    m_end = got == 0;
    m_pending.append(bytes, got);
    const std::size_t width = m_from == Utf::Utf16Little || m_from == Utf::Utf16Big ? 2 : 4;
    std::size_t at = 0;
    for (; at + width <= m_pending.size(); at += width) unit(decode(at, width), width);
    m_pending.erase(0, at);
    if (m_end && (m_high != 0 || !m_pending.empty())) m_out += noUtf8;
  }

  std::uint32_t decode(std::size_t at, std::size_t width) const {
    const bool little = m_from == Utf::Utf16Little || m_from == Utf::Utf32Little;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i)
      value = value << 8 | static_cast<unsigned char>(m_pending[at + (little ? width - 1 - i : i)]);
    return value;
  }

  void unit(std::uint32_t value, std::size_t width) {
    const bool low = value >= 0xDC00 && value < 0xE000, high = value >= 0xD800 && value < 0xDC00;
    if (m_high != 0 && low && width == 2) {
      appendUtf8(m_out, 0x10000 + ((m_high - 0xD800) << 10) + (value - 0xDC00));
      m_high = 0;
      return;
    }
    if (m_high != 0) m_out += noUtf8;
    m_high = high && width == 2 ? value : 0;
    if (m_high != 0) return;
    if (low || high || value > 0x10FFFF)
      m_out += noUtf8;
    else
      appendUtf8(m_out, value);
  }

  std::unique_ptr<ByteSource> m_in;
  Utf m_from;
  std::string m_pending, m_out;
  std::uint32_t m_high = 0;
  bool m_end = false;
};

struct Refused {
  std::string_view start, why;
};
constexpr Refused refusedStarts[] = {
    {std::string_view("\xFD" "7zXZ\0", 6), "xz files are not read: unpack it with 'xz -d' first"},
    {"BZh", "bzip2 files are not read: unpack it with 'bunzip2' first"},
    {"PAR1", "a Parquet file inside another container is not read: unpack it first"},
    {"\x1F\x8B", "it was compressed twice: unpack it once first"},
    {"PK\3\4", "zip archives are not read: unpack it with 'unzip' first"},
    {"PK\5\6", "it is an empty zip archive"},
    {"PK\7\x8", "zip archives are not read: unpack it with 'unzip' first"},
    {"7z\xBC\xAF\x27\x1C", "7z archives are not read: unpack it with '7z x' first"},
    {"Rar!\x1A\7", "rar archives are not read: unpack it with 'unrar x' first"},
    {"\x04\x22\x4D\x18", "lz4 files are not read: unpack it with 'lz4 -d' first"},
};

std::string otherContainer(std::string_view head) {
  for (const Refused& each : refusedStarts)
    if (head.starts_with(each.start)) return std::string(each.why);
  if (isZstdStart(head)) return "it was compressed twice: unpack it once first";
  if (head.size() >= 262 && head.substr(257, 5) == "ustar") return "tar archives are not read: unpack it with 'tar -xf' first";
  return {};
}

/// A text may have bytes that are none here and there; a picture or a program has many of them, and NUL among them.
bool isBinary(std::string_view head) {
  const std::size_t odd = head.find('\0') == std::string_view::npos ? 0 : oddBytes(head);
  return odd >= 4 && odd > head.size() / 10;
}

/// Why a file that does not begin as Parquet is one all the same, or nothing.
std::string parquetOfAnotherKind(std::string_view head, const std::filesystem::path& path) {
  const Descriptor file = Descriptor::openFile(path);
  std::byte end[4] = {};
  const bool read = file.size() >= 12 && file.readAt(file.size() - 4, end);
  if (read && head.starts_with("PARE") && std::memcmp(end, "PARE", 4) == 0) return "it is a Parquet file with an encrypted footer: decrypt it first";
  return read && std::memcmp(end, "PAR1", 4) == 0 ? "it ends as Parquet and does not begin so: its beginning is damaged" : "";
}

std::string whyNoText(std::string_view head, const std::filesystem::path& path) {
  const bool binary = isBinary(head);
  if (!binary && !head.starts_with("PARE")) return {};
  std::string why = parquetOfAnotherKind(head, path);
  return why.empty() && binary ? "it is not a text file: more than a tenth of its first bytes are no text" : why;
}

constexpr std::size_t peekedBytes = 1 << 16;

std::unique_ptr<PeekedSource> peek(std::unique_ptr<ByteSource> in) { return std::make_unique<PeekedSource>(std::move(in), peekedBytes); }

}  // namespace

std::unique_ptr<ByteSource> openRaw(const std::filesystem::path& path, std::function<void(std::size_t)> onRead) {
  return std::make_unique<RawFile>(path, std::move(onRead));
}

std::unique_ptr<ByteSource> transcode(std::unique_ptr<ByteSource> in, Utf from) { return std::make_unique<Transcoder>(std::move(in), from); }

PeekedSource::PeekedSource(std::unique_ptr<ByteSource> in, std::size_t most) : m_in(std::move(in)), m_head(most, '\0') {
  std::size_t used = 0;
  for (std::size_t got = 1; got > 0 && used < most; used += got) got = m_in->read(m_head.data() + used, most - used);
  m_head.resize(used);
}

std::size_t PeekedSource::read(char* buffer, std::size_t size) {
  if (m_used == m_head.size()) return m_in->read(buffer, size);
  const std::size_t count = std::min(size, m_head.size() - m_used);
  std::memcpy(buffer, m_head.data() + m_used, count);
  m_used += count;
  return count;
}

OpenedText openText(const std::filesystem::path& path, const OpenOptions& options) {
  auto source = peek(openRaw(path, options.onRead));
  if (source->head().starts_with("PAR1")) return {std::move(source), {}, true};
  const auto unpacked = [&](std::unique_ptr<ByteSource> in) {
    return peek(options.ahead ? std::make_unique<ReadAhead>(std::move(in)) : std::move(in));
  };
  if (source->head().starts_with("\x1F\x8B"))
    source = unpacked(inflateGzip(std::move(source), options.largestRatio));
  else if (isZstdStart(source->head()))
    source = unpacked(inflateZstd(std::move(source), options.largestRatio));
  const std::string_view head = source->head();
  if (std::string refused = otherContainer(head); !refused.empty()) return {std::move(source), std::move(refused), false};
  constexpr std::pair<std::string_view, Utf> marks[] = {{std::string_view("\xFF\xFE\0\0", 4), Utf::Utf32Little},
                                                        {std::string_view("\0\0\xFE\xFF", 4), Utf::Utf32Big},
                                                        {"\xFF\xFE", Utf::Utf16Little},
                                                        {"\xFE\xFF", Utf::Utf16Big}};
  for (const auto& [mark, utf] : marks)
    if (head.starts_with(mark)) {
      source->skip(mark.size());
      return {peek(transcode(std::move(source), utf)), {}, false};
    }
  if (head.starts_with("\xEF\xBB\xBF")) source->skip(3);
  std::string refused = whyNoText(source->head(), path);
  return {std::move(source), std::move(refused), false};
}

}  // namespace lacuna::files

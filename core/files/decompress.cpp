#include <algorithm>
#include <cstring>
#include <vector>

#include <zlib.h>
#include <zstd.h>

#include "byte_source.h"
#include "lacuna/base/error.h"

namespace lacuna::files {
namespace {

/// The compressed bytes not yet used, a buffer at a time.
class Input {
 public:
  explicit Input(std::unique_ptr<ByteSource> in) : m_in(std::move(in)), m_buffer(mostAhead) {}

  static constexpr std::size_t mostAhead = 1 << 18;
  /// At least `wanted` bytes, mostAhead of them at most, or all that are left.
  std::string_view ahead(std::size_t wanted) {
    if (m_end - m_begin < wanted) {
      std::memmove(m_buffer.data(), m_buffer.data() + m_begin, m_end - m_begin);
      m_end -= m_begin;
      m_begin = 0;
      for (std::size_t got = 1; got > 0 && m_end < wanted; m_end += got) got = m_in->read(m_buffer.data() + m_end, m_buffer.size() - m_end);
    }
    return {m_buffer.data() + m_begin, m_end - m_begin};
  }
  void use(std::size_t bytes) {
    m_begin += bytes;
    m_used += bytes;
  }
  std::uint64_t used() const { return m_used; }
  const std::string& damage() const { return m_in->damage(); }

 private:
  std::unique_ptr<ByteSource> m_in;
  std::vector<char> m_buffer;
  std::size_t m_begin = 0, m_end = 0;
  std::uint64_t m_used = 0;
};

constexpr std::uint64_t neverABomb = std::uint64_t{4} << 30;

/// What gzip and zstd share: members one after the other, and what may stand behind the last one. Every byte that can be unpacked before
/// damage is given, however large the buffers are.
class Decompressor : public ByteSource {
 public:
  Decompressor(std::unique_ptr<ByteSource> in, std::uint64_t largestRatio) : m_input(std::move(in)), m_largestRatio(largestRatio) {}

  std::size_t read(char* buffer, std::size_t size) final {
    while (!m_finished) {
      if (!m_inMember && !startMember()) break;
      // After a call that filled its buffer more may be ready without a further byte.
      const std::string_view bytes = m_filled ? std::string_view() : m_input.ahead(next());
      if (bytes.empty() && !m_filled) {
        m_damage = m_input.damage().empty() ? "the file is cut off inside its compressed data" : m_input.damage();
        break;
      }
      const std::size_t made = decompress(bytes, buffer, size);
      m_made += made;
      m_filled = made == size;
      if (m_made > neverABomb && m_made / m_largestRatio > m_input.used()) {
        fail("it unpacks to more than " + std::to_string(m_largestRatio) + " times its size (stopped after " + std::to_string(m_made) + " bytes)");
        break;
      }
      if (made > 0) return made;
    }
    m_finished = true;
    return 0;
  }

 protected:
  virtual bool isStart(std::string_view bytes) const = 0;
  virtual void reset() = 0;
  /// How many bytes the next step is best given.
  virtual std::size_t next() const = 0;
  /// Uses m_input and returns the bytes made; ends the member, or sets m_damage and m_finished.
  virtual std::size_t decompress(std::string_view bytes, char* buffer, std::size_t size) = 0;

  void fail(const std::string& why) {
    m_damage = "its compressed data are damaged: " + why;
    m_finished = true;
  }

  Input m_input;
  bool m_inMember = false, m_finished = false;

 private:
  bool startMember() {
    // Zero bytes after a member are padding, as of tapes.
    std::string_view bytes = m_input.ahead(4);
    while (m_members > 0 && !bytes.empty() && bytes.front() == '\0') {
      const std::size_t zeros = std::min(bytes.find_first_not_of('\0'), bytes.size());
      m_input.use(zeros);
      bytes = m_input.ahead(4);
    }
    if (bytes.empty()) {
      m_damage = m_input.damage();
      return false;
    }
    if (!isStart(bytes)) {
      m_warning = "other bytes follow its compressed data and are ignored";
      return false;
    }
    reset();
    m_filled = false;
    ++m_members;
    return m_inMember = true;
  }

  std::uint64_t m_members = 0, m_made = 0, m_largestRatio;
  bool m_filled = false;
};

class Gzip : public Decompressor {
 public:
  Gzip(std::unique_ptr<ByteSource> in, std::uint64_t largestRatio) : Decompressor(std::move(in), largestRatio) {
    LACUNA_CHECK(inflateInit2(&m_stream, 15 + 16) == Z_OK);  // gzip wrapper, largest window
  }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() override { inflateEnd(&m_stream); }

 private:
  bool isStart(std::string_view bytes) const override { return bytes.starts_with("\x1F\x8B"); }
  void reset() override { inflateReset(&m_stream); }
  std::size_t next() const override { return 1; }

  std::size_t decompress(std::string_view bytes, char* buffer, std::size_t size) override {
    m_stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib only reads there
    m_stream.avail_in = static_cast<uInt>(bytes.size());
    m_stream.next_out = reinterpret_cast<Bytef*>(buffer);
    m_stream.avail_out = static_cast<uInt>(std::min<std::size_t>(size, 1u << 30));
    const uInt room = m_stream.avail_out;
    const int status = inflate(&m_stream, Z_NO_FLUSH);
    m_input.use(bytes.size() - m_stream.avail_in);
    if (status == Z_STREAM_END) m_inMember = false;
    if (status != Z_STREAM_END && status != Z_OK && status != Z_BUF_ERROR) fail(m_stream.msg != nullptr ? m_stream.msg : "gzip");
    return room - m_stream.avail_out;
  }

  z_stream m_stream{};
};

class Zstd : public Decompressor {
 public:
  Zstd(std::unique_ptr<ByteSource> in, std::uint64_t largestRatio)
      : Decompressor(std::move(in), largestRatio), m_stream(ZSTD_createDStream(), ZSTD_freeDStream) {
    LACUNA_CHECK(m_stream != nullptr);
    ZSTD_DCtx_setParameter(m_stream.get(), ZSTD_d_windowLogMax, 31);
  }

 private:
  bool isStart(std::string_view bytes) const override { return isZstdStart(bytes); }
  void reset() override {
    ZSTD_DCtx_reset(m_stream.get(), ZSTD_reset_session_only);
    m_hint = frameStart;
  }

  /// A call that fails keeps to itself what it unpacked before it did. So none gets more than one piece of the frame: what zstd asks for is
  /// a block with the header of the next, and each of the two has a call of its own.
  std::size_t next() const override {
    return std::min(m_hint > blockHeader ? m_hint - blockHeader : m_hint, Input::mostAhead);
  }
  std::size_t decompress(std::string_view bytes, char* buffer, std::size_t size) override {
    ZSTD_inBuffer in{bytes.data(), std::min(bytes.size(), next()), 0};
    ZSTD_outBuffer out{buffer, size, 0};
    m_hint = ZSTD_decompressStream(m_stream.get(), &out, &in);
    m_input.use(in.pos);
    if (ZSTD_isError(m_hint)) fail(ZSTD_getErrorName(m_hint));
    if (m_hint == 0) m_inMember = false;
    return out.pos;
  }

  static constexpr std::size_t blockHeader = 3, frameStart = 8;   // of RFC 8878: a frame's header has at least 6 bytes
  std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> m_stream;
  std::size_t m_hint = frameStart;
};

}  // namespace

bool isZstdStart(std::string_view bytes) {
  return bytes.starts_with("\x28\xB5\x2F\xFD") || (bytes.size() >= 4 && (bytes[0] & 0xF0) == 0x50 && bytes.substr(1, 3) == "\x2A\x4D\x18");
}

std::unique_ptr<ByteSource> inflateGzip(std::unique_ptr<ByteSource> in, std::uint64_t largestRatio) {
  return std::make_unique<Gzip>(std::move(in), largestRatio);
}
std::unique_ptr<ByteSource> inflateZstd(std::unique_ptr<ByteSource> in, std::uint64_t largestRatio) {
  return std::make_unique<Zstd>(std::move(in), largestRatio);
}

}  // namespace lacuna::files

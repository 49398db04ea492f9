#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace lacuna::files {

/// A stream of bytes that says afterwards whether it was whole.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Bytes put into the buffer; 0 at the end, which damage ends too.
  virtual std::size_t read(char* buffer, std::size_t size) = 0;

  /// Why the bytes end early; empty when they are whole.
  virtual const std::string& damage() const { return m_damage; }
  /// Something odd that lost no bytes, such as garbage after the last member.
  virtual const std::string& warning() const { return m_warning; }

 protected:
  std::string m_damage, m_warning;
};

/// A file as it stands on the disk; `onRead` gets the size of every part read. Throws LAC-1105 on opening.
std::unique_ptr<ByteSource> openRaw(const std::filesystem::path& path, std::function<void(std::size_t)> onRead);

/// gzip with any number of members, zstd with any number of frames (windows up to 2³¹). More than 4 GiB that are also more than
/// `largestRatio` times what was read are taken for a bomb, and damage.
std::unique_ptr<ByteSource> inflateGzip(std::unique_ptr<ByteSource> in, std::uint64_t largestRatio);
std::unique_ptr<ByteSource> inflateZstd(std::unique_ptr<ByteSource> in, std::uint64_t largestRatio);

/// The first four bytes of a zstd frame, or of one to be skipped.
bool isZstdStart(std::string_view bytes);

enum class Utf { Utf16Little, Utf16Big, Utf32Little, Utf32Big };
/// → UTF-8; unpaired surrogates and impossible code points become a byte that is none.
std::unique_ptr<ByteSource> transcode(std::unique_ptr<ByteSource> in, Utf from);

/// A source whose beginning can be looked at first.
class PeekedSource : public ByteSource {
 public:
  PeekedSource(std::unique_ptr<ByteSource> in, std::size_t most);
  std::string_view head() const { return std::string_view(m_head).substr(m_used); }
  void skip(std::size_t bytes) { m_used += bytes; }
  std::size_t read(char* buffer, std::size_t size) override;
  const std::string& damage() const override { return m_in->damage(); }
  const std::string& warning() const override { return m_in->warning(); }

 private:
  std::unique_ptr<ByteSource> m_in;
  std::string m_head;
  std::size_t m_used = 0;
};

/// Opens a file through whatever its first bytes ask for: gzip, zstd, UTF-16 and UTF-32 byte order marks; a UTF-8 mark
/// is dropped. `refused` says why when it is another container (xz, bzip2, zip, tar …) or no text: with NUL among the first 64 KiB, and
/// more than a tenth of these NUL, other control characters or invalid UTF-8, four of them at least. Parquet is left to its own reader.
struct OpenedText {
  std::unique_ptr<PeekedSource> source;
  std::string refused;
  bool parquet = false;
};
struct OpenOptions {
  std::function<void(std::size_t)> onRead;   ///< gets the size of every part read from the disk; may be called by another thread
  std::uint64_t largestRatio = 1000;
  bool ahead = false;                        ///< unpack on a thread of its own
};
OpenedText openText(const std::filesystem::path& path, const OpenOptions& options);

}  // namespace lacuna::files

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace lacuna::files {

struct TensorInfo {
  std::string name, dtype;              ///< dtype as written: "F32", "BF16", …
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0, end = 0;     ///< relative to the data buffer
  std::int64_t elements() const;
};

/// One .safetensors file, checked completely on opening (formats.md 1.3); read by pread, never mapped.
/// Opening throws LAC-1010 with the reference's rule name first: "InvalidOffset: tensor 'x' …".
class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path);
  ~SafetensorsFile();
  SafetensorsFile(SafetensorsFile&&) noexcept;

  const std::filesystem::path& path() const;
  const std::vector<TensorInfo>& tensors() const;          ///< by offset
  const std::map<std::string, std::string>& metadata() const;
  const TensorInfo* find(const std::string& name) const;   ///< nullptr when absent
  std::vector<std::byte> readBytes(const TensorInfo& tensor) const;
  /// Reads a tensor and forgets it: the system then holds it for whoever reads it next. Stops early when asked to.
  void readAhead(const TensorInfo& tensor, const std::stop_token& stop) const;
  /// F16, BF16, F32, F64 and integers → float32; other dtypes throw LAC-1011. `out` has tensor.elements() floats.
  void readFloat(const TensorInfo& tensor, std::span<float> out) const;
  std::vector<std::int64_t> readInt64(const TensorInfo& tensor) const;  ///< I8 … I64, U8, BOOL

 private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

/// All weight files of a model folder: model.safetensors, or the shards of model.safetensors.index.json (formats.md 1.5).
/// Throws LAC-1001 listing everything that is missing; names .bin/.h5/.gguf files and says how to convert them.
class WeightFiles {
 public:
  explicit WeightFiles(const std::filesystem::path& folder);
  const TensorInfo* find(const std::string& name) const;
  std::vector<const TensorInfo*> tensors() const;
  void readFloat(const std::string& name, std::span<float> out) const;
  const std::vector<std::string>& warnings() const { return m_warnings; }
  std::uint64_t totalBytes() const;

 private:
  void addShards(const std::filesystem::path& index);
  const SafetensorsFile* fileOf(const std::string& name) const;
  std::vector<SafetensorsFile> m_files;
  std::map<std::string, std::size_t> m_fileOf;
  std::vector<std::string> m_warnings;
};

struct TensorToWrite {
  std::string name, dtype;                    ///< "F32", "F16" (rounded to nearest even) or "I64"
  std::vector<std::int64_t> shape;
  std::span<const float> floats;              ///< for F32 and F16
  std::span<const std::int64_t> integers;     ///< for I64
};

/// Writes as the reference writer does (sorted by alignment and name, padded header), through a temporary file and rename.
void writeSafetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors,
                      const std::map<std::string, std::string>& metadata = {{"format", "pt"}});

}  // namespace lacuna::files

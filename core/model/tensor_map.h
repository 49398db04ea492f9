#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "config.h"
#include "folder_checks.h"
#include "lacuna/base/run_context.h"
#include "lacuna/files/safetensors.h"
#include "lacuna/model/decoder.h"

namespace lacuna::model {

/// Which tensors a network is made of, and where each goes. A family describes itself once; the description serves to count
/// parameters, to check a folder, and to load it.
class TensorMap {
 public:
  /// Describe makes no room for weights; LoadAllButTables leaves the token table and the head in the files.
  enum class Purpose { Describe, Load, LoadAllButTables };
  explicit TensorMap(Purpose purpose, Precision precision = Precision::Fp32) : m_purpose(purpose), m_precision(precision) {}
  bool leavesTables() const { return m_purpose == Purpose::LoadAllButTables; }

  /// A tensor of this shape; `place` gets its values.
  void tensor(const std::string& name, std::vector<std::int64_t> shape, std::function<void(const float*)> place);
  void tensorByRows(const std::string& name, std::int64_t rows, std::int64_t columns,
                    std::function<void(const float* rows, std::int64_t first, std::int64_t count)> place);
  void vector(const std::string& name, std::int64_t size, std::vector<float>& target);
  void table(const std::string& name, std::int64_t rows, std::int64_t columns, std::vector<float>& target);
  void norm(const std::string& name, std::int64_t width, bool bias, Norm& target);
  /// Room for a product; parts of it follow by rows() or columns(). Biases of parts that have none stay zero.
  void linear(Linear& target, std::int64_t inputs, std::int64_t outputs, bool bias);
  /// `name`.weight stored [count, inputs], and `name`.bias: outputs firstOutput … + count.
  void rows(const std::string& name, Linear& target, std::int64_t inputs, std::int64_t firstOutput, std::int64_t count, bool bias);
  /// Which tensors are the token table and the head's weights (one when tied; a bare body has no head).
  struct Tables { std::string tokens, head; };
  void noteTables(Tables names) { m_tables = std::move(names); }
  const Tables& tables() const { return m_tables; }
  /// The whole of a product at once.
  void wholeLinear(const std::string& name, Linear& target, std::int64_t inputs, std::int64_t outputs, bool bias);

  struct Entry {
    std::string name;
    std::vector<std::int64_t> shape;
    std::function<void(const float*)> place;
    /// Where rows may be placed piece by piece: rows first … + count, count a multiple of 32 except at the end.
    std::function<void(const float* rows, std::int64_t first, std::int64_t count)> placeRows;
    std::int64_t elements() const;
  };
  const std::vector<Entry>& entries() const { return m_entries; }
  std::int64_t parameters() const;                 ///< elements of distinct tensors
  std::int64_t largest() const;
  std::int64_t productElements() const { return m_productElements; }   ///< weights of products: those that a precision rounds

 private:
  Purpose m_purpose;
  Precision m_precision;
  std::int64_t m_productElements = 0;
  std::vector<Entry> m_entries;
  Tables m_tables;
};

/// Throws LAC-1002 when all tensors together are more than any model has; before that, nothing may be multiplied out.
void refuseAbsurdTotals(const Config& config, const TensorMap& map);

/// A folder's weights under the names of a map: a checkpoint may be saved with or without the base model's prefix (formats.md 0).
class FolderWeights {
 public:
  FolderWeights(const std::filesystem::path& folder, std::vector<std::string> prefixes);
  const files::WeightFiles& files() const { return m_files; }
  const files::TensorInfo* find(const std::string& name) const;
  /// Throws LAC-1004 with every missing and misshapen tensor, LAC-1011 with every one that holds no floating-point numbers; gives
  /// names in the files that nothing wants (buffers left out).
  std::vector<std::string> check(const TensorMap& map) const;
  /// Reads every entry into its place; large ones in slices, so that they are held once only. Gives what is not finite.
  NonFiniteWeights load(const TensorMap& map, int threads) const;
  /// Rows first … + count of a matrix [rows, columns]; `out` has count · columns floats.
  void readRows(const std::string& name, std::int64_t first, std::int64_t count, float* out, int threads) const;
  /// Reads every entry and forgets it, so that load() will find it in the system's memory.
  void readAhead(const TensorMap& map, const std::stop_token& stop) const;
  void readAhead(const std::string& name, const std::stop_token& stop) const;

 private:
  std::int64_t readSlices(const TensorMap::Entry& entry, int threads) const;   ///< values that are not finite
  const files::SafetensorsFile* onlyFileWith(const std::string& name) const;
  const files::SafetensorsFile& fileWith(const std::string& name) const;   ///< the one that files() reads from
  std::string m_folder;
  files::WeightFiles m_files;
  std::vector<files::SafetensorsFile> m_shards;   ///< the same files again, for reading parts of a tensor
  std::vector<std::string> m_prefixes;
};

}  // namespace lacuna::model

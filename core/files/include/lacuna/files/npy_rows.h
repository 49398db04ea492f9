#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "lacuna/base/matrix.h"

namespace lacuna::files {

class AtomicFile;

/// A float32 matrix that is written a few rows at a time: .npy format 1.0, under its name only when commit() was called; destroyed
/// before, it leaves nothing behind. Throws LAC-3002.
class NpyRows {
 public:
  NpyRows(const std::filesystem::path& path, std::int64_t columns);
  ~NpyRows();
  void add(const MatrixF& rows);
  void commit();
  std::int64_t rows() const { return m_rows; }

 private:
  std::unique_ptr<AtomicFile> m_file;
  std::int64_t m_columns = 0, m_rows = 0;
};

}  // namespace lacuna::files

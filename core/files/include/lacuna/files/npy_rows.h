#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

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

/// Numbers that are written as they come, of which it is not known how many there will be: .npy format 1.0, int64 [n]. As NpyRows else.
class NpyColumn {
 public:
  explicit NpyColumn(const std::filesystem::path& path);
  ~NpyColumn();
  void add(std::int64_t value);
  void commit();
  std::int64_t size() const { return m_size; }

 private:
  void flush();
  std::unique_ptr<AtomicFile> m_file;
  std::vector<std::int64_t> m_waiting;
  std::int64_t m_size = 0;
};

}  // namespace lacuna::files

#include "lacuna/files/npy_rows.h"

#include <algorithm>

#include "descriptor.h"
#include "npy_header.h"

namespace lacuna::files {
namespace {

constexpr std::size_t headerBytes = 128;   // room for any number of rows

constexpr std::size_t waitingAtMost = 1 << 16;

std::string headerOf(std::int64_t rows, std::int64_t columns) {
  const std::int64_t shape[] = {rows, columns};
  return npyHeader("<f4", shape, headerBytes);
}

std::string columnHeader(std::int64_t size) { return npyHeader("<i8", std::span(&size, 1), headerBytes); }

}  // namespace

std::string npyHeader(const char* descr, std::span<const std::int64_t> shape, std::size_t atLeast) {
  std::string dims;
  for (const std::int64_t dim : shape) dims += (dims.empty() ? "" : ", ") + std::to_string(dim);
  if (shape.size() == 1) dims += ",";
  std::string text = "{'descr': '" + std::string(descr) + "', 'fortran_order': False, 'shape': (" + dims + "), }";
  text.resize(std::max(atLeast, (10 + text.size() + 1 + 63) / 64 * 64) - 10 - 1, ' ');  // the data begin on a multiple of 64
  text += '\n';
  const std::size_t size = text.size();
  LACUNA_CHECK(size < 65536);
  return std::string(npyMagic) + std::string("\1\0", 2) + static_cast<char>(size & 255) + static_cast<char>(size >> 8) + text;
}

NpyRows::NpyRows(const std::filesystem::path& path, std::int64_t columns) : m_file(std::make_unique<AtomicFile>(path)), m_columns(columns) {
  m_file->write(headerOf(0, columns));
}

NpyRows::~NpyRows() = default;

void NpyRows::add(const MatrixF& rows) {
  LACUNA_CHECK(rows.cols() == m_columns);
  m_file->write({reinterpret_cast<const char*>(rows.data()), static_cast<std::size_t>(rows.size()) * sizeof(float)});
  m_rows += rows.rows();
}

void NpyRows::commit() {
  m_file->replace(0, headerOf(m_rows, m_columns));
  m_file->commit();
}

NpyColumn::NpyColumn(const std::filesystem::path& path) : m_file(std::make_unique<AtomicFile>(path)) { m_file->write(columnHeader(0)); }

NpyColumn::~NpyColumn() = default;

void NpyColumn::add(std::int64_t value) {
  m_waiting.push_back(value);
  ++m_size;
  if (m_waiting.size() == waitingAtMost) flush();
}

void NpyColumn::flush() {
  m_file->write({reinterpret_cast<const char*>(m_waiting.data()), m_waiting.size() * sizeof(std::int64_t)});
  m_waiting.clear();
}

void NpyColumn::commit() {
  flush();
  m_file->replace(0, columnHeader(m_size));
  m_file->commit();
}

}  // namespace lacuna::files

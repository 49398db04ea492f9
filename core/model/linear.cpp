#include "lacuna/model/linear.h"

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>

#include "bfloat.h"
#include "kernels.h"
#include "lacuna/base/error.h"

namespace lacuna::model {
namespace {

constexpr std::size_t hugePage = std::size_t{2} << 20;

}  // namespace

AlignedFloats::AlignedFloats(std::int64_t count) : m_size(count) {
  if (count <= 0) return;
  const std::size_t bytes = (static_cast<std::size_t>(count) * sizeof(float) + 63) / 64 * 64;
  if (bytes < 2 * hugePage) {
    void* const p = std::aligned_alloc(64, bytes);
    if (!p) throw std::bad_alloc();
    std::memset(p, 0, bytes);
    m_data = {static_cast<float*>(p), ReleaseFloats{}};
    return;
  }
  const std::size_t mapped = (bytes + hugePage - 1) / hugePage * hugePage;
  void* const p = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) throw std::bad_alloc();
  madvise(p, mapped, MADV_HUGEPAGE);
  m_data = {static_cast<float*>(p), ReleaseFloats{mapped}};
}

void ReleaseFloats::operator()(float* p) const {
  if (mappedBytes) munmap(p, mappedBytes);
  else std::free(p);
}

Linear::Linear(std::int64_t inputs, std::int64_t outputs, Precision precision) : m_inputs(inputs), m_outputs(outputs), m_precision(precision) {
  const std::int64_t floats = precision == Precision::Fp32 ? inputs : depthBlocks() * 16;   // of a panel and column; two bfloat16 numbers take a float's room
  m_panels = AlignedFloats((outputs + panelColumns - 1) / panelColumns * panelColumns * floats);
}

float Linear::weight(std::int64_t output, std::int64_t input) const {
  return m_precision == Precision::Fp32 ? m_panels.data()[at(output, input)] : fromBfloat(pairs()[pairAt(output, input)]);
}

void Linear::setWeight(std::int64_t output, std::int64_t input, float value) {
  if (m_precision == Precision::Fp32) m_panels.data()[at(output, input)] = value;
  else pairs()[pairAt(output, input)] = toBfloat(value);
}

Linear Linear::outline(std::int64_t inputs, std::int64_t outputs, Precision precision) {
  Linear out;
  out.m_precision = precision;
  out.m_inputs = inputs;
  out.m_outputs = outputs;
  return out;
}

void Linear::packRows(std::int64_t firstOutput, const float* rows, std::int64_t stride, std::int64_t count) {
  LACUNA_CHECK(firstOutput >= 0 && firstOutput + count <= m_outputs);
  if (m_precision == Precision::Bf16) {
    for (std::int64_t o = 0; o < count; ++o)
      for (std::int64_t i = 0; i < m_inputs; ++i) pairs()[pairAt(firstOutput + o, i)] = toBfloat(rows[o * stride + i]);
    return;
  }
  constexpr std::int64_t strip = 16;  // inputs at a time: a strip of all 32 rows fits the first cache
  for (std::int64_t o = 0; o < count;) {
    const std::int64_t column = (firstOutput + o) % panelColumns, part = std::min(panelColumns - column, count - o);
    float* const panel = m_panels.data() + (firstOutput + o) / panelColumns * m_inputs * panelColumns + column;
    for (std::int64_t k = 0; k < m_inputs; k += strip) {
      const std::int64_t last = std::min(k + strip, m_inputs);
      for (std::int64_t i = k; i < last; ++i)
        for (std::int64_t c = 0; c < part; ++c) panel[i * panelColumns + c] = rows[(o + c) * stride + i];
    }
    o += part;
  }
}

void Linear::packColumns(std::int64_t firstOutput, const float* columns, std::int64_t stride, std::int64_t count) {
  LACUNA_CHECK(firstOutput >= 0 && firstOutput + count <= m_outputs);
  if (m_precision == Precision::Bf16) {
    for (std::int64_t i = 0; i < m_inputs; ++i)
      for (std::int64_t o = 0; o < count; ++o) pairs()[pairAt(firstOutput + o, i)] = toBfloat(columns[i * stride + o]);
    return;
  }
  for (std::int64_t o = 0; o < count;) {
    const std::int64_t column = (firstOutput + o) % panelColumns, part = std::min(panelColumns - column, count - o);
    float* const panel = m_panels.data() + (firstOutput + o) / panelColumns * m_inputs * panelColumns + column;
    for (std::int64_t i = 0; i < m_inputs; ++i) std::copy_n(columns + i * stride + o, part, panel + i * panelColumns);
    o += part;
  }
}

void Linear::readRow(std::int64_t output, float* row) const {
  for (std::int64_t i = 0; i < m_inputs; ++i) row[i] = weight(output, i);
}

Linear Linear::transposed() const {
  Linear out(m_outputs, m_inputs);
  for (std::int64_t first = 0; first < m_outputs; first += panelColumns)   // a panel at a time, as it lies in memory
    for (std::int64_t i = 0; i < m_inputs; ++i)
      for (std::int64_t o = first; o < std::min(first + panelColumns, m_outputs); ++o) out.setWeight(i, o, weight(o, i));
  return out;
}

std::vector<double> Linear::inputNorms() const {
  std::vector<double> norms(static_cast<std::size_t>(m_inputs), 0.0);
  for (std::int64_t first = 0; first < m_outputs; first += panelColumns)
    for (std::int64_t i = 0; i < m_inputs; ++i)
      for (std::int64_t o = first; o < std::min(first + panelColumns, m_outputs); ++o) {
        const double w = static_cast<double>(weight(o, i));
        norms[static_cast<std::size_t>(i)] += w * w;
      }
  for (double& norm : norms) norm = std::sqrt(norm);
  return norms;
}

}  // namespace lacuna::model

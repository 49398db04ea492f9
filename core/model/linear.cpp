#include "lacuna/model/linear.h"

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>

#include "kernels.h"
#include "lacuna/base/error.h"
#include "lacuna/base/run_context.h"

namespace lacuna::model {
namespace {

constexpr std::size_t hugePage = std::size_t{2} << 20;
constexpr std::int64_t depthBlock = 256;     // inputs summed in one chain; its weights (32 KiB) stay in the first cache
constexpr std::int64_t rowBlock = 240;       // rows whose inputs and sums stay in the second cache
constexpr std::int64_t panelGroup = 8;       // panels of one task

std::int64_t panelCount(const Linear& linear) { return (linear.outputs() + panelColumns - 1) / panelColumns; }

/// Working memory of one thread: a copied block of inputs and the sums of a task.
struct Scratch {
  AlignedFloats inputs{rowBlock * depthBlock};
  AlignedFloats sums{rowBlock * panelGroup * panelColumns};
};

/// Rows [row, row + rows) times panels [panel, panel + panels).
struct Task {
  std::int64_t row = 0, rows = 0, panel = 0, panels = 0;
};

void multiply(const Linear& linear, const LinearCall& call, const Task& task, Scratch& scratch) {
  const KernelTable& kernel = kernels();
  const std::int64_t depth = linear.inputs(), width = task.panels * panelColumns;
  float* const sums = scratch.sums.data();
  float* const inputs = scratch.inputs.data();
  for (std::int64_t k = 0; k < depth; k += depthBlock) {
    const std::int64_t part = std::min(depthBlock, depth - k);
    for (std::int64_t r = 0; r < task.rows; ++r)
      std::memcpy(inputs + r * depthBlock, call.x + (task.row + r) * call.xStride + k, static_cast<std::size_t>(part) * sizeof(float));
    for (std::int64_t p = 0; p < task.panels; ++p) {
      const float* const weights = linear.panels() + ((task.panel + p) * depth + k) * panelColumns;
      for (std::int64_t r = 0; r < task.rows; r += tileRows)
        kernel.tile(inputs + r * depthBlock, depthBlock, static_cast<int>(std::min<std::int64_t>(tileRows, task.rows - r)), weights, part,
                    sums + r * width + p * panelColumns, width, k > 0);
    }
  }
}

void finish(const Linear& linear, const LinearCall& call, const Task& task, const float* sums) {
  const std::int64_t first = task.panel * panelColumns;
  const std::int64_t count = std::min(task.panels * panelColumns, call.firstOutput + call.outputCount - first);
  for (std::int64_t r = 0; r < task.rows; ++r) {
    const std::int64_t at = (task.row + r) * call.yStride + first - call.firstOutput;
    const RowEpilogue epilogue{linear.bias.empty() ? nullptr : linear.bias.data() + first, call.factor ? call.factor + at : nullptr,
                               call.addend ? call.addend + at : nullptr, call.activation};
    kernels().finishRow(sums + r * task.panels * panelColumns, call.y + at, count, epilogue);
  }
}

/// n split into parts of at most `most`, all a multiple of `unit` but the last.
std::int64_t evenPart(std::int64_t n, std::int64_t most, std::int64_t unit) {
  const std::int64_t parts = (n + most - 1) / most;
  return std::min(most, ((n + parts - 1) / parts + unit - 1) / unit * unit);
}

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

Linear::Linear(std::int64_t inputs, std::int64_t outputs)
    : m_inputs(inputs), m_outputs(outputs), m_panels((outputs + panelColumns - 1) / panelColumns * panelColumns * inputs) {}

Linear Linear::outline(std::int64_t inputs, std::int64_t outputs) {
  Linear out;
  out.m_inputs = inputs;
  out.m_outputs = outputs;
  return out;
}

void Linear::packRows(std::int64_t firstOutput, const float* rows, std::int64_t stride, std::int64_t count) {
  LACUNA_CHECK(firstOutput >= 0 && firstOutput + count <= m_outputs);
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
  for (std::int64_t o = 0; o < count;) {
    const std::int64_t column = (firstOutput + o) % panelColumns, part = std::min(panelColumns - column, count - o);
    float* const panel = m_panels.data() + (firstOutput + o) / panelColumns * m_inputs * panelColumns + column;
    for (std::int64_t i = 0; i < m_inputs; ++i) std::copy_n(columns + i * stride + o, part, panel + i * panelColumns);
    o += part;
  }
}

void Linear::readRow(std::int64_t output, float* row) const {
  const float* const first = m_panels.data() + at(output, 0);
  for (std::int64_t i = 0; i < m_inputs; ++i) row[i] = first[i * panelColumns];
}

// A panel of 32 outputs holds 32 × 32 blocks, one for each 32 inputs: each becomes a block of the other panel order.
Linear Linear::transposed() const {
  Linear out(m_outputs, m_inputs);
  for (std::int64_t panel = 0; panel < panelCount(*this); ++panel)
    for (std::int64_t i = 0; i < m_inputs; ++i) {
      const float* const from = m_panels.data() + (panel * m_inputs + i) * panelColumns;
      const std::int64_t count = std::min(panelColumns, m_outputs - panel * panelColumns);
      for (std::int64_t c = 0; c < count; ++c) out.m_panels.data()[out.at(i, panel * panelColumns + c)] = from[c];
    }
  return out;
}

std::vector<double> Linear::inputNorms() const {
  std::vector<double> norms(static_cast<std::size_t>(m_inputs), 0.0);
  for (std::int64_t panel = 0; panel < panelCount(*this); ++panel)
    for (std::int64_t i = 0; i < m_inputs; ++i) {
      const float* const weights = m_panels.data() + (panel * m_inputs + i) * panelColumns;
      for (std::int64_t c = 0; c < panelColumns; ++c)
        norms[static_cast<std::size_t>(i)] += static_cast<double>(weights[c]) * static_cast<double>(weights[c]);
    }
  for (double& norm : norms) norm = std::sqrt(norm);
  return norms;
}

void apply(const Linear& linear, const LinearCall& given) {
  LinearCall call = given;
  if (call.xStride == 0) call.xStride = linear.inputs();
  if (call.outputCount == 0) call.outputCount = linear.outputs() - call.firstOutput;
  if (call.yStride == 0) call.yStride = call.outputCount;
  if (call.rows == 0 || linear.empty()) return;
  LACUNA_CHECK(!linear.isOutline());
  LACUNA_CHECK(call.firstOutput % panelColumns == 0 && call.firstOutput + call.outputCount <= linear.outputs());
  const std::int64_t firstPanel = call.firstOutput / panelColumns, panels = (call.outputCount + panelColumns - 1) / panelColumns;
  const std::int64_t rows = evenPart(call.rows, rowBlock, tileRows), group = evenPart(panels, panelGroup, 1);
  const std::int64_t rowTasks = (call.rows + rows - 1) / rows, panelTasks = (panels + group - 1) / group;
  const bool small = call.rows * linear.inputs() * call.outputCount < 300'000;
  parallelFor(rowTasks * panelTasks, small ? 1 : call.threads, 1, [&](std::int64_t begin, std::int64_t end) {
    thread_local Scratch scratch;
    for (std::int64_t t = begin; t < end; ++t) {
      Task task;
      task.row = t / panelTasks * rows;
      task.rows = std::min(rows, call.rows - task.row);
      task.panel = firstPanel + t % panelTasks * group;
      task.panels = std::min(group, firstPanel + panels - task.panel);
      multiply(linear, call, task, scratch);
      finish(linear, call, task, scratch.sums.data());
    }
  });
}

}  // namespace lacuna::model

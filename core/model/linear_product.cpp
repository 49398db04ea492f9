// The product itself: rows × panels, in tasks that are the same at any thread count.
#include <algorithm>
#include <cstring>

#include "kernels.h"
#include "lacuna/base/error.h"
#include "lacuna/base/run_context.h"
#include "lacuna/model/linear.h"

namespace lacuna::model {
namespace {

constexpr std::int64_t depthBlock = 256;     // inputs summed in one chain; its weights (32 KiB) stay in the first cache
constexpr std::int64_t rowBlock = 240;       // rows whose inputs and sums stay in the second cache
constexpr std::int64_t panelGroup = 8;       // panels of one task
constexpr std::int64_t pairRowBlock = 256;   // rows of a task in bfloat16
constexpr std::int64_t roundedBytes = std::int64_t{16} << 20;   // of inputs that are rounded before they are multiplied

/// Working memory of one thread: a copied block of inputs and the sums of a task.
struct Scratch {
  AlignedFloats inputs{rowBlock * depthBlock};
  AlignedFloats sums{pairRowBlock * panelGroup * panelColumns};
};

/// Rows [row, row + rows) times panels [panel, panel + panels).
struct Task {
  std::int64_t row = 0, rows = 0, panel = 0, panels = 0;
};

/// Twelve rows this far apart fall into at least four groups of cache sets: they may be read where they lie.
bool readInPlace(std::int64_t stride) { return stride % 512 != 0 && stride < 4096; }

void multiply(const Linear& linear, const LinearCall& call, const Task& task, Scratch& scratch) {
  const KernelTable& kernel = kernels();
  const std::int64_t depth = linear.inputs(), width = task.panels * panelColumns;
  float* const sums = scratch.sums.data();
  const bool inPlace = readInPlace(call.xStride);
  for (std::int64_t k = 0; k < depth; k += depthBlock) {
    const std::int64_t part = std::min(depthBlock, depth - k);
    const float* const inputs = inPlace ? call.x + task.row * call.xStride + k : scratch.inputs.data();
    const std::int64_t stride = inPlace ? call.xStride : depthBlock;
    for (std::int64_t r = 0; r < task.rows && !inPlace; ++r)
      std::memcpy(scratch.inputs.data() + r * depthBlock, call.x + (task.row + r) * call.xStride + k, static_cast<std::size_t>(part) * sizeof(float));
    for (std::int64_t p = 0; p < task.panels; ++p) {
      const float* const weights = linear.panels() + ((task.panel + p) * depth + k) * panelColumns;
      for (std::int64_t r = 0; r < task.rows; r += tileRows)
        kernel.tile(inputs + r * stride, stride, static_cast<int>(std::min<std::int64_t>(tileRows, task.rows - r)), weights, part,
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

/// Calls `work` with every task of `rows` rows and the panels that hold the asked outputs.
template <class Work>
void eachTask(const LinearCall& call, std::int64_t inputs, std::int64_t largestRows, std::int64_t rowUnit, const Work& work) {
  const std::int64_t firstPanel = call.firstOutput / panelColumns, panels = (call.outputCount + panelColumns - 1) / panelColumns;
  const std::int64_t rows = evenPart(call.rows, largestRows, rowUnit), group = evenPart(panels, panelGroup, 1);
  const std::int64_t rowTasks = (call.rows + rows - 1) / rows, panelTasks = (panels + group - 1) / group;
  const bool small = call.rows * inputs * call.outputCount < 300'000;
  parallelFor(rowTasks * panelTasks, small ? 1 : call.threads, 1, [&](std::int64_t begin, std::int64_t end) {
    thread_local Scratch scratch;
    for (std::int64_t t = begin; t < end; ++t) {
      Task task;
      task.row = t / panelTasks * rows;
      task.rows = std::min(rows, call.rows - task.row);
      task.panel = firstPanel + t % panelTasks * group;
      task.panels = std::min(group, firstPanel + panels - task.panel);
      work(task, scratch);
    }
  });
}

/// The same rows of everything that a call points to, from row `first`.
LinearCall rowsOf(const LinearCall& call, std::int64_t first, std::int64_t count) {
  LinearCall part = call;
  part.rows = count;
  part.x += first * call.xStride;
  part.y += first * call.yStride;
  if (part.factor) part.factor += first * call.yStride;
  if (part.addend) part.addend += first * call.yStride;
  return part;
}

/// Inputs rounded to bfloat16, sixteen rows a group: [group][block of 32 inputs][16][32], zeros where there is nothing.
void roundInputs(const Linear& linear, const LinearCall& call, std::uint16_t* out) {
  const std::int64_t groups = (call.rows + pairRows - 1) / pairRows, size = linear.depthBlocks() * pairRows * pairDepth;
  parallelFor(groups, call.rows * linear.inputs() < 100'000 ? 1 : call.threads, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t g = begin; g < end; ++g) {
      const std::int64_t rows = std::min<std::int64_t>(pairRows, call.rows - g * pairRows);
      if (rows < pairRows) std::memset(out + g * size, 0, static_cast<std::size_t>(size) * sizeof(std::uint16_t));
      for (std::int64_t r = 0; r < rows; ++r)
        kernels().roundRow(call.x + (g * pairRows + r) * call.xStride, linear.inputs(), out + g * size + r * pairDepth);
    }
  });
}

void applyPairs(const Linear& linear, const LinearCall& call) {
  const std::int64_t groupSize = linear.depthBlocks() * pairRows * pairDepth;
  const std::int64_t step = std::max<std::int64_t>(1, roundedBytes / (groupSize * 2)) * pairRows;   // rows
  const std::int64_t held = (std::min(step, call.rows) + pairRows - 1) / pairRows * groupSize / 2;  // floats
  thread_local AlignedFloats kept;   // fresh memory costs more than the rounding
  AlignedFloats rounded = std::move(kept);
  if (rounded.size() < held) rounded = AlignedFloats(held);
  auto* const inputs = reinterpret_cast<std::uint16_t*>(rounded.data());
  for (std::int64_t first = 0; first < call.rows; first += step) {
    const LinearCall part = rowsOf(call, first, std::min(step, call.rows - first));
    roundInputs(linear, part, inputs);
    eachTask(part, linear.inputs(), pairRowBlock, pairRows, [&](const Task& task, Scratch& scratch) {
      kernels().multiplyPairs({.inputs = inputs + task.row / pairRows * groupSize,
                               .groups = (task.rows + pairRows - 1) / pairRows,
                               .weights = linear.pairs() + task.panel * linear.depthBlocks() * pairDepth * panelColumns,
                               .panels = task.panels,
                               .blocks = linear.depthBlocks(),
                               .sums = scratch.sums.data()});
      finish(linear, part, task, scratch.sums.data());
    });
  }
  kept = std::move(rounded);
}

}  // namespace

void apply(const Linear& linear, const LinearCall& given) {
  LinearCall call = given;
  if (call.xStride == 0) call.xStride = linear.inputs();
  if (call.outputCount == 0) call.outputCount = linear.outputs() - call.firstOutput;
  if (call.yStride == 0) call.yStride = call.outputCount;
  if (call.rows == 0 || linear.empty()) return;
  LACUNA_CHECK(!linear.isOutline());
  LACUNA_CHECK(call.firstOutput % panelColumns == 0 && call.firstOutput + call.outputCount <= linear.outputs());
  if (linear.precision() == Precision::Bf16) return applyPairs(linear, call);
  eachTask(call, linear.inputs(), rowBlock, tileRows, [&](const Task& task, Scratch& scratch) {
    multiply(linear, call, task, scratch);
    finish(linear, call, task, scratch.sums.data());
  });
}

}  // namespace lacuna::model

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace lacuna::model {

struct ReleaseFloats {
  std::size_t mappedBytes = 0;   ///< 0: from aligned_alloc
  void operator()(float* p) const;
};

/// Zeroed floats on a cache line border; large blocks ask the system for huge pages.
class AlignedFloats {
 public:
  AlignedFloats() = default;
  explicit AlignedFloats(std::int64_t count);
  float* data() { return m_data.get(); }
  const float* data() const { return m_data.get(); }
  std::int64_t size() const { return m_size; }

 private:
  std::unique_ptr<float[], ReleaseFloats> m_data;
  std::int64_t m_size = 0;
};

/// What the products are computed in. Bf16: weights and inputs are rounded to bfloat16 (to the nearest, ties to even), sums are float32;
/// everything between the products (norms, attention, activations, the residual stream) stays float32.
enum class Precision { Fp32, Bf16 };

enum class Activation { None, Relu, Gelu, GeluTanh, QuickGelu, Silu, Tanh, Gelu10 };

/// y = x·Wᵀ + b. W is held once, as panels of 32 output columns, in the order in which the product reads it: [panel][in][32] floats, or
/// [panel][in / 2][32][2] bfloat16 numbers, the inputs padded by zeros to a multiple of 32.
class Linear {
 public:
  Linear() = default;
  Linear(std::int64_t inputs, std::int64_t outputs, Precision precision = Precision::Fp32);   ///< zeros, no bias
  /// Sizes and bias alone: the weights stay in the files and cannot be applied.
  static Linear outline(std::int64_t inputs, std::int64_t outputs, Precision precision = Precision::Fp32);
  bool isOutline() const { return m_outputs > 0 && m_panels.size() == 0; }

  std::int64_t inputs() const { return m_inputs; }
  std::int64_t outputs() const { return m_outputs; }
  bool empty() const { return m_outputs == 0; }
  Precision precision() const { return m_precision; }
  float weight(std::int64_t output, std::int64_t input) const;
  void setWeight(std::int64_t output, std::int64_t input, float value);
  /// Outputs firstOutput … + count from rows of a matrix stored [outputs, inputs]; rows are `stride` floats apart.
  void packRows(std::int64_t firstOutput, const float* rows, std::int64_t stride, std::int64_t count);
  /// The same from columns of a matrix stored [inputs, outputs] (GPT-2's Conv1D).
  void packColumns(std::int64_t firstOutput, const float* columns, std::int64_t stride, std::int64_t count);
  /// [inputs] weights of one output.
  void readRow(std::int64_t output, float* row) const;
  /// Euclidean norm over the outputs of every input's weights: how far a neuron reaches. [inputs]
  std::vector<double> inputNorms() const;
  const float* panels() const { return m_panels.data(); }                                               ///< of Fp32
  const std::uint16_t* pairs() const { return reinterpret_cast<const std::uint16_t*>(m_panels.data()); }   ///< of Bf16
  std::int64_t depthBlocks() const { return (m_inputs + 31) / 32; }                                     ///< of a panel of Bf16
  /// Wᵀ, outputs → inputs, without bias: the product that carries a gradient back. Always Fp32.
  Linear transposed() const;

  std::vector<float> bias;   ///< [outputs], or empty

 private:
  std::int64_t at(std::int64_t output, std::int64_t input) const { return ((output / 32) * m_inputs + input) * 32 + output % 32; }
  std::int64_t pairAt(std::int64_t output, std::int64_t input) const {
    return (((output / 32) * depthBlocks() * 16 + input / 2) * 32 + output % 32) * 2 + input % 2;
  }
  std::uint16_t* pairs() { return reinterpret_cast<std::uint16_t*>(m_panels.data()); }
  std::int64_t m_inputs = 0, m_outputs = 0;
  Precision m_precision = Precision::Fp32;
  AlignedFloats m_panels;
};

/// y = addend + act(x·Wᵀ + b) · factor, row by row; absent parts are left out.
struct LinearCall {
  const float* x = nullptr;        ///< [rows, inputs], `xStride` floats apart (0: inputs)
  float* y = nullptr;              ///< [rows, outputs], `yStride` floats apart (0: its outputs); may be `addend` or `factor`
  std::int64_t rows = 0;
  std::int64_t firstOutput = 0;    ///< y holds these outputs alone: from a multiple of 32,
  std::int64_t outputCount = 0;    ///< so many (0: to the last)
  std::int64_t xStride = 0, yStride = 0;
  const float* factor = nullptr;   ///< [rows, outputs], at yStride
  const float* addend = nullptr;   ///< [rows, outputs], at yStride
  Activation activation = Activation::None;
  int threads = 1;
};

/// The bits of a row of y depend on that row of x alone: every element is a fixed sequence of fused multiply-adds over the
/// inputs (Fp32: blocks of 256, then their sum; Bf16: blocks of 32, the even and the odd inputs apart), whatever the number of rows,
/// their order, the threads or the instruction set.
void apply(const Linear& linear, const LinearCall& call);

}  // namespace lacuna::model

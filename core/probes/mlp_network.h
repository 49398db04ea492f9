#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

namespace lacuna::probes {

/// Parameters of d → h ReLU → K in one vector: W1 [h, d], b1 [h], W2 [K, h], b2 [K].
class MlpNetwork {
 public:
  MlpNetwork(std::int64_t inputs, std::int64_t hidden, std::int64_t classes);
  /// Uniform in ±1/√fan-in for weights and biases of a layer.
  void initialise(std::uint64_t seed);

  std::int64_t inputs() const { return m_inputs; }
  std::int64_t hidden() const { return m_hidden; }
  std::int64_t classes() const { return m_classes; }
  VectorF& parameters() { return m_parameters; }
  const VectorF& parameters() const { return m_parameters; }
  Eigen::Map<const MatrixF> w1() const { return {m_parameters.data(), m_hidden, m_inputs}; }
  Eigen::Map<const VectorF> b1() const { return {m_parameters.data() + m_hidden * m_inputs, m_hidden}; }
  Eigen::Map<const MatrixF> w2() const { return {b1().data() + m_hidden, m_classes, m_hidden}; }
  Eigen::Map<const VectorF> b2() const { return {w2().data() + m_classes * m_hidden, m_classes}; }

  /// Mean cross-entropy of rows [n, d] with labels 0 … K − 1.
  double loss(const MatrixF& rows, std::span<const std::int32_t> labels, const RunContext& context) const;
  /// The same, with its gradient in the parameters' layout. Rows are worked on in fixed blocks, summed in their order.
  double lossAndGradient(const MatrixF& rows, std::span<const std::int32_t> labels, VectorF& gradient, const RunContext& context) const;

 private:
  double sumLoss(const MatrixF& rows, std::span<const std::int32_t> labels, VectorF* gradient, const RunContext& context) const;
  double block(const float* rows, const std::int32_t* labels, std::int64_t n, double perRow, VectorF* gradient) const;
  void backward(const float* rows, const MatrixF& active, const MatrixF& residual, VectorF& gradient) const;

  std::int64_t m_inputs, m_hidden, m_classes;
  VectorF m_parameters;
};

/// AdamW: Adam with weight decay outside of the moments.
class AdamW {
 public:
  AdamW(Eigen::Index parameters, double rate, double decay);
  void step(const VectorF& gradient, VectorF& parameters);

 private:
  double m_rate, m_decay;
  VectorF m_mean, m_square;
  int m_steps = 0;
};

}  // namespace lacuna::probes

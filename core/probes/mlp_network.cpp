#include "mlp_network.h"

#include <algorithm>
#include <cmath>

#include "lacuna/algebra/algebra.h"
#include "lacuna/base/rng.h"

namespace lacuna::probes {
namespace {

constexpr std::int64_t kBlock = 128;

/// Turns logits into softmax − one-hot, times a factor; returns the summed cross-entropy.
double crossEntropy(MatrixF& logits, const std::int32_t* labels, double factor) {
  double sum = 0;
  for (Eigen::Index n = 0; n < logits.rows(); ++n) {
    auto row = logits.row(n);
    const double largest = row.maxCoeff(), own = row[labels[n]];
    double total = 0;
    for (Eigen::Index k = 0; k < row.size(); ++k) total += std::exp(static_cast<double>(row[k]) - largest);
    sum += std::log(total) + largest - own;
    for (Eigen::Index k = 0; k < row.size(); ++k) {
      const double share = std::exp(static_cast<double>(row[k]) - largest) / total - (k == labels[n] ? 1 : 0);
      row[k] = static_cast<float>(share * factor);
    }
  }
  return sum;
}

}  // namespace

MlpNetwork::MlpNetwork(std::int64_t inputs, std::int64_t hidden, std::int64_t classes)
    : m_inputs(inputs), m_hidden(hidden), m_classes(classes),
      m_parameters(VectorF::Zero(hidden * inputs + hidden + classes * hidden + classes)) {}

void MlpNetwork::initialise(std::uint64_t seed) {
  const std::int64_t first = m_hidden * (m_inputs + 1);
  for (std::uint64_t layer = 0; layer < 2; ++layer) {
    Rng rng(seed, "mlp-probe-start", layer);
    const double bound = 1 / std::sqrt(static_cast<double>(std::max<std::int64_t>(1, layer == 0 ? m_inputs : m_hidden)));
    const Eigen::Index begin = layer == 0 ? 0 : first, end = layer == 0 ? first : m_parameters.size();
    for (Eigen::Index i = begin; i < end; ++i) m_parameters[i] = static_cast<float>(bound * (2 * rng.uniform() - 1));
  }
}

double MlpNetwork::loss(const MatrixF& rows, std::span<const std::int32_t> labels, const RunContext& context) const {
  return sumLoss(rows, labels, nullptr, context);
}

double MlpNetwork::lossAndGradient(const MatrixF& rows, std::span<const std::int32_t> labels, VectorF& gradient, const RunContext& context) const {
  return sumLoss(rows, labels, &gradient, context);
}

double MlpNetwork::sumLoss(const MatrixF& rows, std::span<const std::int32_t> labels, VectorF* gradient, const RunContext& context) const {
  const std::int64_t n = rows.rows(), blocks = (n + kBlock - 1) / kBlock;
  std::vector<double> losses(static_cast<std::size_t>(blocks), 0);
  std::vector<VectorF> gradients(gradient != nullptr ? static_cast<std::size_t>(blocks) : 0);
  parallelFor(blocks, context.threadCount(), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t b = first; b < last; ++b) {
      VectorF* part = gradient != nullptr ? &gradients[static_cast<std::size_t>(b)] : nullptr;
      const std::int64_t begin = b * kBlock;
      losses[static_cast<std::size_t>(b)] = block(rows.data() + begin * m_inputs, labels.data() + begin, std::min(kBlock, n - begin), 1.0 / static_cast<double>(n), part);
    }
  });
  double sum = 0;
  for (const double part : losses) sum += part;
  for (std::size_t b = 0; b < gradients.size(); ++b) {
    if (b == 0) *gradient = std::move(gradients[0]);
    else *gradient += gradients[b];
  }
  return sum / static_cast<double>(n);
}

double MlpNetwork::block(const float* rows, const std::int32_t* labels, std::int64_t n, double perRow, VectorF* gradient) const {
  MatrixF active(n, m_hidden), logits(n, m_classes);
  algebra::multiplyTransposed(rows, w1().data(), active.data(), n, m_hidden, m_inputs);
  active = (active.rowwise() + b1().transpose()).cwiseMax(0.0F);
  algebra::multiplyTransposed(active.data(), w2().data(), logits.data(), n, m_classes, m_hidden);
  logits.rowwise() += b2().transpose();
  const double sum = crossEntropy(logits, labels, perRow);
  if (gradient != nullptr) backward(rows, active, logits, *gradient);
  return sum;
}

void MlpNetwork::backward(const float* rows, const MatrixF& active, const MatrixF& residual, VectorF& gradient) const {
  const std::int64_t n = residual.rows();
  gradient.resize(m_parameters.size());
  float* atW1 = gradient.data();
  float* atB1 = atW1 + m_hidden * m_inputs;
  float* atW2 = atB1 + m_hidden;
  const MatrixF residualT = residual.transpose();
  algebra::multiply(residualT.data(), active.data(), atW2, m_classes, m_hidden, n);
  Eigen::Map<VectorF>(atW2 + m_classes * m_hidden, m_classes) = residual.colwise().sum();
  MatrixF below(n, m_hidden);
  algebra::multiply(residual.data(), w2().data(), below.data(), n, m_hidden, m_classes);
  below = (active.array() > 0.0F).select(below, 0.0F);
  const MatrixF belowT = below.transpose();
  algebra::multiply(belowT.data(), rows, atW1, m_hidden, m_inputs, n);
  Eigen::Map<VectorF>(atB1, m_hidden) = below.colwise().sum();
}

AdamW::AdamW(Eigen::Index parameters, double rate, double decay)
    : m_rate(rate), m_decay(decay), m_mean(VectorF::Zero(parameters)), m_square(VectorF::Zero(parameters)) {}

void AdamW::step(const VectorF& gradient, VectorF& parameters) {
  constexpr double kMean = 0.9, kSquare = 0.999, kEpsilon = 1e-8;
  ++m_steps;
  const float keep = static_cast<float>(1 - m_rate * m_decay);
  const float size = static_cast<float>(m_rate / (1 - std::pow(kMean, m_steps)));
  const float square = static_cast<float>(1 / (1 - std::pow(kSquare, m_steps)));
  m_mean = static_cast<float>(kMean) * m_mean + static_cast<float>(1 - kMean) * gradient;
  m_square = static_cast<float>(kSquare) * m_square + static_cast<float>(1 - kSquare) * gradient.cwiseAbs2();
  parameters.array() = keep * parameters.array() - size * m_mean.array() / ((square * m_square.array()).sqrt() + static_cast<float>(kEpsilon));
}

}  // namespace lacuna::probes

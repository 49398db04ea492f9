#include "moments.h"

#include <cmath>

namespace lacuna::activations {
namespace {

constexpr std::int64_t kWidestCovariance = 2048;        // above, a [d, d] matrix of doubles is no small thing to keep
constexpr std::int64_t kCovarianceTokens = 60000;       // enough for any d that is allowed; the rest only sharpens means

}  // namespace

Moments::Moments(std::int64_t width, bool withCovariance) : m_sum(VectorD::Zero(width)), m_sumSquares(VectorD::Zero(width)) {
  if (withCovariance && width <= kWidestCovariance) m_products = MatrixD::Zero(width, width);
}

void Moments::add(const Eigen::Ref<const MatrixF>& states) {
  // Covariance and mean come from the same tokens: all of them stop at the limit together.
  if (m_products.size() > 0 && m_tokens >= kCovarianceTokens) return;
  const MatrixD x = states.cast<double>();
  m_tokens += x.rows();
  m_sum += x.colwise().sum().transpose();
  m_sumSquares += x.cwiseAbs2().colwise().sum().transpose();
  if (m_products.size() > 0) m_products.selfadjointView<Eigen::Lower>().rankUpdate(x.transpose());
}

SiteStats Moments::finish() const {
  SiteStats stats;
  stats.tokens = m_tokens;
  const auto n = static_cast<double>(m_tokens > 0 ? m_tokens : 1);
  stats.mean = m_sum / n;
  stats.meanSquare = m_sumSquares / n;
  const VectorD variance = (stats.meanSquare - stats.mean.cwiseAbs2()).cwiseMax(0);
  stats.sd = variance.cwiseSqrt();
  stats.rho = std::sqrt(variance.mean());
  if (m_products.size() > 0) {
    stats.covariance = m_products.selfadjointView<Eigen::Lower>();
    stats.covariance = stats.covariance / n - stats.mean * stats.mean.transpose();
  }
  return stats;
}

}  // namespace lacuna::activations

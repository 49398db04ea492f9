#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/probes/subspaces.h"
#include "parts.h"
#include "principal.h"

namespace lacuna::probes {
namespace {

/// Below this reciprocal condition number Σ counts as singular.
constexpr double kSingular = 1e-13;
/// Class means that differ by less, relative to the states' spread, are equal up to rounding.
constexpr double kEqual = 1e-12;

struct ClassedRows {
  MatrixD rows;                          ///< [n, d] centred rows that have a class
  std::vector<std::int32_t> labels;      ///< [n]
  VectorD mu;
  MatrixD covariance;                    ///< [d, d] over n − 1
  double fourth = 0;                     ///< Σ ‖row‖⁴
  double variance() const { return covariance.trace(); }
};

ClassedRows moments(const MatrixF& x, std::span<const std::int32_t> labels, const RunContext& context) {
  if (static_cast<std::size_t>(x.rows()) != labels.size() || !x.allFinite())
    throw Error("LAC-3101", "Erasers need finite rows with a label each; found " + std::to_string(x.rows()) + " rows and " +
                                std::to_string(labels.size()) + " labels.");
  ClassedRows m;
  std::vector<Eigen::Index> used;
  for (Eigen::Index n = 0; n < x.rows(); ++n)
    if (labels[static_cast<std::size_t>(n)] != kAmbiguous) used.push_back(n);
  if (used.size() < 2) throw Error("LAC-3101", "Erasers need at least two rows with a class, found " + std::to_string(used.size()) + ".");
  m.rows.resize(static_cast<Eigen::Index>(used.size()), x.cols());
  for (std::size_t i = 0; i < used.size(); ++i) {
    m.rows.row(static_cast<Eigen::Index>(i)) = x.row(used[i]).cast<double>();
    m.labels.push_back(labels[static_cast<std::size_t>(used[i])]);
  }
  m.mu = m.rows.colwise().mean();
  m.rows.rowwise() -= m.mu.transpose();
  m.covariance = gram(m.rows, context) / static_cast<double>(used.size() - 1);
  m.fourth = m.rows.rowwise().squaredNorm().squaredNorm();
  return m;
}

/// α = clamp((Σ‖x‖⁴/n − ‖S‖²)/n / ‖S − mI‖², 0, 1), S over n and m its mean eigenvalue.
double shrinkage(const ClassedRows& m) {
  const auto n = static_cast<double>(m.rows.rows()), d = static_cast<double>(m.rows.cols());
  const double toN = (n - 1) / n, square = m.covariance.squaredNorm() * toN * toN, mean = m.variance() * toN / d;
  const double distance = square - d * mean * mean;
  if (!(distance > 0)) return 0;  // S is a multiple of I already
  return std::clamp((m.fourth / n - square) / n / distance, 0.0, 1.0);
}

/// Σ and a way to solve with it: Cholesky, or the pseudo-inverse where Σ is singular.
class Covariance {
 public:
  Covariance(const ClassedRows& m, const LeaceConfig& config) : m_alpha(config.shrink ? shrinkage(m) : 0) {
    m_sigma = (1 - m_alpha) * m.covariance;
    m_sigma.diagonal().array() += m_alpha * m.variance() / static_cast<double>(m_sigma.rows());
    m_cholesky.compute(m_sigma);
    m_singular = m_cholesky.info() != Eigen::Success || !(m_cholesky.rcond() > kSingular);
    if (m_singular) makePseudoInverse(config.relativeCut);
  }
  /// Σ⁻¹ of every row. [k, d]
  MatrixD solve(const MatrixD& rows) const {
    if (!m_singular) return m_cholesky.solve(rows.transpose()).transpose();
    return rows * m_pseudoInverse;
  }
  const MatrixD& sigma() const { return m_sigma; }
  double alpha() const { return m_alpha; }
  bool singular() const { return m_singular; }

 private:
  void makePseudoInverse(double relativeCut) {
    const algebra::SymmetricEigen eigen = algebra::symmetricEigen(m_sigma);
    const double cut = relativeCut * eigen.values.maxCoeff();
    VectorD inverse = VectorD::Zero(eigen.values.size());
    for (Eigen::Index i = 0; i < inverse.size(); ++i)
      if (eigen.values[i] > cut) inverse[i] = 1 / eigen.values[i];
    m_pseudoInverse = eigen.vectors * inverse.asDiagonal() * eigen.vectors.transpose();
  }

  double m_alpha;
  MatrixD m_sigma, m_pseudoInverse;
  Eigen::LLT<MatrixD> m_cholesky;
  bool m_singular = false;
};

/// Sums of centred rows and their number for class k.
std::pair<VectorD, double> classSum(const ClassedRows& m, std::int32_t k) {
  VectorD sum = VectorD::Zero(m.rows.cols());
  double count = 0;
  for (std::size_t i = 0; i < m.labels.size(); ++i)
    if (m.labels[i] == k) {
      sum += m.rows.row(static_cast<Eigen::Index>(i));
      count += 1;
    }
  return {std::move(sum), count};
}

/// Class means about the global one; empty classes are left out. [classes, d]
MatrixD classMeans(const ClassedRows& m, int clusters) {
  MatrixD means(clusters + 1, m.rows.cols());
  Eigen::Index found = 0;
  for (std::int32_t k = -1; k < clusters; ++k) {
    const auto [sum, count] = classSum(m, k);
    if (count > 0) means.row(found++) = sum / count;
  }
  return means.topRows(found);
}

}  // namespace

LeaceErasers leaceErasers(const MatrixF& x, std::span<const std::int32_t> labels, int clusters, const LeaceConfig& config, const RunContext& context) {
  const algebra::SerialBlas serial;
  const ClassedRows m = moments(x, labels, context);
  const Covariance covariance(m, config);
  LeaceErasers result{MatrixD::Zero(clusters, x.cols()), {}, m.mu, covariance.sigma(), covariance.alpha(), covariance.singular(),
                      std::vector<std::uint8_t>(static_cast<std::size_t>(clusters), 0)};
  const auto n = static_cast<double>(m.rows.rows());
  for (std::int32_t k = 0; k < clusters; ++k) {
    const auto [sum, count] = classSum(m, k);  // the rest's sum is its negative
    if (count > 0 && count < n) result.delta.row(k) = sum * (1 / count + 1 / (n - count));
  }
  result.readout = covariance.solve(result.delta);
  for (std::int32_t k = 0; k < clusters; ++k) {
    const double scale = result.delta.row(k).dot(result.readout.row(k)), size = result.delta.row(k).squaredNorm();
    const bool defined = size > kEqual * kEqual * m.variance() && scale > 0 && std::isfinite(scale);
    result.defined[static_cast<std::size_t>(k)] = defined;
    if (defined) {
      result.readout.row(k) /= scale;
    } else {
      result.delta.row(k).setZero();
      result.readout.row(k).setZero();
    }
  }
  return result;
}

AffineErasure LeaceErasers::eraser(std::int64_t cluster) const {
  LACUNA_CHECK(cluster >= 0 && cluster < delta.rows());
  const Eigen::Index rank = defined[static_cast<std::size_t>(cluster)] != 0 ? 1 : 0;
  return {delta.middleRows(cluster, rank), readout.middleRows(cluster, rank), mu};
}

AffineErasure leaceAll(const MatrixF& x, std::span<const std::int32_t> labels, int clusters, const LeaceConfig& config, const RunContext& context) {
  const algebra::SerialBlas serial;
  const ClassedRows m = moments(x, labels, context);
  const Covariance covariance(m, config);
  const MatrixD means = classMeans(m, clusters), solved = covariance.solve(means);
  const algebra::SymmetricEigen metric = algebra::symmetricEigen(means * solved.transpose());  // MΣ⁻¹Mᵀ
  const Eigen::Index all = metric.values.size();
  const double largest = all > 0 ? metric.values[all - 1] : 0;
  Eigen::Index rank = 0;  // eigenvalues are squares of what the span's size is judged by
  while (rank < all && metric.values[all - 1 - rank] > 1e-12 * largest) ++rank;
  if (means.squaredNorm() <= kEqual * kEqual * m.variance()) rank = 0;
  const MatrixD turn = metric.vectors.rightCols(rank).transpose();
  return {turn * means, metric.values.tail(rank).cwiseInverse().asDiagonal() * turn * solved, m.mu};
}

double ledoitWolf(const MatrixF& x, const RunContext& context) {
  const algebra::SerialBlas serial;
  return shrinkage(moments(x, std::vector<std::int32_t>(static_cast<std::size_t>(x.rows()), 0), context));
}

}  // namespace lacuna::probes

#include <algorithm>
#include <cmath>
#include <vector>

#include "lacuna/base/error.h"
#include "lacuna/similarity/similarity.h"
#include "lacuna/statistics/descriptive.h"

namespace lacuna::similarity {
namespace {

// log Σ exp of a row
double logSumExp(const Eigen::RowVectorXd& row) {
  const double largest = row.maxCoeff();
  return largest + std::log((row.array() - largest).exp().sum());
}

// Columns of x that vary: sd above 1e-8 of the median sd.
std::vector<Eigen::Index> varyingColumns(const Eigen::RowVectorXd& sd) {
  const double floor = 1e-8 * statistics::median(std::span(sd.data(), static_cast<std::size_t>(sd.size())));
  std::vector<Eigen::Index> kept;
  for (Eigen::Index j = 0; j < sd.size(); ++j)
    if (sd(j) > 0 && sd(j) >= floor) kept.push_back(j);
  return kept;
}

}  // namespace

Displacement displacement(const MatrixF& x, const MatrixF& y) {
  LACUNA_CHECK(x.rows() == y.rows() && x.cols() == y.cols());
  Displacement result;
  if (x.size() == 0 || !x.allFinite() || !y.allFinite()) return result;
  const MatrixD from = x.cast<double>(), to = y.cast<double>();
  const double spread = (from.rowwise() - from.colwise().mean()).squaredNorm();
  const double moved = (to - from).squaredNorm();
  if (spread > 1e-26 * from.squaredNorm()) result.relativeRms = std::sqrt(moved / spread);
  double sum = 0;
  std::int64_t rows = 0;
  for (Eigen::Index i = 0; i < from.rows(); ++i) {
    const double norms = from.row(i).norm() * to.row(i).norm();
    if (norms == 0) continue;    // a zero row has no direction
    sum += std::clamp(from.row(i).dot(to.row(i)) / norms, -1.0, 1.0);
    ++rows;
  }
  if (rows > 0) result.meanCosine = sum / static_cast<double>(rows);
  return result;
}

void zScore(MatrixF& x, MatrixF& y) {
  LACUNA_CHECK(x.cols() == y.cols());
  if (x.rows() == 0) return;
  const MatrixD from = x.cast<double>();
  const Eigen::RowVectorXd centre = from.colwise().mean();
  const Eigen::RowVectorXd sd = ((from.rowwise() - centre).colwise().squaredNorm() / static_cast<double>(x.rows())).cwiseSqrt();
  const auto kept = varyingColumns(sd);
  const auto scaled = [&](const MatrixF& states) {
    MatrixF result(states.rows(), static_cast<Eigen::Index>(kept.size()));
    for (std::size_t k = 0; k < kept.size(); ++k) {
      const Eigen::Index j = kept[k];
      result.col(static_cast<Eigen::Index>(k)) = ((states.col(j).cast<double>().array() - centre(j)) / sd(j)).cast<float>();
    }
    return result;
  };
  y = scaled(y);
  x = scaled(x);
}

Agreement nextTokenAgreement(const MatrixF& clean, const MatrixF& perturbed) {
  LACUNA_CHECK(clean.rows() == perturbed.rows() && clean.cols() == perturbed.cols());
  Agreement result;
  if (clean.size() == 0 || !clean.allFinite() || !perturbed.allFinite()) return result;
  double kl = 0, same = 0;
  for (Eigen::Index i = 0; i < clean.rows(); ++i) {
    const Eigen::RowVectorXd p = clean.row(i).cast<double>(), q = perturbed.row(i).cast<double>();
    const Eigen::RowVectorXd logP = p.array() - logSumExp(p), logQ = q.array() - logSumExp(q);
    kl += (logP.array().exp() * (logP - logQ).array()).sum();
    Eigen::Index topP = 0, topQ = 0;
    p.maxCoeff(&topP);
    q.maxCoeff(&topQ);
    same += topP == topQ;
  }
  const double rows = static_cast<double>(clean.rows());
  result.kl = std::max(0.0, kl / rows);
  result.top1 = same / rows;
  return result;
}

}  // namespace lacuna::similarity

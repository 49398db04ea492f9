#include "lacuna/effects/effects.h"
#include "lacuna/statistics/distributions.h"

namespace lacuna::effects {

MatrixD standardised(const MatrixD& ace, const VectorD& sd) {
  MatrixD result = ace;
  for (Eigen::Index task = 0; task < ace.cols(); ++task)
    for (Eigen::Index cluster = 0; cluster < ace.rows(); ++cluster)
      result(cluster, task) = sd(task) > 0 ? ace(cluster, task) / sd(task) : statistics::kMissing;
  return result;
}

Specificity specificity(const MatrixD& a) {
  Specificity result;
  const auto tasks = static_cast<double>(a.cols());
  const VectorD rowMeans = a.rowwise().mean();
  const MatrixD centred = a.colwise() - rowMeans;
  if (a.cols() > 1) result.index = centred * (tasks / (tasks - 1));
  else result.index = MatrixD::Constant(a.rows(), a.cols(), statistics::kMissing);
  const Eigen::RowVectorXd columnMeans = centred.colwise().mean();
  result.doubleCentred = centred.rowwise() - columnMeans;
  return result;
}

double emergenceP(std::int64_t correct, std::int64_t n, double chance) { return statistics::binomialUpper(correct, n, chance); }

}  // namespace lacuna::effects

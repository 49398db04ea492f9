#include <Eigen/SVD>

#include "lacuna/base/error.h"
#include "lacuna/probes/probes.h"

namespace lacuna::probes {

MatrixD orthonormalRows(const MatrixD& directions) {
  if (directions.rows() == 0 || directions.cols() == 0) return MatrixD(0, directions.cols());
  const Eigen::BDCSVD<MatrixD> svd(directions, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const VectorD& values = svd.singularValues();
  Eigen::Index rank = 0;
  while (rank < values.size() && values[rank] > 0 && values[rank] >= 1e-6 * values[0]) ++rank;
  MatrixD rows = svd.matrixV().leftCols(rank).transpose();
  for (Eigen::Index i = 0; i < rank; ++i) {  // signs are arbitrary: the largest entry is made positive
    Eigen::Index largest = 0;
    rows.row(i).cwiseAbs().maxCoeff(&largest);
    if (rows(i, largest) < 0) rows.row(i) *= -1;
  }
  return rows;
}

MatrixD probeSubspace(const VectorD& wRaw) { return orthonormalRows(wRaw.transpose()); }

MatrixD meanDifferenceSubspace(const MatrixF& x, const std::vector<std::uint8_t>& inCluster) {
  LACUNA_CHECK(static_cast<std::size_t>(x.rows()) == inCluster.size());
  VectorD inside = VectorD::Zero(x.cols()), outside = VectorD::Zero(x.cols());
  double insiders = 0, outsiders = 0;
  for (Eigen::Index row = 0; row < x.rows(); ++row) {
    const bool in = inCluster[static_cast<std::size_t>(row)] != 0;
    (in ? inside : outside) += x.row(row).cast<double>().transpose();
    (in ? insiders : outsiders) += 1;
  }
  if (insiders == 0 || outsiders == 0) return MatrixD(0, x.cols());
  return orthonormalRows((inside / insiders - outside / outsiders).transpose());
}

}  // namespace lacuna::probes

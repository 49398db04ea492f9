#include <Eigen/Eigenvalues>
#include <algorithm>

#include "block_products.h"
#include "lacuna/embeddings/embeddings.h"

namespace lacuna::embeddings {

MatrixF project2d(const MatrixF& vectors) {
  MatrixF out = MatrixF::Zero(vectors.rows(), 2);
  if (vectors.rows() < 2 || vectors.cols() < 1) return out;
  const Eigen::RowVectorXd mean = vectors.cast<double>().colwise().mean();
  const MatrixF centred = (vectors.cast<double>().rowwise() - mean).cast<float>();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(innerProducts(centred, centred, RunContext{}));
  for (Eigen::Index k = 0; k < std::min<Eigen::Index>(2, vectors.cols()); ++k) {
    VectorD axis = solver.eigenvectors().col(vectors.cols() - 1 - k);
    Eigen::Index largest = 0;
    axis.cwiseAbs().maxCoeff(&largest);
    if (axis[largest] < 0) axis = -axis;
    out.col(k) = centred * axis.cast<float>();
  }
  return out;
}

}  // namespace lacuna::embeddings

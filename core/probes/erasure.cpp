#include <Eigen/SVD>

#include <algorithm>

#include "design.h"
#include "lacuna/base/error.h"
#include "lacuna/probes/subspaces.h"
#include "lacuna/statistics/auc.h"
#include "parts.h"
#include "principal.h"

namespace lacuna::probes {

MatrixF AffineErasure::apply(const MatrixF& h) const {
  if (h.cols() != mu.size() || a.rows() != b.rows() || (a.rows() > 0 && (a.cols() != mu.size() || b.cols() != mu.size())))
    throw Error("LAC-3101", "An erasure of width " + std::to_string(mu.size()) + " was applied to states of width " + std::to_string(h.cols()) + ".");
  if (a.rows() == 0) return h;
  MatrixF result(h.rows(), h.cols());
  const RowBlocks blocks(h.rows());
  const algebra::SerialBlas serial;
  for (std::int64_t i = 0; i < blocks.count; ++i) {
    const MatrixD rows = h.middleRows(blocks.begin(i), blocks.length(i)).cast<double>(), centred = rows.rowwise() - mu.transpose();
    MatrixD read(rows.rows(), a.rows()), written(rows.rows(), rows.cols());
    algebra::multiplyTransposed(centred.data(), a.data(), read.data(), read.rows(), read.cols(), a.cols());
    algebra::multiply(read.data(), b.data(), written.data(), written.rows(), written.cols(), b.rows());
    result.middleRows(blocks.begin(i), blocks.length(i)) = (rows - written).cast<float>();
  }
  return result;
}

AffineErasure orthogonalErasure(const MatrixD& v, const VectorD& mu) { return {v, v, mu}; }

ErasureCheck checkErasure(const ProbeInput& input, ClusterId cluster, const AffineErasure& erasure, double lambda, double limit,
                          const RunContext& context) {
  requireShapes(input);
  const Part train = takeRole(input, SplitRole::Tune), held = takeRole(input, SplitRole::Evaluate);
  ErasureCheck check;
  for (const Part* part : {&train, &held})
    if (part->count(cluster.value) == 0 || part->count(cluster.value) == part->size()) check.auc.status = statistics::Status::TooFew;
  if (check.auc.status != statistics::Status::Ok) return check;
  const LogisticSolution probe = solveBalanced(erasure.apply(train.x), membership(train.labels, cluster.value), lambda, {}, context);
  const VectorD scores = probe.logits(erasure.apply(held.x)).col(0);
  check.auc = statistics::aucInterval({scores.data(), static_cast<std::size_t>(scores.size())}, membership(held.labels, cluster.value));
  check.incomplete = check.auc.value > limit;
  return check;
}

VectorD readCosines(const MatrixD& v, const MatrixD& w, int top) {
  if (v.cols() != w.cols() || top < 1)
    throw Error("LAC-3101", "Directions of width " + std::to_string(v.cols()) + " were compared with weights that read width " +
                                std::to_string(w.cols()) + ".");
  const algebra::SerialBlas serial;
  const PrincipalAxes read = principalAxes(w);
  const MatrixD leading = read.axes.topRows(std::min<Eigen::Index>(top, read.axes.rows()));
  if (v.rows() == 0 || leading.rows() == 0) return VectorD(0);
  return Eigen::JacobiSVD<MatrixD>(v * leading.transpose()).singularValues().cwiseMin(1.0);
}

}  // namespace lacuna::probes

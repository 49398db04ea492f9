#include "lacuna/base/error.h"
#include "lacuna/probes/subspaces.h"
#include "lacuna/statistics/auc.h"
#include "parts.h"

namespace lacuna::probes {
namespace {

bool twoClasses(const Part& part, std::int32_t k) { return part.count(k) > 0 && part.count(k) < part.size(); }

/// NaN where a class is missing.
double aucOn(const Part& part, std::int32_t k, const MatrixF& x, const LogisticSolution& solution) {
  const VectorD scores = solution.logits(x).col(0);
  return statistics::auc({scores.data(), static_cast<std::size_t>(scores.size())}, membership(part.labels, k));
}

MatrixD stacked(const MatrixD& v, const VectorD& direction) {
  MatrixD all(v.rows() + 1, v.cols());
  all << v, direction.normalized().transpose();
  return orthonormalRows(all);
}

}  // namespace

InlpResult inlpSubspace(const ProbeInput& input, ClusterId cluster, const InlpConfig& config, const RunContext& context) {
  requireShapes(input);
  const Part fit = takeRole(input, SplitRole::Fit), tune = takeRole(input, SplitRole::Tune);
  InlpResult result{MatrixD(0, input.x.cols()), {}, false};
  if (!twoClasses(fit, cluster.value) || (config.stopAuc > 0 && !twoClasses(tune, cluster.value))) {
    result.auc.push_back(statistics::kMissing);
    return result;
  }
  ProbeConfig solver;
  solver.tolerance = config.tolerance;
  solver.maxIterations = config.maxIterations;
  const VectorD mean = fit.x.cast<double>().colwise().mean();
  const std::vector<std::uint8_t> members = membership(fit.labels, cluster.value);
  while (true) {
    context.checkpoint();
    const AffineErasure soFar = orthogonalErasure(result.v, mean);
    const LogisticSolution probe = solveBalanced(soFar.apply(fit.x), members, config.lambda, solver, context);
    result.auc.push_back(aucOn(tune, cluster.value, soFar.apply(tune.x), probe));
    result.guarded = result.auc.back() <= config.stopAuc;
    const VectorD direction = unscaled(probe.w.col(0), probe.sd);
    if (result.guarded || result.v.rows() >= config.maxRounds || direction.norm() == 0) return result;
    const MatrixD next = stacked(result.v, direction);
    if (next.rows() == result.v.rows()) return result;  // nothing new is left
    result.v = next;
  }
}

}  // namespace lacuna::probes

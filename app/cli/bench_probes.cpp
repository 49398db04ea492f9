#include <algorithm>

#include "bench.h"
#include "lacuna/probes/probes.h"

namespace lacuna::cli {

using nlohmann::json;

void benchProbes(const BenchOptions& o, const RunContext& context) {
  BenchTimer timer;
  probes::LogisticProblem problem;
  problem.x = readBenchMatrix(o.in / "X.npy", context);
  const std::vector<std::int32_t> labels = readBenchIntegers(o.in / "labels.npy"), folds = readBenchIntegers(o.in / "folds.npy");
  const auto lambdas = readBenchJson(o.in / "probes.json", [&](const json& config) {
    problem.tolerance = config.at("tolerance").get<double>();
    return config.at("lambdas").get<std::vector<double>>();
  });
  problem.maxIterations = 20000;
  timer.readDone();
  const int clusters = *std::max_element(labels.begin(), labels.end()) + 1, foldCount = *std::max_element(folds.begin(), folds.end()) + 1;
  const auto n = problem.x.rows(), columns = static_cast<Eigen::Index>(clusters) * static_cast<Eigen::Index>(lambdas.size()) * foldCount;
  problem.targets.resize(n, columns);
  problem.weights.resize(n, columns);
  Eigen::Index c = 0;
  for (int k = 0; k < clusters; ++k)
    for (const double lambda : lambdas)
      for (int f = 0; f < foldCount; ++f, ++c) {
        double own = 0, all = 0;
        for (std::size_t i = 0; i < labels.size(); ++i)
          if (folds[i] != f) {
            ++all;
            own += labels[i] == k ? 1 : 0;
          }
        for (Eigen::Index i = 0; i < n; ++i) {
          const auto at = static_cast<std::size_t>(i);
          const bool mine = labels[at] == k;
          problem.targets(i, c) = mine ? 1.0F : 0.0F;
          problem.weights(i, c) = folds[at] == f ? 0.0F : static_cast<float>(all / (2 * (mine ? own : all - own)));
        }
        problem.lambdas.push_back(lambda);
      }
  const probes::LogisticSolution solution = probes::solveLogistic(problem, context);
  timer.workDone();
  const auto d = problem.x.cols();
  std::vector<float> out(static_cast<std::size_t>(columns * (d + 1)));
  for (Eigen::Index j = 0; j < columns; ++j) {
    for (Eigen::Index i = 0; i < d; ++i) out[static_cast<std::size_t>(j * (d + 1) + i)] = static_cast<float>(solution.w(i, j));
    out[static_cast<std::size_t>(j * (d + 1) + d)] = static_cast<float>(solution.b[j]);
  }
  files::writeNpy(o.out / "W.npy", out, {clusters, static_cast<std::int64_t>(lambdas.size()), foldCount, d + 1});
  timer.write(o, context, {{"not_converged", std::count(solution.converged.begin(), solution.converged.end(), 0)}});
}

}  // namespace lacuna::cli

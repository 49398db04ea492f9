// How many iterations and how long does a lasso path take from warm starts, beside cold starts at every λ?
// Usage: benchmark_probes_path [rows width targets steps threads]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include "lacuna/base/rng.h"
#include "lacuna/probes/penalties.h"

using namespace lacuna;
using namespace lacuna::probes;

namespace {

using Clock = std::chrono::steady_clock;
double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

MatrixF makeStates(int rows, int width) {
  Rng rng(0, "benchmark");
  MatrixF shared(8, width), x(rows, width);
  for (float& value : shared.reshaped()) value = 0.6F * static_cast<float>(rng.normal());
  for (float& value : x.reshaped()) value = static_cast<float>(rng.normal());
  for (Eigen::Index n = 0; n < rows; ++n)
    for (Eigen::Index k = 0; k < 8; ++k) x.row(n) += shared.row(k) * static_cast<float>(rng.normal());
  return x;
}

void print(const char* name, double seconds, const LogisticSolution& solution) {
  std::printf("%s: %.3f s, %d iterations, %zu columns, not converged %td\n", name, seconds,
              std::accumulate(solution.iterations.begin(), solution.iterations.end(), 0), solution.iterations.size(),
              std::count(solution.converged.begin(), solution.converged.end(), 0));
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, int standard) { return argc > i ? std::atoi(argv[i]) : standard; };
  const int rows = argument(1, 4000), width = argument(2, 512), targets = argument(3, 8), steps = argument(4, 4);
  RunContext context;
  context.threads = argument(5, 1);
  const MatrixF x = makeStates(rows, width);
  const auto fill = [&](std::int64_t target, std::span<float> out) {
    for (std::size_t n = 0; n < out.size(); ++n) out[n] = x(static_cast<Eigen::Index>(n), target) + x(static_cast<Eigen::Index>(n), target + 1) > 0.5F ? 1.0F : -1.0F;
  };
  const VectorD largest = lambdaMax(x, targets, fill, 1, context);
  PathSet paths{MatrixD(targets, steps), 1, fill};
  ColumnSet columns{{}, [&](std::int64_t c, std::span<float> out) { fill(c / steps, out); }};
  for (int t = 0; t < targets; ++t) {
    const std::vector<double> path = lambdaPath(0.7 * largest[t], steps, 0.1);
    for (int l = 0; l < steps; ++l) paths.lambdas(t, l) = path[static_cast<std::size_t>(l)];
    columns.lambdas.insert(columns.lambdas.end(), path.begin(), path.end());
  }
  auto start = Clock::now();
  const LogisticSolution warm = solvePath(x, paths, 1e-4, 5000, context);
  const double seconds = since(start);
  print("warm path", seconds, warm);
  start = Clock::now();
  const LogisticSolution cold = solveElasticNet(x, columns, 1, 1e-4, 5000, context);
  const double coldSeconds = since(start);
  print("cold starts", coldSeconds, cold);
  std::printf("ratio of time %.1f; largest difference %.1e\n", coldSeconds / seconds, (warm.w - cold.w).cwiseAbs().maxCoeff());
  return 0;
}

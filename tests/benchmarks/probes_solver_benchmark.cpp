// How many passes over the data, and how long, do L2 probes take beside plain FISTA with one step size?
// Usage: benchmark_probes_solver [rows width classes folds lambdas threads]

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "columns.h"
#include "lacuna/base/rng.h"
#include "residual.h"

using namespace lacuna;
using namespace lacuna::probes;

namespace {

using Clock = std::chrono::steady_clock;
double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// States with a few strong shared directions and one mean a class, as the residual stream of a network has.
struct Data {
  MatrixF x;
  std::vector<std::int32_t> labels;
};
Data makeData(std::int64_t rows, std::int64_t width, int classes) {
  Rng rng(0, "benchmark");
  MatrixF means(classes, width), shared(8, width);
  for (Eigen::Index i = 0; i < means.size(); ++i) means.data()[i] = 0.35F * static_cast<float>(rng.normal());
  for (Eigen::Index i = 0; i < shared.size(); ++i) shared.data()[i] = 0.6F * static_cast<float>(rng.normal());
  Data data{MatrixF(rows, width), {}};
  for (Eigen::Index n = 0; n < rows; ++n) {
    data.labels.push_back(static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(classes))));
    data.x.row(n) = means.row(data.labels.back());
    for (Eigen::Index k = 0; k < 8; ++k) data.x.row(n) += shared.row(k) * static_cast<float>(rng.normal());
    for (Eigen::Index j = 0; j < width; ++j) data.x(n, j) += static_cast<float>(rng.normal());
  }
  return data;
}

/// FISTA with the bound λmax·κ/4 + λ for every coordinate and the same restart; all columns in two products an iteration.
int fista(const MatrixF& x, const MatrixF& q, const std::vector<double>& lambdas, double largestVariance, double tolerance) {
  const Eigen::Index columns = q.rows(), width = x.cols();
  MatrixF w = MatrixF::Zero(columns, width), ahead = w, gradient(columns, width), z(columns, x.rows());
  std::vector<double> t(static_cast<std::size_t>(columns), 1), b(t.size(), 0), bAhead(t.size(), 0);
  for (int iteration = 0; iteration < 5000; ++iteration) {
    algebra::multiplyTransposed(ahead.data(), x.data(), z.data(), columns, x.rows(), width);
    std::vector<double> bGradient(t.size());
    for (Eigen::Index c = 0; c < columns; ++c) bGradient[static_cast<std::size_t>(c)] = lossDerivative(q.row(c).data(), z.row(c).data(), x.rows(), static_cast<float>(bAhead[static_cast<std::size_t>(c)]));
    algebra::multiply(z.data(), x.data(), gradient.data(), columns, width, x.rows());
    double worst = 0;
    for (Eigen::Index c = 0; c < columns; ++c) {
      const auto i = static_cast<std::size_t>(c);
      const ColumnWeights sums = summarise(q.row(c).data(), x.rows());
      const double kappa = static_cast<double>(x.rows()) * sums.largest / sums.total / 4;
      gradient.row(c) = gradient.row(c) / static_cast<float>(sums.total) + static_cast<float>(lambdas[i]) * ahead.row(c);
      bGradient[i] /= sums.total;
      worst = std::max({worst, static_cast<double>(gradient.row(c).cwiseAbs().maxCoeff()), std::abs(bGradient[i])});
      const double step = 1 / (kappa * largestVariance + lambdas[i]);
      const VectorF next = ahead.row(c).transpose() - static_cast<float>(step) * gradient.row(c).transpose();
      const double nextB = bAhead[i] - step * bGradient[i];
      if (gradient.row(c).dot(next.transpose() - w.row(c)) + bGradient[i] * (nextB - b[i]) > 0) t[i] = 1;
      const double grown = (1 + std::sqrt(1 + 4 * t[i] * t[i])) / 2, momentum = (t[i] - 1) / grown;
      t[i] = grown;
      ahead.row(c) = next.transpose() + static_cast<float>(momentum) * (next.transpose() - w.row(c));
      bAhead[i] = nextB + momentum * (nextB - b[i]);
      w.row(c) = next.transpose();
      b[i] = nextB;
    }
    if (worst <= tolerance) return iteration;
  }
  return 5000;
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, int standard) { return argc > i ? std::atoi(argv[i]) : standard; };
  const int rows = argument(1, 4000), width = argument(2, 512), classes = argument(3, 8), folds = argument(4, 1), lambdaCount = argument(5, 4);
  RunContext context;
  context.threads = argument(6, 1);
  const Data data = makeData(rows, width, classes);
  FoldGrid grid{data.labels, {}, classes, folds, {}};
  for (int n = 0; n < rows; ++n) grid.foldOf.push_back(folds == 1 ? -1 : n % folds);
  for (int l = 0; l < lambdaCount; ++l) grid.lambdas.push_back(std::pow(10.0, -4.0 + l));

  const algebra::SerialBlas serial;
  auto start = Clock::now();
  const Design design = makeDesign(data.x, context);
  std::printf("axes: %.3f s, largest variance %.1f\n", since(start), design.variance.maxCoeff());

  start = Clock::now();
  const LogisticSolution solution = solveFoldGrid(data.x, grid, 1e-4, 500, context);
  const double seconds = since(start);
  std::vector<int> iterations = solution.iterations;
  std::sort(iterations.begin(), iterations.end());
  std::printf("lacuna: %.3f s, %zu columns, iterations median %d, largest %d, not converged %td\n", seconds, iterations.size(),
              iterations[iterations.size() / 2], iterations.back(), std::count(solution.converged.begin(), solution.converged.end(), 0));
  if (folds != 1) return 0;

  MatrixF x(rows, width), q(static_cast<Eigen::Index>(iterations.size()), rows);
  standardiseRows(data.x, design.moments, 0, rows, x.data());
  std::vector<double> lambdas;
  for (int k = 0; k < classes; ++k)
    for (const double lambda : grid.lambdas) {
      const auto members = static_cast<double>(std::count(data.labels.begin(), data.labels.end(), k));
      for (int n = 0; n < rows; ++n) q(static_cast<Eigen::Index>(lambdas.size()), n) = static_cast<float>(data.labels[static_cast<std::size_t>(n)] == k ? rows / (2 * members) : -rows / (2 * (rows - members)));
      lambdas.push_back(lambda);
    }
  start = Clock::now();
  const int plain = fista(x, q, lambdas, design.variance.maxCoeff(), 1e-4);
  const double plainSeconds = since(start);
  std::printf("plain FISTA: %.3f s, %d iterations; ratio of iterations %.1f, of time %.1f\n", plainSeconds, plain,
              static_cast<double>(plain) / iterations.back(), plainSeconds / seconds);
  return 0;
}

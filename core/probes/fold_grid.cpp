#include "lacuna/base/error.h"
#include "lacuna/probes/probes.h"

namespace lacuna::probes {
namespace {

/// Balanced signed weights of "class k against the rest" on the rows outside the fold.
void fillFold(const FoldGrid& grid, std::int32_t k, std::int32_t fold, std::span<float> out) {
  double positives = 0, negatives = 0;
  for (std::size_t n = 0; n < out.size(); ++n)
    if (grid.foldOf[n] != fold) (grid.labels[n] == k ? positives : negatives) += 1;
  const double rows = positives + negatives;
  const float up = static_cast<float>(rows / (2 * positives)), down = static_cast<float>(-rows / (2 * negatives));
  for (std::size_t n = 0; n < out.size(); ++n) out[n] = grid.foldOf[n] == fold ? 0.0F : grid.labels[n] == k ? up : down;
}

}  // namespace

std::int64_t FoldGrid::column(int k, int lambda, int fold) const {
  return (static_cast<std::int64_t>(k) * static_cast<std::int64_t>(lambdas.size()) + lambda) * folds + fold;
}

LogisticSolution solveFoldGrid(const MatrixF& x, const FoldGrid& grid, double tolerance, int maxIterations,
                               const RunContext& context) {
  const auto rows = static_cast<std::size_t>(x.rows());
  if (grid.labels.size() != rows || grid.foldOf.size() != rows || grid.classes < 1 || grid.folds < 1)
    throw Error("LAC-3101", "A fold grid over " + std::to_string(rows) + " rows has " + std::to_string(grid.labels.size()) +
                                " labels and " + std::to_string(grid.foldOf.size()) + " folds.");
  const auto perClass = static_cast<std::int64_t>(grid.lambdas.size()) * grid.folds;
  ColumnSet columns;
  for (std::int64_t c = 0; c < perClass * grid.classes; ++c)
    columns.lambdas.push_back(grid.lambdas[static_cast<std::size_t>(c % perClass / grid.folds)]);
  columns.fill = [&](std::int64_t c, std::span<float> out) {
    fillFold(grid, static_cast<std::int32_t>(c / perClass), static_cast<std::int32_t>(c % grid.folds), out);
  };
  return solveLogistic(x, columns, tolerance, maxIterations, context);
}

}  // namespace lacuna::probes

#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/probes/probes.h"

namespace lacuna::probes {

/// Class-balanced log-loss: the mean over the two classes of their mean log(1 + exp(−ỹz)). NaN when a class is missing.
double balancedLogLoss(const std::vector<double>& logits, const std::vector<std::uint8_t>& labels);

/// The largest λ whose mean loss is within one standard error of the best mean (Hastie et al. 2009, 7.10).
/// losses[l][f]; NaN folds are left out of all λ. Without a valid fold: the largest λ.
double oneStandardErrorRule(const std::vector<double>& lambdas, const std::vector<std::vector<double>>& losses);

/// x·w + b of some columns of a solution for some rows, in fp64. [rows, columns]
MatrixD rowLogits(const LogisticSolution& solution, const std::vector<std::int64_t>& columns, const MatrixF& x,
                  const std::vector<std::int64_t>& rows, const RunContext& context);

/// λ of every class by grouped cross-validation: all classes × λ × folds are one problem.
std::vector<double> chooseLambdas(const MatrixF& x, const FoldGrid& grid, const ProbeConfig& config, const RunContext& context);

}  // namespace lacuna::probes

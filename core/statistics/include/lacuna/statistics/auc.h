#pragma once

#include <cstdint>
#include <span>

#include "lacuna/statistics/bootstrap.h"
#include "lacuna/statistics/estimate.h"

/// How well a score tells label 1 from label 0 (methods.md 4.6). A single class → NaN.
namespace lacuna::statistics {

/// P(score of a 1 > score of a 0) with ties half: midrank Mann–Whitney.
double auc(std::span<const double> scores, std::span<const std::uint8_t> labels);
/// Standard error after Hanley & McNeil 1982.
double hanleyMcNeil(double auc, std::int64_t positives, std::int64_t negatives);
/// AUC with the normal interval of Hanley–McNeil, cut to [0, 1].
Estimate aucInterval(std::span<const double> scores, std::span<const std::uint8_t> labels, double level = 0.95);
/// AUC with a grouped percentile bootstrap; draws with one class only are left out.
Estimate aucBootstrap(std::span<const double> scores, std::span<const std::uint8_t> labels,
                      std::span<const std::int32_t> groups, const BootstrapConfig& config);
/// Average precision: Σ (recall step × precision), ties taken together.
double averagePrecision(std::span<const double> scores, std::span<const std::uint8_t> labels);
/// Mean of sensitivity and specificity of (score > threshold).
double balancedAccuracy(std::span<const double> scores, std::span<const std::uint8_t> labels, double threshold);

}  // namespace lacuna::statistics

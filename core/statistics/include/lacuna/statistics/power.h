#pragma once

#include <cstdint>
#include <span>

/// Sample size and minimum detectable effect (methods.md 8.5), two-sided. With a Holm family of m pass alpha/m.
namespace lacuna::statistics {

struct PowerConfig { double alpha = 0.05, power = 0.80; };

/// Pitman inefficiency of the Wilcoxon signed-rank test against t under normality, in standard errors: √(π/3) = 1.0233.
double wilcoxonFactor();

/// (z_{1−α/2} + z_{1−β}) sd/√n; n the effective number (items over the design effect).
double mdePairedMean(double sd, double n, const PowerConfig& config = {});
/// Pairs needed to see `effect` with the paired t test; Wilcoxon: multiply by wilcoxonFactor()².
double nPairedMean(double effect, double sd, const PowerConfig& config = {});

/// Pairs needed by McNemar's test (Connor 1987) for the rates of broken and fixed pairs.
double nMcNemar(double broken, double fixed, const PowerConfig& config = {});
/// Smallest |broken − fixed| that n pairs see when a share `discordant` of them is discordant; NaN when none does.
double mdeMcNemar(double discordant, double n, const PowerConfig& config = {});

/// Standard error of the mean when the items of a group are dependent (Miller 2024): √(Σ_g (Σ_{i∈g} (s_i − mean))²)/n.
double clusteredStandardError(std::span<const double> values, std::span<const std::int32_t> groups);
/// (clustered SE)²/(iid SE)², at least 1/n; n_eff = n/designEffect. NaN when values do not vary.
double designEffect(std::span<const double> values, std::span<const std::int32_t> groups);

}  // namespace lacuna::statistics

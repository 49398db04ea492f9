#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "lacuna/statistics/bootstrap.h"
#include "lacuna/statistics/estimate.h"

/// How strong a perturbation may be: ε against a budget on unrelated data (methods.md 10), and how much a capability tolerates (11).
namespace lacuna::effects {

/// Cost of one ε: mean loss increase on unrelated data, its one-sided upper bound and its standard error.
struct StrengthCost { double mean = 0, upper = 0, se = 0; };
struct StrengthSearch {
  double epsilon = 0;                      ///< largest strength whose upper bound keeps the budget
  statistics::Status status = statistics::Status::Ok;   ///< AT_CEILING: never exceeded; NOT_IDENTIFIED: no safe strength
  bool nonMonotone = false;                ///< then the first crossing on the grid, no bisection
  double low = 0, high = 0;                ///< final bracket; low = epsilon
  struct Probe { double epsilon; StrengthCost cost; };
  std::vector<Probe> probes;               ///< everything that was measured, in order
};
/// grid ascending, positive. Bisects `steps` times between the last kept and the first broken grid point.
StrengthSearch largestSafeStrength(std::span<const double> grid, double budget, int steps,
                                   const std::function<StrengthCost(double epsilon)>& cost);

/// Paired loss increases on one unrelated set, in nats a token: perturbed − clean of every document, with its group.
struct LossIncrease { std::vector<double> perItem; std::vector<std::int32_t> groups; };
/// Mean, one-sided upper bound at `level` (grouped BCa, same draws for every ε) and standard error.
StrengthCost costOf(const LossIncrease& increase, double level, const statistics::BootstrapConfig& bootstrap);

struct TuningConfig {
  std::vector<double> grid{.05, .1, .2, .4, .8, 1};   ///< ascending, positive
  double budget = 0.02;                    ///< nats a token, about 2 % perplexity
  double level = 0.95;                     ///< of the one-sided bound
  int bisections = 8;
  statistics::BootstrapConfig bootstrap;   ///< its level is not used
};
enum class Half { Tune, Confirm };         ///< two disjoint halves of every set
/// Runs set `set` at ε on one half of its documents.
using MeasureIncrease = std::function<LossIncrease(std::size_t set, double epsilon, Half half)>;

struct TunedStrength {
  double epsilon = 0;                      ///< largest confirmed strength
  statistics::Status status = statistics::Status::Ok;   ///< as StrengthSearch; NOT_IDENTIFIED also when nothing is confirmed
  std::string reason;                      ///< empty when OK
  StrengthSearch search;                   ///< costs are those of the worst set
  std::vector<std::size_t> binding;        ///< [search.probes] the set of largest upper bound: it binds
  std::vector<StrengthSearch::Probe> confirmations;   ///< on the fresh half, in order: each failure steps down one grid point
  std::vector<std::size_t> confirmedBy;    ///< [confirmations] the set that binds there
  std::int64_t groupsNeeded = 0;           ///< > 0: the bound is further from its mean than the budget; groups that would narrow it enough
};
/// The search of largestSafeStrength over the worst of `sets` unrelated sets, then confirmed. Choose on tuning items only.
TunedStrength tuneStrength(std::size_t sets, const MeasureIncrease& measure, const TuningConfig& config = {});

/// Capability retention against dose, ascending; low: lower 95 % bound of the retention.
struct RetentionPoint { double dose = 0, retention = 1, low = 1; };
/// Largest dose up to which every lower bound keeps `kept`, interpolated linearly to the crossing; NaN when the first is below.
double tolerance(std::span<const RetentionPoint> curve, double kept = 0.95);

/// y = b0 + b1·x + b2·(x − knee)₊: statistics::hinge unweighted, as one flat row; robustness.h has the item-level intervals.
struct Hinge {
  double knee = statistics::kMissing, sse = statistics::kMissing;
  double b0 = statistics::kMissing, b1 = statistics::kMissing, b2 = statistics::kMissing;
  double low = statistics::kMissing, high = statistics::kMissing;   ///< profile interval of the knee (Muggeo 2003)
  double supF = statistics::kMissing;      ///< largest F against a straight line
  /// TOO_FEW below 6 doses, NOT_IDENTIFIED when the interval covers over half the range or a line does as well.
  statistics::Status status = statistics::Status::Ok;
};
Hinge fitHinge(std::span<const double> x, std::span<const double> y, double level = 0.95);

}  // namespace lacuna::effects

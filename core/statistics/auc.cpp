#include "lacuna/statistics/auc.h"

#include <algorithm>
#include <cmath>

#include "grouped.h"
#include "lacuna/base/error.h"
#include "lacuna/base/run_context.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/distributions.h"
#include "resample.h"

namespace lacuna::statistics {
namespace {

std::int64_t positivesOf(std::span<const std::uint8_t> labels) {
  return std::count_if(labels.begin(), labels.end(), [](std::uint8_t label) { return label != 0; });
}

bool anyNan(std::span<const double> scores) {
  return std::any_of(scores.begin(), scores.end(), [](double score) { return std::isnan(score); });
}

// Items in ascending order of score, one run after another; f(begin, end) sees each run of equal scores.
template <class F>
void eachTie(std::span<const double> scores, const std::vector<std::size_t>& order, F&& f) {
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && scores[order[end]] == scores[order[begin]]) ++end;
    f(begin, end);
  }
}

// AUC of items counted `weight` times.
template <class Weight>
double weightedAuc(std::span<const double> scores, std::span<const std::uint8_t> labels, const std::vector<std::size_t>& order, Weight weight) {
  double below = 0, positives = 0, wins = 0;
  eachTie(scores, order, [&](std::size_t begin, std::size_t end) {
    double ones = 0, zeros = 0;
    for (std::size_t k = begin; k < end; ++k) (labels[order[k]] ? ones : zeros) += weight(order[k]);
    wins += ones * (below + 0.5 * zeros);
    below += zeros;
    positives += ones;
  });
  return positives > 0 && below > 0 ? wins / (positives * below) : kMissing;
}

Estimate outline(std::span<const double> scores, std::span<const std::uint8_t> labels, double level) {
  Estimate result;
  result.level = level;
  result.n = result.groups = static_cast<std::int64_t>(scores.size());
  result.value = auc(scores, labels);
  if (anyNan(scores)) result.status = Status::NanInput;
  else if (std::isnan(result.value)) result.status = Status::TooFew;
  return result;
}

}  // namespace

double auc(std::span<const double> scores, std::span<const std::uint8_t> labels) {
  LACUNA_CHECK(scores.size() == labels.size());
  if (anyNan(scores)) return kMissing;
  return weightedAuc(scores, labels, ascendingOrder(scores), [](std::size_t) { return 1.0; });
}

double hanleyMcNeil(double auc, std::int64_t positives, std::int64_t negatives) {
  if (positives <= 0 || negatives <= 0) return kMissing;
  const double q1 = auc / (2 - auc), q2 = 2 * auc * auc / (1 + auc), square = auc * auc;
  const double ones = static_cast<double>(positives), zeros = static_cast<double>(negatives);
  return std::sqrt((auc * (1 - auc) + (ones - 1) * (q1 - square) + (zeros - 1) * (q2 - square)) / (ones * zeros));
}

Estimate aucInterval(std::span<const double> scores, std::span<const std::uint8_t> labels, double level) {
  Estimate result = outline(scores, labels, level);
  result.method = "hanley-mcneil";
  if (result.status != Status::Ok) return result;
  const std::int64_t positives = positivesOf(labels);
  result.se = hanleyMcNeil(result.value, positives, result.n - positives);
  const double half = normalQuantile(0.5 + level / 2) * result.se;
  result.low = std::max(0.0, result.value - half);
  result.high = std::min(1.0, result.value + half);
  return result;
}

Estimate aucBootstrap(std::span<const double> scores, std::span<const std::uint8_t> labels,
                      std::span<const std::int32_t> groups, const BootstrapConfig& config) {
  LACUNA_CHECK(scores.size() == groups.size());
  Estimate result = outline(scores, labels, config.level);
  result.method = "percentile";
  if (result.status != Status::Ok) return result;
  const Grouped data = grouped(MatrixD(static_cast<Eigen::Index>(scores.size()), 0), groups);
  result.groups = data.groups();
  const auto counts = sharedCounts(data.groups(), config);
  const auto order = ascendingOrder(scores);
  std::vector<double> draws(static_cast<std::size_t>(config.draws));
  parallelFor(config.draws, RunContext{}.threadCount(), 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t b = begin; b < end; ++b) {
      const std::uint16_t* row = counts->row(b).data();
      draws[static_cast<std::size_t>(b)] =
          weightedAuc(scores, labels, order, [&](std::size_t i) { return static_cast<double>(row[data.groupOf[i]]); });
    }
  });
  std::erase_if(draws, [](double draw) { return std::isnan(draw); });
  if (data.groups() < 8 || draws.size() < 2) result.status = Status::TooFew;
  const auto bounds = quantiles(draws, std::vector{(1 - config.level) / 2, (1 + config.level) / 2});
  result.low = bounds[0];
  result.high = bounds[1];
  result.se = standardDeviation(draws);
  return result;
}

double averagePrecision(std::span<const double> scores, std::span<const std::uint8_t> labels) {
  LACUNA_CHECK(scores.size() == labels.size());
  const double positives = static_cast<double>(positivesOf(labels));
  if (positives == 0 || anyNan(scores)) return kMissing;
  std::vector<double> negated(scores.size());
  std::transform(scores.begin(), scores.end(), negated.begin(), [](double score) { return -score; });
  const auto order = ascendingOrder(negated);
  double found = 0, sum = 0;
  eachTie(negated, order, [&](std::size_t begin, std::size_t end) {
    double ones = 0;
    for (std::size_t k = begin; k < end; ++k) ones += labels[order[k]] != 0;
    found += ones;
    sum += ones / positives * (found / static_cast<double>(end));
  });
  return sum;
}

double balancedAccuracy(std::span<const double> scores, std::span<const std::uint8_t> labels, double threshold) {
  LACUNA_CHECK(scores.size() == labels.size());
  double hits[2] = {0, 0}, counts[2] = {0, 0};
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const int label = labels[i] != 0;
    counts[label] += 1;
    hits[label] += (scores[i] > threshold) == (label == 1);
  }
  return counts[0] > 0 && counts[1] > 0 ? 0.5 * (hits[0] / counts[0] + hits[1] / counts[1]) : kMissing;
}

}  // namespace lacuna::statistics

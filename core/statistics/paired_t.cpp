#include <cmath>

#include "differences.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/distributions.h"
#include "lacuna/statistics/effect_size.h"
#include "lacuna/statistics/tests.h"

namespace lacuna::statistics {
namespace {

// Fills everything but statistic and p; says whether these can be computed.
bool begin(std::span<const double> d, TestResult& result) {
  result.n = static_cast<std::int64_t>(d.size());
  if (!allFinite(d)) result.status = Status::NanInput;
  else if (d.size() < 2) result.status = Status::TooFew;
  else if (!(standardDeviation(d) > 1e-12 * largestMagnitude(d))) result.status = Status::ZeroVariance;
  if (result.status != Status::Ok) return false;
  result.effect = dz(d);
  return true;
}

double standardError(std::span<const double> d) { return standardDeviation(d) / std::sqrt(static_cast<double>(d.size())); }

}  // namespace

TestResult pairedT(std::span<const double> d, Alternative alternative) {
  TestResult result;
  result.method = "paired-t";
  if (!begin(d, result)) return result;
  const double df = static_cast<double>(d.size()) - 1;
  result.statistic = mean(d) / standardError(d);
  result.p = pOf(alternative, tCdf(-result.statistic, df), tCdf(result.statistic, df));
  return result;
}

TestResult equivalence(std::span<const double> d, double margin) {
  TestResult result;
  result.method = "tost";
  if (!begin(d, result)) return result;
  const double df = static_cast<double>(d.size()) - 1, error = standardError(d);
  result.statistic = (margin - std::abs(mean(d))) / error;
  result.p = tCdf(-result.statistic, df);
  return result;
}

}  // namespace lacuna::statistics

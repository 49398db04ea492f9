#include "lacuna/statistics/distributions.h"

#include <algorithm>
#include <cmath>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

namespace lacuna::statistics {
namespace {

namespace bm = boost::math;
namespace bp = boost::math::policies;

// Errors come back as NaN or infinity: a statistic that cannot be computed is a status here, never an exception.
using Quiet = bp::policy<bp::domain_error<bp::ignore_error>, bp::overflow_error<bp::ignore_error>, bp::pole_error<bp::ignore_error>,
                         bp::evaluation_error<bp::ignore_error>, bp::promote_double<false>>;
using Normal = bm::normal_distribution<double, Quiet>;
using StudentT = bm::students_t_distribution<double, Quiet>;
using FisherF = bm::fisher_f_distribution<double, Quiet>;
using ChiSquared = bm::chi_squared_distribution<double, Quiet>;
using Binomial = bm::binomial_distribution<double, Quiet>;
using Beta = bm::beta_distribution<double, Quiet>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool isShare(double p) { return p >= 0 && p <= 1; }

}  // namespace

double normalCdf(double z) { return std::isnan(z) ? kMissing : 0.5 * std::erfc(-z / std::sqrt(2.0)); }

double normalQuantile(double p) {
  if (!isShare(p)) return kMissing;
  if (p == 0 || p == 1) return p == 0 ? -kInfinity : kInfinity;
  return bm::quantile(Normal(), p);
}

double tCdf(double t, double df) {
  if (std::isnan(t) || !(df > 0)) return kMissing;
  if (std::isinf(t)) return t > 0 ? 1 : 0;
  return bm::cdf(StudentT(df), t);
}

double tQuantile(double p, double df) {
  if (!isShare(p) || !(df > 0)) return kMissing;
  if (p == 0 || p == 1) return p == 0 ? -kInfinity : kInfinity;
  return bm::quantile(StudentT(df), p);
}

double tTwoSided(double t, double df) { return std::min(1.0, 2 * tCdf(-std::abs(t), df)); }

double fCdf(double f, double df1, double df2) {
  if (!(f >= 0) || !(df1 > 0) || !(df2 > 0)) return kMissing;
  return std::isinf(f) ? 1.0 : bm::cdf(FisherF(df1, df2), f);
}

double fQuantile(double p, double df1, double df2) {
  if (!isShare(p) || !(df1 > 0) || !(df2 > 0)) return kMissing;
  return p == 1 ? kInfinity : bm::quantile(FisherF(df1, df2), p);
}

double chiSquaredUpper(double x, double df) {
  if (std::isnan(x) || !(df > 0)) return kMissing;
  if (x <= 0) return 1;
  return std::isinf(x) ? 0.0 : bm::cdf(bm::complement(ChiSquared(df), x));
}

double binomialCdf(std::int64_t k, std::int64_t n, double p) {
  if (n < 0 || !isShare(p)) return kMissing;
  if (k < 0) return 0;
  return k >= n ? 1.0 : bm::cdf(Binomial(static_cast<double>(n), p), static_cast<double>(k));
}

double binomialPmf(std::int64_t k, std::int64_t n, double p) {
  if (n < 0 || !isShare(p)) return kMissing;
  return k < 0 || k > n ? 0.0 : bm::pdf(Binomial(static_cast<double>(n), p), static_cast<double>(k));
}

double binomialUpper(std::int64_t k, std::int64_t n, double chance) {
  if (n < 0 || !isShare(chance)) return kMissing;
  if (k <= 0) return 1;
  if (k > n) return 0;
  return bm::cdf(bm::complement(Binomial(static_cast<double>(n), chance), static_cast<double>(k - 1)));
}

namespace {

Estimate share(std::int64_t successes, std::int64_t n, double level, const char* method) {
  Estimate result;
  result.level = level;
  result.n = result.groups = n;
  result.method = method;
  if (n <= 0 || successes < 0 || successes > n) {
    result.status = Status::NotIdentified;
    return result;
  }
  result.value = static_cast<double>(successes) / static_cast<double>(n);
  result.se = std::sqrt(result.value * (1 - result.value) / static_cast<double>(n));
  return result;
}

}  // namespace

Estimate wilson(std::int64_t successes, std::int64_t n, double level) {
  Estimate result = share(successes, n, level, "wilson");
  if (result.status != Status::Ok) return result;
  const double z = normalQuantile(0.5 + level / 2), count = static_cast<double>(n), p = result.value;
  const double centre = (p + z * z / (2 * count)) / (1 + z * z / count);
  const double half = z / (1 + z * z / count) * std::sqrt(p * (1 - p) / count + z * z / (4 * count * count));
  // At 0 and n the bound is the share itself; rounding must not push it outside.
  result.low = successes == 0 ? 0.0 : centre - half;
  result.high = successes == n ? 1.0 : centre + half;
  return result;
}

Estimate clopperPearson(std::int64_t successes, std::int64_t n, double level) {
  Estimate result = share(successes, n, level, "clopper-pearson");
  if (result.status != Status::Ok) return result;
  const double k = static_cast<double>(successes), rest = static_cast<double>(n - successes), tail = (1 - level) / 2;
  result.low = successes == 0 ? 0.0 : bm::quantile(Beta(k, rest + 1), tail);
  result.high = successes == n ? 1.0 : bm::quantile(Beta(k + 1, rest), 1 - tail);
  return result;
}

}  // namespace lacuna::statistics

#include "lacuna/statistics/agreement.h"

#include <algorithm>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/statistics/distributions.h"

namespace lacuna::statistics {
namespace {

// κ = (p_o − p_e)/(1 − p_e), or why not.
Kappa chanceCorrected(double observed, double expected, std::int64_t n, const char* method) {
  Kappa result;
  result.observed = observed;
  result.expected = expected;
  result.kappa.n = result.kappa.groups = n;
  result.kappa.method = method;
  if (std::isnan(observed)) result.kappa.status = Status::TooFew;
  else if (!(expected < 1 - 1e-12)) result.kappa.status = Status::NotIdentified;
  else result.kappa.value = (observed - expected) / (1 - expected);
  return result;
}

// Large-sample variance of Cohen's κ (Fleiss, Cohen & Everitt 1969) from the table of shares.
double cohenVariance(const MatrixD& p, double kappa, double expected, double n) {
  const VectorD rows = p.rowwise().sum(), columns = p.colwise().sum().transpose();
  double diagonal = 0, rest = 0;
  for (Eigen::Index i = 0; i < p.rows(); ++i)
    for (Eigen::Index j = 0; j < p.cols(); ++j) {
      if (i == j) diagonal += p(i, i) * std::pow(1 - (rows(i) + columns(i)) * (1 - kappa), 2);
      else rest += p(i, j) * std::pow(columns(i) + rows(j), 2);
    }
  const double last = kappa - expected * (1 - kappa);
  return (diagonal + (1 - kappa) * (1 - kappa) * rest - last * last) / (n * (1 - expected) * (1 - expected));
}

// Squared distance of categories a and b (sorted values) given how often each occurs.
double distance(Scale scale, const std::vector<double>& values, const VectorD& counts, Eigen::Index a, Eigen::Index b) {
  if (a == b) return 0;
  if (scale == Scale::Nominal) return 1;
  if (scale == Scale::Interval) return std::pow(values[static_cast<std::size_t>(a)] - values[static_cast<std::size_t>(b)], 2);
  const auto [low, high] = std::minmax(a, b);
  const double between = counts.segment(low, high - low + 1).sum() - 0.5 * (counts(low) + counts(high));
  return between * between;
}

// Coincidences of categories within units, summed.
MatrixD coincidences(const MatrixD& ratings, const std::vector<double>& values) {
  const auto categories = static_cast<Eigen::Index>(values.size());
  MatrixD result = MatrixD::Zero(categories, categories);
  for (Eigen::Index unit = 0; unit < ratings.cols(); ++unit) {
    VectorD counts = VectorD::Zero(categories);
    for (Eigen::Index rater = 0; rater < ratings.rows(); ++rater)
      if (!std::isnan(ratings(rater, unit))) counts(std::lower_bound(values.begin(), values.end(), ratings(rater, unit)) - values.begin()) += 1;
    result += coincidencesOf(counts);
  }
  return result;
}

// α of summed coincidences of sorted values.
Estimate alphaOf(const MatrixD& pairs, const std::vector<double>& values, Scale scale) {
  const VectorD counts = pairs.rowwise().sum();
  const double n = counts.sum();
  Estimate result;
  result.method = "krippendorff";
  double observed = 0, expected = 0;
  for (Eigen::Index a = 0; a < pairs.rows(); ++a)
    for (Eigen::Index b = 0; b < pairs.cols(); ++b) {
      const double d = distance(scale, values, counts, a, b);
      observed += pairs(a, b) * d;
      expected += counts(a) * counts(b) * d;
    }
  if (n < 2) result.status = Status::TooFew;
  else if (!(expected > 0)) result.status = Status::NotIdentified;
  else result.value = 1 - (n - 1) * observed / expected;
  return result;
}

}  // namespace

MatrixD coincidencesOf(const VectorD& counts) {
  const double m = counts.sum();
  if (m < 2) return MatrixD::Zero(counts.size(), counts.size());
  return (counts * counts.transpose() - MatrixD(counts.asDiagonal())) / (m - 1);
}

Kappa cohenKappa(const MatrixD& table, double level) {
  LACUNA_CHECK(table.rows() == table.cols());
  const double n = table.sum();
  const MatrixD p = table / n;
  const double expected = p.rowwise().sum().dot(p.colwise().sum().transpose());
  Kappa result = chanceCorrected(n > 0 ? p.trace() : kMissing, expected, std::llround(n), "cohen");
  Estimate& kappa = result.kappa;
  kappa.level = level;
  if (kappa.status != Status::Ok) return result;
  kappa.se = std::sqrt(std::max(0.0, cohenVariance(p, kappa.value, expected, n)));
  const double half = normalQuantile(0.5 + level / 2) * kappa.se;
  kappa.low = kappa.value - half;
  kappa.high = kappa.value + half;
  return result;
}

Kappa fleissKappa(const MatrixD& counts) {
  const double raters = counts.rows() > 0 ? counts.row(0).sum() : 0, subjects = static_cast<double>(counts.rows());
  for (Eigen::Index i = 0; i < counts.rows(); ++i) LACUNA_CHECK(counts.row(i).sum() == raters);
  if (raters < 2) return chanceCorrected(kMissing, kMissing, counts.rows(), "fleiss");
  const double observed = (counts.squaredNorm() - subjects * raters) / (subjects * raters * (raters - 1));
  const double expected = (counts.colwise().sum() / (subjects * raters)).squaredNorm();
  return chanceCorrected(observed, expected, counts.rows(), "fleiss");
}

Estimate krippendorffAlpha(const MatrixD& ratings, Scale scale) {
  std::vector<double> values;
  for (const double rating : ratings.reshaped())
    if (!std::isnan(rating)) values.push_back(rating);
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  Estimate result = alphaOf(coincidences(ratings, values), values, scale);
  result.n = result.groups = ratings.cols();
  return result;
}

Estimate nominalAlpha(const MatrixD& coincidences) { return alphaOf(coincidences, {}, Scale::Nominal); }

}  // namespace lacuna::statistics

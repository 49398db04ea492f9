#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "lacuna/base/error.h"
#include "lacuna/effects/strength.h"
#include "lacuna/statistics/distributions.h"

namespace lacuna::effects {
namespace {

using statistics::Status;
constexpr int kKnees = 161;

using Column = std::vector<double>;

double dot(const Column& a, const Column& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }
void subtract(Column& a, double factor, const Column& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] -= factor * b[i];
}

struct Fit { std::array<double, 3> coefficients{}; double sse = 0; };

/// Least squares by modified Gram–Schmidt; at most three columns, no more is needed here.
Fit leastSquares(std::vector<Column> columns, Column y) {
  const std::size_t k = columns.size();
  std::array<std::array<double, 3>, 3> r{};
  std::array<double, 3> projected{};
  Fit fit;
  for (std::size_t j = 0; j < k; ++j) {
    r[j][j] = dot(columns[j], columns[j]);
    for (std::size_t later = j + 1; later < k; ++later) {
      r[j][later] = dot(columns[j], columns[later]) / r[j][j];
      subtract(columns[later], r[j][later], columns[j]);
    }
    projected[j] = dot(columns[j], y) / r[j][j];
    subtract(y, projected[j], columns[j]);
  }
  for (std::size_t j = k; j-- > 0;) {
    fit.coefficients[j] = projected[j];
    for (std::size_t later = j + 1; later < k; ++later) fit.coefficients[j] -= r[j][later] * fit.coefficients[later];
  }
  fit.sse = dot(y, y);
  return fit;
}

std::vector<Column> line(std::span<const double> x) { return {Column(x.size(), 1.0), Column(x.begin(), x.end())}; }

Fit hingeAt(std::span<const double> x, const Column& y, double knee) {
  std::vector<Column> columns = line(x);
  columns.emplace_back();
  for (const double at : x) columns.back().push_back(std::max(0.0, at - knee));
  return leastSquares(std::move(columns), y);
}

}  // namespace

Hinge fitHinge(std::span<const double> x, std::span<const double> y, double level) {
  LACUNA_CHECK(x.size() == y.size());
  Hinge hinge;
  if (x.size() < 6) {
    hinge.status = Status::TooFew;
    return hinge;
  }
  const auto n = static_cast<double>(x.size());
  const Column values(y.begin(), y.end());
  const double range = x.back() - x.front(), first = x.front() + 0.1 * range;
  std::vector<double> knees(kKnees), sse(kKnees);
  for (int i = 0; i < kKnees; ++i) {
    const auto at = static_cast<std::size_t>(i);
    knees[at] = first + 0.8 * range * i / (kKnees - 1);
    sse[at] = hingeAt(x, values, knees[at]).sse;
  }
  const auto best = static_cast<std::size_t>(std::min_element(sse.begin(), sse.end()) - sse.begin());
  const Fit fit = hingeAt(x, values, knees[best]);
  hinge.knee = knees[best];
  hinge.sse = fit.sse;
  hinge.b0 = fit.coefficients[0];
  hinge.b1 = fit.coefficients[1];
  hinge.b2 = fit.coefficients[2];
  const double bound = fit.sse * (1 + statistics::fQuantile(level, 1, n - 4) / (n - 4));
  for (std::size_t i = 0; i < knees.size(); ++i) {
    if (sse[i] > bound) continue;
    if (!std::isfinite(hinge.low)) hinge.low = knees[i];
    hinge.high = knees[i];
  }
  if (fit.sse > 0) hinge.supF = (leastSquares(line(x), values).sse - fit.sse) / (fit.sse / (n - 4));
  if (hinge.high - hinge.low > range / 2) hinge.status = Status::NotIdentified;
  return hinge;
}

}  // namespace lacuna::effects

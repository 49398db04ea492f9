#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "lacuna/base/error.h"
#include "lacuna/clusters/clusters.h"

namespace lacuna::clusters {

namespace {

struct Contingency {
  std::vector<double> rows, columns;                                   // sizes of predicted and true classes
  std::map<std::pair<std::int32_t, std::int32_t>, double> cells;       // non-empty ones
  double n = 0;
};

Contingency contingency(const std::vector<std::int32_t>& predicted, const std::vector<std::int32_t>& truth) {
  Contingency table;
  std::map<std::int32_t, std::int32_t> rowOf, columnOf;
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    if (predicted[i] < 0 || truth[i] < 0) continue;
    const std::int32_t r = rowOf.emplace(predicted[i], static_cast<std::int32_t>(rowOf.size())).first->second;
    const std::int32_t c = columnOf.emplace(truth[i], static_cast<std::int32_t>(columnOf.size())).first->second;
    table.rows.resize(rowOf.size());
    table.columns.resize(columnOf.size());
    table.rows[static_cast<std::size_t>(r)] += 1;
    table.columns[static_cast<std::size_t>(c)] += 1;
    table.cells[{r, c}] += 1;
    table.n += 1;
  }
  return table;
}

double entropy(const std::vector<double>& sizes, double n) {
  double h = 0;
  for (const double size : sizes) h -= size / n * std::log(size / n);
  return h;
}

double mutualInformation(const Contingency& t) {
  double mi = 0;
  for (const auto& [cell, count] : t.cells)
    mi += count / t.n * std::log(count * t.n / (t.rows[static_cast<std::size_t>(cell.first)] * t.columns[static_cast<std::size_t>(cell.second)]));
  return std::max(0.0, mi);
}

/// log n! for n = 0 … limit.
std::vector<double> logFactorials(std::int64_t limit) {
  std::vector<double> table(static_cast<std::size_t>(limit) + 1, 0);
  long double sum = 0;
  for (std::int64_t n = 2; n <= limit; ++n) {
    sum += std::log(static_cast<long double>(n));
    table[static_cast<std::size_t>(n)] = static_cast<double>(sum);
  }
  return table;
}

/// Expectation of the mutual information over tables with these margins (Vinh, Epps & Bailey 2010, hypergeometric model).
double expectedMutualInformation(const Contingency& t) {
  const auto n = static_cast<std::int64_t>(t.n);
  const std::vector<double> logF = logFactorials(n);
  const auto f = [&](std::int64_t value) { return logF[static_cast<std::size_t>(value)]; };
  double expected = 0;
  for (const double row : t.rows)
    for (const double column : t.columns) {
      const auto a = static_cast<std::int64_t>(row), b = static_cast<std::int64_t>(column);
      const double margins = f(a) + f(b) + f(n - a) + f(n - b) - f(n);
      for (std::int64_t m = std::max<std::int64_t>(1, a + b - n); m <= std::min(a, b); ++m) {
        const double count = static_cast<double>(m);
        const double logP = margins - f(m) - f(a - m) - f(b - m) - f(n - a - b + m);
        expected += count / t.n * std::log(t.n * count / (row * column)) * std::exp(logP);
      }
    }
  return expected;
}

double pairs(double count) { return count * (count - 1) / 2; }

double adjustedRand(const Contingency& t) {
  double together = 0, inRows = 0, inColumns = 0;
  for (const auto& [cell, count] : t.cells) together += pairs(count);
  for (const double row : t.rows) inRows += pairs(row);
  for (const double column : t.columns) inColumns += pairs(column);
  const double all = pairs(t.n), expected = all > 0 ? inRows * inColumns / all : 0, most = (inRows + inColumns) / 2;
  return most == expected ? 1 : (together - expected) / (most - expected);
}

double purity(const Contingency& t) {
  std::vector<double> best(t.rows.size(), 0);
  for (const auto& [cell, count] : t.cells) {
    double& value = best[static_cast<std::size_t>(cell.first)];
    value = std::max(value, count);
  }
  double sum = 0;
  for (const double value : best) sum += value;
  return sum / t.n;
}

}  // namespace

Agreement agreement(const std::vector<std::int32_t>& predicted, const std::vector<std::int32_t>& truth) {
  LACUNA_CHECK(predicted.size() == truth.size());
  const Contingency t = contingency(predicted, truth);
  const double missing = std::nan("");
  if (t.n == 0) return {missing, missing, missing, missing, missing, missing};
  Agreement result;
  result.purity = purity(t);
  result.ari = adjustedRand(t);
  const bool bothOne = t.rows.size() == 1 && t.columns.size() == 1;
  const bool bothSingle = t.rows.size() == t.columns.size() && static_cast<double>(t.rows.size()) == t.n;
  if (bothOne || bothSingle) {   // the same trivial partition twice: agreement is complete, though nothing is adjusted for
    result.nmi = result.ami = result.homogeneity = result.completeness = 1;
    return result;
  }
  const double mi = mutualInformation(t), ofRows = entropy(t.rows, t.n), ofColumns = entropy(t.columns, t.n), mean = (ofRows + ofColumns) / 2;
  result.homogeneity = ofColumns > 0 ? mi / ofColumns : 1;
  result.completeness = ofRows > 0 ? mi / ofRows : 1;
  const double expected = expectedMutualInformation(t);
  result.nmi = mi / mean;
  const double room = mean - expected;
  result.ami = std::abs(room) < 1e-15 ? 0 : (mi - expected) / room;
  return result;
}

}  // namespace lacuna::clusters

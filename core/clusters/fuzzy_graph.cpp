#include <algorithm>
#include <cmath>

#include "fuzzy_rows.h"

namespace lacuna::clusters {

namespace {

constexpr int kBisections = 64;
constexpr double kTolerance = 1e-5, kLeastScale = 1e-3;

double total(const std::vector<double>& distances, double rho, double sigma) {
  double sum = 0;
  for (std::size_t j = 1; j < distances.size(); ++j) sum += distances[j] > rho ? std::exp(-(distances[j] - rho) / sigma) : 1;
  return sum;
}

double bisect(const std::vector<double>& distances, double rho) {
  const double target = std::log2(static_cast<double>(distances.size()));
  double low = 0, high = 0, sigma = 1;   // high 0: not known yet
  for (int i = 0; i < kBisections; ++i) {
    const double sum = total(distances, rho, sigma);
    if (std::abs(sum - target) < kTolerance) break;
    if (sum > target) high = sigma;
    else low = sigma;
    sigma = high > 0 ? (low + high) / 2 : sigma * 2;
  }
  return sigma;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

}  // namespace

Smoothed smoothDistances(const std::vector<double>& distances, double meanOfAll) {
  Smoothed result;
  for (auto at = distances.rbegin(); at != distances.rend(); ++at)
    if (*at > 0) result.rho = *at;
  result.sigma = std::max(bisect(distances, result.rho), kLeastScale * (result.rho > 0 ? mean(distances) : meanOfAll));
  return result;
}

std::vector<float> memberships(const Neighbours& neighbours, bool nearestIsWhole) {
  const auto k = static_cast<std::size_t>(neighbours.k);
  double all = 0;
  for (const float distance : neighbours.distances) all += static_cast<double>(distance);
  all /= static_cast<double>(neighbours.distances.size() / k * (k + 1));   // the rows themselves counted, at 0
  std::vector<float> out(neighbours.distances.size());
  std::vector<double> distances(k + 1, 0);
  for (std::size_t first = 0; first < out.size(); first += k) {
    std::copy_n(neighbours.distances.begin() + static_cast<std::ptrdiff_t>(first), k, distances.begin() + 1);
    Smoothed s = smoothDistances(distances, all);
    if (!nearestIsWhole) s = {0, std::max(bisect(distances, 0), kLeastScale * mean(distances))};
    for (std::size_t j = 0; j < k; ++j) {
      const double beyond = distances[j + 1] - s.rho;
      out[first + j] = static_cast<float>(beyond <= 0 || s.sigma == 0 ? 1 : std::exp(-beyond / s.sigma));
    }
  }
  return out;
}

FuzzyGraph fuzzyGraph(const Neighbours& neighbours) {
  const std::vector<float> weights = memberships(neighbours, true);
  const auto k = static_cast<std::size_t>(neighbours.k), n = weights.size() / k;
  struct Entry { std::int32_t column; float out, in; };   // membership of the column in the row's set, and the other way round
  std::vector<std::vector<Entry>> rows(n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t at = i * k; at < (i + 1) * k; ++at) {
      const std::int32_t j = neighbours.rows[at];
      rows[i].push_back({j, weights[at], 0});
      rows[static_cast<std::size_t>(j)].push_back({static_cast<std::int32_t>(i), 0, weights[at]});
    }
  FuzzyGraph graph;
  graph.begins.push_back(0);
  for (std::vector<Entry>& row : rows) {
    std::sort(row.begin(), row.end(), [](const Entry& a, const Entry& b) { return a.column < b.column; });
    for (std::size_t e = 0; e < row.size(); ++e) {
      Entry entry = row[e];
      if (e + 1 < row.size() && row[e + 1].column == entry.column) entry.out += row[e + 1].out, entry.in += row[e + 1].in, ++e;
      const float weight = entry.out + entry.in - entry.out * entry.in;
      if (!(weight > 0)) continue;
      graph.columns.push_back(entry.column);
      graph.weights.push_back(weight);
    }
    graph.begins.push_back(static_cast<std::int64_t>(graph.columns.size()));
    row = {};
  }
  return graph;
}

}  // namespace lacuna::clusters

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lacuna/corpus/corpus.h"

namespace lacuna::corpus {

std::vector<std::int64_t> allocateSample(const std::vector<std::int64_t>& sizes, std::int64_t total, double power, std::int64_t floor) {
  std::vector<std::int64_t> sample(sizes.size(), 0);
  std::vector<std::uint8_t> capped(sizes.size(), 0);
  std::int64_t left = std::min(total, std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}));
  for (std::size_t s = 0; s < sizes.size(); ++s) capped[s] = sizes[s] == 0;
  // What a full source cannot take goes to the others; each round fills at least one more, so this ends.
  while (left > 0) {
    double sum = 0;
    for (std::size_t s = 0; s < sizes.size(); ++s)
      if (!capped[s]) sum += std::pow(static_cast<double>(sizes[s]), power);
    if (sum == 0) break;
    std::vector<std::pair<double, std::size_t>> remainders;
    std::vector<std::int64_t> round(sizes.size(), 0);
    std::int64_t given = 0;
    for (std::size_t s = 0; s < sizes.size(); ++s) {
      if (capped[s]) continue;
      const double share = static_cast<double>(left) * std::pow(static_cast<double>(sizes[s]), power) / sum;
      round[s] = static_cast<std::int64_t>(std::floor(share));
      given += round[s];
      remainders.emplace_back(share - std::floor(share), s);
    }
    std::stable_sort(remainders.begin(), remainders.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    for (std::size_t r = 0; given < left && r < remainders.size(); ++r, ++given) ++round[remainders[r].second];
    for (std::size_t s = 0; s < sizes.size(); ++s) {
      if (capped[s]) continue;
      const std::int64_t take = std::min(round[s], sizes[s] - sample[s]);
      sample[s] += take;
      left -= take;
      capped[s] = sample[s] == sizes[s];
    }
  }
  // The floor is met at the cost of the largest shares.
  for (std::size_t s = 0; s < sizes.size(); ++s)
    while (sample[s] < std::min(sizes[s], floor)) {
      const auto largest = std::max_element(sample.begin(), sample.end());
      if (*largest <= floor) break;
      --*largest;
      ++sample[s];
    }
  return sample;
}

}  // namespace lacuna::corpus

#include <algorithm>
#include <numeric>

#include "lacuna/base/error.h"
#include "lacuna/probes/probes.h"

namespace lacuna::probes {

double auc(const std::vector<double>& scores, const std::vector<std::uint8_t>& labels) {
  LACUNA_CHECK(scores.size() == labels.size());
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  double rankSum = 0, positives = 0;
  for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
    while (last < order.size() && scores[order[last]] == scores[order[first]]) ++last;
    const double midrank = 0.5 * static_cast<double>(first + 1 + last);
    for (std::size_t i = first; i < last; ++i)
      if (labels[order[i]] != 0) rankSum += midrank, positives += 1;
  }
  const double negatives = static_cast<double>(order.size()) - positives;
  if (positives == 0 || negatives == 0) return 0.5;
  return (rankSum - positives * (positives + 1) / 2) / (positives * negatives);
}

}  // namespace lacuna::probes

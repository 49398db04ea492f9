#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "lacuna/model/forward.h"

namespace lacuna::model {
namespace {

/// Tokens that may be drawn with their weights (exp of the scaled logit, the largest being 1), by id.
struct Candidate { std::int32_t id; double weight; };

std::vector<Candidate> candidatesOf(std::span<const float> logits, const Sampling& sampling) {
  const double highest = *std::max_element(logits.begin(), logits.end());
  float least = -std::numeric_limits<float>::infinity();
  if (sampling.topK > 0 && static_cast<std::size_t>(sampling.topK) < logits.size()) {
    std::vector<float> sorted(logits.begin(), logits.end());
    const auto kth = sorted.begin() + sampling.topK - 1;
    std::nth_element(sorted.begin(), kth, sorted.end(), std::greater<>());
    least = *kth;
  }
  std::vector<Candidate> out;
  for (std::size_t i = 0; i < logits.size(); ++i)
    if (logits[i] >= least) out.push_back({static_cast<std::int32_t>(i), std::exp((static_cast<double>(logits[i]) - highest) / sampling.temperature)});
  return out;
}

double sumOf(std::span<const Candidate> candidates) {
  return std::accumulate(candidates.begin(), candidates.end(), 0.0, [](double sum, const Candidate& c) { return sum + c.weight; });
}

/// The fewest of the likeliest that reach the share; of equals the smaller id first.
void keepNucleus(std::vector<Candidate>& candidates, double share) {
  const auto likelier = [](const Candidate& a, const Candidate& b) { return a.weight > b.weight || (a.weight == b.weight && a.id < b.id); };
  const double wanted = share * sumOf(candidates);
  double sum = 0;
  std::size_t kept = 0, sorted = 0;
  for (std::size_t most = 64; kept < candidates.size() && sum < wanted; most *= 4) {
    const std::size_t end = std::min(most, candidates.size());
    const auto from = candidates.begin() + static_cast<std::ptrdiff_t>(sorted), to = candidates.begin() + static_cast<std::ptrdiff_t>(end);
    std::partial_sort(from, to, candidates.end(), likelier);
    sorted = end;
    while (kept < sorted && sum < wanted) sum += candidates[kept++].weight;
  }
  candidates.resize(std::max<std::size_t>(kept, 1));
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) { return a.id < b.id; });
}

}  // namespace

std::int32_t drawnToken(std::span<const float> logits, const Sampling& sampling, double uniform) {
  std::vector<Candidate> candidates = candidatesOf(logits, sampling);
  if (sampling.topP < 1) keepNucleus(candidates, sampling.topP);
  const double wanted = uniform * sumOf(candidates);
  double sum = 0;
  for (const Candidate& candidate : candidates)
    if ((sum += candidate.weight) > wanted) return candidate.id;
  return candidates.back().id;
}

}  // namespace lacuna::model

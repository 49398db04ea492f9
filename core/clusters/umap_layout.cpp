#include "umap_layout.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "lacuna/base/rng.h"

// Everything that is done 10⁸ times: several processors' versions of one function, everything it calls inlined into it.
#define LACUNA_HOT [[gnu::always_inline]] inline

namespace lacuna::clusters {

namespace {

constexpr int kLanes = 8;      // rows pushed away together
constexpr std::int64_t kTeams = 4, kVisits = 4, kRoles = kVisits / 2;
constexpr int kMostDimensions = kMostMapDimensions;
constexpr float kClip = 4, kSoften = 1e-3F;

/// 2^(b · log2 x) for x > 0, relative error below 1e-5: mantissa and exponent apart, a polynomial each.
LACUNA_HOT float power(float x, float b) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const auto exponent = static_cast<float>(static_cast<std::int32_t>(bits >> 23) - 127);
  const float m = std::bit_cast<float>((bits & 0x7FFFFFU) | 0x3F800000U);
  // log2 m = 2/ln 2 · artanh(t), t = (m − √2)/(m + √2), half added
  const float t = (m - 1.41421356F) / (m + 1.41421356F), s = t * t;
  const float log2 = exponent + 0.5F + t * (2.88539008F + s * (0.961796694F + s * (0.577078016F + s * 0.412198583F)));
  const float y = std::min(126.0F, std::max(-126.0F, b * log2));
  const auto whole = static_cast<std::int32_t>(y + 127.5F) - 127;   // nearest
  const float f = (y - static_cast<float>(whole)) * 0.693147181F;
  const float e = 1 + f * (1 + f * (0.5F + f * (0.166666667F + f * (0.0416666667F + f * 0.00833333333F))));
  return e * std::bit_cast<float>(static_cast<std::uint32_t>(whole + 127) << 23);
}

LACUNA_HOT float clipped(float value) { return std::min(kClip, std::max(-kClip, value)); }

/// A xorshift stream (Marsaglia 2003) of its own for every row and epoch, its first state from Philox's key.
LACUNA_HOT std::uint64_t step(std::uint64_t& state) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

LACUNA_HOT std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return (x ^ (x >> 31)) | 1U;
}

struct Step { float a, b, rate; std::int64_t negatives; std::uint64_t key; float now; std::int64_t visit; std::uint64_t turn; };

/// What the rows of a map look like from inside an epoch: m numbers each, `stride` apart.
struct Places { const float* at; std::int64_t rows, stride; };

template <int M> LACUNA_HOT void pull(float* y, const float* other, int dimensions, const Step& s) {
  const int m = M > 0 ? M : dimensions;
  float squared = 0;
  for (int d = 0; d < m; ++d) squared += (y[d] - other[d]) * (y[d] - other[d]);
  if (!(squared > 0)) return;
  const float p = power(squared, s.b), coefficient = -2 * s.a * s.b * p / (squared * (s.a * p + 1));
  for (int d = 0; d < m; ++d) y[d] += s.rate * clipped(coefficient * (y[d] - other[d]));
}

/// Pushes y from up to kLanes rows at once.
template <int M> LACUNA_HOT void push(float* y, const Places& places, std::int64_t own, int count, int dimensions, std::uint64_t& random, const Step& s) {
  const int m = M > 0 ? M : dimensions;
  float difference[M > 0 ? M : kMostDimensions][kLanes], squared[kLanes] = {}, coefficient[kLanes];
  const float* drawn[kLanes];
  for (int l = 0; l < kLanes; ++l) {
    const auto row = l < count ? static_cast<std::int64_t>(((step(random) >> 32) * static_cast<std::uint64_t>(places.rows)) >> 32) : own;
    drawn[l] = row == own ? y : places.at + row * places.stride;
  }
  for (int d = 0; d < m; ++d)
    for (int l = 0; l < kLanes; ++l) {
      difference[d][l] = y[d] - drawn[l][d];
      squared[l] += difference[d][l] * difference[d][l];
    }
  for (int l = 0; l < kLanes; ++l) coefficient[l] = 2 * s.b / ((kSoften + squared[l]) * (s.a * power(squared[l], s.b) + 1));
  for (int d = 0; d < m; ++d) {
    float sum = 0;
    for (int l = 0; l < kLanes; ++l) sum += clipped(coefficient[l] * difference[d][l]);
    y[d] += s.rate * sum;
  }
}

/// Rows first, first + stride, …: those that move together, seeing each other where they were.
struct Team { std::int64_t first, stride; };
struct Edges { const std::int64_t* begins; const std::int32_t* columns; const float* interval; float* due; float* duePush; };

/// One epoch of the team's rows begin … end.
template <int M> LACUNA_HOT void epochOf(std::int64_t begin, std::int64_t end, const Team& team, const Places& from, float* to, const Places& others, bool mutual,
                                         int dimensions, const Edges& edges, const Step& s) {
  const float now = s.now;
  for (std::int64_t row = begin; row < end; ++row) {
    const std::int64_t i = team.first + row * team.stride;
    float* y = to + i * from.stride;
    std::copy_n(from.at + i * from.stride, dimensions, y);
    std::uint64_t random = mixed(s.key + 0x9E3779B97F4A7C15ULL * (s.turn * static_cast<std::uint64_t>(from.rows) + static_cast<std::uint64_t>(i) + 1));
    for (std::int64_t e = edges.begins[i] + s.visit % kRoles; e < edges.begins[i + 1]; e += kRoles) {
      const bool own = (e - edges.begins[i]) % kVisits == s.visit;   // else seen from its other end, perhaps later in the same epoch
      const bool taken = edges.due[e] - edges.interval[e] > std::max(0.0F, now - 1);
      if (edges.due[e] > now && (own || !taken)) continue;
      if (!own && !mutual) continue;
      pull<M>(y, others.at + edges.columns[e] * others.stride, dimensions, s);
      if (!own) continue;
      edges.due[e] += edges.interval[e];
      const float pushInterval = edges.interval[e] / static_cast<float>(s.negatives);
      auto count = static_cast<int>((now - edges.duePush[e]) / pushInterval);
      edges.duePush[e] += static_cast<float>(std::max(0, count)) * pushInterval;
      for (; count > 0; count -= kLanes) push<M>(y, others, mutual ? i : -1, std::min(count, kLanes), dimensions, random, s);
    }
  }
}

#define LACUNA_EPOCH(name, M)                                                                                                                    \
  [[gnu::target_clones("avx512f", "avx2", "default")]] void name(std::int64_t begin, std::int64_t end, const Team& team, const Places& from,     \
                                                                 float* to, const Places& others, bool mutual, int dimensions,                   \
                                                                 const Edges& edges, const Step& s) {                                            \
    epochOf<M>(begin, end, team, from, to, others, mutual, dimensions, edges, s);                                                                \
  }
LACUNA_EPOCH(epochOfTwo, 2)
LACUNA_EPOCH(epochOfFive, 5)
LACUNA_EPOCH(epochOfAny, 0)
#undef LACUNA_EPOCH

}  // namespace

void layOut(MatrixF& map, const LayoutPlan& plan, const RunContext& context) {
  const FuzzyGraph& graph = plan.graph;
  const float most = graph.weights.empty() ? 1 : *std::max_element(graph.weights.begin(), graph.weights.end());
  std::vector<float> interval(graph.weights.size());
  for (std::size_t e = 0; e < interval.size(); ++e) interval[e] = most / graph.weights[e];
  std::vector<float> due = interval, duePush(interval.size());
  for (std::size_t e = 0; e < interval.size(); ++e) duePush[e] = interval[e] / static_cast<float>(plan.negatives);
  const auto m = static_cast<int>(map.cols());
  MatrixF next = map;
  const auto run = m == 2 ? epochOfTwo : m == 5 ? epochOfFive : epochOfAny;
  const std::int64_t teams = plan.fixed ? 1 : std::min<std::int64_t>(kTeams, map.rows());
  const std::uint64_t key = Rng(context.seed, "clusters.umap").nextU64();
  for (int epoch = 0; epoch < plan.epochs; ++epoch) {
    context.checkpoint();
    context.report("Map", static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(plan.epochs));
    Step s{static_cast<float>(plan.curve.a), static_cast<float>(plan.curve.b), plan.rate * (1 - static_cast<float>(epoch) / static_cast<float>(plan.epochs)),
           plan.negatives, key, static_cast<float>(epoch), 0, 0};
    const Places from{map.data(), map.rows(), m}, others = plan.fixed ? Places{plan.fixed->data(), plan.fixed->rows(), m} : from;
    const Edges edges{graph.begins.data(), graph.columns.data(), interval.data(), due.data(), duePush.data()};
    for (std::int64_t turn = 0; turn < kVisits * teams; ++turn) {
      const Team team{turn % teams, teams};
      s.visit = turn / teams;
      s.turn = static_cast<std::uint64_t>(epoch * kVisits + s.visit);
      const std::int64_t members = (map.rows() - team.first + teams - 1) / teams;
      parallelFor(members, context.threadCount(), 512, [&](std::int64_t begin, std::int64_t end) {
        run(begin, end, team, from, next.data(), others, plan.fixed == nullptr, m, edges, s);
      });
      for (std::int64_t i = team.first; i < map.rows(); i += teams) map.row(i) = next.row(i);
    }
  }
}

}  // namespace lacuna::clusters

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "grouping.h"
#include "lacuna/algebra/algebra.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/clusters/silhouettes.h"

namespace lacuna::clusters {

namespace {

constexpr double kNotIdentified = std::numeric_limits<double>::quiet_NaN(), kCancelled = 1e-9;
constexpr Eigen::Index kBlockRows = 64, kExactRows = 20000;
constexpr int kQueries = 200, kReferences = 2000;

/// Rows of the labelled clusters, one cluster behind the other, centred in fp64.
struct Sorted {
  MatrixD x;
  VectorD half;                              // ‖x‖²/2
  std::vector<std::size_t> rows;             // where each came from
  std::vector<Eigen::Index> begins;          // [K + 1]
};

Sorted sortedBy(const MatrixF& data, const std::vector<std::vector<std::size_t>>& members) {
  Sorted s;
  s.begins.push_back(0);
  for (const auto& cluster : members) {
    s.rows.insert(s.rows.end(), cluster.begin(), cluster.end());
    s.begins.push_back(std::ssize(s.rows));
  }
  s.x.resize(std::ssize(s.rows), data.cols());
  for (std::size_t i = 0; i < s.rows.size(); ++i) s.x.row(static_cast<Eigen::Index>(i)) = data.row(static_cast<Eigen::Index>(s.rows[i])).cast<double>();
  const Eigen::RowVectorXd mean = s.x.colwise().mean();
  s.x.rowwise() -= mean;
  s.half = s.x.rowwise().squaredNorm() / 2;
  return s;
}

/// Σ of distances from a row to rows begin … end, given its products with them. What cancels is computed again from the difference.
double distances(const double* own, double half, const Sorted& to, const double* products, Eigen::Index begin, Eigen::Index end) {
  double sum = 0;
  for (Eigen::Index j = begin; j < end; ++j) {
    double squared = 2 * (half + to.half[j] - products[j]);
    if (squared < kCancelled * (half + to.half[j])) squared = (Eigen::Map<const Eigen::RowVectorXd>(own, to.x.cols()) - to.x.row(j)).squaredNorm();
    sum += std::sqrt(squared);
  }
  return sum;
}

std::vector<std::vector<std::size_t>> membersOf(const Grouping& g) {
  std::vector<std::vector<std::size_t>> members(g.sizes.size());
  for (std::size_t i = 0; i < g.labels.size(); ++i)
    if (g.labels[i] >= 0) members[static_cast<std::size_t>(g.labels[i])].push_back(i);
  return members;
}

/// Silhouettes of some rows of `to` (positions, with their clusters). `sizes`: of the whole clusters, of which `to` may hold a part.
std::vector<double> silhouettesOf(const std::vector<Eigen::Index>& positions, const std::vector<std::size_t>& owners, const Sorted& to,
                                  const std::vector<double>& sizes, const RunContext& context) {
  std::vector<double> values(positions.size(), 0);
  const Eigen::Index blocks = (std::ssize(positions) + kBlockRows - 1) / kBlockRows, all = to.x.rows(), d = to.x.cols();
  const algebra::SerialBlas guard;
  parallelFor(blocks, context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
    MatrixD own(kBlockRows, d), products(kBlockRows, all);
    for (std::int64_t block = begin; block < end; ++block) {
      context.checkpoint();
      const auto first = static_cast<std::size_t>(block * kBlockRows), count = std::min<std::size_t>(kBlockRows, positions.size() - first);
      for (std::size_t r = 0; r < count; ++r) own.row(static_cast<Eigen::Index>(r)) = to.x.row(positions[first + r]);
      algebra::multiplyTransposed(own.data(), to.x.data(), products.data(), static_cast<Eigen::Index>(count), all, d);
      for (std::size_t r = 0; r < count; ++r) {
        const std::size_t c = owners[first + r];
        if (sizes[c] < 2) continue;
        double a = 0, b = std::numeric_limits<double>::infinity();
        for (std::size_t o = 0; o < sizes.size(); ++o) {
          const auto row = static_cast<Eigen::Index>(r);
          const double sum = distances(own.row(row).data(), to.half[positions[first + r]], to, products.row(row).data(), to.begins[o], to.begins[o + 1]);
          const auto size = static_cast<double>(to.begins[o + 1] - to.begins[o]);
          if (o == c) a = sum / (size - 1);
          else b = std::min(b, sum / size);
        }
        values[first + r] = silhouetteFrom(a, b);
      }
    }
  });
  return values;
}

struct Moments { double mean = 0, variance = 0; };   // of the mean, 0 when it is of all rows

Moments momentsOf(const std::vector<double>& values, std::size_t begin, std::size_t end, double size) {
  const auto n = static_cast<double>(end - begin);
  Moments m;
  for (std::size_t i = begin; i < end; ++i) m.mean += values[i] / n;
  if (n < 2 || n >= size) return m;
  for (std::size_t i = begin; i < end; ++i) m.variance += (values[i] - m.mean) * (values[i] - m.mean) / (n - 1) / n;
  m.variance *= 1 - n / size;
  return m;
}

}  // namespace

std::vector<double> euclideanSilhouettes(const MatrixF& x, const std::vector<std::int32_t>& labels, const RunContext& context) {
  LACUNA_CHECK(static_cast<std::size_t>(x.rows()) == labels.size());
  const Grouping g = withoutGaps(labels);
  std::vector<double> values(labels.size(), kNotIdentified);
  if (g.sizes.size() < 2) return values;
  const Sorted sorted = sortedBy(x, membersOf(g));
  std::vector<Eigen::Index> positions(sorted.rows.size());
  std::iota(positions.begin(), positions.end(), Eigen::Index{0});
  std::vector<std::size_t> owners;
  for (const std::size_t row : sorted.rows) owners.push_back(static_cast<std::size_t>(g.labels[row]));
  const std::vector<double> found = silhouettesOf(positions, owners, sorted, g.sizes, context);
  for (std::size_t i = 0; i < found.size(); ++i) values[sorted.rows[i]] = found[i];
  return values;
}

SilhouetteSummary sampledSilhouettes(const MatrixF& x, const std::vector<std::int32_t>& labels, int queries, int references, const RunContext& context) {
  LACUNA_CHECK(static_cast<std::size_t>(x.rows()) == labels.size() && queries > 1 && references >= queries);
  const Grouping g = withoutGaps(labels);
  if (g.sizes.size() < 2) return {kNotIdentified, kNotIdentified, kNotIdentified, kNotIdentified};
  std::vector<std::vector<std::size_t>> members = membersOf(g);
  for (std::size_t c = 0; c < members.size(); ++c) {   // the first of a random order: queries are among the references
    Rng rng(context.seed, "clusters.silhouette", c);
    std::vector<std::size_t> drawn;
    for (const std::int64_t i : rng.sample(std::ssize(members[c]), std::min<std::int64_t>(references, std::ssize(members[c])))) drawn.push_back(members[c][static_cast<std::size_t>(i)]);
    members[c] = std::move(drawn);
  }
  const Sorted sorted = sortedBy(x, members);
  std::vector<Eigen::Index> positions;
  std::vector<std::size_t> owners, begins{0};
  for (std::size_t c = 0; c < members.size(); ++c) {
    for (Eigen::Index i = 0; i < std::min<Eigen::Index>(queries, std::ssize(members[c])); ++i) positions.push_back(sorted.begins[c] + i);
    owners.resize(positions.size(), c);
    begins.push_back(positions.size());
  }
  const std::vector<double> values = silhouettesOf(positions, owners, sorted, g.sizes, context);
  const double total = std::accumulate(g.sizes.begin(), g.sizes.end(), 0.0);
  SilhouetteSummary out;
  double variance = 0;
  for (std::size_t c = 0; c < g.sizes.size(); ++c) {
    const Moments m = momentsOf(values, begins[c], begins[c + 1], g.sizes[c]);
    const auto negative = std::count_if(values.begin() + static_cast<std::ptrdiff_t>(begins[c]), values.begin() + static_cast<std::ptrdiff_t>(begins[c + 1]), [](double s) { return s < 0; });
    out.macro += m.mean / static_cast<double>(g.sizes.size());
    out.mean += m.mean * g.sizes[c] / total;
    out.shareNegative += static_cast<double>(negative) / static_cast<double>(begins[c + 1] - begins[c]) * g.sizes[c] / total;
    variance += m.variance;
  }
  out.standardError = std::sqrt(variance) / static_cast<double>(g.sizes.size());
  return out;
}

SilhouetteSummary euclideanSummary(const MatrixF& x, const std::vector<std::int32_t>& labels, const RunContext& context) {
  if (x.rows() <= kExactRows) return summarise(euclideanSilhouettes(x, labels, context), labels);
  return sampledSilhouettes(x, labels, kQueries, kReferences, context);
}

}  // namespace lacuna::clusters

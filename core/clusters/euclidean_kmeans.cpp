#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "cluster_sums.h"
#include "kmeans_parts.h"
#include "kmeans_seeding.h"
#include "lacuna/algebra/algebra.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/clusters/kmeans.h"
#include "row_kernels.h"

namespace lacuna::clusters {

namespace {

constexpr double kTolerance = 1e-4;
constexpr Eigen::Index kBlockRows = 1024;
constexpr Eigen::Index kManyRows = 20000;
constexpr int kMostPasses = 100, kSwaps = 20;

/// One restart under way. Rows are centred, so that fp32 products lose nothing to a common offset.
struct Restart {
  MatrixD centres, sums;
  std::vector<std::int32_t> labels;
  std::vector<float> misfits;   // squared distances to the own centre
  double inertia = 0;
  int iterations = 0;
  bool done = false;
};

MatrixF products(const MatrixF& x, const MatrixF& with, const RunContext& context) {
  MatrixF out(x.rows(), with.rows());
  const algebra::SerialBlas guard;
  parallelFor((x.rows() + kBlockRows - 1) / kBlockRows, context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (Eigen::Index first = begin * kBlockRows; first < std::min<Eigen::Index>(end * kBlockRows, x.rows()); first += kBlockRows)
      algebra::multiplyTransposed(x.row(first).data(), with.data(), out.row(first).data(), std::min(kBlockRows, x.rows() - first), with.rows(), x.cols());
  });
  return out;
}

MatrixF squaredDistances(const MatrixF& x, const MatrixF& to, const RunContext& context) {
  MatrixF out = products(x, to, context);
  const VectorF own = x.rowwise().squaredNorm(), others = to.rowwise().squaredNorm();
  for (Eigen::Index i = 0; i < x.rows(); ++i)
    for (Eigen::Index c = 0; c < to.rows(); ++c) {
      const float squared = own[i] + others[c] - 2 * out(i, c);
      out(i, c) = squared < 1e-6F * (own[i] + others[c]) ? 0 : squared;
    }
  return out;
}

/// The nearest centre of every row, for all restarts that are not done, in blocks of rows times all their centres.
void assign(const MatrixF& x, std::vector<Restart*>& open, const RunContext& context) {
  const Eigen::Index k = open.front()->centres.rows(), d = x.cols(), width = k * std::ssize(open);
  MatrixF centres(width, d);
  for (std::size_t r = 0; r < open.size(); ++r) centres.middleRows(static_cast<Eigen::Index>(r) * k, k) = open[r]->centres.cast<float>();
  const VectorF norms = centres.rowwise().squaredNorm();
  for (Restart* restart : open) {
    restart->labels.resize(static_cast<std::size_t>(x.rows()));
    restart->misfits.resize(static_cast<std::size_t>(x.rows()));
  }
  const algebra::SerialBlas guard;
  parallelFor((x.rows() + kBlockRows - 1) / kBlockRows, context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
    MatrixF inner(kBlockRows, width);
    for (std::int64_t block = begin; block < end; ++block) {
      context.checkpoint();
      const Eigen::Index first = block * kBlockRows, rows = std::min(kBlockRows, x.rows() - first);
      algebra::multiplyTransposed(x.row(first).data(), centres.data(), inner.data(), rows, width, d);
      for (Eigen::Index i = 0; i < rows; ++i) {
        const auto own = static_cast<float>(squaredNorm(x.row(first + i).data(), d));
        for (std::size_t r = 0; r < open.size(); ++r) {
          Eigen::Index best = 0;
          const Eigen::Index at = static_cast<Eigen::Index>(r) * k;
          const float least = (norms.segment(at, k).transpose() - 2 * inner.row(i).segment(at, k)).minCoeff(&best);
          open[r]->labels[static_cast<std::size_t>(first + i)] = static_cast<std::int32_t>(best);
          open[r]->misfits[static_cast<std::size_t>(first + i)] = std::max(0.0F, own + least);
        }
      }
    }
  });
}

std::vector<double> sizesOf(const std::vector<std::int32_t>& labels, Eigen::Index k) {
  std::vector<double> sizes(static_cast<std::size_t>(k), 0);
  for (const std::int32_t label : labels) sizes[static_cast<std::size_t>(label)] += 1;
  return sizes;
}

/// Means of the clusters; an empty one keeps its centre.
MatrixD meansOf(const MatrixD& sums, const std::vector<double>& sizes, const MatrixD& before) {
  MatrixD means = before;
  for (Eigen::Index c = 0; c < sums.rows(); ++c)
    if (const double size = sizes[static_cast<std::size_t>(c)]; size > 0) means.row(c) = sums.row(c) / size;
  return means;
}

/// After an assignment: empty clusters are filled, centres move, and it is said whether the restart has come to rest.
void settle(const MatrixF& x, Restart& r, const std::vector<std::int32_t>& before, double tolerance, int iterations, int threads) {
  fillEmptyClusters(r.labels, r.misfits, static_cast<int>(r.centres.rows()), std::numeric_limits<float>::min());
  ++r.iterations;
  if (r.labels == before) {
    r.done = true;
    return;
  }
  if (before.empty()) r.sums = clusterSums(x, VectorD::Ones(x.rows()), r.labels, r.centres.rows(), threads);
  else moveSums(r.sums, x, before, r.labels, threads);
  const MatrixD means = meansOf(r.sums, sizesOf(r.labels, r.centres.rows()), r.centres);
  const double shift = (means - r.centres).squaredNorm();
  r.centres = means;
  r.done = shift <= tolerance || r.iterations >= iterations;
}

void iterate(const MatrixF& x, std::vector<Restart>& all, double tolerance, int iterations, const RunContext& context) {
  for (;;) {
    std::vector<Restart*> open;
    std::vector<std::vector<std::int32_t>> before;
    for (Restart& r : all)
      if (!r.done) open.push_back(&r), before.push_back(r.labels);
    if (open.empty()) return;
    context.report("Clustering", all.size() - open.size(), all.size());
    assign(x, open, context);
    for (std::size_t r = 0; r < open.size(); ++r) settle(x, *open[r], before[r], tolerance, std::max(1, iterations), context.threadCount());
  }
}

/// Σ ‖x − mean‖² from scratch, and the means themselves.
void measure(const MatrixF& x, Restart& r, int threads) {
  r.sums = clusterSums(x, VectorD::Ones(x.rows()), r.labels, r.centres.rows(), threads);
  r.centres = meansOf(r.sums, sizesOf(r.labels, r.centres.rows()), r.centres);
  r.inertia = 0;
  for (Eigen::Index i = 0; i < x.rows(); ++i)
    r.inertia += (x.row(i).cast<double>() - r.centres.row(r.labels[static_cast<std::size_t>(i)])).squaredNorm();
}

/// Hartigan: a row moves when n_b/(n_b + 1) · d_b² < n_a/(n_a − 1) · d_a². Candidates come from one product with all centres; each is decided
/// on the means as they are then.
void moveSingleRows(const MatrixF& x, Restart& r, const RunContext& context) {
  std::vector<double> sizes = sizesOf(r.labels, r.centres.rows());
  for (int pass = 0, moved = 1; moved > 0 && pass < kMostPasses; ++pass) {
    context.checkpoint();
    moved = 0;
    const MatrixF about = squaredDistances(x, r.centres.cast<float>(), context);
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      const Eigen::Index a = r.labels[static_cast<std::size_t>(i)];
      const double n = sizes[static_cast<std::size_t>(a)];
      if (n < 2) continue;
      const auto cost = [&](Eigen::Index c) { return sizes[static_cast<std::size_t>(c)] / (sizes[static_cast<std::size_t>(c)] + 1); };
      Eigen::Index b = -1;
      double least = static_cast<double>(about(i, a)) * n / (n - 1) * (1 + 1e-5);
      for (Eigen::Index c = 0; c < about.cols(); ++c)
        if (const double value = cost(c) * static_cast<double>(about(i, c)); c != a && value < least) b = c, least = value;
      if (b < 0) continue;
      const Eigen::RowVectorXd row = x.row(i).cast<double>();
      const double leave = (row - r.centres.row(a)).squaredNorm() * n / (n - 1), enter = (row - r.centres.row(b)).squaredNorm() * cost(b);
      if (!(enter < leave * (1 - 1e-12))) continue;
      r.sums.row(a) -= row;
      r.sums.row(b) += row;
      --sizes[static_cast<std::size_t>(a)];
      ++sizes[static_cast<std::size_t>(b)];
      for (const Eigen::Index c : {a, b}) r.centres.row(c) = r.sums.row(c) / sizes[static_cast<std::size_t>(c)];
      r.labels[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(b);
      ++moved;
    }
  }
}

/// Random swaps (Fränti 2018): a centre goes to a row drawn at random and the iterations run again; what is better stays.
void swapCentres(const MatrixF& x, Restart& best, double tolerance, int iterations, const RunContext& context) {
  Rng rng(context.seed, "clusters.kmeans.swap");
  for (int swap = 0; swap < kSwaps; ++swap) {
    std::vector<Restart> tried(1);
    tried[0].centres = best.centres;
    const auto centre = static_cast<Eigen::Index>(rng.below(static_cast<std::uint64_t>(best.centres.rows())));
    tried[0].centres.row(centre) = x.row(static_cast<Eigen::Index>(rng.below(static_cast<std::uint64_t>(x.rows())))).cast<double>();
    iterate(x, tried, tolerance, iterations, context);
    measure(x, tried[0], context.threadCount());
    moveSingleRows(x, tried[0], context);
    measure(x, tried[0], context.threadCount());
    if (tried[0].inertia < best.inertia) best = std::move(tried[0]);
  }
}

double meanVariance(const MatrixF& centred) { return centred.cast<double>().squaredNorm() / static_cast<double>(std::max<Eigen::Index>(1, centred.size())); }

/// Finite rows, their mean taken off.
struct Usable { MatrixF x; Eigen::RowVectorXd mean; std::vector<Eigen::Index> rows; };
Usable usable(const MatrixF& x) {
  Usable u;
  u.mean = Eigen::RowVectorXd::Zero(x.cols());
  for (Eigen::Index i = 0; i < x.rows(); ++i)
    if (x.row(i).allFinite()) {
      u.rows.push_back(i);
      u.mean += x.row(i).cast<double>();
    }
  if (u.rows.empty())
    throw Error("LAC-1601", "k-means: none of the " + std::to_string(x.rows()) + " vectors is finite", "check the embedding");
  u.mean /= static_cast<double>(u.rows.size());
  u.x.resize(std::ssize(u.rows), x.cols());
  for (std::size_t i = 0; i < u.rows.size(); ++i) u.x.row(static_cast<Eigen::Index>(i)) = (x.row(u.rows[i]).cast<double>() - u.mean).cast<float>();
  return u;
}

EuclideanResult finished(const MatrixF& all, const Usable& u, const Restart& r) {
  EuclideanResult out{std::vector<std::int32_t>(static_cast<std::size_t>(all.rows()), -1), r.centres.rowwise() + u.mean, r.inertia, r.iterations};
  for (std::size_t i = 0; i < u.rows.size(); ++i) out.labels[static_cast<std::size_t>(u.rows[i])] = r.labels[i];
  return out;
}

}  // namespace

EuclideanResult lloyd(const MatrixF& x, const MatrixD& centres, int iterations, const RunContext& context) {
  LACUNA_CHECK(centres.cols() == x.cols() && centres.rows() > 0);
  const Usable u = usable(x);
  std::vector<Restart> all(1);
  all[0].centres = centres.rowwise() - u.mean;
  iterate(u.x, all, 0, iterations, context);
  measure(u.x, all[0], context.threadCount());
  return finished(x, u, all[0]);
}

EuclideanResult euclideanKMeans(const MatrixF& x, int k, int restarts, int iterations, const RunContext& context) {
  if (k < 1) throw Error("LAC-1601", "k-means: expected at least 1 cluster, found k = " + std::to_string(k), "set clusters.k to 2 or more");
  const Usable u = usable(x);
  std::vector<Restart> all;
  for (const MatrixF& seeds : kMeansPlusPlus(u.x, static_cast<int>(std::min<Eigen::Index>(k, u.x.rows())), std::max(1, restarts), squaredDistances, context)) {
    all.emplace_back();
    all.back().centres = seeds.cast<double>();
  }
  iterate(u.x, all, kTolerance * meanVariance(u.x), iterations, context);
  for (Restart& r : all) measure(u.x, r, context.threadCount());
  std::stable_sort(all.begin(), all.end(), [](const Restart& a, const Restart& b) { return a.inertia < b.inertia; });
  if (u.x.rows() > kManyRows) all.resize(1);   // many rows leave single ones little to gain
  for (Restart& r : all) {
    moveSingleRows(u.x, r, context);
    measure(u.x, r, context.threadCount());
  }
  Restart& best = *std::min_element(all.begin(), all.end(), [](const Restart& a, const Restart& b) { return a.inertia < b.inertia; });
  if (u.x.rows() <= kManyRows) swapCentres(u.x, best, kTolerance * meanVariance(u.x), iterations, context);
  const int found = sortBySize(best.labels, static_cast<int>(best.centres.rows()));
  best.centres.conservativeResize(found, Eigen::NoChange);
  measure(u.x, best, context.threadCount());
  return finished(x, u, best);
}

NearestCentres assignToNearest(const MatrixD& centres, const MatrixF& rows, const RunContext& context) {
  LACUNA_CHECK(centres.rows() > 0 && centres.cols() == rows.cols());
  NearestCentres out{std::vector<std::int32_t>(static_cast<std::size_t>(rows.rows()), -1), std::vector<double>(static_cast<std::size_t>(rows.rows()), 0)};
  parallelFor(rows.rows(), context.threadCount(), 256, [&](std::int64_t begin, std::int64_t end) {
    context.checkpoint();
    for (std::int64_t i = begin; i < end; ++i) {
      if (!rows.row(i).allFinite()) continue;
      double first = std::numeric_limits<double>::infinity(), second = first;
      for (Eigen::Index c = 0; c < centres.rows(); ++c) {
        const double distance = (rows.row(i).cast<double>() - centres.row(c)).norm();
        if (distance < first) second = first, first = distance, out.labels[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(c);
        else second = std::min(second, distance);
      }
      out.strengths[static_cast<std::size_t>(i)] = second > 0 ? 1 - (std::isinf(second) ? 0 : first / second) : 1;
    }
  });
  return out;
}

}  // namespace lacuna::clusters

#include "tile_neighbours.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <limits>
#include <mutex>

#include "lacuna/algebra/algebra.h"

namespace lacuna::clusters {

namespace {

constexpr Eigen::Index kTileRows = 512, kTileColumns = 1024, kScan = 64;   // columns: a multiple of rows; kScan values are looked at together

template <class Scalar> using Rows = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Is any value half-distance b_c − p_c below what its row or its column still takes? Compiled for several processors; the loop is
// branch-free so that the compiler can look at a register of values at once.
#define LACUNA_ANY_BELOW(Scalar)                                                                                                       \
  [[gnu::target_clones("avx512f", "avx2", "default")]] bool anyBelow(const Scalar* p, const Scalar* half, const Scalar* limits,         \
                                                                      Scalar own, Scalar limit) {                                       \
    int found = 0;                                                                                                                      \
    for (Eigen::Index c = 0; c < kScan; ++c) {                                                                                          \
      const Scalar value = half[c] + own - p[c];                                                                                        \
      found |= static_cast<int>(value <= limit) | static_cast<int>(value <= limits[c]);                                                 \
    }                                                                                                                                   \
    return found != 0;                                                                                                                  \
  }
LACUNA_ANY_BELOW(float)
LACUNA_ANY_BELOW(double)
#undef LACUNA_ANY_BELOW

template <class Scalar> struct Candidate {
  Scalar value = std::numeric_limits<Scalar>::infinity();
  std::int32_t row = std::numeric_limits<std::int32_t>::max();
  friend bool operator<(const Candidate& a, const Candidate& b) { return a.value != b.value ? a.value < b.value : a.row < b.row; }
};

template <class Scalar> class Tiles {
 public:
  Tiles(const Rows<Scalar>& x, int k, const RunContext& context)
      : m_x(x), m_k(static_cast<std::size_t>(k)), m_context(context), m_half(Rows<Scalar>::Zero(1, x.rows() + kScan)),
        m_limits(static_cast<std::size_t>(x.rows() + kScan), -std::numeric_limits<Scalar>::infinity()),
        m_best(static_cast<std::size_t>(x.rows()) * m_k), m_locks(static_cast<std::size_t>((x.rows() + kTileRows - 1) / kTileRows)) {
    m_half.leftCols(x.rows()) = (x.rowwise().squaredNorm() / 2).transpose();
    std::fill(m_limits.begin(), m_limits.begin() + x.rows(), std::numeric_limits<Scalar>::infinity());
  }

  std::vector<Neighbour> run() {
    const algebra::SerialBlas guard;
    const std::vector<std::pair<Eigen::Index, Eigen::Index>> tiles = schedule();
    std::atomic<std::uint64_t> done{0};
    parallelFor(static_cast<std::int64_t>(tiles.size()), m_context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
      std::vector<Scalar> products(static_cast<std::size_t>(kTileRows * kTileColumns + kScan));
      for (std::int64_t t = begin; t < end; ++t, ++done) {
        m_context.checkpoint();
        tile(tiles[static_cast<std::size_t>(t)].first, tiles[static_cast<std::size_t>(t)].second, products.data());
      }
    });
    return exact();
  }

 private:
  /// First row and first column of every tile that reaches the diagonal or lies above it.
  std::vector<std::pair<Eigen::Index, Eigen::Index>> schedule() const {
    std::vector<std::pair<Eigen::Index, Eigen::Index>> tiles;
    for (Eigen::Index r = 0; r < m_x.rows(); r += kTileRows)
      for (Eigen::Index c = r / kTileColumns * kTileColumns; c < m_x.rows(); c += kTileColumns) tiles.emplace_back(r, c);
    return tiles;
  }

  void tile(Eigen::Index firstRow, Eigen::Index firstColumn, Scalar* products) {
    const Eigen::Index rows = std::min(kTileRows, m_x.rows() - firstRow), columns = std::min(kTileColumns, m_x.rows() - firstColumn);
    algebra::multiplyTransposed(m_x.row(firstRow).data(), m_x.row(firstColumn).data(), products, rows, columns, m_x.cols());
    std::vector<std::unique_lock<std::mutex>> held;
    for (const Eigen::Index block : blocksOf(firstRow, firstColumn, columns)) held.emplace_back(m_locks[static_cast<std::size_t>(block)]);
    for (Eigen::Index r = 0; r < rows; ++r) row(firstRow + r, firstColumn, columns, products + r * columns);
  }

  /// The blocks of rows whose lists a tile may change, ascending, so that no two threads wait for each other.
  static std::vector<Eigen::Index> blocksOf(Eigen::Index firstRow, Eigen::Index firstColumn, Eigen::Index columns) {
    std::vector<Eigen::Index> blocks{firstRow / kTileRows};
    for (Eigen::Index c = firstColumn; c < firstColumn + columns; c += kTileRows) blocks.push_back(c / kTileRows);
    std::sort(blocks.begin(), blocks.end());
    blocks.erase(std::unique(blocks.begin(), blocks.end()), blocks.end());
    return blocks;
  }

  void row(Eigen::Index i, Eigen::Index firstColumn, Eigen::Index columns, const Scalar* products) {
    const Scalar own = m_half(0, i);
    const Eigen::Index after = std::max<Eigen::Index>(0, i + 1 - firstColumn);   // each pair once: the columns behind the row
    for (Eigen::Index c = after / kScan * kScan; c < columns; c += kScan) {
      const Eigen::Index j = firstColumn + c;
      if (!anyBelow(products + c, m_half.data() + j, m_limits.data() + j, own, m_limits[static_cast<std::size_t>(i)])) continue;
      for (Eigen::Index s = std::max(c, after); s < std::min(c + kScan, columns); ++s) {
        const Eigen::Index column = firstColumn + s;
        const Scalar value = m_half(0, column) + own - products[s];
        offer(i, {value, static_cast<std::int32_t>(column)});
        offer(column, {value, static_cast<std::int32_t>(i)});
      }
    }
  }

  /// Sorted insertion among the best k of a row.
  void offer(Eigen::Index i, const Candidate<Scalar>& candidate) {
    const auto begin = m_best.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(i) * m_k), last = begin + static_cast<std::ptrdiff_t>(m_k) - 1;
    if (!(candidate < *last)) return;
    const auto at = std::upper_bound(begin, last, candidate);
    std::move_backward(at, last, last + 1);
    *at = candidate;
    m_limits[static_cast<std::size_t>(i)] = last->value;
  }

  std::vector<Neighbour> exact() const {
    std::vector<Neighbour> out(m_best.size());
    parallelFor(m_x.rows(), m_context.threadCount(), 64, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const auto first = static_cast<std::size_t>(i) * m_k;
        const Eigen::RowVectorXd own = m_x.row(i).template cast<double>();
        for (std::size_t k = first; k < first + m_k; ++k)
          out[k] = {(m_x.row(m_best[k].row).template cast<double>() - own).squaredNorm(), m_best[k].row};
        std::sort(out.begin() + static_cast<std::ptrdiff_t>(first), out.begin() + static_cast<std::ptrdiff_t>(first + m_k));
      }
    });
    return out;
  }

  const Rows<Scalar>& m_x;
  std::size_t m_k;
  const RunContext& m_context;
  Rows<Scalar> m_half;                 // |x|²/2, behind the end 0
  std::vector<Scalar> m_limits;        // what a row's list still takes; behind the end nothing
  std::vector<Candidate<Scalar>> m_best;
  std::deque<std::mutex> m_locks;      // of blocks of rows
};

}  // namespace

std::vector<Neighbour> tileNeighbours(const MatrixF& x, int k, const RunContext& context) { return Tiles<float>(x, k, context).run(); }
std::vector<Neighbour> tileNeighbours(const MatrixD& x, int k, const RunContext& context) { return Tiles<double>(x, k, context).run(); }

}  // namespace lacuna::clusters

#include "columns.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "residual.h"

namespace lacuna::probes {
namespace {

/// Objectives are means over weights, around 0.1 to 0.7: a column ends when a step gains less than this (and its gradient is small enough).
constexpr double kNegligibleGain = 1e-10;

constexpr std::int64_t kSlotBytes = std::int64_t{256} << 20;
constexpr std::int64_t kFewestSlots = 16, kMostSlots = 256;

/// How many columns are worked on at a time: what fits in memory, a function of the shapes alone.
std::int64_t slotCount(std::int64_t rows, std::int64_t blocks, std::int64_t rank, std::int64_t scalarBytes) {
  const std::int64_t perColumn = rows * 4 + (blocks + 4) * rank * scalarBytes;
  return std::clamp(kSlotBytes / std::max<std::int64_t>(perColumn, 1), kFewestSlots, kMostSlots);
}

/// Nesterov's method in the metric of the Böhning–Lindsay bound (methods.md 4.3): the Hessian of a column is at most
/// κ/4·diag(variance) + λ with κ = N·max s/Σs, so every coordinate has its own step. Momentum restarts whenever it
/// points uphill (O'Donoghue and Candès 2015).
template <class Scalar>
class ColumnSolver {
 public:
  ColumnSolver(const RowMajor<Scalar>& rotated, const Design& design, const ColumnSet& columns, double tolerance,
               int maxIterations, std::vector<ColumnPoint<Scalar>>& points, const RunContext& context)
      : m_x(rotated), m_design(design), m_columns(columns), m_tolerance(tolerance), m_maxIterations(maxIterations),
        m_points(points), m_context(context), m_blocks(rotated.rows()), m_rank(design.rank()),
        m_rotation(design.rotation.template cast<Scalar>()), m_variance(design.variance.cast<Scalar>()) {}

  void solve(const std::vector<std::int64_t>& which) {
    m_waiting.assign(which.begin(), which.end());
    const auto asked = static_cast<std::int64_t>(which.size());
    allocate(std::min(asked, slotCount(m_blocks.rows, m_blocks.count, m_rank, sizeof(Scalar))));
    while (fillSlots() > 0) {
      m_context.checkpoint();
      gradients();
      step();
      retire();
      m_context.report("Training probes", static_cast<std::uint64_t>(asked) - m_waiting.size() - m_slots.size(),
                       static_cast<std::uint64_t>(asked));
    }
  }

 private:
  struct Slot {
    std::int64_t column = 0;
    Scalar lambda = 0, curvature = 0, perWeight = 0;  ///< λ, κ/4, 1/Σs
    double t = 1, b = 0, bAhead = 0, bGradient = 0;
    double gradientNorm = 0;
    double gain = 0;                                  ///< decrease of the objective that the next preconditioned step promises
    int iterations = 0;
    bool done = false;
  };

  void allocate(std::int64_t slots) {
    m_capacity = slots;
    m_weights.resize(slots, m_blocks.rows);
    m_w.resize(slots, m_rank);
    m_ahead.resize(slots, m_rank);
    m_gradient.resize(slots, m_rank);
    m_partial.resize(static_cast<std::size_t>(m_blocks.count * slots * m_rank));
    m_partialB.resize(static_cast<std::size_t>(m_blocks.count * slots));
  }

  std::int64_t fillSlots() {
    while (!m_waiting.empty() && static_cast<std::int64_t>(m_slots.size()) < m_capacity) {
      start(m_waiting.front());
      m_waiting.pop_front();
    }
    return static_cast<std::int64_t>(m_slots.size());
  }

  void start(std::int64_t column) {
    const auto at = static_cast<Eigen::Index>(m_slots.size());
    float* weights = m_weights.row(at).data();
    m_columns.fill(column, {weights, static_cast<std::size_t>(m_blocks.rows)});
    const ColumnWeights sums = summarise(weights, m_blocks.rows);
    Slot slot;
    slot.column = column;
    slot.lambda = static_cast<Scalar>(m_columns.lambdas[static_cast<std::size_t>(column)]);
    slot.perWeight = static_cast<Scalar>(1 / sums.total);
    slot.curvature = static_cast<Scalar>(0.25 * static_cast<double>(m_blocks.rows) * sums.largest / sums.total);
    const ColumnPoint<Scalar>& point = m_points[static_cast<std::size_t>(column)];
    const bool warm = static_cast<std::int64_t>(point.w.size()) == m_rank;
    slot.b = slot.bAhead = warm ? point.b : std::log(sums.positive / (sums.total - sums.positive));
    for (std::int64_t j = 0; j < m_rank; ++j)
      m_w(at, j) = m_ahead(at, j) = warm ? point.w[static_cast<std::size_t>(j)] : Scalar(0);
    slot.iterations = point.iterations;
    m_slots.push_back(slot);
  }

  /// Loss gradients of all slots at their look-ahead points: two products a block, summed in block order.
  void gradients() {
    const auto active = static_cast<std::int64_t>(m_slots.size());
    parallelFor(m_blocks.count, m_context.threadCount(), 1, [&](std::int64_t first, std::int64_t last) {
      std::vector<Scalar> z(static_cast<std::size_t>(active * m_blocks.size));
      for (std::int64_t b = first; b < last; ++b) blockGradient(b, active, z.data());
    });
    parallelFor(active, m_context.threadCount(), 4, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t s = first; s < last; ++s) sumBlocks(s, active);
    });
  }

  void blockGradient(std::int64_t block, std::int64_t active, Scalar* z) {
    const std::int64_t begin = m_blocks.begin(block), length = m_blocks.length(block);
    const Scalar* rows = m_x.data() + begin * m_rank;
    algebra::multiplyTransposed(m_ahead.data(), rows, z, active, length, m_rank);
    for (std::int64_t s = 0; s < active; ++s)
      m_partialB[static_cast<std::size_t>(block * active + s)] =
          lossDerivative(m_weights.row(s).data() + begin, z + s * length, length, static_cast<Scalar>(m_slots[static_cast<std::size_t>(s)].bAhead));
    algebra::multiply(z, rows, m_partial.data() + block * active * m_rank, active, m_rank, length);
  }

  void sumBlocks(std::int64_t s, std::int64_t active) {
    Slot& slot = m_slots[static_cast<std::size_t>(s)];
    auto sum = m_gradient.row(s);
    sum.setZero();
    slot.bGradient = 0;
    for (std::int64_t b = 0; b < m_blocks.count; ++b) {
      sum += Eigen::Map<const Eigen::Matrix<Scalar, 1, Eigen::Dynamic>>(m_partial.data() + (b * active + s) * m_rank, m_rank);
      slot.bGradient += m_partialB[static_cast<std::size_t>(b * active + s)];
    }
    sum = sum * slot.perWeight + m_ahead.row(s) * slot.lambda;
    slot.bGradient *= slot.perWeight;
    slot.gradientNorm = std::sqrt(static_cast<double>(sum.template cast<double>().squaredNorm()));
    slot.gain = promisedGain(slot, sum);
  }

  /// ½ gᵀB⁻¹g in the metric of the bound. Flat directions of a weakly penalised column leave small gradients far from the minimum; what
  /// is still to be gained there shows here.
  template <class Row> double promisedGain(const Slot& slot, const Row& gradient) const {
    double gain = slot.bGradient * slot.bGradient / static_cast<double>(slot.curvature);
    for (std::int64_t j = 0; j < m_rank; ++j) {
      const double g = static_cast<double>(gradient[j]), bound = static_cast<double>(slot.curvature) * static_cast<double>(m_variance[j]) + static_cast<double>(slot.lambda);
      if (bound > 0) gain += g * g / bound;
    }
    return gain / 2;
  }

  void step() {
    markConverged();
    parallelFor(static_cast<std::int64_t>(m_slots.size()), m_context.threadCount(), 4, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t s = first; s < last; ++s)
        if (!m_slots[static_cast<std::size_t>(s)].done) advance(s);
    });
  }

  /// The largest component needs the unrotated gradient; its bounds, norm/√d and norm, settle most columns without it.
  void markConverged() {
    std::vector<std::size_t> unclear;
    const double components = static_cast<double>(m_design.rotation.rows());
    for (std::size_t s = 0; s < m_slots.size(); ++s) {
      Slot& slot = m_slots[s];
      slot.done = slot.iterations >= m_maxIterations;
      if (slot.gain > kNegligibleGain || std::abs(slot.bGradient) > m_tolerance || slot.gradientNorm > m_tolerance * std::sqrt(components)) continue;
      if (slot.gradientNorm <= m_tolerance)
        slot.done = true;
      else
        unclear.push_back(s);
    }
    if (unclear.empty()) return;
    RowMajor<Scalar> rotated(static_cast<Eigen::Index>(unclear.size()), m_rank), plain(rotated.rows(), m_rotation.rows());
    for (std::size_t i = 0; i < unclear.size(); ++i)
      rotated.row(static_cast<Eigen::Index>(i)) = m_gradient.row(static_cast<Eigen::Index>(unclear[i]));
    algebra::multiplyTransposed(rotated.data(), m_rotation.data(), plain.data(), rotated.rows(), plain.cols(), m_rank);
    for (std::size_t i = 0; i < unclear.size(); ++i)
      if (plain.row(static_cast<Eigen::Index>(i)).cwiseAbs().maxCoeff() <= m_tolerance) m_slots[unclear[i]].done = true;
  }

  void advance(std::int64_t s) {
    Slot& slot = m_slots[static_cast<std::size_t>(s)];
    auto w = m_w.row(s), ahead = m_ahead.row(s), gradient = m_gradient.row(s);
    const double nextB = slot.bAhead - slot.bGradient / static_cast<double>(slot.curvature);
    double uphill = slot.bGradient * (nextB - slot.b);
    const Scalar floor = slot.curvature * m_variance.maxCoeff() * Scalar(1e-12);
    for (std::int64_t j = 0; j < m_rank; ++j) {  // the gradient's memory holds the next point
      const Scalar bound = slot.curvature * m_variance[j] + slot.lambda;
      const Scalar next = bound > floor ? ahead[j] - gradient[j] / bound : ahead[j];
      uphill += static_cast<double>(gradient[j]) * static_cast<double>(next - w[j]);
      gradient[j] = next;
    }
    if (uphill > 0) slot.t = 1;
    const double t = (1 + std::sqrt(1 + 4 * slot.t * slot.t)) / 2;
    const double momentum = (slot.t - 1) / t;
    slot.t = t;
    ahead = gradient + static_cast<Scalar>(momentum) * (gradient - w);
    slot.bAhead = nextB + momentum * (nextB - slot.b);
    w = gradient;
    slot.b = nextB;
    ++slot.iterations;
  }

  /// Finished columns hand in their point; the last slot moves into the gap.
  void retire() {
    for (std::size_t s = 0; s < m_slots.size();) {
      if (!m_slots[s].done) {
        ++s;
        continue;
      }
      const auto at = static_cast<Eigen::Index>(s), last = static_cast<Eigen::Index>(m_slots.size()) - 1;
      ColumnPoint<Scalar>& point = m_points[static_cast<std::size_t>(m_slots[s].column)];
      point = {{m_ahead.row(at).data(), m_ahead.row(at).data() + m_rank}, m_slots[s].bAhead, m_slots[s].iterations};
      if (at != last) {
        m_slots[s] = m_slots.back();
        m_weights.row(at) = m_weights.row(last);
        m_w.row(at) = m_w.row(last);
        m_ahead.row(at) = m_ahead.row(last);
      }
      m_slots.pop_back();
    }
  }

  const RowMajor<Scalar>& m_x;
  const Design& m_design;
  const ColumnSet& m_columns;
  double m_tolerance;
  int m_maxIterations;
  std::vector<ColumnPoint<Scalar>>& m_points;
  const RunContext& m_context;
  RowBlocks m_blocks;
  std::int64_t m_rank, m_capacity = 0;
  RowMajor<Scalar> m_rotation;
  Eigen::Matrix<Scalar, Eigen::Dynamic, 1> m_variance;
  std::deque<std::int64_t> m_waiting;
  std::vector<Slot> m_slots;
  MatrixF m_weights;
  RowMajor<Scalar> m_w, m_ahead, m_gradient;
  std::vector<Scalar> m_partial;
  std::vector<double> m_partialB;
};

}  // namespace

ColumnWeights summarise(const float* signedWeights, std::int64_t n) {
  ColumnWeights sums;
  for (std::int64_t i = 0; i < n; ++i) {
    const double size = std::abs(signedWeights[i]);
    sums.total += size;
    if (signedWeights[i] > 0) sums.positive += size;
    sums.largest = std::max(sums.largest, size);
  }
  return sums;
}

template <class Scalar>
void solveColumns(const RowMajor<Scalar>& rotated, const Design& design, const ColumnSet& columns,
                  const std::vector<std::int64_t>& which, double tolerance, int maxIterations,
                  std::vector<ColumnPoint<Scalar>>& points, const RunContext& context) {
  ColumnSolver<Scalar>(rotated, design, columns, tolerance, maxIterations, points, context).solve(which);
}

template void solveColumns<float>(const RowMajor<float>&, const Design&, const ColumnSet&, const std::vector<std::int64_t>&,
                                  double, int, std::vector<ColumnPoint<float>>&, const RunContext&);
template void solveColumns<double>(const RowMajor<double>&, const Design&, const ColumnSet&, const std::vector<std::int64_t>&,
                                   double, int, std::vector<ColumnPoint<double>>&, const RunContext&);

}  // namespace lacuna::probes

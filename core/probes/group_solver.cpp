#include "group_solver.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "columns.h"
#include "residual.h"

namespace lacuna::probes {
namespace {

constexpr std::int64_t kSlotBytes = std::int64_t{256} << 20;
constexpr std::int64_t kMostPredictors = 256;

/// How many groups are worked on at a time, a function of the shapes alone.
std::int64_t slotCount(std::int64_t width, const RowBlocks& blocks, std::int64_t rank, std::int64_t scalarBytes) {
  const std::int64_t perGroup = blocks.rows * 4 + width * (blocks.count + 4) * rank * scalarBytes;
  const std::int64_t most = std::max<std::int64_t>(1, kMostPredictors / width);
  return std::clamp<std::int64_t>(kSlotBytes / std::max<std::int64_t>(perGroup, 1), std::min<std::int64_t>(16, most), most);
}

double softThreshold(double value, double by) { return std::copysign(std::max(std::abs(value) - by, 0.0), value); }

/// The entry of least size of the subdifferential of smooth + l1·|w|.
double leastSubgradient(double gradient, double w, double l1) {
  if (l1 == 0) return gradient;
  return w != 0 ? gradient + std::copysign(l1, w) : softThreshold(gradient, l1);
}

template <class Scalar>
class GroupSolver {
 public:
  GroupSolver(const GroupInputs<Scalar>& inputs, const GroupLoss& loss, const std::vector<GroupPenalty>& penalties, double tolerance,
              int maxIterations, std::vector<GroupPoint>& points, const RunContext& context)
      : m_inputs(inputs), m_loss(loss), m_penalties(penalties), m_tolerance(tolerance), m_maxIterations(maxIterations),
        m_points(points), m_context(context), m_blocks(inputs.rows.rows()), m_width(loss.width), m_rank(inputs.rows.cols()) {}

  void solve() {
    const auto groups = static_cast<std::int64_t>(m_points.size());
    allocate(std::min(groups, slotCount(m_width, m_blocks, m_rank, sizeof(Scalar))));
    while (fillSlots() > 0) {
      m_context.checkpoint();
      gradients();
      eachSlot([this](std::int64_t s) { step(s); });
      retire();
      m_context.report("Training penalised probes", static_cast<std::uint64_t>(m_next) - m_slots.size(), static_cast<std::uint64_t>(groups));
    }
  }

 private:
  struct Slot {
    std::int64_t group = 0;
    double l1 = 0, l2 = 0, curvature = 0, perWeight = 0, t = 1;
    VectorD b, bAhead, bGradient;
    int iterations = 0;
    bool done = false, converged = false;
  };

  void allocate(std::int64_t slots) {
    m_capacity = slots;
    m_weights.resize(slots, m_blocks.rows);
    for (RowMajor<Scalar>* matrix : {&m_w, &m_ahead, &m_gradient}) matrix->resize(slots * m_width, m_rank);
    m_partial.resize(static_cast<std::size_t>(m_blocks.count * slots * m_width * m_rank));
    m_partialB.resize(static_cast<std::size_t>(m_blocks.count * slots * m_width));
  }

  std::int64_t fillSlots() {
    while (m_next < static_cast<std::int64_t>(m_points.size()) && static_cast<std::int64_t>(m_slots.size()) < m_capacity) start(m_next++);
    return static_cast<std::int64_t>(m_slots.size());
  }

  void start(std::int64_t group) {
    const auto at = static_cast<std::int64_t>(m_slots.size());
    const std::span<float> weights(m_weights.row(at).data(), static_cast<std::size_t>(m_blocks.rows));
    m_loss.fill(group, weights);
    const ColumnWeights sums = summarise(weights.data(), m_blocks.rows);
    const GroupPenalty& penalty = m_penalties[static_cast<std::size_t>(group)];
    const GroupPoint& point = m_points[static_cast<std::size_t>(group)];
    Slot slot;
    slot.group = group;
    slot.l1 = penalty.l1;
    slot.l2 = penalty.l2;
    slot.perWeight = 1 / sums.total;
    slot.curvature = m_loss.curvature * static_cast<double>(m_blocks.rows) * sums.largest / sums.total;
    const bool warm = point.w.rows() == m_width;
    slot.b = slot.bAhead = warm ? point.b : priorIntercepts(m_loss, weights);
    slot.bGradient = VectorD::Zero(m_width);
    slot.iterations = point.iterations;
    auto w = m_w.middleRows(at * m_width, m_width);
    if (warm) w = point.w.template cast<Scalar>();
    else w.setZero();
    m_ahead.middleRows(at * m_width, m_width) = w;
    m_slots.push_back(std::move(slot));
  }

  template <class F>
  void eachSlot(F&& f) {
    parallelFor(static_cast<std::int64_t>(m_slots.size()), m_context.threadCount(), 1, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t s = first; s < last; ++s) f(s);
    });
  }

  /// Loss gradients at the look-ahead points: two products a block, summed in block order.
  void gradients() {
    const std::int64_t predictors = static_cast<std::int64_t>(m_slots.size()) * m_width;
    parallelFor(m_blocks.count, m_context.threadCount(), 1, [&](std::int64_t first, std::int64_t last) {
      std::vector<Scalar> z(static_cast<std::size_t>(predictors * m_blocks.size));
      for (std::int64_t b = first; b < last; ++b) blockGradient(b, predictors, z.data());
    });
    eachSlot([&](std::int64_t s) { sumBlocks(s, predictors); });
  }

  void blockGradient(std::int64_t block, std::int64_t predictors, Scalar* z) {
    const std::int64_t begin = m_blocks.begin(block), length = m_blocks.length(block);
    const Scalar* rows = m_inputs.rows.data() + begin * m_rank;
    algebra::multiplyTransposed(m_ahead.data(), rows, z, predictors, length, m_rank);
    for (std::size_t s = 0; s < m_slots.size(); ++s) {
      const auto at = static_cast<std::int64_t>(s);
      const float* weights = m_weights.row(at).data() + begin;
      double* sums = m_partialB.data() + block * predictors + at * m_width;
      Scalar* here = z + at * m_width * length;
      if (m_loss.classes.empty())
        sums[0] = lossDerivative(weights, here, length, static_cast<Scalar>(m_slots[s].bAhead[0]));
      else
        softmaxDerivative(weights, m_loss.classes.data() + begin, here, m_width, length, m_slots[s].bAhead.data(), sums);
    }
    algebra::multiply(z, rows, m_partial.data() + block * predictors * m_rank, predictors, m_rank, length);
  }

  void sumBlocks(std::int64_t s, std::int64_t predictors) {
    Slot& slot = m_slots[static_cast<std::size_t>(s)];
    auto sum = m_gradient.middleRows(s * m_width, m_width);
    sum.setZero();
    slot.bGradient.setZero();
    for (std::int64_t b = 0; b < m_blocks.count; ++b) {
      sum += Eigen::Map<const RowMajor<Scalar>>(m_partial.data() + (b * predictors + s * m_width) * m_rank, m_width, m_rank);
      slot.bGradient += Eigen::Map<const VectorD>(m_partialB.data() + b * predictors + s * m_width, m_width);
    }
    slot.bGradient *= slot.perWeight;
    for (std::int64_t k = 0; k < m_width; ++k)
      for (std::int64_t j = 0; j < m_rank; ++j) {
        const double ridge = slot.l2 * m_inputs.penalised[j] * static_cast<double>(m_ahead(s * m_width + k, j));
        sum(k, j) = static_cast<Scalar>(static_cast<double>(sum(k, j)) * slot.perWeight + ridge);
      }
  }

  void step(std::int64_t s) {
    Slot& slot = m_slots[static_cast<std::size_t>(s)];
    slot.converged = distance(s, slot) <= m_tolerance;
    slot.done = slot.converged || slot.iterations >= m_maxIterations;
    if (!slot.done) advance(s, slot);
  }

  /// [width, r] the least subgradient at the look-ahead point.
  MatrixD subgradient(std::int64_t s, const Slot& slot) const {
    MatrixD result(m_width, m_rank);
    for (std::int64_t k = 0; k < m_width; ++k)
      for (std::int64_t j = 0; j < m_rank; ++j)
        result(k, j) = leastSubgradient(static_cast<double>(m_gradient(s * m_width + k, j)), static_cast<double>(m_ahead(s * m_width + k, j)),
                                        slot.l1 * m_inputs.penalised[j]);
    return result;
  }

  double distance(std::int64_t s, const Slot& slot) const {
    const MatrixD entries = subgradient(s, slot);
    const double size = m_rank == 0 ? 0 : m_inputs.rotated ? entries.norm() : entries.cwiseAbs().maxCoeff();
    return std::max(size, slot.bGradient.cwiseAbs().maxCoeff());
  }

  void advance(std::int64_t s, Slot& slot) {
    const double floor = slot.curvature * (m_rank > 0 ? m_inputs.bound.maxCoeff() : 0) * 1e-12;
    const VectorD nextB = slot.bAhead - slot.bGradient / slot.curvature;
    double uphill = slot.bGradient.dot(nextB - slot.b);
    for (std::int64_t row = s * m_width; row < (s + 1) * m_width; ++row)
      for (std::int64_t j = 0; j < m_rank; ++j) {  // the gradient's memory holds the next point
        const double bound = slot.curvature * m_inputs.bound[j] + slot.l2 * m_inputs.penalised[j];
        const double ahead = static_cast<double>(m_ahead(row, j));
        double next = ahead;
        if (bound > floor)
          next = softThreshold(ahead - static_cast<double>(m_gradient(row, j)) / bound, slot.l1 * m_inputs.penalised[j] / bound);
        uphill += bound * (ahead - next) * (next - static_cast<double>(m_w(row, j)));
        m_gradient(row, j) = static_cast<Scalar>(next);
      }
    if (uphill > 0) slot.t = 1;
    const double t = (1 + std::sqrt(1 + 4 * slot.t * slot.t)) / 2, momentum = (slot.t - 1) / t;
    slot.t = t;
    auto w = m_w.middleRows(s * m_width, m_width), next = m_gradient.middleRows(s * m_width, m_width);
    m_ahead.middleRows(s * m_width, m_width) = next + static_cast<Scalar>(momentum) * (next - w);
    w = next;
    slot.bAhead = nextB + momentum * (nextB - slot.b);
    slot.b = nextB;
    ++slot.iterations;
  }

  /// Finished groups hand in their point; the last slot moves into the gap.
  void retire() {
    for (std::size_t s = 0; s < m_slots.size();) {
      if (!m_slots[s].done) {
        ++s;
        continue;
      }
      const auto at = static_cast<std::int64_t>(s), last = static_cast<std::int64_t>(m_slots.size()) - 1;
      const Slot& slot = m_slots[s];
      m_points[static_cast<std::size_t>(slot.group)] = {m_ahead.middleRows(at * m_width, m_width).template cast<double>(), slot.bAhead,
                                                        subgradient(at, slot), slot.iterations, slot.converged};
      if (at != last) {
        m_slots[s] = std::move(m_slots.back());
        m_weights.row(at) = m_weights.row(last);
        for (RowMajor<Scalar>* matrix : {&m_w, &m_ahead, &m_gradient})
          matrix->middleRows(at * m_width, m_width) = matrix->middleRows(last * m_width, m_width);
      }
      m_slots.pop_back();
    }
  }

  const GroupInputs<Scalar>& m_inputs;
  const GroupLoss& m_loss;
  const std::vector<GroupPenalty>& m_penalties;
  double m_tolerance;
  int m_maxIterations;
  std::vector<GroupPoint>& m_points;
  const RunContext& m_context;
  RowBlocks m_blocks;
  std::int64_t m_width, m_rank, m_capacity = 0, m_next = 0;
  std::vector<Slot> m_slots;
  MatrixF m_weights;
  RowMajor<Scalar> m_w, m_ahead, m_gradient;
  std::vector<Scalar> m_partial;
  std::vector<double> m_partialB;
};

}  // namespace

VectorD priorIntercepts(const GroupLoss& loss, std::span<const float> weights) {
  VectorD result = VectorD::Zero(loss.width);
  if (loss.classes.empty()) {
    const ColumnWeights sums = summarise(weights.data(), static_cast<std::int64_t>(weights.size()));
    result[0] = std::log(sums.positive / (sums.total - sums.positive));
    return result;
  }
  for (std::size_t n = 0; n < weights.size(); ++n)
    if (weights[n] > 0) result[loss.classes[n]] += static_cast<double>(weights[n]);
  result = result.array().log().matrix();
  return result.array() - result.mean();
}

template <class Scalar>
void solveGroups(const GroupInputs<Scalar>& inputs, const GroupLoss& loss, const std::vector<GroupPenalty>& penalties, double tolerance,
                 int maxIterations, std::vector<GroupPoint>& points, const RunContext& context) {
  if (!points.empty()) GroupSolver<Scalar>(inputs, loss, penalties, tolerance, maxIterations, points, context).solve();
}

template void solveGroups<float>(const GroupInputs<float>&, const GroupLoss&, const std::vector<GroupPenalty>&, double, int,
                                 std::vector<GroupPoint>&, const RunContext&);
template void solveGroups<double>(const GroupInputs<double>&, const GroupLoss&, const std::vector<GroupPenalty>&, double, int,
                                  std::vector<GroupPoint>&, const RunContext&);

}  // namespace lacuna::probes

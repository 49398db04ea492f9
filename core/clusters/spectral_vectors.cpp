#include "spectral_vectors.h"

#include <algorithm>
#include <cmath>

#include "lacuna/algebra/algebra.h"
#include "lacuna/base/rng.h"

namespace lacuna::clusters {

namespace {

constexpr int kDegree = 16, kRounds = 12, kSpare = 6, kLanes = 8;
constexpr double kResidual = 1e-3;
constexpr Eigen::Index kBlockRows = 2048;

[[gnu::target_clones("avx512f", "avx2", "default")]] void multiplyRow(const std::int32_t* columns, const float* weights, std::int64_t count,
                                                                     const float* x, std::int64_t width, float* out) {
  for (std::int64_t c = 0; c < width; ++c) out[c] = 0;
  for (std::int64_t e = 0; e < count; ++e) {
    const float* row = x + columns[e] * width;
    for (std::int64_t c = 0; c < width; ++c) out[c] += weights[e] * row[c];
  }
}

class Subspace {
 public:
  Subspace(const FuzzyGraph& graph, int count, const RunContext& context)
      : m_graph(graph), m_context(context), m_wanted(count + 1), m_weights(graph.weights), m_x(graph.rows(), (count + 1 + kSpare + kLanes - 1) / kLanes * kLanes) {
    VectorD inverse = VectorD::Zero(graph.rows());
    for (std::int64_t i = 0; i < graph.rows(); ++i) {
      for (std::int64_t e = begin(i); e < begin(i + 1); ++e) inverse[i] += static_cast<double>(graph.weights[static_cast<std::size_t>(e)]);
      inverse[i] = inverse[i] > 0 ? 1 / std::sqrt(inverse[i]) : 0;
    }
    for (std::int64_t i = 0; i < graph.rows(); ++i)
      for (std::int64_t e = begin(i); e < begin(i + 1); ++e)
        m_weights[static_cast<std::size_t>(e)] *= static_cast<float>(inverse[i] * inverse[graph.columns[static_cast<std::size_t>(e)]]);
    Rng rng(context.seed, "clusters.spectral");
    for (Eigen::Index i = 0; i < m_x.size(); ++i) m_x.data()[i] = static_cast<float>(rng.normal());
  }

  MatrixF run() {
    for (int round = 0;; ++round) {
      m_context.checkpoint();
      if (rotate() < kResidual || round == kRounds) break;
      filter();
    }
    return m_x.middleCols(1, m_wanted - 1);
  }

 private:
  std::int64_t begin(std::int64_t row) const { return m_graph.begins[static_cast<std::size_t>(row)]; }

  /// out = scale · (A x − shift · x) − before
  void step(const MatrixF& x, float scale, float shift, const MatrixF* before, MatrixF& out) const {
    parallelFor(x.rows(), m_context.threadCount(), 512, [&](std::int64_t first, std::int64_t end) {
      for (std::int64_t i = first; i < end; ++i) {
        const std::int64_t e = begin(i);
        multiplyRow(m_graph.columns.data() + e, m_weights.data() + e, begin(i + 1) - e, x.data(), x.cols(), out.row(i).data());
        out.row(i) = scale * (out.row(i) - shift * x.row(i));
        if (before) out.row(i) -= before->row(i);
      }
    });
  }

  /// aᵀ b, blocks of rows added in order.
  MatrixD products(const MatrixF& a, const MatrixF& b) const {
    const Eigen::Index blocks = (a.rows() + kBlockRows - 1) / kBlockRows;
    std::vector<MatrixD> parts(static_cast<std::size_t>(blocks));
    parallelFor(blocks, m_context.threadCount(), 1, [&](std::int64_t first, std::int64_t end) {
      for (std::int64_t block = first; block < end; ++block) {
        const Eigen::Index row = block * kBlockRows, rows = std::min(kBlockRows, a.rows() - row);
        parts[static_cast<std::size_t>(block)] = (a.middleRows(row, rows).transpose() * b.middleRows(row, rows)).template cast<double>();
      }
    });
    MatrixD sum = MatrixD::Zero(a.cols(), b.cols());
    for (const MatrixD& part : parts) sum += part;
    return sum;
  }

  void transform(MatrixF& x, const MatrixD& by) const {
    const MatrixF factor = by.cast<float>();
    parallelFor(x.rows(), m_context.threadCount(), 512, [&](std::int64_t first, std::int64_t end) {
      const MatrixF rows = x.middleRows(first, end - first);
      for (std::int64_t i = first; i < end; ++i) x.row(i).noalias() = rows.row(i - first) * factor;
    });
  }

  /// Orthonormal columns spanning the same, by the eigenvectors of their inner products; directions that vanished stay small.
  void orthonormalise() {
    const algebra::SymmetricEigen gram = algebra::symmetricEigen(products(m_x, m_x));
    const double least = gram.values.maxCoeff() * 1e-10;
    transform(m_x, gram.vectors * gram.values.cwiseMax(least).cwiseSqrt().cwiseInverse().asDiagonal());
  }

  /// Rayleigh–Ritz; columns by decreasing value. Returns the largest residual of the wanted ones.
  double rotate() {
    orthonormalise();
    orthonormalise();   // a second time: the first leaves fp32 rounding of a badly conditioned basis behind
    MatrixF image(m_x.rows(), m_x.cols());
    step(m_x, 1, 0, nullptr, image);
    const MatrixD inner = products(m_x, image);
    const algebra::SymmetricEigen eigen = algebra::symmetricEigen((inner + inner.transpose()) / 2);
    const MatrixD vectors = eigen.vectors.rowwise().reverse();
    m_lowest = std::min(0.999, eigen.values[0]);
    transform(m_x, vectors);
    transform(image, vectors);
    double worst = 0;
    for (int c = 0; c < m_wanted; ++c) {
      const auto value = static_cast<float>(eigen.values[eigen.values.size() - 1 - c]);
      worst = std::max(worst, static_cast<double>((image.col(c) - value * m_x.col(c)).norm()));
    }
    return worst;
  }

  /// The Chebyshev polynomial that is small on [−1, lowest value of the subspace] and grows above.
  void filter() {
    const auto half = static_cast<float>((m_lowest + 1) / 2), centre = static_cast<float>((m_lowest - 1) / 2);
    MatrixF before = m_x, now(m_x.rows(), m_x.cols()), next(m_x.rows(), m_x.cols());
    step(before, 1 / half, centre, nullptr, now);
    for (int k = 2; k <= kDegree; ++k) {
      step(now, 2 / half, centre, &before, next);
      std::swap(before, now);
      std::swap(now, next);
    }
    m_x = now;
  }

  const FuzzyGraph& m_graph;
  const RunContext& m_context;
  int m_wanted;
  std::vector<float> m_weights;   // of D^−½ W D^−½
  MatrixF m_x;
  double m_lowest = 0;
};

}  // namespace

MatrixF spectralVectors(const FuzzyGraph& graph, int count, const RunContext& context) {
  const algebra::SerialBlas guard;   // small eigenproblems, whose last bits would follow the number of threads
  return Subspace(graph, count, context).run();
}

}  // namespace lacuna::clusters

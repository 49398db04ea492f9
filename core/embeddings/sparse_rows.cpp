#include "sparse_rows.h"

#include <algorithm>

namespace lacuna::embeddings {

namespace {

constexpr std::int64_t kBlockColumns = 1 << 15, kGrain = 64;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

/// out += Σ value · y[column − firstColumn] over entries begin … end of one row.
void addEntries(const SparseRows& x, std::int64_t begin, std::int64_t end, const MatrixF& y, std::int32_t firstColumn, Eigen::Ref<Eigen::RowVectorXf> out) {
  for (std::int64_t k = begin; k < end; ++k) out.noalias() += x.values[at(k)] * y.row(x.columns[at(k)] - firstColumn);
}

/// Rows first … first + count − 1 of x·y.
MatrixF multiplyRows(const SparseRows& x, std::int64_t first, std::int64_t count, const MatrixF& y, const RunContext& context) {
  MatrixF out = MatrixF::Zero(count, y.cols());
  parallelFor(count, context.threadCount(), kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) addEntries(x, x.offsets[at(first + r)], x.offsets[at(first + r + 1)], y, 0, out.row(r));
  });
  context.checkpoint();
  return out;
}

}  // namespace

SparseRows transposed(const SparseRows& x) {
  SparseRows t;
  t.columnCount = x.rows();
  t.offsets.assign(at(x.columnCount + 1), 0);
  for (const std::int32_t c : x.columns) ++t.offsets[at(c + 1)];
  for (std::size_t c = 1; c < t.offsets.size(); ++c) t.offsets[c] += t.offsets[c - 1];
  t.columns.resize(x.columns.size());
  t.values.resize(x.values.size());
  std::vector<std::int64_t> next(t.offsets.begin(), t.offsets.end() - 1);
  for (std::int64_t row = 0; row < x.rows(); ++row)
    for (std::int64_t k = x.offsets[at(row)]; k < x.offsets[at(row + 1)]; ++k) {
      const std::int64_t target = next[at(x.columns[at(k)])]++;
      t.columns[at(target)] = static_cast<std::int32_t>(row);
      t.values[at(target)] = x.values[at(k)];
    }
  return t;
}

MatrixF multiply(const SparseRows& x, const MatrixF& y, const RunContext& context) { return multiplyRows(x, 0, x.rows(), y, context); }

MatrixF multiplyByGram(const SparseRows& x, const SparseRows& xt, const MatrixF& y, const RunContext& context) {
  MatrixF out = MatrixF::Zero(x.rows(), y.cols());
  std::vector<std::int64_t> next(x.offsets.begin(), x.offsets.end() - 1);   // first entry of each row that no block has used
  for (std::int64_t first = 0; first < x.columnCount; first += kBlockColumns) {
    const std::int64_t last = std::min(first + kBlockColumns, x.columnCount);
    const MatrixF block = multiplyRows(xt, first, last - first, y, context);
    parallelFor(x.rows(), context.threadCount(), kGrain, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t r = begin; r < end; ++r) {
        const auto stop = std::lower_bound(x.columns.begin() + next[at(r)], x.columns.begin() + x.offsets[at(r + 1)], last);
        const std::int64_t upTo = stop - x.columns.begin();
        addEntries(x, next[at(r)], upTo, block, static_cast<std::int32_t>(first), out.row(r));
        next[at(r)] = upTo;
      }
    });
  }
  return out;
}

}  // namespace lacuna::embeddings

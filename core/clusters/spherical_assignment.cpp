#include "spherical_assignment.h"

#include <faiss/IndexFlat.h>
#include <omp.h>

#include <algorithm>
#include <exception>

#include "lacuna/algebra/algebra.h"
#include "lacuna/base/error.h"

namespace lacuna::clusters {

namespace {

constexpr Eigen::Index kBlockRows = 1024;
constexpr float kRounding = 1e-6F;

template <class Body>
void forBlocks(Eigen::Index rows, const RunContext& context, const Body& body) {
  const algebra::SerialBlas guard;
  parallelFor((rows + kBlockRows - 1) / kBlockRows, context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
    omp_set_num_threads(1);   // of this worker alone: the blocks are the parallel part, Faiss needs no team of its own
    for (std::int64_t block = begin; block < end; ++block)
      body(block * kBlockRows, std::min(kBlockRows, rows - block * kBlockRows));
  });
}

}  // namespace

Assignment assignToCentres(const MatrixF& x, const MatrixF& centres, const RunContext& context) {
  Assignment result{std::vector<std::int32_t>(static_cast<std::size_t>(x.rows())), std::vector<float>(static_cast<std::size_t>(x.rows()))};
  try {
    faiss::IndexFlatIP index(x.cols());
    index.add(centres.rows(), centres.data());
    forBlocks(x.rows(), context, [&](Eigen::Index first, Eigen::Index count) {
      std::vector<std::int64_t> nearest(static_cast<std::size_t>(count));
      index.search(count, x.row(first).data(), 1, result.similarity.data() + first, nearest.data());
      std::transform(nearest.begin(), nearest.end(), result.labels.begin() + first,
                     [](std::int64_t label) { return static_cast<std::int32_t>(label); });
    });
  } catch (const Error&) {
    throw;
  } catch (const Cancelled&) {
    throw;
  } catch (const std::exception& failure) {
    throw Error("LAC-1602", std::string("k-means: the nearest-centre search failed: ") + failure.what(),
                "check that the embeddings are finite and fit into memory");
  }
  return result;
}

MatrixF cosineDistances(const MatrixF& x, const MatrixF& centres, const RunContext& context) {
  MatrixF distances(x.rows(), centres.rows());
  const auto d = static_cast<int>(x.cols()), c = static_cast<int>(centres.rows());
  forBlocks(x.rows(), context, [&](Eigen::Index first, Eigen::Index count) {
    float* out = distances.row(first).data();
    algebra::multiplyTransposed(x.row(first).data(), centres.data(), out, count, c, d);
    for (float* value = out; value < out + count * c; ++value) *value = 1 - *value < kRounding ? 0 : 1 - *value;
  });
  return distances;
}

}  // namespace lacuna::clusters

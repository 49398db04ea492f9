#include "resample.h"

#include <algorithm>
#include <deque>
#include <mutex>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/base/run_context.h"

namespace lacuna::statistics {
namespace {

constexpr Eigen::Index kTile = 8;        // columns summed together: with two draws they fill the SSE registers
constexpr Eigen::Index kBlock = 32;      // draws whose counts are widened to double at a time
constexpr std::int64_t kRememberedBytes = 128 << 20;
using TileRow = Eigen::Array<double, kTile, 1>;
using Widened = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

int allThreads() { return RunContext{}.threadCount(); }

// Sums regrouped as [tile][group][kTile], zero-padded: the kernel reads one straight line of memory.
std::vector<TileRow> tiled(const Grouped& data, Eigen::Index first, Eigen::Index count) {
  const Eigen::Index tiles = (count + kTile - 1) / kTile, groups = data.groups();
  std::vector<TileRow> result(static_cast<std::size_t>(tiles * groups), TileRow::Zero());
  for (Eigen::Index g = 0; g < groups; ++g)
    for (Eigen::Index j = 0; j < count; ++j)
      result[static_cast<std::size_t>(j / kTile * groups + g)](j % kTile) = data.sums(g, first + j);
  return result;
}

// The inner product of two draws with one tile, group after group.
void sumTwo(const double* a, const double* b, const TileRow* rows, Eigen::Index groups, TileRow& sumA, TileRow& sumB) {
  TileRow accA = TileRow::Zero(), accB = TileRow::Zero();
  for (Eigen::Index g = 0; g < groups; ++g) {
    accA += a[g] * rows[g];
    accB += b[g] * rows[g];
  }
  sumA = accA;
  sumB = accB;
}

void drawBlock(const Widened& counts, const VectorD& items, const std::vector<TileRow>& tiles, Eigen::Index begin, ColumnDraws& draws) {
  const Eigen::Index groups = counts.cols(), rows = counts.rows();
  for (Eigen::Index first = 0, tile = 0; first < draws.cols(); first += kTile, ++tile) {
    const Eigen::Index width = std::min(kTile, draws.cols() - first);
    for (Eigen::Index r = 0; r < rows; r += 2) {
      const Eigen::Index other = std::min(r + 1, rows - 1);
      TileRow sumA, sumB;
      sumTwo(counts.row(r).data(), counts.row(other).data(), tiles.data() + tile * groups, groups, sumA, sumB);
      for (Eigen::Index j = 0; j < width; ++j) {
        draws(begin + r, first + j) = sumA(j) / items(r);
        draws(begin + other, first + j) = sumB(j) / items(other);
      }
    }
  }
}

}  // namespace

Eigen::Matrix<std::uint16_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> resampleCounts(std::int64_t groups, const BootstrapConfig& config) {
  LACUNA_CHECK(groups > 0 && groups <= 65535 && config.draws > 0);
  Counts counts = Counts::Zero(config.draws, groups);
  parallelFor(config.draws, allThreads(), 256, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t b = begin; b < end; ++b) {
      Rng rng(config.seed, "statistics.bootstrap", static_cast<std::uint64_t>(b));
      std::uint16_t* row = counts.row(b).data();
      for (std::int64_t k = 0; k < groups; ++k) ++row[rng.below(static_cast<std::uint64_t>(groups))];
    }
  });
  return counts;
}

std::shared_ptr<const Counts> sharedCounts(std::int64_t groups, const BootstrapConfig& config) {
  struct Entry { std::int64_t groups; int draws; std::uint64_t seed; std::shared_ptr<const Counts> counts; };
  static std::mutex mutex;
  static std::deque<Entry> recent;
  {
    const std::lock_guard lock(mutex);
    for (const Entry& entry : recent)
      if (entry.groups == groups && entry.draws == config.draws && entry.seed == config.seed) return entry.counts;
  }
  auto counts = std::make_shared<const Counts>(resampleCounts(groups, config));
  const std::lock_guard lock(mutex);
  recent.push_front({groups, config.draws, config.seed, counts});
  std::int64_t held = 0;
  const auto tooMuch = std::find_if(recent.begin(), recent.end(), [&](const Entry& entry) {
    return (held += 2 * entry.counts->size()) > kRememberedBytes;
  });
  recent.erase(tooMuch, recent.end());
  return counts;
}

ColumnDraws drawMeans(const Grouped& data, const Counts& counts, Eigen::Index first, Eigen::Index count) {
  LACUNA_CHECK(counts.cols() == data.groups());
  const auto tiles = tiled(data, first, count);
  ColumnDraws draws(counts.rows(), count);
  const Eigen::Index blocks = (counts.rows() + kBlock - 1) / kBlock;
  parallelFor(blocks, allThreads(), 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block) {
      const Eigen::Index start = block * kBlock, rows = std::min(kBlock, counts.rows() - start);
      const Widened widened = counts.middleRows(start, rows).cast<double>();
      drawBlock(widened, widened * data.sizes, tiles, start, draws);
    }
  });
  return draws;
}

}  // namespace lacuna::statistics

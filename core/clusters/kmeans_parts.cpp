#include "kmeans_parts.h"

#include <algorithm>
#include <numeric>

#include "lacuna/base/run_context.h"

namespace lacuna::clusters {

namespace {

/// Rows by decreasing misfit, ties by row: the order in which they are given to empty clusters.
std::vector<std::size_t> worstFitFirst(const std::vector<float>& misfits) {
  std::vector<std::size_t> order(misfits.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return misfits[a] > misfits[b]; });
  return order;
}

}  // namespace

void fillEmptyClusters(std::vector<std::int32_t>& labels, std::vector<float>& misfits, int k, float least) {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(k), 0);
  for (const std::int32_t label : labels) ++sizes[static_cast<std::size_t>(label)];
  if (std::find(sizes.begin(), sizes.end(), 0) == sizes.end()) return;
  const std::vector<std::size_t> order = worstFitFirst(misfits);
  auto next = order.begin();
  for (int c = 0; c < k; ++c) {
    if (sizes[static_cast<std::size_t>(c)] > 0) continue;
    while (next != order.end() && sizes[static_cast<std::size_t>(labels[*next])] < 2) ++next;
    if (next == order.end() || misfits[*next] < least) return;
    --sizes[static_cast<std::size_t>(labels[*next])];
    sizes[static_cast<std::size_t>(c)] = 1;
    labels[*next] = c;
    misfits[*next] = 0;
    ++next;
  }
}

void moveSums(MatrixD& sums, const MatrixF& x, const std::vector<std::int32_t>& before, const std::vector<std::int32_t>& after, int threads) {
  std::vector<Eigen::Index> moved;
  for (std::size_t i = 0; i < before.size(); ++i)
    if (before[i] != after[i]) moved.push_back(static_cast<Eigen::Index>(i));
  parallelFor(x.cols(), threads, 64, [&](std::int64_t begin, std::int64_t end) {
    for (const Eigen::Index i : moved) {
      const auto at = static_cast<std::size_t>(i);
      const auto row = x.row(i).segment(begin, end - begin).cast<double>();
      sums.row(before[at]).segment(begin, end - begin) -= row;
      sums.row(after[at]).segment(begin, end - begin) += row;
    }
  });
}

int sortBySize(std::vector<std::int32_t>& labels, int k) {
  struct Entry { std::int64_t size = 0; std::size_t first = 0; std::int32_t old = 0; };
  std::vector<Entry> entries(static_cast<std::size_t>(k));
  for (std::size_t i = labels.size(); i-- > 0;) {
    Entry& entry = entries[static_cast<std::size_t>(labels[i])];
    ++entry.size;
    entry.first = i;
    entry.old = labels[i];
  }
  std::erase_if(entries, [](const Entry& entry) { return entry.size == 0; });
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.size != b.size ? a.size > b.size : a.first < b.first; });
  std::vector<std::int32_t> renamed(static_cast<std::size_t>(k), -1);
  for (std::size_t i = 0; i < entries.size(); ++i) renamed[static_cast<std::size_t>(entries[i].old)] = static_cast<std::int32_t>(i);
  for (std::int32_t& label : labels) label = renamed[static_cast<std::size_t>(label)];
  return static_cast<int>(entries.size());
}

}  // namespace lacuna::clusters

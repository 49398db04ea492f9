#include "grouped.h"

#include <algorithm>
#include <cmath>

#include "lacuna/base/error.h"

namespace lacuna::statistics {
namespace {

std::vector<std::int32_t> denseGroups(std::span<const std::int32_t> groups) {
  std::vector<std::int32_t> ids(groups.begin(), groups.end());
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::vector<std::int32_t> dense(groups.size());
  std::transform(groups.begin(), groups.end(), dense.begin(), [&](std::int32_t id) {
    return static_cast<std::int32_t>(std::lower_bound(ids.begin(), ids.end(), id) - ids.begin());
  });
  return dense;
}

// Sum of deviations from the mean in group g.
double deviation(const Grouped& data, Eigen::Index g, Eigen::Index column) {
  return data.sums(g, column) - data.sizes(g) * data.means(column);
}

}  // namespace

Grouped grouped(const MatrixD& values, std::span<const std::int32_t> groups) {
  LACUNA_CHECK(values.rows() == static_cast<Eigen::Index>(groups.size()));
  Grouped data;
  data.groupOf = denseGroups(groups);
  const auto count = data.groupOf.empty() ? 0 : *std::max_element(data.groupOf.begin(), data.groupOf.end()) + 1;
  data.sums = MatrixD::Zero(count, values.cols());
  data.sizes = VectorD::Zero(count);
  for (Eigen::Index i = 0; i < values.rows(); ++i) {
    const std::int32_t g = data.groupOf[static_cast<std::size_t>(i)];
    data.sums.row(g) += values.row(i);
    data.sizes(g) += 1;
  }
  // Group after group, so that a column's mean has the same bits alone and among others.
  data.means = VectorD::Zero(values.cols());
  for (Eigen::Index g = 0; g < count; ++g) data.means += data.sums.row(g).transpose();
  data.means /= static_cast<double>(std::max<Eigen::Index>(1, values.rows()));
  return data;
}

std::vector<double> jackknifeMeans(const Grouped& data, Eigen::Index column) {
  const double n = static_cast<double>(data.items());
  std::vector<double> result(static_cast<std::size_t>(data.groups()));
  // Written as mean − shift: the differences from the mean keep their digits when values are large.
  for (Eigen::Index g = 0; g < data.groups(); ++g)
    result[static_cast<std::size_t>(g)] = data.means(column) - deviation(data, g, column) / (n - data.sizes(g));
  return result;
}

double clusteredError(const Grouped& data, Eigen::Index column) {
  double sum = 0;
  for (Eigen::Index g = 0; g < data.groups(); ++g) {
    const double c = deviation(data, g, column);
    sum += c * c;
  }
  return std::sqrt(sum) / static_cast<double>(data.items());
}

bool varies(const Grouped& data, Eigen::Index column) {
  double largest = 0, scale = 0;
  for (Eigen::Index g = 0; g < data.groups(); ++g) {
    largest = std::max(largest, std::abs(deviation(data, g, column)));
    scale = std::max(scale, std::abs(data.sums(g, column)));
  }
  return largest > 1e-12 * scale;
}

}  // namespace lacuna::statistics

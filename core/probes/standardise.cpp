#include "standardise.h"

#include <algorithm>
#include <cmath>

namespace lacuna::probes {
namespace {

constexpr std::int64_t kColumnsPerTask = 64;

/// Two passes over a strip of columns, so that a large mean costs no digits of the variance.
void stripMoments(const MatrixF& x, std::int64_t begin, std::int64_t end, Moments& moments) {
  const double rows = static_cast<double>(x.rows());
  for (std::int64_t row = 0; row < x.rows(); ++row)
    for (std::int64_t j = begin; j < end; ++j) moments.mean[j] += x(row, j);
  for (std::int64_t j = begin; j < end; ++j) moments.mean[j] /= rows;
  for (std::int64_t row = 0; row < x.rows(); ++row)
    for (std::int64_t j = begin; j < end; ++j) {
      const double deviation = x(row, j) - moments.mean[j];
      moments.sd[j] += deviation * deviation;
    }
  for (std::int64_t j = begin; j < end; ++j) moments.sd[j] = std::sqrt(moments.sd[j] / rows);
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

Moments columnMoments(const MatrixF& x, const RunContext& context) {
  Moments moments{VectorD::Zero(x.cols()), VectorD::Zero(x.cols()), {}};
  if (x.rows() == 0) return moments;
  const std::int64_t strips = (x.cols() + kColumnsPerTask - 1) / kColumnsPerTask;
  parallelFor(strips, context.threadCount(), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t strip = first; strip < last; ++strip)
      stripMoments(x, strip * kColumnsPerTask, std::min<std::int64_t>(x.cols(), (strip + 1) * kColumnsPerTask), moments);
  });
  const double typical = median({moments.sd.data(), moments.sd.data() + moments.sd.size()});
  for (std::int64_t j = 0; j < x.cols(); ++j) {
    const double floor = std::max(1e-8 * typical, 1e-12 * std::abs(moments.mean[j]));
    if (moments.sd[j] > floor)
      moments.kept.push_back(j);
    else
      moments.sd[j] = 0;
  }
  return moments;
}

}  // namespace lacuna::probes

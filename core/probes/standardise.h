#pragma once

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

#include <vector>

namespace lacuna::probes {

/// Column means and population standard deviations in fp64.
struct Moments {
  VectorD mean, sd;               ///< [d]; sd is 0 for inputs counted as constant
  std::vector<std::int64_t> kept; ///< inputs that are not constant, increasing
};
/// x [N, d]. An input is constant when its sd is below 1e-8 of the median sd (methods.md 4.4) or below the rounding of its mean.
Moments columnMoments(const MatrixF& x, const RunContext& context);

/// Rows [begin, end) of the standardised kept inputs, written to out [end − begin, kept].
template <class Scalar>
void standardiseRows(const MatrixF& x, const Moments& moments, std::int64_t begin, std::int64_t end, Scalar* out) {
  const std::int64_t width = static_cast<std::int64_t>(moments.kept.size());
  for (std::int64_t row = begin; row < end; ++row, out += width)
    for (std::int64_t j = 0; j < width; ++j) {
      const std::int64_t input = moments.kept[static_cast<std::size_t>(j)];
      out[j] = static_cast<Scalar>((x(row, input) - moments.mean[input]) / moments.sd[input]);
    }
}

}  // namespace lacuna::probes

#pragma once

#include <cstdint>

namespace lacuna::clusters {

/// fp64 arithmetic on fp32 rows, in a fixed order of sums on every processor.
double squaredNorm(const float* x, std::int64_t n);
void scaleRow(double scale, const float* x, double* out, std::int64_t n);   ///< out = scale · x
void addScaled(double scale, const float* x, double* sum, std::int64_t n);  ///< sum += scale · x
void addRow(const double* x, double* sum, std::int64_t n);                  ///< sum += x

}  // namespace lacuna::clusters

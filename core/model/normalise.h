#pragma once

#include <cstdint>

#include "lacuna/model/decoder.h"

namespace lacuna::model {

/// Rows [rows, width] through a norm, each alone; y may be x.
void normaliseRows(const Norm& norm, const float* x, float* y, std::int64_t rows, std::int64_t width, int threads);

/// gradient [rows, width] with respect to the norm's output becomes the one with respect to its input x [rows, width].
void normaliseBack(const Norm& norm, const float* x, float* gradient, std::int64_t rows, std::int64_t width, int threads);

}  // namespace lacuna::model

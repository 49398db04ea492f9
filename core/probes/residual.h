#pragma once

#include <cstdint>

namespace lacuna::probes {

/// One column of one row block. q [n]: +s_n for rows of the class, −s_n for the others, 0 for rows left out; z [n]: logits
/// without the intercept. Overwrites z with the loss derivative s_n(σ(z + b) − y_n) = −q·σ(−ỹ(z + b)) and returns its sum.
double lossDerivative(const float* q, float* z, std::int64_t n, float intercept);
double lossDerivative(const float* q, double* z, std::int64_t n, double intercept);

/// Σ s_n log(1 + exp(−ỹ(z + b))), in fp64.
double loss(const float* q, const double* z, std::int64_t n, double intercept);

}  // namespace lacuna::probes

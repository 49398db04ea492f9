#pragma once

#include <cstdint>

namespace lacuna::probes {

/// One column of one row block. q [n]: +s_n for rows of the class, −s_n for the others, 0 for rows left out; z [n]: logits
/// without the intercept. Overwrites z with the loss derivative s_n(σ(z + b) − y_n) = −q·σ(−ỹ(z + b)) and returns its sum.
double lossDerivative(const float* q, float* z, std::int64_t n, float intercept);
double lossDerivative(const float* q, double* z, std::int64_t n, double intercept);

/// K predictors of one row block, z [K, n] without intercepts, s [n] ≥ 0 and the rows' classes. Overwrites z with the loss
/// derivatives s_n(softmax(z + b)_k − 1[class = k]) and writes their sums to sums [K].
void softmaxDerivative(const float* s, const std::int32_t* classes, float* z, std::int64_t k, std::int64_t n, const double* b, double* sums);
void softmaxDerivative(const float* s, const std::int32_t* classes, double* z, std::int64_t k, std::int64_t n, const double* b, double* sums);

/// Σ s_n log(1 + exp(−ỹ(z + b))), in fp64.
double loss(const float* q, const double* z, std::int64_t n, double intercept);

}  // namespace lacuna::probes

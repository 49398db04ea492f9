#pragma once

#include <cstdint>

#include "lacuna/statistics/estimate.h"

/// The distributions the tests need, over Boost.Math. Arguments outside a domain give NaN, never an exception.
namespace lacuna::statistics {

double normalCdf(double z);
double normalQuantile(double p);                       ///< p 0 and 1 give −∞ and +∞
double tCdf(double t, double df);
double tQuantile(double p, double df);
double fCdf(double f, double df1, double df2);
double fQuantile(double p, double df1, double df2);
double chiSquaredUpper(double x, double df);           ///< P(X ≥ x)
/// Two-sided p of a t statistic.
double tTwoSided(double t, double df);

double binomialCdf(std::int64_t k, std::int64_t n, double p);    ///< P(X ≤ k)
double binomialPmf(std::int64_t k, std::int64_t n, double p);
/// One-sided exact binomial p: P(X ≥ k) under success probability `chance`.
double binomialUpper(std::int64_t k, std::int64_t n, double chance);

/// Wilson score interval of a share (Wilson 1927); n = 0 → NOT_IDENTIFIED.
Estimate wilson(std::int64_t successes, std::int64_t n, double level = 0.95);
/// Clopper–Pearson exact interval of a share.
Estimate clopperPearson(std::int64_t successes, std::int64_t n, double level = 0.95);

}  // namespace lacuna::statistics

#pragma once

#include <span>

/// Standardised effects of paired differences (methods.md 8.2).
namespace lacuna::statistics {

/// mean/sd of the differences; NaN when sd is 0 or n < 2.
double dz(std::span<const double> d);
/// d_z times the small-sample factor 1 − 3/(4(n − 1) − 1).
double hedges(std::span<const double> d);

}  // namespace lacuna::statistics

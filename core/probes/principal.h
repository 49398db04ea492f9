#pragma once

#include "lacuna/algebra/algebra.h"
#include "lacuna/base/run_context.h"

namespace lacuna::probes {

/// Principal axes of centred rows about zero, strongest first.
struct PrincipalAxes {
  MatrixD axes;       ///< [k, d] orthonormal rows
  VectorD variance;   ///< [k] mean squares, falling
};
/// rows [n, d]: through the smaller of [d, d] and [n, n]; axes below 1e-13 of the strongest are left out.
PrincipalAxes principalAxes(const MatrixD& rows);

/// aᵀa of a [n, d], summed over fixed blocks of rows in their order. [d, d]
MatrixD gram(const MatrixD& rows, const RunContext& context);

}  // namespace lacuna::probes

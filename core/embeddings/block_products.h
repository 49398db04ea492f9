#pragma once

#include <Eigen/Core>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

namespace lacuna::embeddings {

/// aᵀ·b in fp64, [a's columns, b's columns]. Rows go in blocks of fixed size that are added in order: the same bits at any thread count.
Eigen::MatrixXd innerProducts(const MatrixF& a, const MatrixF& b, const RunContext& context);

/// y·t in fp32, [y's rows, t's columns]; blocks of rows as above.
MatrixF times(const MatrixF& y, const Eigen::MatrixXd& t, const RunContext& context);

}  // namespace lacuna::embeddings

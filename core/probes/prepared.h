#pragma once

#include <optional>

#include "design.h"
#include "lacuna/probes/probes.h"

namespace lacuna::probes {

/// Inputs of one site made ready once for several calls of the solver: principal axes, and the rotated rows of each precision when
/// they are first asked for. Borrows x.
class PreparedInputs {
 public:
  PreparedInputs(const MatrixF& x, const RunContext& context);
  const MatrixF& x() const { return m_x; }
  const Design& design() const { return m_design; }
  template <class Scalar>
  const RowMajor<Scalar>& rotated(const RunContext& context);

 private:
  const MatrixF& m_x;
  Design m_design;
  std::optional<RowMajor<float>> m_single;
  std::optional<RowMajor<double>> m_double;
};

LogisticSolution solveLogistic(PreparedInputs& inputs, const ColumnSet& columns, double tolerance, int maxIterations,
                               const RunContext& context);

}  // namespace lacuna::probes

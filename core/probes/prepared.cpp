#include "prepared.h"

#include <type_traits>

namespace lacuna::probes {
namespace {

Design serialDesign(const MatrixF& x, const RunContext& context) {
  const algebra::SerialBlas serial;
  return makeDesign(x, context);
}

}  // namespace

PreparedInputs::PreparedInputs(const MatrixF& x, const RunContext& context) : m_x(x), m_design(serialDesign(x, context)) {}

template <class Scalar>
const RowMajor<Scalar>& PreparedInputs::rotated(const RunContext& context) {
  std::optional<RowMajor<Scalar>>* cached;
  if constexpr (std::is_same_v<Scalar, float>)
    cached = &m_single;
  else
    cached = &m_double;
  if (!cached->has_value()) *cached = rotateInputs<Scalar>(m_x, m_design, context);
  return cached->value();
}

template const RowMajor<float>& PreparedInputs::rotated<float>(const RunContext&);
template const RowMajor<double>& PreparedInputs::rotated<double>(const RunContext&);

}  // namespace lacuna::probes

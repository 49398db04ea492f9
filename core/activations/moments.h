#pragma once

#include "lacuna/activations/activations.h"

namespace lacuna::activations {

/// Running moments of token states in fp64, in document order: the same at any batch size or thread count.
class Moments {
 public:
  Moments(std::int64_t width, bool withCovariance);
  void add(const Eigen::Ref<const MatrixF>& states);   ///< [tokens, width]
  SiteStats finish() const;

 private:
  std::int64_t m_tokens = 0;
  VectorD m_sum, m_sumSquares;
  MatrixD m_products;                                  ///< [width, width], or empty
};

}  // namespace lacuna::activations

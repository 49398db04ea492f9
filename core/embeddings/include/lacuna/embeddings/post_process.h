#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

namespace lacuna::embeddings {

/// "centre": the mean is taken off. "all-but-the-top": the mean and the parts along the first D principal components (Mu & Viswanath 2018);
/// given again, the next D too.
const std::vector<std::string>& postStepNames();

/// What is done to raw vectors before they get length 1. Fitted in fp64 to the rows that have a direction (finite, not 0); the same bits at any
/// thread count.
class PostProcess {
 public:
  /// Throws LAC-1401: an unknown step, or components that leave nothing of d.
  static void check(std::span<const std::string> steps, int topComponents, std::int64_t dimensions);
  /// rows [n, d]; only the first `fitted` are looked at. topComponents 0: max(1, round(d/100)). Checks first.
  static PostProcess fit(const MatrixF& rows, std::int64_t fitted, std::span<const std::string> steps, int topComponents, const RunContext& context);

  bool changes() const { return m_mean.size() > 0; }
  /// One row after the steps.
  VectorD apply(const Eigen::Ref<const Eigen::RowVectorXf>& row) const;
  std::string description() const { return m_description; }   ///< "centred", "without the mean and 3 principal components"; empty: no step

 private:
  VectorD m_mean;      ///< [d], or empty: no step
  MatrixD m_axes;      ///< [components, d] orthonormal
  std::string m_description;
};

}  // namespace lacuna::embeddings

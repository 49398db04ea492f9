#include "lacuna/embeddings/post_process.h"

#include <algorithm>
#include <cmath>

#include "block_products.h"
#include "lacuna/algebra/algebra.h"
#include "lacuna/base/error.h"

namespace lacuna::embeddings {
namespace {

constexpr const char* kCentre = "centre";
constexpr const char* kAllButTheTop = "all-but-the-top";

std::int64_t componentsOf(std::span<const std::string> steps, int asked, std::int64_t width) {
  const std::int64_t each = asked > 0 ? asked : std::max<std::int64_t>(1, std::llround(static_cast<double>(width) / 100));
  return each * std::count(steps.begin(), steps.end(), kAllButTheTop);
}

/// The first rows with those that have no direction as zeros; how many have one.
MatrixF usedRows(const MatrixF& rows, std::int64_t fitted, std::int64_t& used) {
  MatrixF out = rows.topRows(fitted);
  used = 0;
  for (Eigen::Index i = 0; i < out.rows(); ++i) {
    const double squares = out.row(i).cast<double>().squaredNorm();
    if (std::isfinite(squares) && squares > 0) ++used;
    else out.row(i).setZero();
  }
  return out;
}

/// The last eigenvectors of the rows' covariance, as rows.
MatrixD principalAxes(const MatrixF& rows, const VectorD& mean, std::int64_t used, std::int64_t count, const RunContext& context) {
  const MatrixD covariance = innerProducts(rows, rows, context) / static_cast<double>(used) - mean * mean.transpose();
  const algebra::SerialBlas serial;
  return algebra::symmetricEigen(covariance).vectors.rightCols(count).transpose();
}

}  // namespace

const std::vector<std::string>& postStepNames() {
  static const std::vector<std::string> names{kCentre, kAllButTheTop};
  return names;
}

void PostProcess::check(std::span<const std::string> steps, int topComponents, std::int64_t dimensions) {
  for (const std::string& step : steps)
    if (step != kCentre && step != kAllButTheTop)
      throw Error("LAC-1401", "embedding: there is no step \"" + step + "\" after the encoder", "known: centre, all-but-the-top");
  if (topComponents < 0) throw Error("LAC-1401", "embedding: top_components is " + std::to_string(topComponents), "0 is max(1, round(d/100))");
  const std::int64_t components = componentsOf(steps, topComponents, dimensions);
  if (components > 0 && components >= dimensions)
    throw Error("LAC-1401", "embedding: " + std::to_string(components) + " principal components are all that vectors of " + std::to_string(dimensions) +
                                " dimensions have", "lower embedding.top_components");
}

PostProcess PostProcess::fit(const MatrixF& rows, std::int64_t fitted, std::span<const std::string> steps, int topComponents, const RunContext& context) {
  check(steps, topComponents, rows.cols());
  PostProcess out;
  const std::int64_t components = componentsOf(steps, topComponents, rows.cols());
  if (steps.empty()) return out;
  std::int64_t used = 0;
  const MatrixF there = usedRows(rows, fitted, used);
  out.m_mean = there.cast<double>().colwise().sum().transpose() / static_cast<double>(std::max<std::int64_t>(1, used));
  if (components > 0 && used > 0) out.m_axes = principalAxes(there, out.m_mean, used, components, context);
  out.m_description = components > 0 ? "without the mean and " + std::to_string(components) + " principal component" + (components > 1 ? "s" : "") : "centred";
  return out;
}

VectorD PostProcess::apply(const Eigen::Ref<const Eigen::RowVectorXf>& row) const {
  VectorD out = row.cast<double>().transpose();
  if (!changes()) return out;
  out -= m_mean;
  if (m_axes.rows() > 0) out -= m_axes.transpose() * (m_axes * out).eval();
  return out;
}

}  // namespace lacuna::embeddings

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

bool hasDirection(const Eigen::Ref<const Eigen::RowVectorXf>& row) {
  const double squares = row.cast<double>().squaredNorm();
  return std::isfinite(squares) && squares > 0;
}

/// Of the first rows that have a direction; how many they are.
VectorD meanOf(const MatrixF& rows, std::int64_t fitted, std::int64_t& used) {
  VectorD sum = VectorD::Zero(rows.cols());
  used = 0;
  for (Eigen::Index i = 0; i < fitted; ++i) {
    if (!hasDirection(rows.row(i))) continue;
    sum += rows.row(i).cast<double>().transpose();
    ++used;
  }
  return sum / static_cast<double>(std::max<std::int64_t>(1, used));
}

/// Sums of products of the first rows; those without a direction count as zeros.
MatrixD productsOf(const MatrixF& rows, std::int64_t fitted, std::int64_t used, const RunContext& context) {
  if (fitted == rows.rows() && used == fitted) return innerProducts(rows, rows, context);
  MatrixF there = rows.topRows(fitted);
  for (Eigen::Index i = 0; i < fitted; ++i)
    if (!hasDirection(there.row(i))) there.row(i).setZero();
  return innerProducts(there, there, context);
}

/// The last eigenvectors of the rows' covariance, as rows.
MatrixD principalAxes(const MatrixD& products, const VectorD& mean, std::int64_t used, std::int64_t count) {
  const MatrixD covariance = products / static_cast<double>(used) - mean * mean.transpose();
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
  out.m_mean = meanOf(rows, fitted, used);
  if (components > 0 && used > 0) out.m_axes = principalAxes(productsOf(rows, fitted, used, context), out.m_mean, used, components);
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

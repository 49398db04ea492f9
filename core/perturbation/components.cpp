#include "components.h"

#include <algorithm>
#include <deque>
#include <mutex>

#include "lacuna/algebra/algebra.h"
#include "lacuna/base/hash.h"

namespace lacuna::perturbation {
namespace {

constexpr std::size_t kKept = 4;

std::shared_ptr<const Components> decompose(const MatrixD& covariance) {
  const algebra::SymmetricEigen eigen = algebra::symmetricEigen(covariance);
  auto result = std::make_shared<Components>();
  result->variances = eigen.values.reverse().cwiseMax(0.0);
  result->rows = eigen.vectors.transpose().colwise().reverse();
  return result;
}

}  // namespace

Eigen::Index Components::carrying(double share, Eigen::Index least) const {
  const double goal = share * variances.sum();
  Eigen::Index count = 0;
  for (double sum = 0; count < variances.size() && sum < goal * (1 - 1e-12); ++count) sum += variances[count];
  return std::min(std::max(count, least), variances.size());
}

std::shared_ptr<const Components> components(const MatrixD& covariance) {
  static std::mutex mutex;
  static std::deque<std::pair<std::string, std::shared_ptr<const Components>>> kept;
  const std::string key = contentHash(std::string_view(reinterpret_cast<const char*>(covariance.data()),
                                                       static_cast<std::size_t>(covariance.size()) * sizeof(double)));
  const std::lock_guard lock(mutex);
  for (const auto& [known, value] : kept)
    if (known == key) return value;
  kept.emplace_front(key, decompose(covariance));
  if (kept.size() > kKept) kept.pop_back();
  return kept.front().second;
}

}  // namespace lacuna::perturbation

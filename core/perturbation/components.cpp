#include "components.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <deque>
#include <mutex>

#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"

namespace lacuna::perturbation {
namespace {

constexpr std::size_t kKept = 4;

std::shared_ptr<const Components> decompose(const MatrixD& covariance) {
  const c10::InferenceMode guard;
  const Eigen::Index d = covariance.rows();
  auto result = std::make_shared<Components>();
  try {
    const at::Tensor input = at::from_blob(const_cast<double*>(covariance.data()), {d, d}, at::kDouble);
    const auto [values, vectors] = at::linalg_eigh(input, "L");
    const at::Tensor rows = vectors.t().contiguous(), ascending = values.contiguous();
    result->variances = Eigen::Map<const VectorD>(ascending.data_ptr<double>(), d).reverse().cwiseMax(0.0);
    result->rows = Eigen::Map<const MatrixD>(rows.data_ptr<double>(), d, d).colwise().reverse();
  } catch (const c10::Error& error) {
    throw Error("LAC-1203", std::string("The covariance of a site has no principal components: ") + error.what_without_backtrace(),
                "Its states may hold values that are not finite.");
  }
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

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/effects/screening.h"
#include "lacuna/statistics/correlation.h"

namespace lacuna::effects {
namespace {

std::size_t shareOf(std::size_t n, double share) {
  return std::min(n, static_cast<std::size_t>(std::ceil(share * static_cast<double>(n) - 1e-9)));
}

statistics::Estimate agreementOn(std::span<const std::size_t> arms, std::span<const double> estimates, std::span<const double> exact, double level) {
  std::vector<double> screened, measured;
  for (const std::size_t arm : arms) {
    screened.push_back(estimates[arm]);
    measured.push_back(exact[arm]);
  }
  const double rho = arms.size() < 2 ? statistics::kMissing : statistics::spearman(screened, measured);
  return statistics::spearmanInterval(rho, static_cast<std::int64_t>(arms.size()), level);
}

}  // namespace

std::vector<std::size_t> Verification::all() const {
  std::vector<std::size_t> both = top;
  both.insert(both.end(), random.begin(), random.end());
  std::sort(both.begin(), both.end());
  return both;
}

Verification chooseVerified(std::span<const double> estimates, const VerificationConfig& config) {
  std::vector<std::size_t> order(estimates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto size = [&](std::size_t arm) { return std::isfinite(estimates[arm]) ? std::abs(estimates[arm]) : -1.0; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return size(a) > size(b); });
  const std::size_t top = shareOf(order.size(), config.topShare), random = std::min(shareOf(order.size(), config.randomShare), order.size() - top);
  Verification out;
  out.top.assign(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(top));
  Rng rng(config.seed, "effects.screening");
  for (const std::int64_t at : rng.sample(static_cast<std::int64_t>(order.size() - top), static_cast<std::int64_t>(random)))
    out.random.push_back(order[top + static_cast<std::size_t>(at)]);
  std::sort(out.top.begin(), out.top.end());
  std::sort(out.random.begin(), out.random.end());
  return out;
}

ScreenAgreement screenAgreement(std::span<const double> estimates, std::span<const double> exact, const Verification& verification, double level) {
  LACUNA_CHECK(estimates.size() == exact.size());
  return {agreementOn(verification.all(), estimates, exact, level), agreementOn(verification.random, estimates, exact, level)};
}

}  // namespace lacuna::effects

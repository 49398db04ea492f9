// How long do the intervals and tests of a whole study take? Grouped BCa of 100 clusters × 6 tasks × 1,000 items at B = 10,000, beside the
// time of its own resampling alone; exact Wilcoxon at n = 200.

#include <chrono>
#include <cstdio>
#include <numeric>

#include "lacuna/base/rng.h"
#include "lacuna/statistics/bootstrap.h"
#include "lacuna/statistics/tests.h"

using namespace lacuna;
using namespace lacuna::statistics;

namespace {

template <class Body> double seconds(Body&& body) {
  const auto begin = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

int main() {
  constexpr Eigen::Index kItems = 1000, kClusters = 100;
  constexpr int kTasks = 6;
  std::vector<std::int32_t> groups(kItems);
  std::iota(groups.begin(), groups.end(), 0);
  Rng rng(1, "benchmark");
  MatrixD effects(kItems, kClusters);
  for (Eigen::Index i = 0; i < effects.size(); ++i) effects.data()[i] = rng.normal() + 0.1;
  const BootstrapConfig config;
  double checksum = 0;
  const double resampling = seconds([&] { checksum += resampleCounts(kItems, config)(0, 0); });
  const double all = seconds([&] {
    for (int task = 0; task < kTasks; ++task)
      for (const Estimate& e : bcaMeans(effects, groups, config)) checksum += e.low;
  });
  std::printf("BCa, B = 10000, %d tasks x %d clusters x %d items: %.2f s (resampling once: %.2f s)\n", kTasks, static_cast<int>(kClusters), static_cast<int>(kItems), all,
              resampling);
  std::vector<double> d(200);
  for (double& v : d) v = rng.normal() + 0.1;
  constexpr int kRepeats = 100;
  const double wilcoxonTime = seconds([&] {
    for (int i = 0; i < kRepeats; ++i) checksum += wilcoxon(d, {.method = WilcoxonMethod::Exact}).p;
  });
  std::printf("Wilcoxon exact, n = 200: %.2f ms\n", 1000 * wilcoxonTime / kRepeats);
  return checksum == 0 ? 1 : 0;
}

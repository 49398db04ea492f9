// What do label permutations cost over one prepared design, beside preparing it anew for every permutation?
// Usage: benchmark_probes_null [rows width clusters permutations threads]

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "lacuna/base/rng.h"
#include "lacuna/probes/label_null.h"

using namespace lacuna;
using namespace lacuna::probes;

namespace {

using Clock = std::chrono::steady_clock;
double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// States with a few strong shared directions; labels mean nothing.
ProbeInput makeInput(int rows, int width, int clusters) {
  Rng rng(0, "benchmark");
  MatrixF shared(8, width);
  for (float& value : shared.reshaped()) value = 0.6F * static_cast<float>(rng.normal());
  ProbeInput input{MatrixF(rows, width), {}, {}, std::vector<SplitRole>(static_cast<std::size_t>(rows), SplitRole::Fit), clusters};
  for (int n = 0; n < rows; ++n) {
    input.labels.push_back(static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(clusters))));
    input.families.push_back(n);
    for (int j = 0; j < width; ++j) input.x(n, j) = static_cast<float>(rng.normal());
    for (Eigen::Index k = 0; k < 8; ++k) input.x.row(n) += shared.row(k) * static_cast<float>(rng.normal());
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, int standard) { return argc > i ? std::atoi(argv[i]) : standard; };
  const int rows = argument(1, 4000), width = argument(2, 512), clusters = argument(3, 8), permutations = argument(4, 50);
  RunContext context;
  context.threads = argument(5, 1);
  const ProbeInput input = makeInput(rows, width, clusters);
  std::vector<Probe> probes(static_cast<std::size_t>(clusters));
  for (int k = 0; k < clusters; ++k) {
    probes[static_cast<std::size_t>(k)].cluster = ClusterId(k);
    probes[static_cast<std::size_t>(k)].lambda = 0.1;
    probes[static_cast<std::size_t>(k)].status = "OK";
  }
  LabelNullConfig config;
  config.permutations = permutations;
  auto start = Clock::now();
  const std::vector<LabelNull> together = labelNull(input, probes, {}, config, context);
  const double seconds = since(start);
  std::printf("one design: %.3f s, %.2f ms a column, tau_beta %.4f, not converged %d\n", seconds, 1000 * seconds / (clusters * permutations),
              together[0].tauBeta, together[0].notConverged);
  start = Clock::now();
  config.permutations = 1;
  for (int r = 0; r < permutations; ++r) labelNull(input, probes, {}, config, context);
  const double apart = since(start);
  std::printf("a design a permutation: %.3f s; ratio %.1f\n", apart, apart / seconds);
  return 0;
}

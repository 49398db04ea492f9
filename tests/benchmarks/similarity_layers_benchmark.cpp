// How long does the layer × layer matrix of debiased CKA take for 5,000 documents × 768 dimensions × 13 layers, and how much memory?
// The NumPy reference: for each pair ‖XcᵀYc‖² with the debiasing terms, BLAS on as many threads.

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <ctime>

#include "lacuna/base/rng.h"
#include "lacuna/similarity/similarity.h"

using namespace lacuna;

int main(int argc, char** argv) {
  const auto n = static_cast<Eigen::Index>(argc > 1 ? std::atoi(argv[1]) : 5000);
  constexpr Eigen::Index kWidth = 768;
  constexpr int kLayers = 13;
  Rng rng(1, "benchmark");
  std::vector<MatrixF> clean(kLayers), perturbed(kLayers);
  for (auto* list : {&clean, &perturbed})
    for (MatrixF& states : *list) {
      states.resize(n, kWidth);
      for (Eigen::Index i = 0; i < states.size(); ++i) states.data()[i] = static_cast<float>(rng.normal());
    }
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t processor = std::clock();
  const auto matrix = similarity::linearCkaMatrix(clean, perturbed);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("CKA %d x %d layers, %d x %d: %.2f s (processor %.2f), peak %.0f MiB (states alone %.0f)\n", kLayers, kLayers, static_cast<int>(n), static_cast<int>(kWidth), seconds,
              static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC,
              static_cast<double>(usage.ru_maxrss) / 1024, 2.0 * kLayers * static_cast<double>(n) * kWidth * 4 / (1 << 20));
  return matrix[0][0].debiased == 2 ? 1 : 0;
}

// How fast are the engine's products beside OpenBLAS's on one core?
// Usage: benchmark_model_products [rows inputs outputs]

#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "kernels.h"
#include "lacuna/base/rng.h"

using namespace lacuna;
using namespace lacuna::model;

namespace {

using Sgemm = void (*)(int order, int transA, int transB, int m, int n, int k, float alpha, const float* a, int lda, const float* b, int ldb,
                       float beta, float* c, int ldc);

/// OpenBLAS at run time: the engine itself does not link it.
Sgemm openBlas() {
  void* const library = dlopen("libopenblas.so.0", RTLD_NOW);
  if (!library) return nullptr;
  if (auto* const setThreads = reinterpret_cast<void (*)(int)>(dlsym(library, "openblas_set_num_threads"))) setThreads(1);
  return reinterpret_cast<Sgemm>(dlsym(library, "cblas_sgemm"));
}

template <class Work>
double fastest(const Work& work) {
  double best = 1e9;
  for (int i = 0; i < 15; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

std::vector<float> normals(std::int64_t count) {
  Rng rng(0, "benchmark");
  std::vector<float> out;
  for (std::int64_t i = 0; i < count; ++i) out.push_back(static_cast<float>(rng.normal()));
  return out;
}

void compare(int rows, int inputs, int outputs, Sgemm sgemm) {
  const auto x = normals(std::int64_t{rows} * inputs), w = normals(std::int64_t{inputs} * outputs);
  std::vector<float> y(static_cast<std::size_t>(rows) * static_cast<std::size_t>(outputs));
  Linear linear(inputs, outputs);
  linear.packColumns(0, w.data(), outputs, outputs);
  LinearCall call{.x = x.data(), .y = y.data(), .rows = rows};
  const double gigaflops = 2e-9 * rows * inputs * outputs;
  const auto blas = [&] { sgemm(101, 111, 111, rows, outputs, inputs, 1, x.data(), inputs, w.data(), outputs, 0, y.data(), outputs); };
  double own = 1e9, other = 1e9;
  for (int turn = 0; turn < 3; ++turn) {
    own = std::min(own, fastest([&] { apply(linear, call); }));
    if (sgemm) other = std::min(other, fastest(blas));
  }
  Linear rounded(inputs, outputs, Precision::Bf16);
  rounded.packColumns(0, w.data(), outputs, outputs);
  const double pairs = fastest([&] { apply(rounded, call); });
  linear.bias = normals(outputs);
  call.activation = Activation::GeluTanh;
  const double withGelu = fastest([&] { apply(linear, call); });
  std::printf("[%d, %d] x [%d, %d]  own %.0f GFLOP/s, with bias and tanh GELU %.0f", rows, inputs, inputs, outputs, gigaflops / own, gigaflops / withGelu);
  std::printf(", in bf16 %.0f", gigaflops / pairs);
  if (sgemm) std::printf(", OpenBLAS %.0f: own is %.2f times as fast", gigaflops / other, other / own);
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  const Sgemm sgemm = openBlas();
  std::printf("kernels: %s\n", kernels().name);
  if (argc > 3) {
    compare(std::atoi(argv[1]), std::atoi(argv[2]), std::atoi(argv[3]), sgemm);
    return 0;
  }
  compare(384, 768, 3072, sgemm);
  compare(384, 3072, 768, sgemm);
  compare(480, 768, 768, sgemm);
  compare(12, 768, 3072, sgemm);
  compare(1, 768, 3072, sgemm);
}

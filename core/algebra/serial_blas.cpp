#include <cblas.h>

#include <algorithm>
#include <mutex>

#include "lacuna/algebra/algebra.h"

namespace lacuna::algebra {
namespace {

// The setting is one for the process: the first guard in changes it, the last one out puts it back.
std::mutex guardsMutex;
int guards = 0, threadsBefore = 1;

}  // namespace

SerialBlas::SerialBlas() {
  const std::lock_guard lock(guardsMutex);
  if (guards++ > 0) return;
  threadsBefore = openblas_get_num_threads();
  if (threadsBefore != 1) openblas_set_num_threads(1);
}

SerialBlas::~SerialBlas() {
  const std::lock_guard lock(guardsMutex);
  if (--guards == 0 && threadsBefore != 1) openblas_set_num_threads(threadsBefore);
}

void setBlasThreads(int threads) {
  const std::lock_guard lock(guardsMutex);
  threadsBefore = std::max(threads, 1);
  if (guards == 0) openblas_set_num_threads(threadsBefore);
}

}  // namespace lacuna::algebra

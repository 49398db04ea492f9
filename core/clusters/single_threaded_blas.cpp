#include "single_threaded_blas.h"

#include <cblas.h>

#include <mutex>

namespace lacuna::clusters {

namespace {
// The setting is one for the process: the first guard in changes it, the last one out puts it back.
std::mutex guardsMutex;
int guards = 0, threadsBefore = 1;
}  // namespace

SingleThreadedBlas::SingleThreadedBlas() {
  const std::lock_guard lock(guardsMutex);
  if (guards++ > 0) return;
  threadsBefore = openblas_get_num_threads();
  if (threadsBefore != 1) openblas_set_num_threads(1);
}

SingleThreadedBlas::~SingleThreadedBlas() {
  const std::lock_guard lock(guardsMutex);
  if (--guards == 0 && threadsBefore != 1) openblas_set_num_threads(threadsBefore);
}

}  // namespace lacuna::clusters

#include "lacuna/base/run_context.h"

#include <algorithm>
#include <thread>

#include "lacuna/base/error.h"

namespace lacuna {

void RunContext::checkpoint() const {
  if (stop.stop_requested()) throw Cancelled();
}

void RunContext::report(const std::string& stage, std::uint64_t done, std::uint64_t total) const {
  if (progress) progress({stage, done, total});
}

int RunContext::threadCount() const {
  return threads > 0 ? threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace lacuna

#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace lacuna {

struct Progress {
  std::string stage;     ///< what is being done, for people: "Scoring dyck"
  std::uint64_t done = 0, total = 0;
};

/// What every long call is given: how to stop it, whom to tell, which seed, how many threads.
struct RunContext {
  std::stop_token stop;
  std::function<void(const Progress&)> progress;  ///< may be empty; called from the calling thread only
  std::uint64_t seed = 0;
  int threads = 0;                                ///< 0: all cores
  std::uint64_t memoryBudget = 0;                 ///< bytes the whole program may take; 0: 80 % of what is free

  /// Throws Cancelled once a stop was asked for. Poll once a batch.
  void checkpoint() const;
  void report(const std::string& stage, std::uint64_t done, std::uint64_t total) const;
  int threadCount() const;
};

/// Calls body(begin, end) on contiguous chunks of [0, n) of at least `grain` items, on at most `threads` threads of one
/// persistent pool. Chunk borders may depend on the thread count: body must give the same result for any split.
/// The first exception of a body is rethrown here. Calls from inside a body run on the calling thread.
void parallelFor(std::int64_t n, int threads, std::int64_t grain,
                 const std::function<void(std::int64_t begin, std::int64_t end)>& body);

}  // namespace lacuna

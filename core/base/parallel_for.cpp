#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "lacuna/base/run_context.h"

namespace lacuna {
namespace {

using Body = std::function<void(std::int64_t, std::int64_t)>;

thread_local bool insideBody = false;

/// One parallelFor call. Threads take chunks until none is left; `body` is not touched after the last chunk is done,
/// so a worker that arrives late finds nothing to take and only lets go of the job.
struct Job {
  const Body* body;
  std::int64_t n, chunks;
  std::atomic<std::int64_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;  // guards done and error
  std::condition_variable finished;
  std::int64_t done = 0;
  std::exception_ptr error;

  void runChunk(std::int64_t chunk) {
    std::exception_ptr thrown;
    if (!failed.load(std::memory_order_relaxed)) {
      try {
        (*body)(border(chunk), border(chunk + 1));
      } catch (...) {
        thrown = std::current_exception();
        failed = true;
      }
    }
    const std::lock_guard lock(mutex);
    if (thrown && !error) error = thrown;
    if (++done == chunks) finished.notify_all();
  }

  std::int64_t border(std::int64_t chunk) const {
    const std::int64_t size = n / chunks, rest = n % chunks;  // no product: n · chunk could overflow
    return chunk * size + std::min(chunk, rest);
  }

  void work() {
    insideBody = true;
    for (std::int64_t chunk; (chunk = next.fetch_add(1)) < chunks;) runChunk(chunk);
    insideBody = false;
  }

  void wait() {
    std::unique_lock lock(mutex);
    finished.wait(lock, [&] { return done == chunks; });
    if (error) std::rethrow_exception(error);
  }
};

class Pool {
 public:
  ~Pool() {
    {
      const std::lock_guard lock(m_mutex);
      m_stop = true;
    }
    m_wake.notify_all();
    for (std::thread& worker : m_workers) worker.join();
  }

  void enlist(const std::shared_ptr<Job>& job, std::int64_t helpers) {
    {
      const std::lock_guard lock(m_mutex);
      while (static_cast<std::int64_t>(m_workers.size()) < helpers) m_workers.emplace_back([this] { serve(); });
      m_queue.insert(m_queue.end(), static_cast<std::size_t>(helpers), job);
    }
    m_wake.notify_all();
  }

 private:
  void serve() {
    for (;;) {
      std::unique_lock lock(m_mutex);
      m_wake.wait(lock, [&] { return m_stop || !m_queue.empty(); });
      if (m_stop) return;
      const std::shared_ptr<Job> job = std::move(m_queue.front());
      m_queue.pop_front();
      lock.unlock();
      job->work();
    }
  }

  std::mutex m_mutex;  // guards everything below
  std::condition_variable m_wake;
  std::deque<std::shared_ptr<Job>> m_queue;
  std::vector<std::thread> m_workers;
  bool m_stop = false;
};

Pool& pool() {
  static Pool instance;
  return instance;
}

constexpr std::int64_t chunksPerThread = 4;  // enough to even out slow chunks

}  // namespace

void parallelFor(std::int64_t n, int threads, std::int64_t grain, const Body& body) {
  if (n <= 0) return;
  const std::int64_t most = n / std::max<std::int64_t>(grain, 1);
  const std::int64_t wanted = RunContext{{}, {}, 0, threads}.threadCount();
  const std::int64_t used = std::min(wanted, most);
  if (insideBody || used <= 1) {
    body(0, n);
    return;
  }
  const auto job = std::make_shared<Job>();
  job->body = &body;
  job->n = n;
  job->chunks = std::min(most, used * chunksPerThread);
  pool().enlist(job, used - 1);
  job->work();
  job->wait();
}

}  // namespace lacuna

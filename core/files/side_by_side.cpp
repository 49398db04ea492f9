#include "side_by_side.h"

#include <chrono>

#include "lacuna/base/error.h"
#include "read_file.h"

namespace lacuna::files {
namespace {

constexpr std::size_t batchRows = 512, none = static_cast<std::size_t>(-1);
constexpr std::uint64_t batchBytes = 1u << 20, aheadBytes = 16u << 20;

}  // namespace

/// Gathers the rows of one file into batches.
class SideBySide::Collector : public RowSink {
 public:
  Collector(SideBySide& owner, std::size_t file) : m_owner(owner), m_file(file) {}
  bool wanted() const override { return m_wanted; }
  void send() {
    m_wanted = !m_owner.abandoned();
    if (!m_events.empty()) m_owner.put(m_file, std::move(m_events), m_bytes);
    m_events.clear();
    m_bytes = 0;
  }

 private:
  void take(RowEvent&& event) override {
    m_bytes += event.text.size() + bytesOf(event.row);
    m_events.push_back(std::move(event));
    if (m_events.size() >= batchRows || m_bytes >= batchBytes) send();
  }

  SideBySide& m_owner;
  std::size_t m_file;
  std::vector<RowEvent> m_events;
  std::uint64_t m_bytes = 0;
  bool m_wanted = true;
};

SideBySide::SideBySide(const std::vector<std::filesystem::path>& files, std::vector<std::size_t> which, const ReadOptions& options,
                       std::function<void(std::size_t)> onRead, int threads)
    : m_paths(files), m_which(std::move(which)), m_options(options), m_onRead(std::move(onRead)), m_files(m_which.size()) {
  for (int i = 0; i < threads; ++i) m_threads.emplace_back([this] { work(); });
}

SideBySide::~SideBySide() {
  {
    const std::lock_guard lock(m_mutex);
    m_abandoned = true;
  }
  m_changed.notify_all();
  for (std::thread& thread : m_threads) thread.join();
}

bool SideBySide::abandoned() const {
  const std::lock_guard lock(m_mutex);
  return m_abandoned;
}

void SideBySide::work() {
  for (;;) {
    std::size_t file = 0;
    {
      const std::lock_guard lock(m_mutex);
      if (m_abandoned || m_claimed == m_files.size()) return;
      file = m_claimed++;
    }
    std::exception_ptr failure;
    try {
      Collector collector(*this, file);
      const auto poll = [this] {
        if (abandoned()) throw Cancelled();
      };
      readFile(m_paths[m_which[file]], m_options, {m_onRead, poll, false}, collector);
      collector.send();
    } catch (...) {
      failure = std::current_exception();   // told to the consumer, in its thread
    }
    {
      const std::lock_guard lock(m_mutex);
      m_files[file].failure = failure;
      m_files[file].finished = true;
    }
    m_changed.notify_all();
  }
}

void SideBySide::put(std::size_t file, std::vector<RowEvent>&& events, std::uint64_t bytes) {
  {
    std::unique_lock lock(m_mutex);
    File& own = m_files[file];
    m_changed.wait(lock, [&] { return m_abandoned || own.bytes < aheadBytes; });
    own.batches.push_back(std::move(events));
    own.sizes.push_back(bytes);
    own.bytes += bytes;
  }
  m_changed.notify_all();
}

std::size_t SideBySide::ready(bool anyOrder) {
  while (m_first < m_files.size() && m_files[m_first].told) ++m_first;
  const std::size_t end = anyOrder ? m_claimed : std::min(m_first + 1, m_files.size());
  for (std::size_t i = m_first; i < end; ++i)
    if (!m_files[i].told && (!m_files[i].batches.empty() || m_files[i].finished)) return i;
  return none;
}

void SideBySide::take(File& file, Batch& batch) {
  if (file.batches.empty() && file.failure) std::rethrow_exception(file.failure);
  if (!file.batches.empty()) {
    batch.events = std::move(file.batches.front());
    file.batches.pop_front();
    file.bytes -= file.sizes.front();
    file.sizes.pop_front();
  }
  batch.last = file.told = file.finished && file.batches.empty() && !file.failure;
}

bool SideBySide::next(bool anyOrder, Batch& batch, const std::function<void()>& poll) {
  std::unique_lock lock(m_mutex);
  for (;;) {
    const std::size_t i = ready(anyOrder);
    if (m_first == m_files.size()) return false;
    if (i != none) {
      batch = {m_which[i], {}, false};
      take(m_files[i], batch);
      break;
    }
    m_changed.wait_for(lock, std::chrono::milliseconds(100));
    lock.unlock();
    poll();
    lock.lock();
  }
  lock.unlock();
  m_changed.notify_all();
  return true;
}

}  // namespace lacuna::files

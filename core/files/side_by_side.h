#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "lacuna/files/files.h"
#include "row_sink.h"

namespace lacuna::files {

/// Reads several files at once, each on one thread, and hands their rows to one consumer a few hundred at a time. What waits to be
/// consumed is bounded: a file that is too far ahead pauses.
class SideBySide {
 public:
  SideBySide(const std::vector<std::filesystem::path>& files, const ReadOptions& options, std::function<void(std::size_t)> onRead, int threads);
  ~SideBySide();

  struct Batch {
    std::size_t file = 0;
    std::vector<RowEvent> events;
  };
  /// The next rows of the first file that is not finished, or, in any order, of any file; false at the end of all. Rethrows what a
  /// reader threw. `poll` runs while there is nothing yet.
  bool next(bool anyOrder, Batch& batch, const std::function<void()>& poll);

 private:
  class Collector;
  struct File {
    std::deque<std::vector<RowEvent>> batches;
    std::uint64_t bytes = 0;                     ///< of all batches, about
    std::deque<std::uint64_t> sizes;
    bool finished = false;
    std::exception_ptr failure;
  };
  void work();
  void put(std::size_t file, std::vector<RowEvent>&& events, std::uint64_t bytes);
  bool abandoned() const;
  /// The file to take from: the first with rows (in any order) or the first unfinished; npos: none yet.
  std::size_t ready(bool anyOrder);

  const std::vector<std::filesystem::path>& m_paths;
  const ReadOptions& m_options;
  std::function<void(std::size_t)> m_onRead;
  mutable std::mutex m_mutex;
  std::condition_variable m_changed;
  std::vector<File> m_files;
  std::size_t m_claimed = 0, m_first = 0;        ///< files given to a reader; files consumed wholly
  bool m_abandoned = false;
  std::vector<std::thread> m_threads;
};

}  // namespace lacuna::files

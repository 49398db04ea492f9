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
  /// `which`: the files to read, by their place.
  SideBySide(const std::vector<std::filesystem::path>& files, std::vector<std::size_t> which, const ReadOptions& options,
             std::function<void(std::size_t)> onRead, int threads);
  ~SideBySide();

  struct Batch {
    std::size_t file = 0;
    std::vector<RowEvent> events;
    bool last = false;                           ///< nothing more comes from this file
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
    bool finished = false, told = false;         ///< read wholly; its end was handed on
    std::exception_ptr failure;
  };
  void work();
  void put(std::size_t file, std::vector<RowEvent>&& events, std::uint64_t bytes);
  bool abandoned() const;
  void take(File& file, Batch& batch);
  /// The file to take from: the first with rows or its end (in any order) or the first unfinished; npos: none yet.
  std::size_t ready(bool anyOrder);

  const std::vector<std::filesystem::path>& m_paths;
  std::vector<std::size_t> m_which;
  const ReadOptions& m_options;
  std::function<void(std::size_t)> m_onRead;
  mutable std::mutex m_mutex;
  std::condition_variable m_changed;
  std::vector<File> m_files;                     ///< [which]
  std::size_t m_claimed = 0, m_first = 0;        ///< files given to a reader; files consumed wholly
  bool m_abandoned = false;
  std::vector<std::thread> m_threads;
};

}  // namespace lacuna::files

#include <algorithm>
#include <atomic>
#include <system_error>

#include "delivery.h"
#include "lacuna/base/error.h"
#include "lacuna/files/file_hash.h"
#include "lacuna/files/files.h"
#include "list_files.h"
#include "read_file.h"
#include "side_by_side.h"

namespace lacuna::files {
namespace {

namespace fs = std::filesystem;

/// Bytes of the disk that were read, told to whoever waits.
class ReadProgress {
 public:
  ReadProgress(const std::vector<fs::path>& files, const RunContext& context) : m_context(context) {
    std::error_code error;
    for (const fs::path& file : files)
      if (const auto size = fs::file_size(file, error); !error) m_total += size;
  }
  void add(std::size_t bytes) { m_done += bytes; }
  void poll() {
    m_context.checkpoint();
    const std::uint64_t done = m_done;
    if (done - m_reported < (4u << 20)) return;
    m_reported = done;
    report();
  }
  void report() const {
    const std::uint64_t done = m_done;
    m_context.report("Reading the corpus", done, std::max(done, m_total));
  }

 private:
  const RunContext& m_context;
  std::uint64_t m_total = 0, m_reported = 0;
  std::atomic<std::uint64_t> m_done{0};
};

/// The rows of one file, at once.
class DirectSink : public RowSink {
 public:
  DirectSink(Delivery& delivery, std::size_t file) : m_delivery(delivery), m_file(file) {}
  bool wanted() const override { return m_delivery.wanted(); }

 private:
  void take(RowEvent&& event) override { m_delivery.take(m_file, std::move(event)); }
  Delivery& m_delivery;
  std::size_t m_file;
};

/// The files of a corpus that are still to be read.
struct Reading {
  const std::vector<fs::path>& files;
  std::vector<std::size_t> unread;
  const ReadOptions& options;
};

void readOneByOne(const Reading& reading, ReadProgress& progress, bool ahead, Delivery& delivery) {
  const FileAccess access{[&](std::size_t bytes) { progress.add(bytes); }, [&] { progress.poll(); }, ahead};
  for (const std::size_t i : reading.unread) {
    if (!delivery.wanted()) return;
    DirectSink sink(delivery, i);
    readFile(reading.files[i], reading.options, access, sink);
    delivery.end(i);
  }
}

void readSideBySide(const Reading& reading, ReadProgress& progress, int threads, Delivery& delivery) {
  SideBySide files(reading.files, reading.unread, reading.options, [&](std::size_t bytes) { progress.add(bytes); }, threads);
  const auto poll = [&] { progress.poll(); };
  for (SideBySide::Batch batch; delivery.wanted() && files.next(reading.options.anyOrder && delivery.knowsTextField(), batch, poll);) {
    progress.poll();
    for (RowEvent& event : batch.events) delivery.take(batch.file, std::move(event));
    if (batch.last) delivery.end(batch.file);
  }
}

/// At most `threads` threads in all, this one among them.
void readAll(const Reading& reading, ReadProgress& progress, int threads, Delivery& delivery) {
  if (threads > 2 && reading.unread.size() > 1)
    readSideBySide(reading, progress, static_cast<int>(std::min(reading.unread.size(), static_cast<std::size_t>(threads - 1))), delivery);
  else
    readOneByOne(reading, progress, threads > 1, delivery);
}

/// Hands on what is known of files that were read before; gives the others.
std::vector<std::size_t> takeKnown(const std::vector<fs::path>& files, const ReadOptions& options, ReadProgress& progress, Delivery& delivery) {
  std::map<std::size_t, ReadReport> known = options.known ? options.known(files) : std::map<std::size_t, ReadReport>();
  std::vector<std::size_t> unread;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto before = known.find(i);
    if (before == known.end()) unread.push_back(i);
    else {
      progress.add(stampOf(files[i]).size);
      delivery.know(i, std::move(before->second));
    }
  }
  return unread;
}

void addStamps(ReadReport& report) {
  for (ReadReport::File& file : report.files) {
    const FileStamp stamp = stampOf(file.path);
    file.size = stamp.size;
    file.modified = stamp.modified;
  }
}

Error noDocuments(std::span<const fs::path> paths, const ReadReport& report) {
  std::string message = "'" + (paths.empty() ? "" : paths.front().string()) + "' holds no documents";
  for (const auto& [kind, count] : report.bad) message += "; " + kind + ": " + std::to_string(count);
  if (!report.examples.empty()) message += "; first: " + report.examples.front();
  return Error("LAC-1101", message, "choose a file or folder of JSON lines, JSON, CSV, TSV, Parquet or plain text");
}

}  // namespace

bool ReadReport::damaged() const {
  return std::any_of(files.begin(), files.end(), [](const File& file) { return file.damaged; });
}

std::uint64_t ReadReport::badRows() const {
  std::uint64_t rows = 0;
  for (const auto& [kind, count] : bad) rows += count;
  return rows;
}

double ReadReport::badShare() const {
  const std::uint64_t rows = badRows();
  return rows == 0 ? 0 : static_cast<double>(rows) / static_cast<double>(rows + documents);
}

ReadReport readRecords(std::span<const fs::path> paths, const ReadOptions& options, const RunContext& context,
                       const std::function<bool(Record&&)>& use) {
  std::vector<std::string> warnings;
  const std::vector<fs::path> files = listFiles(paths, warnings);
  ReadProgress progress(files, context);
  Delivery delivery(files, options, use);
  const Reading reading{files, takeKnown(files, options, progress, delivery), options};
  progress.poll();
  readAll(reading, progress, context.threadCount(), delivery);
  ReadReport report = delivery.finish();
  report.warnings.insert(report.warnings.begin(), warnings.begin(), warnings.end());
  addStamps(report);
  progress.report();
  if (report.documents == 0 && !options.mayBeEmpty) throw noDocuments(paths, report);
  return report;
}

}  // namespace lacuna::files

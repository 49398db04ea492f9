#include <algorithm>
#include <system_error>

#include "containers.h"
#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "natural_order.h"

namespace lacuna::files {
namespace {

namespace fs = std::filesystem;

bool isStructured(const fs::path& path) {
  const std::string name = path.filename().string();
  for (const char* part : {".json", ".ndjson", ".csv", ".tsv", ".parquet", ".gz", ".zst"})
    if (name.find(part) != std::string::npos) return true;
  return false;
}

bool isAbout(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with("README") || name.starts_with("LICENSE") || name.starts_with("CITATION");
}

/// All files below a folder in the natural order of their paths, hidden ones left out; a file is itself.
std::vector<fs::path> listFiles(const fs::path& path, std::vector<std::string>& warnings) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<fs::path> files;
  auto entry = fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied, error);
  if (error) throw Error("LAC-1101", "cannot list '" + path.string() + "': " + error.message(), "check that the folder may be read");
  for (; entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (error) break;
    if (entry->path().filename().string().starts_with('.')) {
      if (entry->is_directory(error)) entry.disable_recursion_pending();
    } else if (entry->is_regular_file(error)) {
      files.push_back(entry->path());
    }
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return naturallyBefore(a.string(), b.string()); });
  // Beside data files a README describes them and is no document.
  if (std::any_of(files.begin(), files.end(), isStructured))
    std::erase_if(files, [&](const fs::path& file) {
      if (isAbout(file)) warnings.push_back(file.string() + ": left out, it describes the data");
      return isAbout(file);
    });
  return files;
}

struct Stamp {
  std::uintmax_t size = 0;
  fs::file_time_type time;
  explicit Stamp(const fs::path& path) {
    std::error_code ignored;
    size = fs::file_size(path, ignored);
    time = fs::last_write_time(path, ignored);
  }
  bool operator==(const Stamp&) const = default;
};

void readFile(const fs::path& path, const ReadOptions& options, const std::function<void(std::size_t)>& onRead, RowSink& sink) {
  sink.beginFile(path.string());
  const Stamp before(path);
  OpenedText opened;
  try {
    opened = openText(path, onRead);
  } catch (const Error& error) {
    return sink.damaged(error.message());
  }
  if (!opened.refused.empty()) return sink.damaged(opened.refused);
  PeekedSource& source = *opened.source;
  switch (detectContainer(source.head(), path)) {
    case Container::JsonLines: readJsonLines(source, options, sink); break;
    case Container::JsonValues: readJsonValues(source, options, sink); break;
    case Container::Csv: readCsv(source, options, sink); break;
    case Container::Text: readPlainText(source, options, sink); break;
  }
  if (!source.damage().empty()) sink.damaged(source.damage());
  if (!source.warning().empty()) sink.warn(source.warning());
  if (!(before == Stamp(path))) sink.warn("it changed while it was read");
}

Error noDocuments(const fs::path& path, const ReadReport& report) {
  std::string message = "'" + path.string() + "' holds no documents";
  for (const auto& [kind, count] : report.bad) message += "; " + kind + ": " + std::to_string(count);
  if (!report.examples.empty()) message += "; first: " + report.examples.front();
  return Error("LAC-1101", message, "choose a file or folder of JSON lines, JSON, CSV, TSV or plain text");
}

}  // namespace

bool ReadReport::damaged() const {
  return std::any_of(files.begin(), files.end(), [](const File& file) { return file.damaged; });
}

ReadReport readRecords(const fs::path& path, const ReadOptions& options, const RunContext& context,
                       const std::function<bool(Record&&)>& use) {
  std::error_code error;
  if (!fs::exists(path, error)) throw Error("LAC-1101", "there is no '" + path.string() + "'", "check the path of the corpus");
  std::vector<std::string> warnings;
  const std::vector<fs::path> files = listFiles(path, warnings);
  std::uint64_t total = 0, done = 0, reported = 0;
  for (const fs::path& file : files)
    if (const auto size = fs::file_size(file, error); !error) total += size;
  const auto onRead = [&](std::size_t bytes) {
    context.checkpoint();
    done += bytes;
    if (done - reported < (4u << 20)) return;
    reported = done;
    context.report("Reading the corpus", done, std::max(done, total));
  };
  RowSink sink(options, use);
  for (const fs::path& file : files) {
    if (!sink.wanted()) break;
    readFile(file, options, onRead, sink);
  }
  ReadReport report = sink.finish();
  report.warnings.insert(report.warnings.begin(), warnings.begin(), warnings.end());
  context.report("Reading the corpus", done, std::max(done, total));
  if (report.documents == 0) throw noDocuments(path, report);
  return report;
}

}  // namespace lacuna::files

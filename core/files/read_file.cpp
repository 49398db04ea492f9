#include "read_file.h"

#include <system_error>

#include "containers.h"
#include "lacuna/base/error.h"

namespace lacuna::files {
namespace {

namespace fs = std::filesystem;

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

/// Lets `poll` run at every read.
class Polled : public ByteSource {
 public:
  Polled(ByteSource& in, const std::function<void()>& poll) : m_in(in), m_poll(poll) {}
  std::size_t read(char* buffer, std::size_t size) override {
    m_poll();
    return m_in.read(buffer, size);
  }
  const std::string& damage() const override { return m_in.damage(); }
  const std::string& warning() const override { return m_in.warning(); }

 private:
  ByteSource& m_in;
  const std::function<void()>& m_poll;
};

void readText(PeekedSource& source, const fs::path& path, const ReadOptions& options, const FileAccess& access, RowSink& sink) {
  Polled polled(source, access.poll);
  switch (detectContainer(source.head(), path)) {
    case Container::JsonLines: readJsonLines(polled, options, sink); break;
    case Container::JsonValues: readJsonValues(polled, options, sink); break;
    case Container::Csv: readCsv(polled, csvFormatOf(source.head(), path), options, sink); break;
    case Container::Text: readPlainText(polled, options, sink); break;
  }
  if (!source.damage().empty()) sink.damaged(source.damage());
  if (!source.warning().empty()) sink.warn(source.warning());
}

void readRows(const fs::path& path, std::uintmax_t size, const ReadOptions& options, const FileAccess& access, RowSink& sink) {
  const OpenedText opened = openText(path, {access.onRead, options.largestRatio, access.ahead});
  if (opened.parquet) {
    double before = 0;
    const auto onProgress = [&](double share) {
      access.poll();
      access.onRead(static_cast<std::size_t>((share - before) * static_cast<double>(size)));
      before = share;
    };
    readParquet(path, options, sink, onProgress);
  } else if (!opened.refused.empty()) {
    sink.damaged(opened.refused);
  } else {
    readText(*opened.source, path, options, access, sink);
  }
}

}  // namespace

void readFile(const fs::path& path, const ReadOptions& options, const FileAccess& access, RowSink& sink) {
  const Stamp before(path);
  try {
    readRows(path, before.size, options, access, sink);
  } catch (const Error& error) {
    if (error.code() != "LAC-1105") throw;
    return sink.damaged(error.message());
  }
  if (!(before == Stamp(path))) sink.warn("it changed while it was read");
}

}  // namespace lacuna::files

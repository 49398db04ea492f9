#pragma once

#include <filesystem>
#include <functional>

#include "lacuna/files/files.h"
#include "row_sink.h"

namespace lacuna::files {

struct FileAccess {
  std::function<void(std::size_t)> onRead;   ///< bytes of the disk that were read; may be called by another thread
  std::function<void()> poll;                ///< by the reading thread, every few hundred KiB; may throw
  bool ahead = false;                        ///< unpack on a thread of its own
};

/// Reads one file of any container into the sink, whatever is wrong with it.
void readFile(const std::filesystem::path& path, const ReadOptions& options, const FileAccess& access, RowSink& sink);

}  // namespace lacuna::files

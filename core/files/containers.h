#pragma once

#include <filesystem>
#include <functional>

#include "byte_source.h"
#include "row_sink.h"
#include "lacuna/files/files.h"

namespace lacuna::files {

enum class Container { JsonLines, JsonValues, Csv, Text };

/// What an opened text is, by its first bytes; the name's ending (".gz" and ".zst" aside) decides doubtful cases only.
Container detectContainer(std::string_view head, const std::filesystem::path& path);

/// Each reads one whole file into the sink, until the end or until nothing more is wanted.
void readJsonLines(ByteSource& source, const ReadOptions& options, RowSink& sink);
/// One array, or values one after the other: every element is a row, however many lines it takes.
void readJsonValues(ByteSource& source, const ReadOptions& options, RowSink& sink);
void readCsv(ByteSource& source, std::string_view head, const ReadOptions& options, RowSink& sink);
void readPlainText(ByteSource& source, const ReadOptions& options, RowSink& sink);
/// `onProgress` gets the share of the file that was read, in [0, 1], every few hundred rows. A row group with a damaged page is counted
/// as bad rows and left out; the file is damaged then.
void readParquet(const std::filesystem::path& path, const ReadOptions& options, RowSink& sink, const std::function<void(double)>& onProgress);

}  // namespace lacuna::files

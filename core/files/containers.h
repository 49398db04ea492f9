#pragma once

#include <filesystem>
#include <functional>

#include "byte_source.h"
#include "csv_parser.h"
#include "row_sink.h"
#include "lacuna/files/files.h"

namespace lacuna::files {

enum class Container { JsonLines, JsonValues, Csv, Text };

/// What an opened text is, by its first bytes; the name's ending (".gz" and ".zst" aside) decides doubtful cases only: a JSON object or
/// array is one in a .csv too.
Container detectContainer(std::string_view head, const std::filesystem::path& path);
/// As its first line looks; a .tsv has tabs, whatever it looks like.
CsvFormat csvFormatOf(std::string_view head, const std::filesystem::path& path);

/// Each reads one whole file into the sink, until the end or until nothing more is wanted.
void readJsonLines(ByteSource& source, const ReadOptions& options, RowSink& sink);
/// Arrays, or values one after the other: every element is a row, however many lines it takes.
void readJsonValues(ByteSource& source, const ReadOptions& options, RowSink& sink);
/// Columns whose name was there before are called NAME.2 and so on, with a warning. A header that is too long is damage.
void readCsv(ByteSource& source, CsvFormat format, const ReadOptions& options, RowSink& sink);
void readPlainText(ByteSource& source, const ReadOptions& options, RowSink& sink);
/// `onProgress` gets the share of the file that was read, in [0, 1], every few hundred rows. A row group with a damaged page is counted
/// as bad rows and left out; the file is damaged then.
void readParquet(const std::filesystem::path& path, const ReadOptions& options, RowSink& sink, const std::function<void(double)>& onProgress);

}  // namespace lacuna::files

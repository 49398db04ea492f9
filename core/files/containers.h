#pragma once

#include <filesystem>

#include "byte_source.h"
#include "row_sink.h"

namespace lacuna::files {

enum class Container { JsonLines, JsonValues, Csv, Text };

/// What an opened text is, by its first bytes; the name's ending (".gz" and ".zst" aside) decides doubtful cases only.
Container detectContainer(std::string_view head, const std::filesystem::path& path);

/// Each reads one whole file into the sink, until the end or until nothing more is wanted.
void readJsonLines(ByteSource& source, const ReadOptions& options, RowSink& sink);
/// One array, or values one after the other: every element is a row, however many lines it takes.
void readJsonValues(ByteSource& source, const ReadOptions& options, RowSink& sink);
void readCsv(PeekedSource& source, const ReadOptions& options, RowSink& sink);
void readPlainText(ByteSource& source, const ReadOptions& options, RowSink& sink);

}  // namespace lacuna::files

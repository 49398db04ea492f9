#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

namespace lacuna::files {

/// One record of a text container: the text, where it came from, and its other scalar fields.
struct Record {
  std::string text;
  std::map<std::string, std::string> metadata;  ///< dotted paths one level deep: "meta.pile_set_name"
  std::size_t file = 0;                         ///< which of ReadReport::files
  std::uint64_t row = 0;                        ///< 0-based among the rows of its file
};

/// What was wrong with rows; counts by kind, and the first examples as "file:line: what".
struct ReadReport {
  std::uint64_t documents = 0, bytes = 0;         ///< bytes: of the texts delivered, as UTF-8
  std::map<std::string, std::uint64_t> bad;       ///< unparsable, missing_text, empty_text, too_long, wrong_field_count, damaged_row_group
  std::map<std::string, std::uint64_t> repaired;  ///< rows delivered with: invalid_utf8, lone_surrogate, duplicate_key, control_characters
  std::vector<std::string> examples;              ///< at most 20
  std::vector<std::string> warnings;              ///< what lost no row: garbage behind a member, a file that changed while it was read
  std::string textField;
  std::vector<std::string> metadataFields;        ///< at most 1000
  struct File {
    std::string path;
    std::uint64_t documents = 0;
    bool damaged = false;
    std::uint64_t size = 0;                       ///< bytes on the disk
    std::int64_t modified = 0;                    ///< nanoseconds since 1970
  };
  std::vector<File> files;
  bool damaged() const;
  std::uint64_t badRows() const;
  /// Share of the rows that were bad; above 1 % a run is "completed with warnings".
  double badShare() const;
  bool sound() const { return !damaged() && badShare() <= .01; }
  /// Adds what further files gave, in the order of the files. The text field is the first that is known.
  void add(const ReadReport& more);
};

enum class TextUnit { File, Line, Paragraph };    ///< what one document of a plain text is; paragraphs end at blank lines

struct ReadOptions {
  std::string textField{};                    ///< empty: found by itself (formats.md 5)
  std::uint64_t maxLineBytes = 64u << 20;
  std::uint64_t maxRecords = 0;               ///< 0: all
  TextUnit textUnit = TextUnit::File;
  bool anyOrder = false;                      ///< records may come in any order once the text field is known: files are read side by side
  bool mayBeEmpty = false;                    ///< no documents are a report, not an error
  std::uint64_t largestRatio = 1000;          ///< a file that unpacks to more than 4 GiB and this many times its size is damaged
  /// What files gave when they were read before: called once with all of them; those that it knows are not read again, and count.
  std::function<std::map<std::size_t, ReadReport>(const std::vector<std::filesystem::path>&)> known{};
  /// Called once all records of a file were used, with what it alone gave.
  std::function<void(std::size_t file, const ReadReport&)> finished{};
};

/// Streams files and folders (natural order of paths): JSONL, JSON array, CSV/TSV, plain text, Parquet; gzip and zstd by magic.
/// Never aborts on a bad row; throws LAC-1101 when a path cannot be read at all, holds no documents, or its text field cannot be told.
/// `use` is called by the calling thread, and may return false to stop early. Memory does not depend on the size of the files.
ReadReport readRecords(std::span<const std::filesystem::path> paths, const ReadOptions& options, const RunContext& context,
                       const std::function<bool(Record&&)>& use);
inline ReadReport readRecords(const std::filesystem::path& path, const ReadOptions& options, const RunContext& context,
                              const std::function<bool(Record&&)>& use) {
  return readRecords(std::span(&path, 1), options, context, use);
}

std::string readText(const std::filesystem::path& path);       ///< whole file; LAC-1105 when unreadable
/// Temporary file in the same folder, fsync, rename, fsync of the folder. Throws LAC-3002.
void writeFileAtomically(const std::filesystem::path& path, std::string_view bytes);

/// Invalid UTF-8 → U+FFFD (one for each maximal invalid part); `count` gets the number of replacements.
std::string sanitiseUtf8(std::string_view bytes, std::uint64_t* count = nullptr);

/// RFC 4180 rows, "\n" ends: fields are quoted where they need it.
std::string csvRow(const std::vector<std::string>& fields);
/// Parses a whole CSV text with quotes, embedded newlines and BOM; `separator` 0: found by itself (comma, tab, semicolon).
std::vector<std::vector<std::string>> parseCsv(std::string_view text, char separator = ',');

/// .npy format 1.0, C order, little-endian.
void writeNpy(const std::filesystem::path& path, const MatrixF& matrix);
void writeNpy(const std::filesystem::path& path, const std::vector<float>& values, const std::vector<std::int64_t>& shape);
void writeNpy(const std::filesystem::path& path, const std::vector<std::int32_t>& values);   ///< int32 [n]
struct NpyArray {
  std::vector<std::int64_t> shape;
  std::vector<double> values;                 ///< f4, f8, i4, i8, b1 widened
};
NpyArray readNpy(const std::filesystem::path& path);           ///< throws LAC-1012
MatrixF readNpyMatrix(const std::filesystem::path& path, int threads = 1);   ///< two dimensions; float32 is read in place; throws LAC-1012

}  // namespace lacuna::files

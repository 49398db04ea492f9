#include "containers.h"

#include <algorithm>
#include <set>

#include "line_reader.h"
#include "lacuna/base/numbers.h"

namespace lacuna::files {
namespace {

constexpr std::string_view byteOrderMark = "\xEF\xBB\xBF";

std::string extension(std::filesystem::path path) {
  const auto lower = [](std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
  };
  std::string last = lower(path.extension().string());
  if (last == ".gz" || last == ".zst" || last == ".zstd") last = lower(path.stem().extension().string());
  return last;
}

std::string_view firstLine(std::string_view head) { return head.substr(0, head.find('\n')); }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::string_view(" \t\r\n").find(text.front()) != std::string_view::npos) text.remove_prefix(1);
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos) text.remove_suffix(1);
  return text;
}

bool isJsonObject(std::string_view text) {
  std::string json(trimmed(text));
  Row row;
  return json.starts_with('{') && JsonRowParser().parse(json, row).empty();
}

/// The object that the text begins with, as far as depth and strings tell; empty when its end is not there.
std::string_view firstObject(std::string_view text) {
  bool inString = false;
  int depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (inString && c == '\\') ++at;
    else if (c == '"') inString = !inString;
    else if (!inString && (c == '{' || c == '[')) ++depth;
    else if (!inString && (c == '}' || c == ']') && --depth == 0) return text.substr(0, at + 1);
  }
  return {};
}

/// An object laid out over several lines.
bool spansLines(std::string_view text) {
  if (trimmed(firstLine(text)) == "{") return true;
  const std::string_view first = firstObject(text);
  return first.find('\n') != std::string_view::npos && isJsonObject(first);
}

/// One of the first lines is an object, or the first line is longer than what is looked at.
bool anyLineIsObject(std::string_view head) {
  if (head.size() >= 60000 && head.find('\n') == std::string_view::npos) return true;
  for (int i = 0; i < 5 && !head.empty(); ++i) {
    const std::string_view line = firstLine(head);
    if (isJsonObject(line)) return true;
    head.remove_prefix(std::min(line.size() + 1, head.size()));
  }
  return false;
}

bool isIdentifier(std::string_view name) {
  return !name.empty() && name.size() <= 40 && name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.- ") == std::string_view::npos &&
         std::count(name.begin(), name.end(), ' ') <= 2 && !name.ends_with('.') && !parseNumber(name);
}

/// A header of distinct names and the same number of fields in each of the next rows; prose with commas has neither.
bool looksLikeCsv(std::string_view head, bool byName) {
  const CsvFormat format = guessCsvFormat(head);
  CsvParser parser(format);
  std::vector<std::vector<std::string>> rows;
  for (std::size_t at = 0; at < head.size() && rows.size() < 6; ++at)
    if (parser.feed(head[at])) rows.push_back(parser.row());
  if (rows.size() < 6 && parser.finish() && head.size() < 65536) rows.push_back(parser.row());
  if (rows.size() < 2 || rows[0].size() < 2) return false;
  std::set<std::string> names;
  for (const std::string& name : rows[0]) {
    const bool fits = isIdentifier(name) && (byName || format.separator == '\t' || name.find(' ') == std::string::npos);
    if (!fits || !names.insert(name).second) return false;
  }
  return std::all_of(rows.begin(), rows.end(), [&](const auto& row) { return row.size() == rows[0].size(); });
}

}  // namespace

Container detectContainer(std::string_view head, const std::filesystem::path& path) {
  const std::string ending = extension(path);
  const bool json = ending == ".json" || ending == ".jsonl" || ending == ".ndjson";
  const std::size_t first = head.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && head[first] == '{') {
    const std::string_view rest = head.substr(first);
    if (spansLines(rest)) return Container::JsonValues;
    if (json || anyLineIsObject(rest)) return Container::JsonLines;
  }
  if (first != std::string_view::npos && head[first] == '[') {
    const std::string_view rest = trimmed(head.substr(first + 1));
    if (ending == ".json" || rest.starts_with('{') || rest.starts_with("\"") || rest == "]") return Container::JsonValues;
  }
  if (json) return Container::JsonLines;
  if (ending == ".csv" || ending == ".tsv") return Container::Csv;
  return looksLikeCsv(head, false) ? Container::Csv : Container::Text;
}

CsvFormat csvFormatOf(std::string_view head, const std::filesystem::path& path) {
  CsvFormat format = guessCsvFormat(head);
  if (extension(path) == ".tsv") format.separator = '\t';
  return format;
}

void readJsonLines(ByteSource& source, const ReadOptions& options, RowSink& sink) {
  LineReader lines(source, options.maxLineBytes);
  JsonRowParser parser;
  while (sink.wanted() && lines.next()) {
    if (lines.tooLong()) {
      sink.bad("too_long", lines.number(), "the line has more than " + std::to_string(options.maxLineBytes) + " bytes");
      continue;
    }
    if (lines.line().starts_with(byteOrderMark)) lines.line().erase(0, byteOrderMark.size());   // files put together
    if (trimmed(lines.line()).empty()) continue;
    Row row;
    if (const std::string problem = parser.parse(lines.line(), row); !problem.empty())
      sink.bad("unparsable", lines.number(), problem);
    else
      sink.row(std::move(row), lines.number());
  }
}

void readPlainText(ByteSource& source, const ReadOptions& options, RowSink& sink) {
  const std::string tooLong = "the text has more than " + std::to_string(options.maxLineBytes) + " bytes";
  if (options.textUnit == TextUnit::File) {
    std::string text;
    std::vector<char> buffer(1 << 18);
    for (std::size_t got; (got = source.read(buffer.data(), buffer.size())) > 0;) {
      text.append(buffer.data(), got);
      if (text.size() > options.maxLineBytes) {
        sink.bad("too_long", 1, tooLong);
        return;
      }
    }
    if (source.damage().empty() && !text.empty()) sink.document(std::move(text), 1);
    return;
  }
  LineReader lines(source, options.maxLineBytes);
  std::string paragraph;
  std::uint64_t start = 1;
  bool cut = false;
  const auto end = [&] {
    if (cut) sink.bad("too_long", start, tooLong);
    else if (!paragraph.empty()) sink.document(std::move(paragraph), start);
    paragraph.clear();
    cut = false;
  };
  while (sink.wanted() && lines.next()) {
    const bool blank = !lines.tooLong() && trimmed(lines.line()).empty();
    if (blank || options.textUnit == TextUnit::Line) end();
    if (blank) continue;
    if (paragraph.empty() && !cut) start = lines.number();
    cut = cut || lines.tooLong() || paragraph.size() + lines.line().size() > options.maxLineBytes;
    if (cut) paragraph.clear();
    else paragraph += (paragraph.empty() ? "" : "\n") + lines.line();
  }
  if (sink.wanted() && source.damage().empty()) end();
}

}  // namespace lacuna::files

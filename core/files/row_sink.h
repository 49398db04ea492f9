#pragma once

#include <set>
#include <string>
#include <vector>

#include "json_row.h"
#include "lacuna/files/files.h"

namespace lacuna::files {

/// Where all rows of a corpus arrive: finds the text field from the first ones, delivers records, keeps the report.
class RowSink {
 public:
  RowSink(const ReadOptions& options, const std::function<bool(Record&&)>& use)
      : m_options(options), m_use(use), m_textField(options.textField) {}

  void beginFile(const std::string& path);
  /// `line`: 1-based, for examples. Once these return false nothing more is wanted.
  bool row(Row&& row, std::uint64_t line);
  bool bad(const std::string& kind, std::uint64_t line, const std::string& what);
  /// A document that is its file or a part of it: has no fields.
  bool document(std::string&& text, std::uint64_t line);
  void damaged(const std::string& what);
  void warn(const std::string& what);
  bool wanted() const { return !m_stopped; }
  /// Delivers what was kept back to find the text field. Throws LAC-1101 when there is none.
  ReadReport finish();

 private:
  struct Waiting {
    Row row;
    std::size_t file;
    std::uint64_t index, line;
  };
  void deliver(Waiting&& waiting);
  void send(Record&& record, const std::set<std::string>& repairs, std::size_t file);
  void count(const std::string& kind, std::size_t file, std::uint64_t line, const std::string& what);
  void flush();

  const ReadOptions& m_options;
  const std::function<bool(Record&&)>& m_use;
  std::string m_textField;
  ReadReport m_report;
  std::set<std::string> m_metadata;
  std::vector<Waiting> m_waiting;
  std::uint64_t m_waitingBytes = 0, m_nextRow = 0;
  bool m_stopped = false;
};

}  // namespace lacuna::files

#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "lacuna/files/files.h"
#include "row_sink.h"

namespace lacuna::files {

/// Where the rows of all files of a corpus arrive: finds the text field from the first ones, delivers records, keeps the report.
/// The report depends on what each file says in its own order, not on how the files' events are mixed; those before the text field is
/// found must come in the order of the files.
class Delivery {
 public:
  Delivery(const std::vector<std::filesystem::path>& files, const ReadOptions& options, const std::function<bool(Record&&)>& use);

  /// What a file gave when it was read before.
  void know(std::size_t file, ReadReport&& before);
  void take(std::size_t file, RowEvent&& event);
  /// Nothing more comes from that file.
  void end(std::size_t file);
  bool wanted() const { return !m_stopped; }
  bool knowsTextField() const { return !m_textField.empty(); }
  /// Delivers what was kept back to find the text field. Throws LAC-1101 when there is none.
  ReadReport finish();

 private:
  struct Place {
    std::size_t file;
    std::uint64_t index, line;
  };
  struct Waiting {
    Row row;
    Place place;
  };
  struct FileState {
    ReadReport report;                        ///< of this file alone
    std::set<std::string> metadata;
    std::uint64_t nextRow = 0;
    bool ended = false, told = false;
    std::vector<std::uint64_t> exampleRows;   ///< of each example, rising
  };

  void row(std::size_t file, Row&& row, std::uint64_t line);
  void deliver(Waiting&& waiting);
  void send(Record&& record, const std::set<std::string>& repairs, std::size_t file);
  void count(const std::string& kind, const Place& place, const std::string& what, std::uint64_t rows = 1);
  /// Keeps the first of them in the order of the file, in whichever they come.
  void example(std::size_t file, std::uint64_t row, std::string&& what);
  void flush();
  void tell(std::size_t file);
  const std::string& pathOf(std::size_t file) const { return m_files[file].report.files.front().path; }

  const ReadOptions& m_options;
  const std::function<bool(Record&&)>& m_use;
  std::string m_textField;
  std::vector<FileState> m_files;
  std::vector<Waiting> m_waiting;
  std::uint64_t m_waitingBytes = 0, m_goodRows = 0, m_documents = 0;
  bool m_stopped = false;
};

}  // namespace lacuna::files

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gathered.h"
#include "lacuna/files/file_hash.h"

namespace lacuna::corpus {

/// What the files of a corpus gave to one reading, one entry a file in the order in which they were done with, so that the reading need not
/// begin again (docs/adr/0014). An entry counts only behind all before it, while its file has the size and time of change it had: documents
/// that cannot be in the sample of the files before are left out of it.
/// Where the text field is found by itself, all files have a say in it: the log begins with a hash of their list, and counts for that list alone.
/// A damaged file ends the log, since a disk that failed once may read on another day.
/// "LACREAD1\n"; records of u64 length, payload, XXH3-128 of the payload in hex. Behind the first, the list's, an entry is one record of CBOR (path, stamp, report,
/// counts, how many documents) and one a document. What is damaged or cut off is taken away together with all behind it.
class ReadingLog {
 public:
  /// `reading`: names what is read and drawn, without the files. One process at a time has a log; others read without one.
  /// `ownField`: the text field is found by itself.
  ReadingLog(const files::CacheSettings& settings, const std::string& reading, bool ownField);
  ~ReadingLog();
  ReadingLog(const ReadingLog&) = delete;
  ReadingLog& operator=(const ReadingLog&) = delete;

  /// What the log knows of these files; what they gave is added to `all`. Called once, before add().
  std::map<std::size_t, files::ReadReport> load(const std::vector<std::filesystem::path>& files, Gathered& all, const RunContext& context);
  /// The file is done with: `gave` is what it gave, not yet part of what the files before gave.
  void add(std::size_t file, const files::ReadReport& report, const Gathered& gave);

 private:
  struct Entry;
  /// Gives how many bytes of the log count.
  std::uint64_t readEntries(Gathered& all, std::map<std::size_t, files::ReadReport>& known, const RunContext& context) const;
  void openBehind(std::uint64_t sound);
  static bool addTo(Gathered& part, Entry& entry, std::size_t file);
  bool readEntry(std::ifstream& in, std::uint64_t size, Entry& entry) const;
  void write(const std::string& payload);
  void giveUp(const std::string& why);

  std::string listHash() const;

  std::filesystem::path m_file;
  bool m_ownField;
  std::optional<files::CacheRoom> m_room;          ///< nothing: nothing is kept
  int m_lock = -1;
  std::ofstream m_out;
  std::vector<std::filesystem::path> m_files;
  std::vector<files::FileStamp> m_stamps;          ///< before they were read
  std::chrono::steady_clock::time_point m_flushed;
};

/// First bits of Candidate::order are the file, the others its row.
inline constexpr std::uint64_t kRowBits = 44;

}  // namespace lacuna::corpus

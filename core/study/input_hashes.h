#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "lacuna/files/file_hash.h"
#include "lacuna/store/rows.h"

namespace lacuna::study {

/// What the input files say. A file is read for it once; not at all while it has the size and time of change under which the study knows its
/// hash. A file that was touched, or copied with the same bytes, is the same one.
class InputHashes {
 public:
  explicit InputHashes(const std::vector<store::CorpusFileRow>& known = {});
  /// Throws LAC-1105.
  const files::FileHash& of(const std::filesystem::path& file);
  std::int64_t filesRead() const { return m_filesRead; }   ///< those of which no hash was known

 private:
  struct Known { files::FileStamp stamp; files::FileHash hash; };
  std::map<std::string, Known> m_known;
  std::int64_t m_filesRead = 0;
};

}  // namespace lacuna::study

#include "input_hashes.h"

namespace lacuna::study {

InputHashes::InputHashes(const std::vector<store::CorpusFileRow>& known) {
  for (const store::CorpusFileRow& row : known)
    if (!row.hash.empty()) m_known[row.path] = {{static_cast<std::uint64_t>(row.size), row.modified}, {row.hash, row.sampled}};
}

const files::FileHash& InputHashes::of(const std::filesystem::path& file) {
  Known& known = m_known[file.string()];
  const files::FileStamp stamp = files::stampOf(file);
  if (known.hash.hex.empty() || stamp != known.stamp) {
    known = {stamp, files::hashFile(file)};
    ++m_filesRead;
  }
  return known.hash;
}

}  // namespace lacuna::study

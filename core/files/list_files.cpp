#include "list_files.h"

#include <algorithm>
#include <set>

#include "lacuna/base/error.h"
#include "natural_order.h"

namespace lacuna::files {
namespace {

namespace fs = std::filesystem;

bool isStructured(const fs::path& path) {
  const std::string name = path.filename().string();
  for (const char* part : {".json", ".ndjson", ".csv", ".tsv", ".parquet", ".gz", ".zst"})
    if (name.find(part) != std::string::npos) return true;
  return false;
}

bool isAbout(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with("README") || name.starts_with("LICENSE") || name.starts_with("CITATION");
}

class Walk {
 public:
  explicit Walk(std::vector<std::string>& warnings) : m_warnings(warnings) {}

  void folder(const fs::path& path) {
    std::error_code error;
    if (!m_folders.insert(fs::canonical(path, error)).second) return warn(path, "left out, it is a folder read before (a link leads back to it)");
    std::vector<fs::path> entries;
    fs::directory_iterator entry(path, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) entries.push_back(entry->path());
    if (error) files.push_back(path);   // what cannot be listed cannot be read, which the reading says
    std::sort(entries.begin(), entries.end());   // which of two links to one folder counts must not depend on the disk
    for (const fs::path& each : entries) add(each);
  }

  std::vector<fs::path> files;

 private:
  void add(const fs::path& path) {
    if (path.filename().string().starts_with('.')) return;
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    // What a broken link leads to cannot be read, which the reading says.
    if (fs::is_directory(status)) folder(path);
    else if (fs::is_regular_file(status) || status.type() == fs::file_type::not_found || error) files.push_back(path);
    else warn(path, "left out, it is no regular file");
  }
  void warn(const fs::path& path, const std::string& what) { m_warnings.push_back(path.string() + ": " + what); }

  std::vector<std::string>& m_warnings;
  std::set<fs::path> m_folders;
};

}  // namespace

std::vector<fs::path> listFiles(std::span<const fs::path> paths, std::vector<std::string>& warnings) {
  Walk walk(warnings);
  std::vector<fs::path> named;
  for (const fs::path& path : paths) {
    std::error_code error;
    if (!fs::exists(path, error)) throw Error("LAC-1101", "there is no '" + path.string() + "'", "check the path of the corpus");
    if (fs::is_directory(path, error)) walk.folder(path);
    else named.push_back(path);
  }
  std::vector<fs::path> files = std::move(walk.files);
  // Beside data files a README describes them and is no document.
  if (std::any_of(files.begin(), files.end(), isStructured))
    std::erase_if(files, [&](const fs::path& file) {
      if (isAbout(file)) warnings.push_back(file.string() + ": left out, it describes the data");
      return isAbout(file);
    });
  files.insert(files.end(), named.begin(), named.end());
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return naturallyBefore(a.string(), b.string()); });
  files.erase(std::unique(files.begin(), files.end()), files.end());
  std::sort(warnings.begin(), warnings.end());
  return files;
}

}  // namespace lacuna::files

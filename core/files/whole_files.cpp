#include "descriptor.h"
#include "lacuna/files/files.h"

namespace lacuna::files {

std::string readText(const std::filesystem::path& path) {
  const Descriptor file = Descriptor::openFile(path);
  std::string text(file.size(), '\0');
  std::size_t used = 0;
  for (;;) {
    if (used == text.size()) text.resize(used + 4096);  // the file may have grown, or be one of /proc without a size
    const std::int64_t got = file.readSome(text.data() + used, text.size() - used);
    if (got < 0) throw unreadable(path);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  text.resize(used);
  return text;
}

void writeFileAtomically(const std::filesystem::path& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace lacuna::files

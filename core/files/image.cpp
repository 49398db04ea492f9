#include "lacuna/files/image.h"

#include <algorithm>
#include <cctype>

#include "image_decoders.h"
#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "natural_order.h"

namespace lacuna::files {

namespace fs = std::filesystem;

void checkImageSize(std::uint64_t width, std::uint64_t height) {
  constexpr std::uint64_t most = 178'956'970;   // where PIL takes a picture for an attack
  if (width == 0 || height == 0 || width > most || height > most / width)
    throw BadImage("it claims " + std::to_string(width) + " × " + std::to_string(height) + " pixels");
}

Image decodeImage(std::string_view bytes, const fs::path& name) {
  try {
    if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return decodePng(bytes);
    if (bytes.starts_with("\xFF\xD8\xFF")) return decodeJpeg(bytes);
    throw BadImage("it is neither PNG nor JPEG");
  } catch (const BadImage& error) {
    throw Error("LAC-1013", name.string() + " is no usable picture: " + error.what(), "save it as PNG or JPEG with 8 bits a channel");
  }
}

Image readImage(const fs::path& path) { return decodeImage(readText(path), path); }

std::vector<fs::path> listImages(const fs::path& path) {
  const auto isImage = [](const fs::path& file) {
    std::string end = file.extension().string();
    std::transform(end.begin(), end.end(), end.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return end == ".png" || end == ".jpg" || end == ".jpeg";
  };
  std::error_code error;
  std::vector<fs::path> images;
  if (!fs::is_directory(path, error)) {
    if (fs::exists(path, error)) images.push_back(path);
  } else {
    for (auto entry = fs::recursive_directory_iterator(path, error); !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
      if (entry->path().filename().string().starts_with('.')) entry.disable_recursion_pending();
      else if (entry->is_regular_file(error) && isImage(entry->path())) images.push_back(entry->path());
    }
  }
  if (error || images.empty()) throw Error("LAC-1101", "there is no PNG or JPEG under '" + path.string() + "'", "choose a folder of pictures");
  std::sort(images.begin(), images.end(), [](const fs::path& a, const fs::path& b) { return naturallyBefore(a.string(), b.string()); });
  return images;
}

}  // namespace lacuna::files

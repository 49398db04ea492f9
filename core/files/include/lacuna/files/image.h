#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace lacuna::files {

/// A picture in RGB, 8 bits a channel, row by row from the top: [height, width, 3].
struct Image {
  std::int64_t width = 0, height = 0;
  std::vector<std::uint8_t> rgb;
};

/// PNG or JPEG, told by the first bytes. Grey is repeated, palettes are looked up, alpha is dropped and not blended, 16 bits lose the
/// lower eight, CMYK becomes RGB; gamma, colour profiles and EXIF orientation are ignored: what PIL's convert("RGB") gives.
/// Throws LAC-1105 (unreadable), LAC-1013 (no PNG or JPEG, damaged, more than 178 million pixels, 16-bit grey).
Image readImage(const std::filesystem::path& path);
Image decodeImage(std::string_view bytes, const std::filesystem::path& name);   ///< `name` for messages

/// The PNG and JPEG files below a folder, or the one file, in the natural order of their paths; hidden ones are left out.
/// Throws LAC-1101 when there is none.
std::vector<std::filesystem::path> listImages(const std::filesystem::path& path);

}  // namespace lacuna::files

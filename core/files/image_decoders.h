#pragma once

#include <cstdint>
#include <stdexcept>
#include <string_view>

#include "lacuna/files/image.h"

namespace lacuna::files {

/// Why bytes are no picture; becomes LAC-1013 with the file's name.
class BadImage : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Before anything is allocated.
void checkImageSize(std::uint64_t width, std::uint64_t height);

Image decodePng(std::string_view bytes);
Image decodeJpeg(std::string_view bytes);

}  // namespace lacuna::files

#include "lacuna/files/white_space.h"

#include "utf8.h"

namespace lacuna::files {

bool isWhiteSpace(std::uint32_t codePoint) {
  switch (codePoint) {
    case 0x20: case 0x85: case 0xA0: case 0x1680: case 0x2028: case 0x2029: case 0x202F: case 0x205F: case 0x3000: return true;
    default: return (codePoint >= 9 && codePoint <= 13) || (codePoint >= 0x2000 && codePoint <= 0x200A);
  }
}

bool isBlank(std::string_view utf8) {
  while (!utf8.empty()) {
    const Utf8Step step = utf8Step(utf8);
    if (!step.valid || step.size > 3 || !isWhiteSpace(codePointOf(utf8.substr(0, step.size)))) return false;
    utf8.remove_prefix(step.size);
  }
  return true;
}

}  // namespace lacuna::files

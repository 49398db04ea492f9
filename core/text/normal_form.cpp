#include <algorithm>

#include <lacuna_tokenizers.h>

#include "lacuna/text/unicode.h"

namespace lacuna::text {

std::string composed(std::string_view text) {
  // Latin-1 letters are composed already: only what lies behind U+0300 can change (the Unicode Standard, annex 15).
  const bool simple = std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xCC; });
  lct_buffer buffer{};
  if (simple || lct_nfc({text.data(), text.size()}, &buffer) != LCT_OK) return std::string(text);
  std::string out(buffer.data, buffer.size);
  lct_buffer_free(buffer);
  return out;
}

}  // namespace lacuna::text

#include "lacuna/text/pattern.h"

#include <string>

#include <lacuna_tokenizers.h>

#include "lacuna/base/error.h"

namespace lacuna::text {
namespace {

std::string lastError() {
  const lct_string message = lct_last_error();
  return {message.data, message.size};
}

}  // namespace

Pattern::Pattern(std::string_view expression, bool ignoreCase) {
  lct_pattern* pattern = nullptr;
  if (lct_pattern_new({expression.data(), expression.size()}, ignoreCase ? 1 : 0, &pattern) != LCT_OK)
    throw Error("LAC-1104", "regular expression: " + lastError(), "look-around and back references are not known here");
  m_pattern = std::shared_ptr<const lct_pattern>(pattern, [](const lct_pattern* p) { lct_pattern_free(const_cast<lct_pattern*>(p)); });
}

bool Pattern::foundIn(std::string_view text) const {
  int found = 0;
  return lct_pattern_found(m_pattern.get(), {text.data(), text.size()}, &found) == LCT_OK && found != 0;
}

}  // namespace lacuna::text

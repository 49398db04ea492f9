#pragma once

#include <memory>
#include <string_view>

struct lct_pattern;

namespace lacuna::text {

/// A regular expression whose search takes time linear in the text, whatever the expression: no look-around, no back references.
class Pattern {
 public:
  /// Throws LAC-1104 with what is wrong and where.
  explicit Pattern(std::string_view expression, bool ignoreCase = false);
  /// Does it match anywhere in the text?
  bool foundIn(std::string_view text) const;

 private:
  std::shared_ptr<const lct_pattern> m_pattern;
};

}  // namespace lacuna::text

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lacuna::corpus {

using Metadata = std::map<std::string, std::string>;

/// The field of a document under a name; "x.host" is derived from the address in the field "x" unless there is such a field: its host, lower
/// case. Nothing when the document has no such field.
std::optional<std::string> fieldOf(const Metadata& metadata, const std::string& name);

/// Which documents are wanted, as an expression over their fields (docs/corpora.md):
///   language == "en" and (score >= 3 or "meta.set" in (ArXiv, Github)) and not url.host matches /\.edu$/i
/// A comparison with a number reads the field as a number, one with a text compares bytes. A field that a document does not have makes every
/// comparison false, != too; `exists` asks for it. The text itself is the field `text`, unless the metadata hold another.
class Filter {
 public:
  /// Everything is wanted.
  Filter() = default;
  /// An empty expression wants everything. Throws LAC-1104: what was expected and found, with a caret under the place.
  explicit Filter(std::string_view expression);

  bool wants(const Metadata& metadata, std::string_view text) const;
  bool all() const { return !m_root; }

  struct Node;

 private:
  std::shared_ptr<const Node> m_root;
};

}  // namespace lacuna::corpus

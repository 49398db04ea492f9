#include "text_field.h"

#include <algorithm>
#include <array>
#include <vector>

namespace lacuna::files {
namespace {

constexpr std::array preferred{"text", "content", "raw_content", "code", "document", "body", "article", "story", "passage", "sentence"};

/// Names whose texts describe a document and are none, with what may stand before them ("repo_name").
bool describes(std::string_view name) {
  for (const std::string_view word : {"url", "uri", "path", "id", "hash", "digest", "timestamp", "date", "time", "sha", "md5", "license", "name"})
    if (name == word || (name.size() > word.size() && name.ends_with(word) && std::string_view("_-.").find(name[name.size() - word.size() - 1]) != std::string_view::npos))
      return true;
  return false;
}

/// Addresses and hashes: one long word.
bool isOneWord(std::string_view text) { return text.find_first_of(" \n\t") == std::string_view::npos && text.size() > 20; }

std::size_t median(std::vector<std::size_t>& sizes) {
  const auto middle = sizes.begin() + std::ssize(sizes) / 2;
  std::nth_element(sizes.begin(), middle, sizes.end());
  return *middle;
}

}  // namespace

std::string findTextField(std::span<const Row> rows) {
  std::map<std::string, std::vector<std::size_t>> sizes;
  std::map<std::string, std::size_t> words;
  for (const Row& row : rows)
    for (const auto& [name, value] : row.fields) {
      if (!value.isText) continue;
      sizes[name].push_back(value.text.size());
      if (isOneWord(value.text)) ++words[name];
    }
  for (const char* name : preferred)
    if (sizes.contains(name)) return name;
  std::string best;
  std::size_t longest = 0;
  for (auto& [name, all] : sizes) {
    const std::size_t size = median(all);
    const bool word = 2 * words[name] > all.size();
    if (size >= 20 && size > longest && !describes(name) && !word) {
      longest = size;
      best = name;
    }
  }
  if (best.empty() && sizes.size() == 1) return sizes.begin()->first;
  return best;
}

}  // namespace lacuna::files

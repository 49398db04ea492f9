#include "text_field.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <vector>

namespace lacuna::files {
namespace {

constexpr std::array preferred{"text", "content", "raw_content", "code", "document", "body", "article", "story", "passage", "sentence"};

/// Names whose texts describe a document and are none, with what may stand before them ("repo_name").
bool describes(std::string name) {
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  for (const std::string_view word : {"url", "uri", "path", "id", "hash", "digest", "timestamp", "date", "time", "sha", "md5", "license", "name"})
    if (name == word || (name.size() > word.size() && name.ends_with(word) && std::string_view("_-.").find(name[name.size() - word.size() - 1]) != std::string_view::npos))
      return true;
  return false;
}

/// Addresses and hashes: one long word of Latin letters.
bool isOneWord(std::string_view text) {
  return text.size() > 20 && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && static_cast<unsigned char>(c) < 0x80; });
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::size_t median(std::vector<std::size_t>& sizes) {
  const auto middle = sizes.begin() + std::ssize(sizes) / 2;
  std::nth_element(sizes.begin(), middle, sizes.end());
  return *middle;
}

struct Candidate {
  std::vector<std::size_t> sizes;   ///< characters, a row each
  std::size_t words = 0;            ///< rows of one long word
};

/// A well-known name that half of the rows have, else one that any has.
std::string wellKnown(const std::map<std::string, Candidate>& candidates, std::size_t rows) {
  for (const std::size_t least : {(rows + 1) / 2, std::size_t{1}})
    for (const char* name : preferred)
      if (const auto found = candidates.find(name); found != candidates.end() && found->second.sizes.size() >= least) return name;
  return {};
}

std::string listed(std::span<const Row> rows) {
  std::set<std::string> names;
  for (const Row& row : rows)
    for (const auto& [name, value] : row.fields) names.insert(name);
  std::string out;
  for (const std::string& name : names)
    if (out.size() < 500) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

TextFieldGuess guessTextField(std::span<const Row> rows) {
  std::map<std::string, Candidate> candidates;
  for (const Row& row : rows)
    for (const auto& [name, value] : row.fields) {
      if (!value.isText) continue;
      candidates[name].sizes.push_back(characters(value.text));
      candidates[name].words += isOneWord(value.text) ? 1 : 0;
    }
  if (std::string name = wellKnown(candidates, rows.size()); !name.empty()) return {name, {}};
  std::string best, rival;
  std::size_t longest = 0;
  for (auto& [name, candidate] : candidates) {
    const std::size_t size = median(candidate.sizes);
    if (size < 20 || size < longest || describes(name) || 2 * candidate.words > candidate.sizes.size()) continue;
    rival = size == longest ? name : "";
    if (size > longest) best = name;
    longest = size;
  }
  if (!rival.empty()) return {{}, "'" + best + "' and '" + rival + "' look equally like the text of a document"};
  if (best.empty() && candidates.size() == 1) return {candidates.begin()->first, {}};
  if (best.empty()) return {{}, "no field looks like the text of a document; its fields are: " + listed(rows)};
  return {best, {}};
}

}  // namespace lacuna::files

#include "text_field.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "lacuna/files/white_space.h"

namespace lacuna::files {
namespace {

constexpr std::array<std::string_view, 10> preferred{"text", "content", "raw_content", "code", "document", "body", "article", "story", "passage", "sentence"};

constexpr std::array<std::string_view, 30> describing{
    "url",     "uri",    "link", "href", "path",      "filename", "id",   "uuid", "guid",    "hash",    "digest",   "checksum", "sha", "sha1",    "sha256",
    "md5",     "doi",    "at",   "date", "timestamp", "datetime", "time", "created", "updated", "modified", "published", "added", "license", "name", "version"};

char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// Names whose texts describe a document and are none, with what may stand before them ("repo_name", "createdAt").
bool describes(const std::string& name) {
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(), lowered);
  return std::any_of(describing.begin(), describing.end(), [&](std::string_view word) {
    if (!lower.ends_with(word)) return false;
    if (lower.size() == word.size()) return true;
    const std::size_t start = lower.size() - word.size();
    const bool hump = name[start] != lower[start] && name[start - 1] == lower[start - 1];
    return hump || std::string_view("_-.").find(lower[start - 1]) != std::string_view::npos;
  });
}

/// Addresses and hashes: one long word of Latin letters.
bool isOneWord(std::string_view text) {
  return text.size() > 20 && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && static_cast<unsigned char>(c) < 0x80; });
}

bool isTimeWord(std::string word) {
  std::transform(word.begin(), word.end(), word.begin(), lowered);
  constexpr std::string_view whole = " t z am pm gmt utc est edt cst cdt mst mdt pst pdt bst cet cest at of st nd rd th ";
  constexpr std::string_view days = " monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october"
                                    " november december ";
  // Days and months may be cut to three letters or more.
  return whole.find(" " + word + " ") != std::string_view::npos || (word.size() >= 3 && days.find(" " + word) != std::string_view::npos);
}

/// Numbers with the names of days, months and zones, and nothing else: "Mon, 25 Apr 2019 12:57:54 GMT", "2019-04-25T12:57:54Z".
bool isTime(std::string_view text) {
  std::string word;
  int numbers = 0;
  bool inNumber = false;
  if (text.size() > 60) return false;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9', letter = lowered(c) >= 'a' && lowered(c) <= 'z';
    numbers += digit && !inNumber ? 1 : 0;
    inNumber = digit;
    if (letter) word += c;
    else if (!word.empty() && !isTimeWord(std::exchange(word, {}))) return false;
    if (!digit && !letter && std::string_view(" ,.:/+-()").find(c) == std::string_view::npos) return false;
  }
  return numbers >= 2 && (word.empty() || isTimeWord(word));
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
  std::size_t marks = 0;            ///< rows with one long word or a time
};

/// A well-known name that half of the rows have, else one that any has, else one that is null in half of the rows: later ones have it.
std::string wellKnown(const std::map<std::string, Candidate>& candidates, const std::vector<const Row*>& rows) {
  for (const std::size_t least : {(rows.size() + 1) / 2, std::size_t{1}})
    for (const std::string_view each : preferred) {
      const std::string name(each);
      if (const auto found = candidates.find(name); found != candidates.end() && found->second.sizes.size() >= least) return name;
    }
  for (const std::string_view each : preferred) {
    const std::string name(each);
    if (2 * std::count_if(rows.begin(), rows.end(), [&](const Row* row) { return row->nulls.contains(name); }) >= std::ssize(rows)) return name;
  }
  return {};
}

bool isMark(const std::string& name, const Candidate& candidate) { return describes(name) || 2 * candidate.marks > candidate.sizes.size(); }

std::vector<const Row*> goodRows(std::span<const Row> rows) {
  std::vector<const Row*> all, good;
  for (const Row& row : rows) {
    all.push_back(&row);
    if (isGoodRow(row)) good.push_back(&row);
  }
  return good.empty() ? all : good;
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

bool isWellKnownTextField(std::string_view name) { return std::find(preferred.begin(), preferred.end(), name) != preferred.end(); }

bool isGoodRow(const Row& row) {
  return std::any_of(row.fields.begin(), row.fields.end(), [](const auto& field) {
    return field.second.isText && !isBlank(field.second.text) && !describes(field.first);
  });
}

TextFieldGuess guessTextField(std::span<const Row> rows) {
  const std::vector<const Row*> good = goodRows(rows);
  std::map<std::string, Candidate> candidates;
  for (const Row* row : good)
    for (const auto& [name, value] : row->fields) {
      if (!value.isText) continue;
      candidates[name].sizes.push_back(characters(value.text));
      candidates[name].marks += isOneWord(value.text) || isTime(value.text) ? 1 : 0;
    }
  if (std::string name = wellKnown(candidates, good); !name.empty()) return {name, {}};
  std::string best, rival;
  std::size_t longest = 0;
  for (auto& [name, candidate] : candidates) {
    const std::size_t size = median(candidate.sizes);
    if (size < 20 || size < longest || isMark(name, candidate)) continue;
    rival = size == longest ? name : "";
    if (size > longest) best = name;
    longest = size;
  }
  if (!rival.empty()) return {{}, "'" + best + "' and '" + rival + "' look equally like the text of a document"};
  if (best.empty() && candidates.size() == 1 && !isMark(candidates.begin()->first, candidates.begin()->second)) return {candidates.begin()->first, {}};
  if (best.empty()) return {{}, "no field looks like the text of a document; its fields are: " + listed(rows)};
  return {best, {}};
}

}  // namespace lacuna::files

#include "extraction.h"

#include <array>
#include <regex>
#include <utility>

#include "lacuna/base/error.h"
#include "lacuna/text/unicode.h"

namespace lacuna::tasks {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isNumberPart(char c) { return isDigit(c) || c == '.' || c == ','; }
bool isPricePart(char c) { return isNumberPart(c) || c == '$'; }

template <class Allowed>
std::size_t runEnd(std::string_view text, std::size_t from, Allowed allowed) {
  while (from < text.size() && allowed(text[from])) ++from;
  return from;
}

/// End of a match of the flexible expression that begins at `at`; `at` when there is none.
std::size_t flexibleEnd(std::string_view text, std::size_t at) {
  const std::size_t body = at + (text[at] == '-' ? 1 : 0);
  const std::size_t end = runEnd(text, body, isPricePart);
  if (end - body >= 2) return end;
  const std::size_t digits = runEnd(text, body, isDigit);
  return digits > body ? digits : at;
}

void replaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

void eraseChar(std::string& text, char c) { std::erase(text, c); }

constexpr std::string_view kAnswerIs = "the answer is ";

std::size_t lastCharacterStart(std::string_view line) {
  std::size_t at = line.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(line[at]) & 0xC0) == 0x80) --at;
  return at;
}

}  // namespace

std::string gsm8kStrict(std::string_view text) {
  constexpr std::string_view mark = "#### ";
  for (std::size_t at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1)) {
    const std::size_t begin = at + mark.size();
    const std::size_t body = begin + (begin < text.size() && text[begin] == '-' ? 1 : 0);
    const std::size_t end = runEnd(text, body, isNumberPart);
    if (end > body) return std::string(text.substr(begin, end - begin));
  }
  return kInvalid;
}

std::string gsm8kFlexible(std::string_view text) {
  std::string_view last;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = flexibleEnd(text, at);
    if (end == at) { ++at; continue; }
    last = text.substr(at, end - at);
    at = end;
  }
  return last.empty() ? kInvalid : std::string(text::stripped(last));
}

std::string gsm8kNormalised(std::string_view text) {
  std::string result(text);
  eraseChar(result, ',');
  eraseChar(result, '$');
  constexpr std::string_view mark = "#### ";
  if (const std::size_t at = result.rfind(mark); at != std::string::npos) result.erase(0, at + mark.size());
  // Python's $ also matches before a final line end.
  const std::size_t end = result.ends_with('\n') ? result.size() - 1 : result.size();
  if (end > 0 && result[end - 1] == '.') result.erase(end - 1, 1);
  return text::lower(result);
}

std::string bbhAnswer(std::string_view text) {
  if (const std::size_t at = text.find(kAnswerIs); at != std::string_view::npos) {
    text.remove_prefix(at + kAnswerIs.size());
    text = text.substr(0, text.find(kAnswerIs));
  }
  text = text::stripped(text);
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('.')) text.remove_suffix(1);
  return std::string(text);
}

std::string bbhGetAnswer(std::string_view text) {
  for (std::size_t at = text.find(kAnswerIs); at != std::string_view::npos; at = text.find(kAnswerIs, at + 1)) {
    std::string_view line = text.substr(at + kAnswerIs.size());
    line = line.substr(0, line.find('\n'));
    if (!line.empty()) return std::string(text::stripped(line.substr(0, lastCharacterStart(line))));
  }
  return kInvalid;
}

std::string cutAtStops(std::string_view text, const std::vector<std::string>& until) {
  for (const std::string& stop : until)
    if (!stop.empty()) text = text.substr(0, text.find(stop));
  return std::string(text);
}

std::string cleanedUp(std::string text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 10> rules{{{" .", "."}, {" ?", "?"}, {" !", "!"},
      {" ,", ","}, {" ' ", "'"}, {" n't", "n't"}, {" 'm", "'m"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}}};
  for (const auto& [from, to] : rules)
    replaceAll(text, from, to);
  return text;
}

std::string bigbenchAnswer(std::string_view text, const std::string& stop, const std::string& regex) {
  text = text::firstCharacters(text, 128);
  if (!stop.empty()) text = text.substr(0, text.find(stop));
  if (!regex.empty()) {
    try {
      std::cmatch match;
      if (!std::regex_search(text.data(), text.data() + text.size(), match, std::regex(regex))) return {};
      return std::string(text::stripped(std::string_view(match[0].first, static_cast<std::size_t>(match[0].length()))));
    } catch (const std::regex_error& error) {
      throw Error("LAC-1301", "output_regex \"" + regex + "\" is not understood: " + error.what() + ".",
                  "Only ECMAScript expressions are read.");
    }
  }
  if (!stop.empty()) return std::string(text::stripped(text));
  constexpr std::string_view ends = ".?!;\n";
  const std::size_t begin = text.find_first_not_of(ends);
  if (begin == std::string_view::npos) return {};
  return std::string(text::stripped(text.substr(begin, text.find_first_of(ends, begin) - begin)));
}

}  // namespace lacuna::tasks

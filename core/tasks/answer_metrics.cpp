#include "answer_metrics.h"

#include <algorithm>
#include <map>
#include <regex>

#include "lacuna/base/error.h"
#include "lacuna/text/unicode.h"

namespace lacuna::tasks {
namespace {

bool isAsciiPunctuation(char32_t c) {
  return (c >= 0x21 && c <= 0x2F) || (c >= 0x3A && c <= 0x40) || (c >= 0x5B && c <= 0x60) || (c >= 0x7B && c <= 0x7E);
}

template <class Drop>
std::string without(std::string_view text, Drop drop) {
  std::string result;
  for (const char32_t c : text::codePoints(text))
    if (!drop(c)) text::appendUtf8(result, c);
  return result;
}

bool isArticle(const std::u32string& word) { return word == U"a" || word == U"an" || word == U"the"; }

/// Replaces every whole word a, an, the by a blank; words are runs of \w.
std::u32string withoutArticles(const std::vector<char32_t>& text) {
  std::u32string result;
  for (std::size_t at = 0; at < text.size();) {
    if (!text::isWord(text[at])) { result += text[at++]; continue; }
    std::u32string word;
    while (at < text.size() && text::isWord(text[at])) word += text[at++];
    if (isArticle(word)) result += U' ';
    else result += word;
  }
  return result;
}

std::vector<std::string> words(std::u32string_view text) {
  std::vector<std::string> result;
  bool inWord = false;
  for (const char32_t c : text) {
    if (text::isSpace(c)) { inWord = false; continue; }
    if (!inWord) result.emplace_back();
    inWord = true;
    text::appendUtf8(result.back(), c);
  }
  return result;
}

std::vector<std::string> squadWords(std::string_view text) {
  const std::string plain = without(text::lower(text), isAsciiPunctuation);
  return words(withoutArticles(text::codePoints(plain)));
}

double tokenF1(const std::vector<std::string>& prediction, const std::vector<std::string>& reference) {
  if (prediction.empty() || reference.empty()) return prediction.empty() && reference.empty() ? 1 : 0;
  std::map<std::string, std::int64_t> counts;
  for (const auto& word : reference) ++counts[word];
  std::int64_t shared = 0;
  for (const auto& word : prediction)
    if (counts[word]-- > 0) ++shared;
  if (shared == 0) return 0;
  const double precision = static_cast<double>(shared) / static_cast<double>(prediction.size());
  const double recall = static_cast<double>(shared) / static_cast<double>(reference.size());
  return 2 * precision * recall / (precision + recall);
}

std::string reduced(std::string_view text, const ExactMatchOptions& options) {
  std::string result(text);
  for (const std::string& expression : options.regexesToIgnore)
    result = std::regex_replace(result, std::regex(expression), "");
  if (options.ignoreCase) result = text::lower(result);
  if (options.ignorePunctuation) result = without(result, isAsciiPunctuation);
  if (options.ignoreNumbers) result = without(result, [](char32_t c) { return c >= '0' && c <= '9'; });
  return result;
}

}  // namespace

std::string squadNormalised(std::string_view text) {
  std::string result;
  for (const std::string& word : squadWords(text)) result += (result.empty() ? "" : " ") + word;
  return result;
}

double squadExact(std::string_view prediction, const std::vector<std::string>& references) {
  const auto own = squadWords(prediction);
  return std::any_of(references.begin(), references.end(), [&](const std::string& r) { return squadWords(r) == own; }) ? 1 : 0;
}

double squadF1(std::string_view prediction, const std::vector<std::string>& references) {
  const auto own = squadWords(prediction);
  double best = 0;
  for (const std::string& reference : references) best = std::max(best, tokenF1(own, squadWords(reference)));
  return best;
}

void checkRegexes(const std::vector<std::string>& expressions) {
  for (const std::string& expression : expressions) {
    try {
      const std::regex compiled(expression);
    } catch (const std::regex_error& error) {
      throw Error("LAC-1301", "The regular expression \"" + expression + "\" is not understood: " + error.what() + ".",
                  "Only ECMAScript expressions are read.");
    }
  }
}

bool exactMatch(std::string_view prediction, std::string_view reference, const ExactMatchOptions& options) {
  return reduced(prediction, options) == reduced(reference, options);
}

}  // namespace lacuna::tasks

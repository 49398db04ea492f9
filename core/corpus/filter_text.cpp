#include <algorithm>

#include "filter_nodes.h"
#include "lacuna/base/numbers.h"

namespace lacuna::corpus {
namespace {

bool isContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Line ends would part the caret from its line.
std::string onOneLine(std::string_view text) {
  std::string line(text);
  for (char& c : line) c = c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  return line;
}

/// However many bytes they have.
std::size_t charactersIn(std::string_view text) { return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), isContinuation)); }

std::string pictureOf(std::string_view expression, std::size_t at) {
  return "\n  " + onOneLine(expression) + "\n  " + std::string(charactersIn(expression.substr(0, at)), ' ') + "^";
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isWord(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), isFilterWordPart); }

/// As people write a number: -12, 0.5. Others, such as 007 and 1e3, are texts that numbers are equal to.
bool isPlainNumber(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point), rest = point == std::string_view::npos ? std::string_view("0") : text.substr(point + 1);
  const auto digits = [](std::string_view part) { return !part.empty() && std::all_of(part.begin(), part.end(), isDigit); };
  return digits(whole) && digits(rest) && (whole == "0" || whole.front() != '0');
}

}  // namespace

FilterError::FilterError(const std::string& fault, std::string_view expression, std::size_t at)
    : Error("LAC-1104", "filter: " + fault + pictureOf(expression, at), "see docs/corpora.md; for example language == \"en\" and score >= 3"), m_fault(fault),
      m_line(onOneLine(expression)), m_column(charactersIn(expression.substr(0, at))) {}

bool isFilterWordPart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '_' || c == '.' || c == '-' || c == '+' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool isFilterKeyword(std::string_view word) { return word == "and" || word == "or" || word == "in"; }

std::vector<std::string> conditionsOf(std::string_view expression) {
  const std::string_view blanks = " \t\r\n";
  const std::size_t first = expression.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  expression = expression.substr(first, expression.find_last_not_of(blanks) + 1 - first);
  const ParsedFilter parsed = parseFilter(expression);
  if (parsed.conditions.size() > 1 && parsed.root->kind == Filter::Node::Kind::Or) return {"(" + std::string(expression) + ")"};
  return {parsed.conditions.begin(), parsed.conditions.end()};
}

std::string fieldText(const std::string& field) {
  std::string lower = field;
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return isWord(field) && !isFilterKeyword(lower) && lower != "not" ? field : quoted(field);
}

std::string valueText(const std::string& value) {
  if (isPlainNumber(value)) return value;
  return isWord(value) && !parseNumber(value) ? value : quoted(value);
}

}  // namespace lacuna::corpus

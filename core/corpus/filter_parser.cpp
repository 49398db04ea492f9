#include <algorithm>
#include <array>

#include "filter_nodes.h"
#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"

namespace lacuna::corpus {
namespace {

using Node = Filter::Node;
using NodePtr = std::shared_ptr<const Node>;
using Kind = Node::Kind;

constexpr int kDeepest = 100;

struct Operator { std::string_view sign; Kind kind; };
constexpr std::array kOperators = {Operator{"==", Kind::Equal}, Operator{"!=", Kind::Unequal}, Operator{"<=", Kind::AtMost},
                                   Operator{">=", Kind::AtLeast}, Operator{"<", Kind::Less}, Operator{">", Kind::Greater}};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

/// Recursive descent: or, and, not, parentheses and comparisons, each one function.
class Parser {
 public:
  explicit Parser(std::string_view text) : m_text(text) {}

  ParsedFilter parse() {
    NodePtr root = parseOr();
    skipBlanks();
    if (m_at < m_text.size()) fail("'and', 'or' or the end");
    return {std::move(root), std::move(m_conditions)};
  }

 private:
  [[noreturn]] void failAt(std::size_t at, const std::string& what) const {
    throw FilterError(what, m_text, at);
  }
  [[noreturn]] void fail(const std::string& expected) {
    skipBlanks();
    const std::string found = m_at < m_text.size() ? "'" + std::string(m_text.substr(m_at, 20)) + "'" : "the end";
    failAt(m_at, "expected " + expected + ", found " + found);
  }

  void skipBlanks() {
    while (m_at < m_text.size() && std::string_view(" \t\r\n").find(m_text[m_at]) != std::string_view::npos) ++m_at;
  }
  bool takeSign(std::string_view sign) {
    skipBlanks();
    if (!m_text.substr(m_at).starts_with(sign)) return false;
    m_at += sign.size();
    return true;
  }
  std::string_view peekWord() {
    skipBlanks();
    std::size_t end = m_at;
    while (end < m_text.size() && isFilterWordPart(m_text[end])) ++end;
    return m_text.substr(m_at, end - m_at);
  }
  bool takeKeyword(std::string_view keyword) {
    if (lower(peekWord()) != keyword) return false;
    m_at += keyword.size();
    return true;
  }

  NodePtr parseOr() { return parseChain("or", Kind::Or, [this] { return parseChain("and", Kind::And, [this] { return parseCondition(); }); }); }

  /// One part of a chain of `and`; those outside of all parentheses are remembered.
  NodePtr parseCondition() {
    skipBlanks();
    const std::size_t start = m_at;
    NodePtr node = parseNot();
    if (m_depth == 0) m_conditions.push_back(m_text.substr(start, m_at - start));
    return node;
  }

  template <class Inner> NodePtr parseChain(std::string_view keyword, Kind kind, const Inner& inner) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    do node->parts.push_back(inner());
    while (takeKeyword(keyword));
    return node->parts.size() == 1 ? node->parts.front() : NodePtr(node);
  }

  NodePtr parseNot() {
    skipBlanks();
    if (++m_depth > kDeepest) failAt(m_at, "more than " + std::to_string(kDeepest) + " parentheses and 'not' inside each other");
    NodePtr node;
    if (takeKeyword("not")) {
      auto negated = std::make_shared<Node>();
      negated->kind = Kind::Not;
      negated->parts.push_back(parseNot());
      node = std::move(negated);
    } else if (takeSign("(")) {
      node = parseOr();
      if (!takeSign(")")) fail("')'");
    } else {
      node = parseComparison();
    }
    --m_depth;
    return node;
  }

  NodePtr parseComparison() {
    auto node = std::make_shared<Node>();
    node->field = parseField();
    for (const Operator& each : kOperators)
      if (takeSign(each.sign)) {
        node->kind = each.kind;
        node->values.push_back(parseValue());
        return node;
      }
    if (takeKeyword("exists")) node->kind = Kind::Exists;
    else if (takeKeyword("in")) parseList(*node);
    else if (takeKeyword("contains")) parseContains(*node);
    else if (takeKeyword("matches")) parsePattern(*node);
    else fail("==, !=, <, <=, >, >=, in, contains, matches or exists");
    return node;
  }

  void parseContains(Node& node) {
    node.kind = Kind::Contains;
    node.values.push_back(parseValue());
  }

  void parseList(Node& node) {
    node.kind = Kind::In;
    if (!takeSign("(")) fail("'(' and the values");
    do node.values.push_back(parseValue());
    while (takeSign(","));
    if (!takeSign(")")) fail("',' or ')'");
  }

  void parsePattern(Node& node) {
    node.kind = Kind::Matches;
    if (!takeSign("/")) fail("a regular expression as /…/");
    const std::size_t start = m_at;
    std::string expression;
    for (; m_at < m_text.size() && m_text[m_at] != '/'; ++m_at) {
      const bool slash = m_text.substr(m_at).starts_with("\\/");
      if (!slash && m_text[m_at] == '\\' && m_at + 1 < m_text.size()) expression += m_text[m_at++];
      if (slash) ++m_at;
      expression += m_text[m_at];
    }
    if (!takeSign("/")) failAt(m_text.size(), "expected '/' at the end of the regular expression, found the end");
    const bool ignoreCase = m_at < m_text.size() && m_text[m_at] == 'i';
    if (ignoreCase) ++m_at;
    try {
      node.pattern.emplace(expression, ignoreCase);
    } catch (const Error& error) {
      failAt(start, error.message());
    }
  }

  /// 'a' or "a"; \ before the quote or itself takes it as it is.
  std::string parseQuoted() {
    const std::size_t start = m_at;
    const char quote = m_text[m_at++];
    std::string out;
    for (; m_at < m_text.size() && m_text[m_at] != quote; ++m_at) {
      const bool escaped = m_text[m_at] == '\\' && m_at + 1 < m_text.size() && (m_text[m_at + 1] == quote || m_text[m_at + 1] == '\\');
      if (escaped) ++m_at;
      out += m_text[m_at];
    }
    if (m_at == m_text.size()) failAt(start, "a quote is opened and never closed");
    ++m_at;
    return out;
  }
  bool atQuote() {
    skipBlanks();
    return m_at < m_text.size() && (m_text[m_at] == '"' || m_text[m_at] == '\'');
  }

  std::string parseField() {
    if (atQuote()) return parseQuoted();
    const std::string_view word = peekWord();
    const std::string keyword = lower(word);
    if (word.empty() || isFilterKeyword(keyword)) fail("the name of a field");
    m_at += word.size();
    return std::string(word);
  }

  FilterValue parseValue() {
    if (atQuote()) return {parseQuoted(), std::nullopt};
    const std::string_view word = peekWord();
    if (word.empty()) fail("a value: a number, a word or a text in quotes");
    m_at += word.size();
    return {std::string(word), parseNumber(word)};
  }

  std::string_view m_text;
  std::vector<std::string_view> m_conditions;
  std::size_t m_at = 0;
  int m_depth = 0;
};

}  // namespace

ParsedFilter parseFilter(std::string_view expression) { return Parser(expression).parse(); }

}  // namespace lacuna::corpus

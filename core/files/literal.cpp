#include "literal.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <vector>

#include "lacuna/base/hash64.h"
#include "lacuna/base/numbers.h"
#include "text_field.h"
#include "utf8.h"

namespace lacuna::files {
namespace {

using Fields = std::map<std::string, Row::Value>;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// The nearest double; a number beyond the doubles stays as it is written.
std::string realText(const std::string& token) {
  double value = 0;
  const auto parsed = std::from_chars(token.data(), token.data() + token.size(), value);
  if (parsed.ec == std::errc()) return formatNumber(value);
  const bool small = token.find("e-") != std::string::npos || token.find("E-") != std::string::npos;
  const bool negative = token.front() == '-';
  return small ? negative ? "-0" : "0" : token;
}

std::string wholeText(const std::string& token) {
  std::int64_t whole = 0;
  std::uint64_t natural = 0;
  const char *begin = token.data(), *end = begin + token.size();
  if (std::from_chars(begin, end, whole).ec == std::errc()) return std::to_string(whole);
  if (std::from_chars(begin, end, natural).ec == std::errc()) return std::to_string(natural);
  return realText(token);
}

/// The keys of one object, by their hashes.
class Keys {
 public:
  void add(std::string_view key) { m_hashes.push_back(hash64(key)); }
  bool repeated() {
    std::sort(m_hashes.begin(), m_hashes.end());
    return std::adjacent_find(m_hashes.begin(), m_hashes.end()) != m_hashes.end();
  }

 private:
  std::vector<std::uint64_t> m_hashes;
};

class LiteralReader {
 public:
  LiteralReader(std::string_view text, Dialect dialect, const std::string& prefix, Row& row)
      : m_text(text), m_python(dialect == Dialect::Python), m_prefix(prefix), m_row(row) {}

  void read() {
    blanks();
    if (peek() == '{') object(&m_row.fields, m_prefix, m_prefix.empty());
    else if (std::optional<Row::Value> value = valueOrNull(true); value && value->isText) m_row.fields["text"] = std::move(*value);
    blanks();
    if (m_at < m_text.size()) fail("something follows it");
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw std::invalid_argument(what + " (at byte " + std::to_string(m_at) + ")"); }

  char peek() const { return m_at < m_text.size() ? m_text[m_at] : '\0'; }
  bool take(char c) {
    const bool there = m_at < m_text.size() && m_text[m_at] == c;
    m_at += there ? 1 : 0;
    return there;
  }
  void expect(char c) {
    if (!take(c)) fail("it is no JSON: expected '" + std::string(1, c) + "'");
  }
  void blanks() { m_at = std::min(m_text.find_first_not_of(" \t\r\n", m_at), m_text.size()); }
  void enter() {
    if (++m_depth > mostLevels) fail("it is nested more than " + std::to_string(mostLevels) + " levels deep");
  }

  /// Behind an element: is there another one before `end`?
  bool another(char end) {
    blanks();
    const bool comma = take(',');
    blanks();
    if (comma && !(m_python && peek() == end)) return true;
    expect(end);
    return false;
  }

  /// Its scalars go to `out`, null for nowhere, and those of its objects if they are wanted. A key that comes again wins.
  void object(Fields* out, const std::string& prefix, bool inner) {
    enter();
    expect('{');
    Keys keys;
    std::map<std::string, Fields> objects;
    blanks();
    for (bool more = !take('}'); more; more = another('}')) member(out, prefix, inner ? &objects : nullptr, keys);
    for (auto& [name, fields] : objects)
      for (auto& [full, value] : fields) out->insert_or_assign(full, std::move(value));
    if (keys.repeated()) m_row.repairs.insert("duplicate_key");
    --m_depth;
  }

  void member(Fields* out, const std::string& prefix, std::map<std::string, Fields>* objects, Keys& keys) {
    const std::string key = text(true);
    keys.add(key);
    blanks();
    expect(':');
    blanks();
    if (out == nullptr || m_row.fields.size() + m_inner > mostFields) return skip();
    const std::string name = prefix + key;
    if (objects) forget(name, *objects);
    const std::size_t before = out->erase(name);
    m_inner -= out == &m_row.fields ? 0 : before;
    if (peek() == '{' && objects) return innerObject(name, *objects);
    std::optional<Row::Value> value = valueOrNull(true);
    if (!value && m_wasNull && objects && isWellKnownTextField(name)) m_row.nulls.insert(name);
    if (!value) return;
    out->emplace(name, std::move(*value));
    m_inner += out == &m_row.fields ? 0 : 1;
  }

  /// The key comes again.
  void forget(const std::string& name, std::map<std::string, Fields>& objects) {
    m_row.nulls.erase(name);
    const auto found = objects.find(name);
    if (found == objects.end()) return;
    m_inner -= found->second.size();
    objects.erase(found);
  }

  void innerObject(const std::string& name, std::map<std::string, Fields>& objects) {
    Fields fields;
    object(&fields, name + ".", false);
    if (!fields.empty()) objects.emplace(name, std::move(fields));
  }

  void skip() { valueOrNull(false); }

  void list(char end) {
    enter();
    ++m_at;
    blanks();
    for (bool more = !take(end); more; more = another(end)) skip();
    --m_depth;
  }

  /// Nothing for null, containers, and what is not to be kept.
  std::optional<Row::Value> valueOrNull(bool keep) {
    const char c = peek();
    if (c == '{') object(nullptr, {}, false);
    else if (c == '[') list(']');
    else if (c == '(' && m_python) list(')');
    else if (c == '"' || (c == '\'' && m_python)) return textValue(keep);
    else if (isDigit(c) || (c == '-' && isDigit(m_at + 1 < m_text.size() ? m_text[m_at + 1] : ' '))) return Row::Value{number(), false};
    else return word();
    m_wasNull = false;   // whatever was in it
    return {};
  }

  std::optional<Row::Value> textValue(bool keep) {
    std::string value = text(keep);
    if (keep) return Row::Value{std::move(value), true};
    return {};
  }

  std::optional<Row::Value> word() {
    struct Word {
      std::string_view written, text;
      bool python;
    };
    constexpr Word words[] = {{"true", "true", false},    {"false", "false", false},     {"null", {}, false},  {"True", "true", true},
                              {"False", "false", true},   {"None", {}, true},            {"NaN", "nan", true}, {"nan", "nan", true},
                              {"Infinity", "inf", true},  {"-Infinity", "-inf", true},   {"inf", "inf", true}, {"-inf", "-inf", true}};
    for (const Word& each : words) {
      if ((each.python && !m_python) || !m_text.substr(m_at).starts_with(each.written)) continue;
      m_at += each.written.size();
      m_wasNull = each.text.empty();
      return m_wasNull ? std::optional<Row::Value>() : Row::Value{std::string(each.text), false};
    }
    fail("it is no JSON: expected a value");
  }

  void digits() {
    if (!isDigit(peek())) fail("a number is written wrongly");
    while (isDigit(peek())) ++m_at;
  }
  std::string number() {
    const std::size_t start = m_at;
    take('-');
    if (!take('0')) digits();
    const std::size_t whole = m_at;
    if (take('.')) digits();
    if (peek() == 'e' || peek() == 'E') {
      ++m_at;
      if (!take('+')) take('-');
      digits();
    }
    const std::string token(m_text.substr(start, m_at - start));
    return whole == m_at ? wholeText(token) : realText(token);
  }

  /// A text in quotes; empty unless it is to be kept.
  std::string text(bool keep) {
    const char quote = peek();
    if (quote != '"' && !(quote == '\'' && m_python)) fail("it is no JSON: expected a text in quotes");
    ++m_at;
    std::string out;
    for (;;) {
      const std::size_t start = m_at;
      while (m_at < m_text.size() && m_text[m_at] != quote && m_text[m_at] != '\\' && static_cast<unsigned char>(m_text[m_at]) >= 0x20) ++m_at;
      if (keep) out.append(m_text, start, m_at - start);
      if (take(quote)) return out;
      if (!take('\\')) fail(m_at < m_text.size() ? "a control character stands in a text" : "a text is never closed");
      escape(keep ? &out : nullptr);
    }
  }

  void escape(std::string* out) {
    constexpr std::string_view json = "\"\\/bfnrt", jsonMeans = "\"\\/\b\f\n\r\t", python = "'av0", pythonMeans("'\a\v\0", 4);
    const char c = peek();
    ++m_at;
    if (const std::size_t i = json.find(c); i != std::string_view::npos) {
      if (out) *out += jsonMeans[i];
    } else if (const std::size_t k = python.find(c); m_python && k != std::string_view::npos) {
      if (out) *out += pythonMeans[k];
    } else if (c == 'u') {
      surrogates(hexadecimal(4), out);
    } else if (m_python && (c == 'x' || c == 'U')) {
      codePoint(hexadecimal(c == 'x' ? 2 : 8), out);
    } else {
      fail("an escape in a text is written wrongly");
    }
  }

  std::uint32_t hexadecimal(std::size_t digits) {
    std::uint32_t value = 0;
    const char* begin = m_text.data() + m_at;
    if (m_text.size() - std::min(m_at, m_text.size()) < digits || std::from_chars(begin, begin + digits, value, 16).ptr != begin + digits)
      fail("an escape in a text is written wrongly");
    m_at += digits;
    return value;
  }

  /// The first of two escapes is half a character.
  void surrogates(std::uint32_t first, std::string* out) {
    const std::size_t behind = m_at;
    if (first >= 0xD800 && first < 0xDC00 && m_text.substr(m_at).starts_with("\\u")) {
      m_at += 2;
      if (const std::uint32_t second = hexadecimal(4); second >= 0xDC00 && second < 0xE000)
        return codePoint(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00), out);
      m_at = behind;
    }
    codePoint(first, out);
  }
  void codePoint(std::uint32_t value, std::string* out) {
    const bool lone = (value >= 0xD800 && value < 0xE000) || value > 0x10FFFF;
    if (lone) m_row.repairs.insert("lone_surrogate");
    if (out) appendUtf8(*out, lone ? 0xFFFD : value);
  }

  std::string_view m_text;
  bool m_python;
  const std::string& m_prefix;
  Row& m_row;
  std::size_t m_at = 0, m_inner = 0;   ///< m_inner: fields that are not in the row yet
  int m_depth = 0;
  bool m_wasNull = false;
};

}  // namespace

std::string readLiteral(std::string_view text, Dialect dialect, const std::string& prefix, Row& row) {
  try {
    LiteralReader(text, dialect, prefix, row).read();
    return {};
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

}  // namespace lacuna::files

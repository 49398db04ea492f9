#include "json_row.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include <simdjson.h>

#include "lacuna/base/numbers.h"
#include "lacuna/files/files.h"
#include "literal.h"
#include "text_field.h"
#include "utf8.h"

namespace lacuna::files {
namespace {

/// The four hexadecimal digits after "\u" at `at`; −1 when there is no such escape.
int escapeAt(std::string_view json, std::size_t at) {
  if (at + 6 > json.size() || json[at] != '\\' || json[at + 1] != 'u') return -1;
  int value = 0;
  const auto parsed = std::from_chars(json.data() + at + 2, json.data() + at + 6, value, 16);
  return parsed.ec == std::errc() && parsed.ptr == json.data() + at + 6 ? value : -1;
}

std::string numberText(const simdjson::dom::element& value) {
  if (value.is_int64()) return std::to_string(std::int64_t(value));
  if (value.is_uint64()) return std::to_string(std::uint64_t(value));
  return formatNumber(double(value));
}

/// Texts larger than this are read in place: simdjson takes up to 20 bytes for each of theirs.
constexpr std::size_t largestTree = 8u << 20;

}  // namespace

std::uint64_t bytesOf(const Row& row) {
  std::uint64_t bytes = sizeof(Row);
  for (const auto& [name, value] : row.fields) bytes += 128 + name.size() + value.text.size();
  return bytes;
}

bool repairSurrogates(std::string& json) {
  bool repaired = false;
  for (std::size_t at = json.find('\\'); at != std::string::npos; at = json.find('\\', at)) {
    const int unit = escapeAt(json, at);
    const int next = unit >= 0xD800 && unit < 0xDC00 ? escapeAt(json, at + 6) : -1;
    if (next >= 0xDC00 && next < 0xE000) {
      at += 12;
    } else if (unit >= 0xD800 && unit < 0xE000) {
      json.replace(at + 2, 4, "FFFD");
      repaired = true;
      at += 6;
    } else {
      at += 2;  // an escaped backslash does not begin another escape
    }
  }
  return repaired;
}

void noteControlCharacters(std::string_view text, Row& row) {
  // To the end even when one was found: without a way out the loop becomes vector instructions, and none is there as a rule.
  unsigned char found = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    found = static_cast<unsigned char>(found | ((byte < 0x20) & (byte != '\t') & (byte != '\n') & (byte != '\r')));
  }
  if (found != 0) row.repairs.insert("control_characters");
}

struct JsonRowParser::Impl {
  using Object = simdjson::dom::object;

  simdjson::dom::parser parser, mirrorParser;
  std::vector<std::string_view> keys;

  /// Is a key there twice?
  bool repeats(const Object& object) {
    keys.clear();
    for (const auto& field : object) keys.push_back(field.key);
    if (keys.size() > 16) {
      std::sort(keys.begin(), keys.end());
      return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
    }
    for (std::size_t i = 1; i < keys.size(); ++i)
      if (std::find(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(i), keys[i]) != keys.begin() + static_cast<std::ptrdiff_t>(i)) return true;
    return false;
  }

  /// Looks for keys that are there twice in what gives no fields.
  void noteRepeats(const simdjson::dom::element& value, Row& row) {
    if (value.is_array()) {
      for (const auto& each : simdjson::dom::array(value))
        if (each.is_array() || each.is_object()) noteRepeats(each, row);
    } else if (value.is_object()) {
      if (repeats(Object(value))) row.repairs.insert("duplicate_key");
      for (const auto& field : Object(value))
        if (field.value.is_array() || field.value.is_object()) noteRepeats(field.value, row);
    }
  }

  void addFields(const Object& object, const std::string& prefix, Row& row) {
    if (!repeats(object)) {
      for (const auto& [key, value] : object) addField(key, value, prefix, row);
      return;
    }
    row.repairs.insert("duplicate_key");
    std::map<std::string_view, simdjson::dom::element> last;
    for (const auto& [key, value] : object) last.insert_or_assign(key, value);
    for (const auto& [key, value] : last) addField(key, value, prefix, row);
  }

  void addField(std::string_view key, const simdjson::dom::element& value, const std::string& prefix, Row& row) {
    std::string name = prefix;
    name += key;
    Row::Value field;
    switch (value.type()) {
      case simdjson::dom::element_type::STRING: field.text = std::string(std::string_view(value)); break;
      case simdjson::dom::element_type::BOOL: field = {bool(value) ? "true" : "false", false}; break;
      case simdjson::dom::element_type::INT64:
      case simdjson::dom::element_type::UINT64:
      case simdjson::dom::element_type::DOUBLE: field = {numberText(value), false}; break;
      case simdjson::dom::element_type::OBJECT:
        if (prefix.empty()) addFields(Object(value), name + ".", row);
        else noteRepeats(value, row);
        return;
      case simdjson::dom::element_type::NULL_VALUE:
        if (prefix.empty() && isWellKnownTextField(name)) row.nulls.insert(std::move(name));
        return;
      default: noteRepeats(value, row); return;
    }
    row.fields.insert_or_assign(std::move(name), std::move(field));
  }

  /// Some mirrors of corpora hold the metadata as a text with JSON, or what Python shows of a dict, in it.
  bool addMirror(const std::string& text, const std::string& prefix, Row& row) {
    if (Object object; text.size() <= largestTree && !mirrorParser.parse(text).get(object)) {
      addFields(object, prefix, row);
      return true;
    }
    Row inner;
    if (!readLiteral(text, Dialect::Python, prefix, inner).empty()) return false;
    for (auto& [name, value] : inner.fields) row.fields.insert_or_assign(name, std::move(value));
    row.repairs.merge(inner.repairs);
    return true;
  }
};

JsonRowParser::JsonRowParser() : m_impl(std::make_unique<Impl>()) {}
JsonRowParser::~JsonRowParser() = default;

std::string JsonRowParser::parse(std::string& json, Row& row) {
  row = {};
  if (!isUtf8(json)) {
    json = sanitiseUtf8(json);
    row.repairs.insert("invalid_utf8");
  }
  if (repairSurrogates(json)) row.repairs.insert("lone_surrogate");
  if (const std::string problem = readValue(json, row); !problem.empty()) return problem;
  static const std::string mirrors[] = {"meta", "metadata"};
  for (const std::string& name : mirrors) {
    const auto found = row.fields.find(name);
    if (found == row.fields.end() || !found->second.text.starts_with('{')) continue;
    const std::string text = std::move(found->second.text);
    if (m_impl->addMirror(text, name + ".", row)) row.fields.erase(name);
    else row.fields[name].text = text;
  }
  return {};
}

std::string JsonRowParser::readValue(const std::string& json, Row& row) {
  if (json.size() > largestTree) return readLiteral(json, Dialect::Json, "", row);
  simdjson::dom::element element;
  if (const auto error = m_impl->parser.parse(json).get(element)) {
    // It refuses numbers beyond 64 bits and beyond the doubles, which are legal.
    return error == simdjson::NUMBER_ERROR ? readLiteral(json, Dialect::Json, "", row) : simdjson::error_message(error);
  }
  if (element.is_object()) m_impl->addFields(Impl::Object(element), "", row);
  else if (element.is_string()) row.fields["text"].text = std::string(std::string_view(element));
  return {};
}

}  // namespace lacuna::files

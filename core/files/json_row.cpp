#include "json_row.h"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include "lacuna/base/numbers.h"
#include "lacuna/files/files.h"
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

/// A key that comes again wins, whatever its value is.
void forget(const std::string& name, Row& row) {
  if (row.fields.erase(name) > 0) row.repairs.insert("duplicate_key");
}

void addFields(const simdjson::dom::object& object, const std::string& prefix, Row& row) {
  for (const auto& [key, value] : object) {
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
        forget(name, row);
        if (prefix.empty()) addFields(simdjson::dom::object(value), name + ".", row);
        continue;
      default: forget(name, row); continue;
    }
    if (!row.fields.insert_or_assign(name, std::move(field)).second) row.repairs.insert("duplicate_key");
  }
}

/// simdjson refuses whole numbers beyond 64 bits; they are legal, and become the nearest double.
bool addFieldsWithLargeNumbers(const std::string& json, Row& row) {
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  if (!parsed.is_object()) return false;
  const auto add = [&](const std::string& name, const nlohmann::json& value) {
    if (value.is_string()) row.fields[name] = {value.get<std::string>(), true};
    else if (value.is_boolean()) row.fields[name] = {value.get<bool>() ? "true" : "false", false};
    else if (value.is_number_unsigned()) row.fields[name] = {std::to_string(value.get<std::uint64_t>()), false};
    else if (value.is_number_integer()) row.fields[name] = {std::to_string(value.get<std::int64_t>()), false};
    else if (value.is_number()) row.fields[name] = {formatNumber(value.get<double>()), false};
  };
  for (const auto& [key, value] : parsed.items()) {
    add(key, value);
    if (value.is_object())
      for (const auto& [inner, scalar] : value.items()) add(key + "." + inner, scalar);
  }
  return true;
}

}  // namespace

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
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r'; };
  if (std::any_of(text.begin(), text.end(), control)) row.repairs.insert("control_characters");
}

struct JsonRowParser::Impl {
  simdjson::dom::parser parser;
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
  simdjson::dom::element element;
  if (const auto error = m_impl->parser.parse(json).get(element)) {
    const bool number = error == simdjson::NUMBER_ERROR && json.find('\0') == std::string::npos;
    if (number && addFieldsWithLargeNumbers(json, row)) return {};
    return simdjson::error_message(error);
  }
  if (element.is_object())
    addFields(simdjson::dom::object(element), "", row);
  else if (element.is_string())
    row.fields["text"].text = std::string(std::string_view(element));
  // Some mirrors hold the metadata as a text with JSON in it.
  for (const char* name : {"meta", "metadata"}) {
    const auto found = row.fields.find(name);
    if (found == row.fields.end() || !found->second.text.starts_with('{')) continue;
    simdjson::dom::parser inner;
    simdjson::dom::object object;
    const std::string text = found->second.text;
    if (inner.parse(text).get(object)) continue;
    addFields(object, std::string(name) + ".", row);
    row.fields.erase(name);
  }
  return {};
}

}  // namespace lacuna::files

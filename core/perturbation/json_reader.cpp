#include "json_reader.h"

#include <cmath>
#include <limits>

namespace lacuna::perturbation {

using nlohmann::json;

void refuse(const std::string& pointer, const std::string& expected, const std::string& found) { throw Refusal{pointer, expected, found}; }

std::string shown(const json& value) {
  const std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  return text.size() <= 40 ? text : text.substr(0, 37) + "...";
}

double number(const json& value, const std::string& pointer) {
  if (!value.is_number()) refuse(pointer, "a number", shown(value));
  const double result = value.get<double>();
  if (!std::isfinite(result)) refuse(pointer, "a finite number", shown(value));
  return result;
}

std::int32_t index(const json& value, const std::string& pointer) {
  const bool fits = value.is_number_integer() && value >= 0 && value <= std::numeric_limits<std::int32_t>::max();
  if (!fits) refuse(pointer, "an integer ≥ 0", shown(value));
  return value.get<std::int32_t>();
}

const json& array(const json& value, const std::string& pointer) {
  if (!value.is_array()) refuse(pointer, "an array", shown(value));
  return value;
}

namespace {

std::vector<double> numbersOf(const json& value, const std::string& pointer) {
  std::vector<double> result;
  for (std::size_t i = 0; i < array(value, pointer).size(); ++i) result.push_back(number(value[i], pointer + "/" + std::to_string(i)));
  return result;
}

}  // namespace

Reader::Reader(const json& object, std::string pointer) : m_object(object), m_pointer(std::move(pointer)) {
  if (!object.is_object()) refuse(m_pointer.empty() ? "/" : m_pointer, "an object", shown(object));
}

const json* Reader::find(const std::string& key) {
  m_known.insert(key);
  const auto found = m_object.find(key);
  return found == m_object.end() ? nullptr : &*found;
}

const json& Reader::need(const std::string& key, const std::string& expected) {
  const json* value = find(key);
  if (value == nullptr) refuse(at(key), expected, "nothing");
  return *value;
}

std::string Reader::text(const std::string& key, const std::string& expected) {
  const json& value = need(key, expected);
  if (!value.is_string()) refuse(at(key), expected, shown(value));
  return value.get<std::string>();
}

bool Reader::flag(const std::string& key, bool standard) {
  const json* value = find(key);
  if (value == nullptr) return standard;
  if (!value->is_boolean()) refuse(at(key), "true or false", shown(*value));
  return value->get<bool>();
}

double Reader::number(const std::string& key) { return perturbation::number(need(key, "a number"), at(key)); }

std::uint64_t Reader::seed(const std::string& key) {
  const json& value = need(key, "an integer ≥ 0");
  const bool fits = value.is_number_unsigned() || (value.is_number_integer() && value >= 0);
  if (!fits) refuse(at(key), "an integer ≥ 0", shown(value));
  return value.get<std::uint64_t>();
}

std::vector<double> Reader::numbers(const std::string& key, const std::string& expected) { return numbersOf(need(key, expected), at(key)); }

MatrixD Reader::matrix(const std::string& key, const std::string& expected, std::size_t width, const std::string& like) {
  const json& rows = array(need(key, expected), at(key));
  if (width == 0 && !rows.empty()) width = array(rows[0], at(key) + "/0").size();
  MatrixD result(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(width));
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const std::string row = at(key) + "/" + std::to_string(r);
    const std::vector<double> entries = numbersOf(rows[r], row);
    if (entries.size() != width)
      refuse(row, std::to_string(width) + " numbers, as many as " + (like.empty() ? at(key) + "/0" : like) + " has", std::to_string(entries.size()));
    for (std::size_t j = 0; j < width; ++j) result(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(j)) = entries[j];
  }
  return result;
}

void Reader::refuseUnknown(const std::string& owner) const {
  for (const auto& [key, value] : m_object.items())
    if (!m_known.contains(key)) refuse(at(key), "no such key for " + owner, shown(value));
}

}  // namespace lacuna::perturbation

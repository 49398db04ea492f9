#pragma once

#include <nlohmann/json.hpp>

#include <set>
#include <string>

#include "lacuna/base/error.h"

namespace lacuna::study {

/// Reads the keys of one JSON object, remembers which were asked for, and refuses the rest by name.
class SpecReader {
 public:
  SpecReader(const nlohmann::json& object, std::string pointer) : m_object(object), m_pointer(std::move(pointer)) {
    if (!object.is_object()) throw wrong("", "an object", object);
  }

  template <class T> void read(const std::string& key, T& value) {
    if (const nlohmann::json* found = find(key)) {
      try {
        value = found->get<T>();
      } catch (const nlohmann::json::exception&) {
        throw wrong(key, expectedName(value), *found);
      }
      if (!sameKind(value, *found)) throw wrong(key, expectedName(value), *found);
    }
  }
  const nlohmann::json* find(const std::string& key) {
    m_known.insert(key);
    const auto it = m_object.find(key);
    return it == m_object.end() || it->is_null() ? nullptr : &*it;
  }
  std::string pointer(const std::string& key) const { return m_pointer + "/" + key; }

  /// Call last: names keys nobody asked for.
  void finish() const {
    std::string unknown, known;
    for (const auto& [key, value] : m_object.items())
      if (!m_known.contains(key)) unknown += (unknown.empty() ? "" : ", ") + m_pointer + "/" + key;
    for (const std::string& key : m_known) known += (known.empty() ? "" : ", ") + key;
    if (!unknown.empty()) throw Error("LAC-1401", "study spec: unknown key " + unknown, "known here: " + known);
  }
  Error wrong(const std::string& key, const std::string& expected, const nlohmann::json& found) const {
    return Error("LAC-1401", "study spec: " + (key.empty() ? m_pointer : pointer(key)) + ": expected " + expected + ", found " +
                                 found.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).substr(0, 80),
                 "see docs/study-spec.md");
  }

 private:
  template <class T> static std::string expectedName(const T&) {
    if constexpr (std::is_same_v<T, bool>) return "true or false";
    else if constexpr (std::is_integral_v<T>) return "a whole number";
    else if constexpr (std::is_floating_point_v<T>) return "a number";
    else if constexpr (std::is_same_v<T, std::string>) return "a text";
    else return "a list of numbers";
  }
  template <class T> static bool sameKind(const T&, const nlohmann::json& found) {
    if constexpr (std::is_same_v<T, bool>) return found.is_boolean();
    else if constexpr (std::is_integral_v<T>) return found.is_number_integer();
    else if constexpr (std::is_floating_point_v<T>) return found.is_number();
    else return true;
  }
  const nlohmann::json& m_object;
  std::string m_pointer;
  std::set<std::string> m_known;
};

}  // namespace lacuna::study

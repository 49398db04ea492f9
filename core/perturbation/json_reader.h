#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "lacuna/base/matrix.h"

namespace lacuna::perturbation {

/// What a JSON value was refused for; becomes LAC-1201 with the pointer's whole path at the wall of the stage.
struct Refusal { std::string pointer, expected, found; };
[[noreturn]] void refuse(const std::string& pointer, const std::string& expected, const std::string& found);
/// A value as a message shows it: at most 40 bytes.
std::string shown(const nlohmann::json& value);

/// Reads one object; remembers which keys were asked for. `pointer` is the object's own, empty for the outermost.
class Reader {
 public:
  explicit Reader(const nlohmann::json& object, std::string pointer = {});

  const nlohmann::json* find(const std::string& key);
  const nlohmann::json& need(const std::string& key, const std::string& expected);
  std::string text(const std::string& key, const std::string& expected);
  bool flag(const std::string& key, bool standard);
  double number(const std::string& key);
  std::uint64_t seed(const std::string& key);
  std::vector<double> numbers(const std::string& key, const std::string& expected);
  /// As many numbers a row as `width`; `like` says whose width that is. 0: as many as the first row has.
  MatrixD matrix(const std::string& key, const std::string& expected, std::size_t width, const std::string& like = {});
  std::string at(const std::string& key) const { return m_pointer + "/" + key; }
  void refuseUnknown(const std::string& owner) const;

 private:
  const nlohmann::json& m_object;
  std::string m_pointer;
  std::set<std::string> m_known;
};

double number(const nlohmann::json& value, const std::string& pointer);
std::int32_t index(const nlohmann::json& value, const std::string& pointer);
const nlohmann::json& array(const nlohmann::json& value, const std::string& pointer);

}  // namespace lacuna::perturbation

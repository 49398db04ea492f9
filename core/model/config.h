#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "lacuna/model/decoder.h"

namespace lacuna::model {

/// config.json of a model folder. Saved configs leave out what equals a class default, so every question carries its default.
class Config {
 public:
  /// Throws LAC-1001 when the folder has no config.json, LAC-1002 when it is not a JSON object.
  static Config read(const std::filesystem::path& folder);
  Config(nlohmann::json json, std::string where) : m_json(std::move(json)), m_where(std::move(where)) {}

  /// Absent or null gives the default; a value of another type throws LAC-1002 with file and key.
  std::int64_t integer(const char* key, std::int64_t standard) const;
  /// A size of the network, 1 … `most`: beyond that nothing is multiplied or allocated, LAC-1002 names key, value and range.
  std::int64_t size(const char* key, std::int64_t standard, std::int64_t most = largestSize) const;
  double number(const char* key, double standard) const;
  /// A number of a range, its ends included; LAC-1002 names key, value and range.
  double number(const char* key, double standard, double low, double high) const;
  bool boolean(const char* key, bool standard) const;
  std::string string(const char* key, const std::string& standard) const;
  std::vector<std::string> strings(const char* key) const;
  /// A token id or a list of them (eos_token_id); negative ones mean none.
  std::vector<std::int32_t> ids(const char* key) const;
  bool has(const char* key) const { return m_json.contains(key); }   ///< also when null
  bool isNull(const char* key) const { return m_json.contains(key) && m_json[key].is_null(); }
  /// The object under a key; an empty one when absent or null.
  Config object(const char* key) const;

  const nlohmann::json& json() const { return m_json; }
  const std::string& where() const { return m_where; }
  /// LAC-1002 about this file.
  [[noreturn]] void refuse(const std::string& what, const std::string& hint = {}) const;

  static constexpr std::int64_t largestSize = std::int64_t{1} << 24, mostLayers = 10000, mostPositions = std::int64_t{1} << 30;

 private:
  template <class Value> Value value(const char* key, Value standard, const char* expected, bool right) const;
  nlohmann::json m_json;
  std::string m_where;
};

/// Refuses quantised weights (quantization_config): their numbers mean something else.
void refuseQuantised(const Config& config);

/// An activation by its name in a config (formats.md 2.0); unknown names throw LAC-1002.
Activation activationNamed(const Config& config, const std::string& name);

/// Rotary settings in both dialects (formats.md 0, 2.1). `partial`: share of the head's channels that turn, where the file does not say.
Rope ropeOf(const Config& config, std::int64_t headDim, double partial, std::int64_t maxPositions);

}  // namespace lacuna::model

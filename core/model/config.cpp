#include "config.h"

#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/files/json.h"

namespace lacuna::model {
namespace {

constexpr std::uint64_t largestConfig = std::uint64_t{16} << 20;

}  // namespace

Config Config::read(const std::filesystem::path& folder) {
  const auto path = folder / "config.json";
  std::error_code failed;
  if (!std::filesystem::exists(folder, failed))
    throw Error("LAC-1001", folder.string() + " does not exist", "choose the folder of a Hugging Face model");
  if (!std::filesystem::exists(path, failed))
    throw Error("LAC-1001", folder.string() + " has no config.json" + (failed ? " that can be read: " + failed.message() : ""),
                "choose the folder of a Hugging Face model");
  auto json = files::readJson(path, "LAC-1002", largestConfig);
  if (!json.is_object()) throw Error("LAC-1002", path.string() + " should be a JSON object, found " + json.type_name(), "fetch the file again");
  return {std::move(json), path.string()};
}

void Config::refuse(const std::string& what, const std::string& hint) const {
  throw Error("LAC-1002", m_where + ": " + what, hint.empty() ? "compare the file with the model's original, or fetch it again" : hint);
}

template <class Value>
Value Config::value(const char* key, Value standard, const char* expected, bool right) const {
  if (!m_json.contains(key) || m_json[key].is_null()) return standard;
  if (!right) refuse(std::string("\"") + key + "\" should be " + expected + ", found " + m_json[key].dump());
  return m_json[key].get<Value>();
}

std::int64_t Config::integer(const char* key, std::int64_t standard) const {
  return value(key, standard, "a whole number", has(key) && m_json[key].is_number_integer());
}
std::int64_t Config::size(const char* key, std::int64_t standard, std::int64_t most) const {
  const std::int64_t value = integer(key, standard);
  const bool tooLargeForItsType = has(key) && m_json[key].is_number_unsigned() && m_json[key].get<std::uint64_t>() > static_cast<std::uint64_t>(most);
  if (value < 1 || value > most || tooLargeForItsType)
    refuse(std::string("\"") + key + "\" is " + (has(key) && !isNull(key) ? m_json[key].dump() : std::to_string(value)) +
           "; allowed are 1 to " + std::to_string(most));
  return value;
}
double Config::number(const char* key, double standard) const {
  return value(key, standard, "a number", has(key) && m_json[key].is_number());
}
double Config::number(const char* key, double standard, double low, double high) const {
  const double value = number(key, standard);
  if (!(value >= low && value <= high))
    refuse(std::string("\"") + key + "\" is " + formatNumber(value) + "; allowed are " + formatNumber(low) + " to " + formatNumber(high));
  return value;
}
bool Config::boolean(const char* key, bool standard) const {
  return value(key, standard, "true or false", has(key) && m_json[key].is_boolean());
}
std::string Config::string(const char* key, const std::string& standard) const {
  return value(key, standard, "a string", has(key) && m_json[key].is_string());
}

std::vector<std::string> Config::strings(const char* key) const {
  std::vector<std::string> out;
  if (!has(key) || m_json[key].is_null()) return out;
  if (!m_json[key].is_array()) refuse(std::string("\"") + key + "\" should be a list of strings");
  for (const auto& entry : m_json[key]) {
    if (!entry.is_string()) refuse(std::string("\"") + key + "\" should be a list of strings");
    out.push_back(entry.get<std::string>());
  }
  return out;
}

std::vector<std::int32_t> Config::ids(const char* key) const {
  std::vector<std::int32_t> out;
  if (!has(key) || m_json[key].is_null()) return out;
  const auto list = m_json[key].is_array() ? m_json[key] : nlohmann::json::array({m_json[key]});
  for (const auto& id : list) {
    if (!id.is_number_integer() || (id.is_number_unsigned() && id.get<std::uint64_t>() > static_cast<std::uint64_t>(largestSize)))
      refuse(std::string("\"") + key + "\" should be a token id or a list of them, found " + id.dump(-1, ' ', true));
    if (!id.is_number_unsigned()) continue;  // some files write −1 for none
    out.push_back(id.get<std::int32_t>());
  }
  return out;
}

Config Config::object(const char* key) const {
  if (!has(key) || m_json[key].is_null()) return {nlohmann::json::object(), m_where};
  if (!m_json[key].is_object()) refuse(std::string("\"") + key + "\" should be an object");
  return {m_json[key], m_where};
}

void refuseQuantised(const Config& config) {
  if (!config.has("quantization_config") || config.isNull("quantization_config")) return;
  const Config how = config.object("quantization_config");
  config.refuse("the weights are quantised (quant_method \"" + how.string("quant_method", "unknown") + "\"), which is not supported",
                "use the folder of the model the quantised one was made from");
}

Activation activationNamed(const Config& config, const std::string& name) {
  if (name == "gelu" || name == "gelu_python") return Activation::Gelu;
  if (name == "gelu_new" || name == "gelu_pytorch_tanh" || name == "gelu_fast") return Activation::GeluTanh;
  if (name == "quick_gelu") return Activation::QuickGelu;
  if (name == "silu" || name == "swish") return Activation::Silu;
  if (name == "relu") return Activation::Relu;
  if (name == "tanh") return Activation::Tanh;
  if (name == "gelu_10") return Activation::Gelu10;
  config.refuse("unknown activation \"" + name + "\"");
}

}  // namespace lacuna::model

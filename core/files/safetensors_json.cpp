#include <nlohmann/json.hpp>
#include <simdjson.h>

#include "safetensors_header.h"

namespace lacuna::files {
namespace {

using Json = nlohmann::json;

constexpr std::size_t deepest = 128, highestRank = 64;

/// SAX, not a tree: repeated names stay visible, and nothing is built for values that are ignored.
class HeaderReader : public nlohmann::json_sax<Json> {
 public:
  SafetensorsHeader header;
  std::string problem;

  bool null() override { return m_stack.size() == 1 && m_key == "__metadata__" ? true : scalar("null"); }
  bool boolean(bool) override { return scalar("a boolean"); }
  bool number_integer(number_integer_t) override { return scalar("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { return scalar("a fractional or too large number"); }
  bool binary(binary_t&) override { return scalar("binary"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (place() == Place::Shape) {
      // Kept as the same 64 bits; the check of the sizes reads them unsigned again.
      if (tensor().shape.size() == highestRank) return fail("tensor '" + tensor().name + "' has more than 64 dimensions");
      tensor().shape.push_back(static_cast<std::int64_t>(value));
      return true;
    }
    if (place() == Place::Offsets) {
      if (m_offsets == 2) return fail("data_offsets of tensor '" + tensor().name + "' are not exactly two numbers");
      (m_offsets++ == 0 ? tensor().begin : tensor().end) = value;
      return true;
    }
    return scalar("a number");
  }

  bool string(string_t& value) override {
    if (place() == Place::Metadata) {
      header.metadata[m_key] = value;
      return true;
    }
    if (place() != Place::Tensor || m_key != "dtype") return scalar("a string");
    if (!dtypeBits(value)) return fail("tensor '" + tensor().name + "' has the unknown dtype '" + value + "'");
    tensor().dtype = value;
    return true;
  }

  bool start_object(std::size_t) override {
    if (m_stack.empty()) return push(Place::Root);
    if (place() == Place::Root) {
      if (m_key == "__metadata__") return push(Place::Metadata);
      header.tensors.push_back({m_key, {}, {}, 0, 0});
      m_seen = 0;
      return push(Place::Tensor);
    }
    return ignored() ? push(Place::Ignored) : scalar("an object");
  }

  bool start_array(std::size_t) override {
    if (place() == Place::Tensor && m_key == "shape") return push(Place::Shape);
    if (place() == Place::Tensor && m_key == "data_offsets") {
      m_offsets = 0;
      return push(Place::Offsets);
    }
    return ignored() ? push(Place::Ignored) : scalar("an array");
  }

  bool key(string_t& name) override {
    m_key = name;
    if (place() == Place::Root && name == "__metadata__") {
      if (m_metadataSeen) return fail("__metadata__ is there twice");
      m_metadataSeen = true;
    }
    if (place() == Place::Tensor && fieldBit(name) != 0) {
      if ((m_seen & fieldBit(name)) != 0) return fail("'" + name + "' of tensor '" + tensor().name + "' is there twice");
      m_seen |= fieldBit(name);
    }
    return true;
  }

  bool end_object() override {
    if (place() == Place::Tensor && m_seen != 7) return fail("tensor '" + tensor().name + "' lacks dtype, shape or data_offsets");
    m_stack.pop_back();
    return true;
  }

  bool end_array() override {
    if (place() == Place::Offsets && m_offsets != 2)
      return fail("data_offsets of tensor '" + tensor().name + "' are not exactly two numbers");
    m_stack.pop_back();
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    return fail("not valid JSON at byte " + std::to_string(position) + " of the header");
  }

 private:
  enum class Place { None, Root, Metadata, Tensor, Shape, Offsets, Ignored };

  static unsigned fieldBit(std::string_view name) {
    return name == "dtype" ? 1u : name == "shape" ? 2u : name == "data_offsets" ? 4u : 0u;
  }
  Place place() const { return m_stack.empty() ? Place::None : m_stack.back(); }
  bool ignored() const { return place() == Place::Ignored || (place() == Place::Tensor && fieldBit(m_key) == 0); }
  TensorInfo& tensor() { return header.tensors.back(); }

  bool push(Place place) {
    if (m_stack.size() == deepest) return fail("nested too deeply");
    m_stack.push_back(place);
    return true;
  }
  bool fail(std::string what) {
    problem = std::move(what);
    return false;
  }
  /// A value where only ignored ones may stand.
  bool scalar(const char* found) {
    if (ignored()) return true;
    switch (place()) {
      case Place::Metadata: return fail("__metadata__ '" + m_key + "' is " + found + ", not a string");
      case Place::Shape:
      case Place::Offsets:
      case Place::Tensor: return fail("'" + m_key + "' of tensor '" + tensor().name + "' holds " + found);
      case Place::Root: return fail("the entry '" + m_key + "' is " + found + ", not an object");
      default: return fail(std::string("the header is ") + found + ", not an object");
    }
  }

  std::vector<Place> m_stack;
  std::string m_key;
  unsigned m_seen = 0, m_offsets = 0;
  bool m_metadataSeen = false;
};

}  // namespace

SafetensorsHeader parseSafetensorsJson(std::string_view json) {
  if (!simdjson::validate_utf8(json.data(), json.size())) throw HeaderViolation{"InvalidHeader", "the header is not UTF-8"};
  const auto bad = [](std::string what) { return HeaderViolation{"InvalidHeaderDeserialization", std::move(what)}; };
  // The parser below would skip a byte order mark and take a NUL for the end.
  if (json.starts_with("\xEF\xBB\xBF")) throw bad("the header begins with a byte order mark");
  if (json.find('\0') != std::string_view::npos) throw bad("the header contains a NUL byte");
  HeaderReader reader;
  if (!Json::sax_parse(json.begin(), json.end(), &reader)) throw bad(reader.problem);
  return std::move(reader.header);
}

}  // namespace lacuna::files

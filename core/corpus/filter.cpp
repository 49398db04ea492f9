#include "lacuna/corpus/filter.h"

#include <algorithm>

#include "filter_nodes.h"
#include "lacuna/base/numbers.h"

namespace lacuna::corpus {
namespace {

constexpr std::string_view kHost = ".host";

/// "https://user@Example.org:80/a?b" → "example.org"; empty when there is none.
std::string hostOf(std::string_view address) {
  const std::size_t scheme = address.find("://");
  if (scheme == std::string_view::npos) return {};
  address.remove_prefix(scheme + 3);
  address = address.substr(0, address.find_first_of("/?#"));
  if (const std::size_t user = address.rfind('@'); user != std::string_view::npos) address.remove_prefix(user + 1);
  address = address.substr(0, address.find(':', address.starts_with('[') ? address.find(']') : 0));
  std::string host(address);
  for (char& c : host) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return host.find_first_of(" \t\n") == std::string::npos ? host : std::string();
}

using Kind = Filter::Node::Kind;

/// −1, 0, 1; nothing when the literal is a number and the field is none.
std::optional<int> compare(const std::string& field, const FilterValue& value) {
  if (!value.number) return field < value.text ? -1 : field > value.text ? 1 : 0;
  const std::optional<double> number = parseNumber(field);
  if (!number) return std::nullopt;
  return *number < *value.number ? -1 : *number > *value.number ? 1 : 0;
}

bool equals(const std::string& field, const FilterValue& value) { return compare(field, value) == 0; }

bool holds(const Filter::Node& node, const std::string& field) {
  const auto order = [&] { return compare(field, node.values.front()); };
  switch (node.kind) {
    case Kind::Equal: return equals(field, node.values.front());
    case Kind::Unequal: return !equals(field, node.values.front());
    case Kind::Less: return order() == -1;
    case Kind::Greater: return order() == 1;
    case Kind::AtMost: return order() && *order() <= 0;
    case Kind::AtLeast: return order() && *order() >= 0;
    case Kind::In: return std::any_of(node.values.begin(), node.values.end(), [&](const FilterValue& value) { return equals(field, value); });
    case Kind::Contains: return field.find(node.values.front().text) != std::string::npos;
    case Kind::Matches: return node.pattern->foundIn(field);
    default: return true;   // Exists
  }
}

}  // namespace

std::optional<std::string> fieldOf(const Metadata& metadata, const std::string& name) {
  if (const auto found = metadata.find(name); found != metadata.end()) return found->second;
  if (!name.ends_with(kHost)) return std::nullopt;
  const auto address = metadata.find(name.substr(0, name.size() - kHost.size()));
  if (address == metadata.end()) return std::nullopt;
  std::string host = hostOf(address->second);
  return host.empty() ? std::nullopt : std::optional(std::move(host));
}

bool Filter::Node::wants(const Metadata& metadata, std::string_view text) const {
  const auto wanted = [&](const std::shared_ptr<const Node>& part) { return part->wants(metadata, text); };
  if (kind == Kind::And) return std::all_of(parts.begin(), parts.end(), wanted);
  if (kind == Kind::Or) return std::any_of(parts.begin(), parts.end(), wanted);
  if (kind == Kind::Not) return !wanted(parts.front());
  if (const auto value = fieldOf(metadata, field)) return holds(*this, *value);
  return field == "text" && holds(*this, std::string(text));
}

Filter::Filter(std::string_view expression) {
  if (expression.find_first_not_of(" \t\r\n") != std::string_view::npos) m_root = parseFilter(expression).root;
}

bool Filter::wants(const Metadata& metadata, std::string_view text) const { return !m_root || m_root->wants(metadata, text); }

}  // namespace lacuna::corpus

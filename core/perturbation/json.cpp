#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "lacuna/perturbation/perturbation.h"

namespace lacuna::perturbation {
namespace {

using nlohmann::json;
using model::TokenScope;

constexpr std::pair<TokenScope, const char*> kScopes[] = {
    {TokenScope::All, "all"}, {TokenScope::Prompt, "prompt"}, {TokenScope::Answer, "answer"}, {TokenScope::Last, "last"}};

/// Keys that a method reads beside the common ones; the rest of its values mean nothing and are refused.
std::vector<std::string> keysOf(Method method) {
  switch (method) {
    case Method::Zero: return {"neurons"};
    case Method::Mean: return {"neurons", "centre"};
    case Method::Set: return {"neurons", "value"};
    case Method::Project: return {"basis", "centre"};
    case Method::Shift: return {"direction", "rho"};
    case Method::Noise: return {"rho", "seed"};
  }
  return {};
}

[[noreturn]] void refuse(const std::string& pointer, const std::string& expected, const std::string& found) {
  throw Error("LAC-1201", "perturbation " + pointer + ": expected " + expected + ", found " + found, "see the manual, section Perturbations");
}

std::string shown(const json& value) {
  const std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  return text.size() <= 40 ? text : text.substr(0, 37) + "...";
}

/// Reads one object; remembers which keys were asked for.
class Reader {
 public:
  explicit Reader(const json& object) : m_object(object) {
    if (!object.is_object()) refuse("/", "an object", shown(object));
  }

  const json* find(const std::string& key) {
    m_known.insert(key);
    const auto at = m_object.find(key);
    return at == m_object.end() ? nullptr : &*at;
  }

  const json& need(const std::string& key, const std::string& expected) {
    const json* value = find(key);
    if (value == nullptr) refuse("/" + key, expected, "nothing");
    return *value;
  }

  std::string text(const std::string& key, const std::string& expected) {
    const json& value = need(key, expected);
    if (!value.is_string()) refuse("/" + key, expected, shown(value));
    return value.get<std::string>();
  }

  bool flag(const std::string& key, bool standard) {
    const json* value = find(key);
    if (value == nullptr) return standard;
    if (!value->is_boolean()) refuse("/" + key, "true or false", shown(*value));
    return value->get<bool>();
  }

  void refuseUnknown(const std::string& method) const {
    for (const auto& [key, value] : m_object.items())
      if (!m_known.contains(key)) refuse("/" + key, "no such key for method '" + method + "'", shown(value));
  }

 private:
  const json& m_object;
  std::set<std::string> m_known;
};

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

std::vector<double> numbers(const json& value, const std::string& pointer) {
  std::vector<double> result;
  for (std::size_t i = 0; i < array(value, pointer).size(); ++i) result.push_back(number(value[i], pointer + "/" + std::to_string(i)));
  return result;
}

MatrixD matrix(const json& value, const std::string& pointer, std::size_t width) {
  MatrixD result(static_cast<Eigen::Index>(array(value, pointer).size()), static_cast<Eigen::Index>(width));
  for (std::size_t r = 0; r < value.size(); ++r) {
    const std::string row = pointer + "/" + std::to_string(r);
    const std::vector<double> entries = numbers(value[r], row);
    if (entries.size() != width) refuse(row, std::to_string(width) + " numbers, as many as /centre has", std::to_string(entries.size()));
    for (std::size_t j = 0; j < width; ++j) result(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(j)) = entries[j];
  }
  return result;
}

void requireOrthonormal(const MatrixD& basis) {
  if (basis.rows() == 0) return;
  const MatrixD error = basis * basis.transpose() - MatrixD::Identity(basis.rows(), basis.rows());
  if (error.cwiseAbs().maxCoeff() > 1e-5)
    refuse("/basis", "orthonormal rows (a sum of overlapping projections is no projection)", "rows that are not");
}

/// Sorted, without repeats; the centre's entries move with their neurons.
void readNeurons(Reader& reader, Perturbation& p) {
  const json& list = array(reader.need("neurons", "an array of neuron indices"), "/neurons");
  const json* centre = p.method == Method::Mean ? &reader.need("centre", "an array of numbers, one a neuron") : nullptr;
  const std::vector<double> means = centre != nullptr ? numbers(*centre, "/centre") : std::vector<double>(list.size(), 0);
  if (means.size() != list.size()) refuse("/centre", std::to_string(list.size()) + " numbers, one a neuron", std::to_string(means.size()));
  std::vector<std::pair<std::int32_t, double>> pairs;
  for (std::size_t i = 0; i < list.size(); ++i) pairs.emplace_back(index(list[i], "/neurons/" + std::to_string(i)), means[i]);
  std::sort(pairs.begin(), pairs.end());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i > 0 && pairs[i].first == pairs[i - 1].first) refuse("/neurons", "distinct neurons", std::to_string(pairs[i].first) + " twice");
    p.neurons.push_back(pairs[i].first);
    if (centre != nullptr) p.centre.push_back(pairs[i].second);
  }
}

void readPlace(Reader& reader, Perturbation& p) {
  const std::string sites = "resid_pre, resid_post, mlp_hidden, attn_out, mlp_out or last_hidden";
  const std::string site = reader.text("site", sites);
  const auto known = model::siteFromName(site);
  if (!known) refuse("/site", sites, '"' + site + '"');
  p.site = *known;
  p.layer = LayerIndex(index(reader.need("layer", "an integer ≥ 0"), "/layer"));
}

void readScope(Reader& reader, Perturbation& p) {
  const json* tokens = reader.find("tokens");
  if (tokens == nullptr) return;
  for (const auto& [scope, name] : kScopes)
    if (*tokens == name) {
      p.tokens = scope;
      return;
    }
  refuse("/tokens", "all, prompt, answer or last", shown(*tokens));
}

void readMethod(Reader& reader, Perturbation& p) {
  if (p.method == Method::Zero || p.method == Method::Mean || p.method == Method::Set) readNeurons(reader, p);
  if (p.method == Method::Set) p.value = number(reader.need("value", "a number"), "/value");
  if (p.method == Method::Project) {
    p.centre = numbers(reader.need("centre", "an array of numbers, as wide as the site"), "/centre");
    p.basis = matrix(reader.need("basis", "an array of directions"), "/basis", p.centre.size());
    requireOrthonormal(p.basis);
  }
  if (p.method == Method::Shift) p.direction = numbers(reader.need("direction", "an array of numbers, as wide as the site"), "/direction");
  if (p.method == Method::Shift || p.method == Method::Noise) p.rho = number(reader.need("rho", "a number"), "/rho");
  if (p.method == Method::Noise) {
    const json& seed = reader.need("seed", "an integer ≥ 0");
    if (!seed.is_number_unsigned()) refuse("/seed", "an integer ≥ 0", shown(seed));
    p.seed = seed.get<std::uint64_t>();
  }
}

json rowsOf(const MatrixD& basis) {
  json rows = json::array();
  for (Eigen::Index r = 0; r < basis.rows(); ++r) rows.push_back(std::vector<double>(basis.row(r).begin(), basis.row(r).end()));
  return rows;
}

}  // namespace

json toJson(const Perturbation& p) {
  const json all = {{"neurons", p.neurons}, {"centre", p.centre}, {"value", p.value}, {"basis", rowsOf(p.basis)},
                    {"direction", p.direction}, {"rho", p.rho}, {"seed", p.seed}};
  json result = {{"site", model::siteName(p.site)}, {"layer", p.layer.value}, {"method", methodName(p.method)}, {"epsilon", p.epsilon},
                 {"include_first", p.includeFirst}, {"keep_norm", p.keepNorm}};
  for (const auto& [scope, name] : kScopes)
    if (scope == p.tokens) result["tokens"] = name;
  for (const std::string& key : keysOf(p.method)) result[key] = all[key];
  return result;
}

Perturbation fromJson(const json& object) {
  Reader reader(object);
  Perturbation p;
  readPlace(reader, p);
  const std::string methods = "zero, mean, set, project, grad_sign or noise", method = reader.text("method", methods);
  const auto known = methodFromName(method);
  if (!known) refuse("/method", methods, '"' + method + '"');
  p.method = *known;
  if (const json* epsilon = reader.find("epsilon")) p.epsilon = number(*epsilon, "/epsilon");
  readScope(reader, p);
  p.includeFirst = reader.flag("include_first", p.method == Method::Set);
  p.keepNorm = reader.flag("keep_norm", false);
  readMethod(reader, p);
  reader.refuseUnknown(method);
  return p;
}

std::string hash(const Perturbation& p) { return contentHash(std::string_view(toJson(p).dump())); }

}  // namespace lacuna::perturbation

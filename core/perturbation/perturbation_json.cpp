#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "names.h"

namespace lacuna::perturbation {
namespace {

using nlohmann::json;

Error wrong(const std::string& pointer, const std::string& expected, const json& found) {
  return Error("LAC-1201", "perturbation: " + pointer + ": expected " + expected + ", found " +
                               found.dump(-1, ' ', false, json::error_handler_t::replace).substr(0, 60),
               "see docs/perturbations.md");
}

const json& need(const json& object, const std::string& key, const std::string& expected) {
  const auto it = object.find(key);
  if (it == object.end()) throw Error("LAC-1201", "perturbation: /" + key + " is missing: expected " + expected, "see docs/perturbations.md");
  return *it;
}

std::string text(const json& object, const std::string& key) {
  const json& value = need(object, key, "a text");
  if (!value.is_string()) throw wrong("/" + key, "a text", value);
  return value.get<std::string>();
}

double number(const json& value, const std::string& pointer) {
  if (!value.is_number() || !std::isfinite(value.get<double>())) throw wrong(pointer, "a number", value);
  return value.get<double>();
}

double numberOr(const json& object, const std::string& key, double otherwise) {
  const auto it = object.find(key);
  return it == object.end() ? otherwise : number(*it, "/" + key);
}

bool flagOr(const json& object, const std::string& key, bool otherwise) {
  const auto it = object.find(key);
  if (it == object.end()) return otherwise;
  if (!it->is_boolean()) throw wrong("/" + key, "true or false", *it);
  return it->get<bool>();
}

std::vector<double> numbers(const json& value, const std::string& pointer) {
  if (!value.is_array()) throw wrong(pointer, "a list of numbers", value);
  std::vector<double> out;
  for (std::size_t i = 0; i < value.size(); ++i) out.push_back(number(value[i], pointer + "/" + std::to_string(i)));
  return out;
}

std::vector<std::int32_t> neuronList(const json& value) {
  if (!value.is_array()) throw wrong("/neurons", "a list of neuron numbers", value);
  std::vector<std::int32_t> out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!value[i].is_number_integer() || value[i].get<std::int64_t>() < 0 || value[i].get<std::int64_t>() > 0x7fffffff)
      throw wrong("/neurons/" + std::to_string(i), "a neuron number", value[i]);
    out.push_back(value[i].get<std::int32_t>());
  }
  return out;
}

MatrixD rows(const json& value) {
  if (!value.is_array()) throw wrong("/basis", "a list of directions", value);
  std::vector<std::vector<double>> all;
  for (std::size_t i = 0; i < value.size(); ++i) {
    all.push_back(numbers(value[i], "/basis/" + std::to_string(i)));
    if (all.back().size() != all.front().size()) throw wrong("/basis/" + std::to_string(i), std::to_string(all.front().size()) + " numbers", value[i]);
  }
  MatrixD out(static_cast<Eigen::Index>(all.size()), all.empty() ? 0 : static_cast<Eigen::Index>(all.front().size()));
  for (std::size_t i = 0; i < all.size(); ++i)
    out.row(static_cast<Eigen::Index>(i)) = Eigen::Map<const VectorD>(all[i].data(), out.cols()).transpose();
  return out;
}

void refuseUnknownKeys(const json& object) {
  static const char* const known[] = {"site", "layer", "method", "epsilon", "tokens", "include_first", "keep_norm", "neurons", "basis",
                                      "centre", "direction", "rho", "value", "seed"};
  for (const auto& [key, value] : object.items())
    if (std::find(std::begin(known), std::end(known), key) == std::end(known))
      throw Error("LAC-1201", "perturbation: unknown key /" + key, "see docs/perturbations.md");
}

void readMethod(const json& object, Perturbation& p) {
  switch (p.method) {
    case Method::Set:
    case Method::Mean:
    case Method::Zero: {
      const std::vector<std::int32_t> given = neuronList(need(object, "neurons", "a list of neuron numbers"));
      if (p.method == Method::Set) p.value = number(need(object, "value", "a number"), "/value");
      if (p.method == Method::Mean) {
        p.centre = numbers(need(object, "centre", "the mean of each neuron"), "/centre");
        if (p.centre.size() != given.size()) throw wrong("/centre", std::to_string(given.size()) + " numbers, one a neuron", object["centre"]);
      }
      // Canonical order: by neuron, each with its own mean.
      std::vector<std::size_t> order(given.size());
      for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
      std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return given[a] < given[b]; });
      const std::vector<double> centre = p.centre;
      for (std::size_t i = 0; i < order.size(); ++i) {
        if (i > 0 && given[order[i]] == given[order[i - 1]]) throw wrong("/neurons", "each neuron once", object["neurons"]);
        p.neurons.push_back(given[order[i]]);
        if (!centre.empty()) p.centre[i] = centre[order[i]];
      }
      return;
    }
    case Method::Project:
      p.basis = rows(need(object, "basis", "orthonormal directions, one a row"));
      if (const auto it = object.find("centre"); it != object.end()) p.centre = numbers(*it, "/centre");
      if (p.basis.rows() > 0 && !p.centre.empty() && static_cast<Eigen::Index>(p.centre.size()) != p.basis.cols())
        throw wrong("/centre", std::to_string(p.basis.cols()) + " numbers", object["centre"]);
      if ((p.basis * p.basis.transpose() - MatrixD::Identity(p.basis.rows(), p.basis.rows())).cwiseAbs().maxCoeff() > 1e-6 && p.basis.rows() > 0)
        throw Error("LAC-1201", "perturbation: /basis: expected orthonormal rows", "the sum over directions is a projection only for an orthonormal basis");
      return;
    case Method::Shift:
      p.direction = numbers(need(object, "direction", "one number a coordinate"), "/direction");
      p.rho = numberOr(object, "rho", 1);
      return;
    case Method::Noise:
      p.rho = numberOr(object, "rho", 1);
      if (const auto it = object.find("seed"); it != object.end()) {
        if (!it->is_number_unsigned()) throw wrong("/seed", "a whole number", *it);
        p.seed = it->get<std::uint64_t>();
      }
      return;
  }
}

}  // namespace

nlohmann::json toJson(const Perturbation& p) {
  json out = {{"site", model::siteName(p.site)}, {"layer", p.layer.value}, {"method", methodName(p.method)}, {"epsilon", p.epsilon},
              {"tokens", scopeName(p.tokens)}, {"include_first", p.includeFirst}};
  if (p.keepNorm) out["keep_norm"] = true;
  if (editsNeurons(p.method)) out["neurons"] = p.neurons;
  if (p.method == Method::Mean || p.method == Method::Project) out["centre"] = p.centre;
  if (p.method == Method::Set) out["value"] = p.value;
  if (p.method == Method::Project) {
    out["basis"] = json::array();
    for (Eigen::Index r = 0; r < p.basis.rows(); ++r)
      out["basis"].push_back(std::vector<double>(p.basis.row(r).data(), p.basis.row(r).data() + p.basis.cols()));
  }
  if (p.method == Method::Shift) out["direction"] = p.direction;
  if (p.method == Method::Shift || p.method == Method::Noise) out["rho"] = p.rho;
  if (p.method == Method::Noise) out["seed"] = p.seed;
  return out;
}

Perturbation fromJson(const nlohmann::json& object) {
  if (!object.is_object()) throw wrong("/", "an object", object);
  refuseUnknownKeys(object);
  Perturbation p;
  const auto site = model::siteFromName(text(object, "site"));
  if (!site) throw wrong("/site", "resid_pre, resid_post, mlp_hidden, attn_out, mlp_out or last_hidden", object["site"]);
  p.site = *site;
  const json& layer = need(object, "layer", "a block number");
  if (!layer.is_number_integer() || layer.get<std::int64_t>() < 0) throw wrong("/layer", "a block number from 0", layer);
  p.layer = LayerIndex(layer.get<std::int64_t>());
  const auto method = methodFromName(text(object, "method"));
  if (!method) throw wrong("/method", "zero, mean, set, project, grad_sign or noise", object["method"]);
  p.method = *method;
  p.epsilon = numberOr(object, "epsilon", 1);
  if (object.contains("tokens")) {
    const auto scope = scopeFromName(text(object, "tokens"));
    if (!scope) throw wrong("/tokens", "all, prompt, answer or last", object["tokens"]);
    p.tokens = *scope;
  }
  p.includeFirst = flagOr(object, "include_first", p.method == Method::Set);
  p.keepNorm = flagOr(object, "keep_norm", false);
  readMethod(object, p);
  return p;
}

std::string hash(const Perturbation& p) { return contentHash(std::string_view(toJson(p).dump())); }

}  // namespace lacuna::perturbation

#include <algorithm>
#include <cmath>

#include "json_reader.h"
#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "lacuna/perturbation/controls.h"
#include "lacuna/perturbation/perturbation.h"

namespace lacuna::perturbation {
namespace {

using nlohmann::json;
using model::TokenScope;

constexpr std::pair<TokenScope, const char*> kScopes[] = {
    {TokenScope::All, "all"}, {TokenScope::Prompt, "prompt"}, {TokenScope::Answer, "answer"}, {TokenScope::Last, "last"}};
constexpr const char* kGated = "gated";
constexpr const char* kZeroCentre = "zero";
constexpr double kUnitTolerance = 1e-5;

/// Keys that a method reads beside the common ones; the rest of its values mean nothing and are refused.
std::vector<std::string> keysOf(const Perturbation& p) {
  switch (p.method) {
    case Method::Zero: return {"neurons"};
    case Method::Mean: return {"neurons", "centre"};
    case Method::Set: return {"neurons", "value"};
    case Method::Resample:
      if (p.bankPositions.empty()) return {"neurons", "bank", "seed"};
      return {"neurons", "bank", "bank_positions", "seed"};
    case Method::Project: return {"basis", "centre"};
    case Method::Leace: return {"basis", "readout", "centre"};
    case Method::Shift:
    case Method::GradL2:
      if (p.probe.hidden.rows() == 0) return {"direction", "rho"};
      return {"probe", "steps", "neurons", "rho"};
    case Method::Flip: return {"direction", "bias", "margin"};
    case Method::Noise: return {"rho", "seed"};
  }
  return {};
}

void requireOrthonormal(const MatrixD& basis) {
  if (basis.rows() == 0) return;
  const MatrixD error = basis * basis.transpose() - MatrixD::Identity(basis.rows(), basis.rows());
  if (error.cwiseAbs().maxCoeff() > kUnitTolerance)
    refuse("/basis", "orthonormal rows (a sum of overlapping projections is no projection)", "rows that are not");
}

void requireOblique(const MatrixD& basis, const MatrixD& readout) {
  if (basis.rows() != readout.rows()) refuse("/readout", std::to_string(basis.rows()) + " rows, as many as /basis has", std::to_string(readout.rows()));
  if (basis.rows() == 0) return;
  const MatrixD error = readout * basis.transpose() - MatrixD::Identity(basis.rows(), basis.rows());
  if (error.cwiseAbs().maxCoeff() > kUnitTolerance)
    refuse("/readout", "rows A with A·Bᵀ = 1 for the rows B of /basis (then the edit is a projection)", "rows that are not");
}

/// Sorted, without repeats; the columns of `beside` (means, donors; none: no rows) move with their neurons.
std::vector<std::int32_t> readNeurons(Reader& reader, MatrixD& beside, const char* besidePointer) {
  const json& list = array(reader.need("neurons", "an array of neuron indices"), "/neurons");
  if (beside.rows() > 0 && static_cast<std::size_t>(beside.cols()) != list.size())
    refuse(besidePointer, std::to_string(list.size()) + " numbers, one a neuron", std::to_string(beside.cols()));
  std::vector<std::pair<std::int32_t, Eigen::Index>> pairs;
  for (std::size_t i = 0; i < list.size(); ++i) pairs.emplace_back(index(list[i], "/neurons/" + std::to_string(i)), static_cast<Eigen::Index>(i));
  std::sort(pairs.begin(), pairs.end());
  std::vector<std::int32_t> neurons;
  MatrixD ordered(beside.rows(), beside.cols());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i > 0 && pairs[i].first == pairs[i - 1].first) refuse("/neurons", "distinct neurons", std::to_string(pairs[i].first) + " twice");
    neurons.push_back(pairs[i].first);
    if (beside.rows() > 0) ordered.col(static_cast<Eigen::Index>(i)) = beside.col(pairs[i].second);
  }
  beside = std::move(ordered);
  return neurons;
}

void readPlace(Reader& reader, Perturbation& p) {
  const std::string sites = "resid_pre, resid_post, mlp_hidden, attn_out, mlp_out or last_hidden";
  const std::string site = reader.text("site", sites);
  const auto known = model::siteFromName(site);
  if (!known) refuse("/site", sites, '"' + site + '"');
  p.site = *known;
  p.layer = LayerIndex(index(reader.need("layer", "an integer ≥ 0"), "/layer"));
}

void readGate(Reader& reader, Perturbation& p) {
  Reader gate(reader.need("gate", "an object with weights and bias"), "/gate");
  p.gate.weights = gate.numbers("weights", "an array of numbers, as wide as the site");
  if (p.gate.weights.empty()) refuse("/gate/weights", "at least one number", "none");
  p.gate.bias = gate.number("bias");
  gate.refuseUnknown("a gate");
}

void readScope(Reader& reader, Perturbation& p) {
  const json* tokens = reader.find("tokens");
  if (tokens == nullptr) return;
  if (*tokens == kGated) return readGate(reader, p);
  for (const auto& [scope, name] : kScopes)
    if (*tokens == name) {
      p.tokens = scope;
      return;
    }
  refuse("/tokens", "all, prompt, answer, last or gated", shown(*tokens));
}

void readBank(Reader& reader, Perturbation& p) {
  p.bank = reader.matrix("bank", "an array of states, one number a neuron", 0);
  if (p.bank.rows() == 0) refuse("/bank", "at least one state", "none");
  const json* positions = reader.find("bank_positions");
  if (positions == nullptr) return;
  for (std::size_t i = 0; i < array(*positions, "/bank_positions").size(); ++i)
    p.bankPositions.push_back(index((*positions)[i], "/bank_positions/" + std::to_string(i)));
  if (p.bankPositions.size() != static_cast<std::size_t>(p.bank.rows()))
    refuse("/bank_positions", std::to_string(p.bank.rows()) + " positions, one a state of /bank", std::to_string(p.bankPositions.size()));
}

void readNeuronMethod(Reader& reader, Perturbation& p) {
  MatrixD beside;
  if (p.method == Method::Mean) {
    p.centre = reader.numbers("centre", "an array of numbers, one a neuron");
    beside = Eigen::Map<const MatrixD>(p.centre.data(), 1, static_cast<Eigen::Index>(p.centre.size()));
  }
  if (p.method == Method::Resample) {
    readBank(reader, p);
    beside = p.bank;
  }
  p.neurons = readNeurons(reader, beside, p.method == Method::Mean ? "/centre" : "/bank");
  if (p.method == Method::Mean) p.centre.assign(beside.data(), beside.data() + beside.size());
  if (p.method == Method::Resample) p.bank = std::move(beside);
  if (p.method == Method::Set) p.value = reader.number("value");
}

void readSubspace(Reader& reader, Perturbation& p) {
  const json& centre = reader.need("centre", "an array of numbers, as wide as the site, or \"zero\"");
  const bool linear = centre == kZeroCentre;
  if (!linear) p.centre = reader.numbers("centre", {});
  p.basis = reader.matrix("basis", "an array of directions", p.centre.size(), "/centre");
  if (linear && p.basis.rows() == 0) refuse("/centre", "an array of numbers where /basis is empty and tells no width", "\"zero\"");
  if (linear) p.centre.assign(static_cast<std::size_t>(p.basis.cols()), 0);
  if (p.method == Method::Project) return requireOrthonormal(p.basis);
  p.readout = reader.matrix("readout", "an array of directions, as many as /basis has", p.centre.size(), "/centre");
  requireOblique(p.basis, p.readout);
}

void readProbe(const json& value, Perturbation& p) {
  Reader probe(value, "/probe");
  p.probe.bias = probe.numbers("bias", "an array of numbers, one a hidden unit");
  p.probe.output = probe.numbers("output", "an array of numbers, one a hidden unit");
  p.probe.hidden = probe.matrix("hidden", "an array of rows, one a hidden unit, as wide as the site", 0);
  const auto units = static_cast<std::size_t>(p.probe.hidden.rows());
  if (units == 0) refuse("/probe/hidden", "at least one hidden unit", "none");
  const auto requireUnits = [units](const std::vector<double>& values, const char* pointer) {
    if (values.size() != units) refuse(pointer, std::to_string(units) + " numbers, one a row of /probe/hidden", std::to_string(values.size()));
  };
  requireUnits(p.probe.bias, "/probe/bias");
  requireUnits(p.probe.output, "/probe/output");
  probe.refuseUnknown("a probe");
}

double length(const std::vector<double>& v) { return Eigen::Map<const VectorD>(v.data(), static_cast<Eigen::Index>(v.size())).norm(); }

void readGradient(Reader& reader, Perturbation& p) {
  p.rho = reader.number("rho");
  if (const json* probe = reader.find("probe")) {
    readProbe(*probe, p);
    const json* steps = reader.find("steps");
    p.steps = steps != nullptr ? index(*steps, "/steps") : 1;
    if (p.steps < 1) refuse("/steps", "an integer ≥ 1", std::to_string(p.steps));
    MatrixD nothing;
    if (reader.find("neurons") != nullptr) p.neurons = readNeurons(reader, nothing, "");
    return;
  }
  p.direction = reader.numbers("direction", "an array of numbers, as wide as the site");
  if (p.method == Method::GradL2 && std::abs(length(p.direction) - 1) > kUnitTolerance)
    refuse("/direction", "a vector of length 1", "one of length " + shown(json(length(p.direction))));
}

void readFlip(Reader& reader, Perturbation& p) {
  p.direction = reader.numbers("direction", "the probe's weights, as many as the site is wide");
  if (length(p.direction) == 0) refuse("/direction", "a vector that is not 0", "0");
  p.bias = reader.number("bias");
  p.margin = reader.number("margin");
}

void readMethod(Reader& reader, Perturbation& p) {
  if (editsNeurons(p.method)) readNeuronMethod(reader, p);
  if (p.method == Method::Project || p.method == Method::Leace) readSubspace(reader, p);
  if (p.method == Method::Shift || p.method == Method::GradL2) readGradient(reader, p);
  if (p.method == Method::Flip) readFlip(reader, p);
  if (p.method == Method::Noise) p.rho = reader.number("rho");
  if (p.method == Method::Noise || p.method == Method::Resample) p.seed = reader.seed("seed");
}

Perturbation parse(const json& object) {
  Reader reader(object);
  Perturbation p;
  readPlace(reader, p);
  const std::string methods = "zero, mean, set, resample, project, leace, grad_sign, grad_l2, flip or noise", method = reader.text("method", methods);
  const auto known = methodFromName(method);
  if (!known) refuse("/method", methods, '"' + method + '"');
  p.method = *known;
  if (reader.find("epsilon") != nullptr) p.epsilon = reader.number("epsilon");
  readScope(reader, p);
  p.includeFirst = reader.flag("include_first", p.method == Method::Set);
  p.keepNorm = reader.flag("keep_norm", false);
  readMethod(reader, p);
  reader.refuseUnknown("method '" + method + "'");
  return p;
}

Error refusalAt(const std::string& prefix, const Refusal& r, const char* what) {
  const std::string pointer = !prefix.empty() && r.pointer == "/" ? prefix : prefix + r.pointer;
  return Error("LAC-1201", std::string(what) + " " + pointer + ": expected " + r.expected + ", found " + r.found, "see docs/perturbations.md");
}

/// `prefix`: where the object stands in a larger document.
Perturbation parseAt(const json& object, const std::string& prefix) {
  try {
    return parse(object);
  } catch (const Refusal& r) {
    throw refusalAt(prefix, r, "perturbation");
  }
}

json rowsOf(const MatrixD& matrix) {
  json rows = json::array();
  for (Eigen::Index r = 0; r < matrix.rows(); ++r) rows.push_back(std::vector<double>(matrix.row(r).begin(), matrix.row(r).end()));
  return rows;
}

json centreOf(const Perturbation& p) {
  const bool zero = std::all_of(p.centre.begin(), p.centre.end(), [](double c) { return c == 0; });
  if (p.basis.rows() > 0 && !editsNeurons(p.method) && zero) return kZeroCentre;
  return p.centre;
}

json valueOf(const Perturbation& p, const std::string& key) {
  if (key == "neurons") return p.neurons;
  if (key == "centre") return centreOf(p);
  if (key == "value") return p.value;
  if (key == "bank") return rowsOf(p.bank);
  if (key == "bank_positions") return p.bankPositions;
  if (key == "basis") return rowsOf(p.basis);
  if (key == "readout") return rowsOf(p.readout);
  if (key == "direction") return p.direction;
  if (key == "rho") return p.rho;
  if (key == "bias") return p.bias;
  if (key == "margin") return p.margin;
  if (key == "steps") return p.steps;
  if (key == "probe") return {{"hidden", rowsOf(p.probe.hidden)}, {"bias", p.probe.bias}, {"output", p.probe.output}};
  return p.seed;
}

}  // namespace

json toJson(const Perturbation& p) {
  json result = {{"site", model::siteName(p.site)}, {"layer", p.layer.value}, {"method", methodName(p.method)}, {"epsilon", p.epsilon},
                 {"include_first", p.includeFirst}, {"keep_norm", p.keepNorm}};
  for (const auto& [scope, name] : kScopes)
    if (scope == p.tokens) result["tokens"] = name;
  if (!p.gate.weights.empty()) {
    result["tokens"] = kGated;
    result["gate"] = {{"weights", p.gate.weights}, {"bias", p.gate.bias}};
  }
  for (const std::string& key : keysOf(p)) result[key] = valueOf(p, key);
  return result;
}

Perturbation fromJson(const json& object) { return parseAt(object, {}); }

std::string hash(const Perturbation& p) { return contentHash(std::string_view(toJson(p).dump())); }

json toJson(std::span<const Perturbation> set) {
  if (set.size() == 1) return toJson(set.front());
  json result = json::array();
  for (const Perturbation& p : set) result.push_back(toJson(p));
  return result;
}

PerturbationSet setFromJson(const json& value) {
  if (!value.is_array()) return {parseAt(value, {})};
  if (value.empty()) throw refusalAt({}, {"/", "at least one perturbation", "[]"}, "perturbation");
  PerturbationSet set;
  for (std::size_t i = 0; i < value.size(); ++i) set.push_back(parseAt(value[i], "/" + std::to_string(i)));
  return set;
}

json toJson(const Control& control) {
  return {{"kind", controlName(control.kind)}, {"draw", control.draw}, {"perturbation", toJson(control.perturbation)}};
}

Control controlFromJson(const json& value) {
  Control control;
  try {
    Reader reader(value);
    const std::string kinds = "matched, permuted, other or noise", kind = reader.text("kind", kinds);
    if (!controlFromName(kind)) refuse("/kind", kinds, '"' + kind + '"');
    control.kind = *controlFromName(kind);
    control.draw = index(reader.need("draw", "an integer ≥ 0"), "/draw");
    reader.need("perturbation", "a perturbation");
    reader.refuseUnknown("a control");
  } catch (const Refusal& r) {
    throw refusalAt({}, r, "control");
  }
  control.perturbation = parseAt(value["perturbation"], "/perturbation");
  return control;
}

std::string hash(std::span<const Perturbation> set) { return contentHash(std::string_view(toJson(set).dump())); }

}  // namespace lacuna::perturbation

#include <algorithm>
#include <utility>

#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/perturbation/controls.h"

namespace lacuna::perturbation {
namespace {

constexpr std::pair<Method, const char*> kNames[] = {{Method::Zero, "zero"},         {Method::Mean, "mean"},       {Method::Set, "set"},
                                                     {Method::Resample, "resample"}, {Method::Project, "project"}, {Method::Leace, "leace"},
                                                     {Method::Shift, "grad_sign"},   {Method::GradL2, "grad_l2"},  {Method::Flip, "flip"},
                                                     {Method::Noise, "noise"}};

constexpr std::pair<ControlKind, const char*> kControlNames[] = {
    {ControlKind::Matched, "matched"}, {ControlKind::Permuted, "permuted"}, {ControlKind::Other, "other"}, {ControlKind::Noise, "noise"}};

std::string counted(std::size_t n, const char* noun) { return std::to_string(n) + " " + noun + (n == 1 ? "" : "s"); }

std::string place(const Perturbation& p) { return model::siteName(p.site) + " " + std::to_string(p.layer.value); }

bool linear(const Perturbation& p) {
  return p.basis.rows() > 0 && std::all_of(p.centre.begin(), p.centre.end(), [](double c) { return c == 0; });
}

std::string stepsOf(const Perturbation& p) { return p.steps > 1 ? " in " + std::to_string(p.steps) + " steps" : ""; }

std::string action(const Perturbation& p) {
  const std::string neurons = counted(p.neurons.size(), "neuron") + " of " + place(p);
  const std::string directions = counted(static_cast<std::size_t>(p.basis.rows()), "direction") + " out of " + place(p);
  switch (p.method) {
    case Method::Zero: return "zero-ablate " + neurons;
    case Method::Mean: return "mean-ablate " + neurons;
    case Method::Set: return "set " + neurons + " to " + formatNumber(p.value);
    case Method::Resample: return "resample " + neurons + " from " + counted(static_cast<std::size_t>(p.bank.rows()), "state");
    case Method::Project: return "project " + directions + (linear(p) ? ", through 0" : "");
    case Method::Leace: return "erase " + directions;
    case Method::Shift: return "shift " + place(p) + " by the gradient's sign" + stepsOf(p) + ", ρ = " + formatNumber(p.rho);
    case Method::GradL2: return "shift " + place(p) + " against the gradient" + stepsOf(p) + ", ρ = " + formatNumber(p.rho);
    case Method::Flip: return "flip the probe at " + place(p) + " to logit " + formatNumber(-p.margin);
    case Method::Noise: return "add noise to " + place(p) + ", ρ = " + formatNumber(p.rho);
  }
  return {};
}

}  // namespace

std::string methodName(Method method) {
  for (const auto& [known, name] : kNames)
    if (known == method) return name;
  return {};
}

std::optional<Method> methodFromName(std::string_view name) {
  for (const auto& [method, known] : kNames)
    if (name == known) return method;
  return std::nullopt;
}

std::string controlName(ControlKind kind) {
  for (const auto& [known, name] : kControlNames)
    if (known == kind) return name;
  return {};
}

std::optional<ControlKind> controlFromName(std::string_view name) {
  for (const auto& [kind, known] : kControlNames)
    if (name == known) return kind;
  return std::nullopt;
}

bool editsNeurons(Method method) {
  return method == Method::Zero || method == Method::Mean || method == Method::Set || method == Method::Resample;
}

std::string describe(const Perturbation& p) {
  return action(p) + (p.gate.weights.empty() ? "" : " where the probe fires") + ", ε = " + formatNumber(p.epsilon);
}

std::string describe(std::span<const Perturbation> set) {
  std::string text;
  for (const Perturbation& p : set) text += (text.empty() ? "" : "; then ") + describe(p);
  return text;
}

}  // namespace lacuna::perturbation

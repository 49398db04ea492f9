#include <array>
#include <utility>

#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/perturbation/perturbation.h"

namespace lacuna::perturbation {
namespace {

constexpr std::array<std::pair<Method, const char*>, 6> kNames = {{{Method::Zero, "zero"},
                                                                   {Method::Mean, "mean"},
                                                                   {Method::Set, "set"},
                                                                   {Method::Project, "project"},
                                                                   {Method::Shift, "grad_sign"},
                                                                   {Method::Noise, "noise"}}};

std::string counted(std::size_t n, const char* noun) { return std::to_string(n) + " " + noun + (n == 1 ? "" : "s"); }

std::string place(const Perturbation& p) { return model::siteName(p.site) + " " + std::to_string(p.layer.value); }

std::string action(const Perturbation& p) {
  const std::string neurons = counted(p.neurons.size(), "neuron") + " of " + place(p);
  switch (p.method) {
    case Method::Zero: return "zero-ablate " + neurons;
    case Method::Mean: return "mean-ablate " + neurons;
    case Method::Set: return "set " + neurons + " to " + formatNumber(p.value);
    case Method::Project: return "project " + counted(static_cast<std::size_t>(p.basis.rows()), "direction") + " out of " + place(p);
    case Method::Shift: return "shift " + place(p) + " by the gradient's sign, ρ = " + formatNumber(p.rho);
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

std::string describe(const Perturbation& p) { return action(p) + ", ε = " + formatNumber(p.epsilon); }

}  // namespace lacuna::perturbation

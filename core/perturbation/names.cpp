#include "names.h"

#include "lacuna/base/numbers.h"

namespace lacuna::perturbation {
namespace {

constexpr std::pair<Method, const char*> kMethods[] = {{Method::Zero, "zero"}, {Method::Mean, "mean"}, {Method::Set, "set"},
                                                       {Method::Project, "project"}, {Method::Shift, "grad_sign"}, {Method::Noise, "noise"}};
constexpr std::pair<model::TokenScope, const char*> kScopes[] = {{model::TokenScope::All, "all"}, {model::TokenScope::Prompt, "prompt"},
                                                                 {model::TokenScope::Answer, "answer"}, {model::TokenScope::Last, "last"}};

}  // namespace

std::string methodName(Method method) {
  for (const auto& [value, name] : kMethods)
    if (value == method) return name;
  return "";
}

std::optional<Method> methodFromName(std::string_view wanted) {
  for (const auto& [value, name] : kMethods)
    if (wanted == name) return value;
  return std::nullopt;
}

std::string scopeName(model::TokenScope scope) {
  for (const auto& [value, name] : kScopes)
    if (value == scope) return name;
  return "";
}

std::optional<model::TokenScope> scopeFromName(std::string_view wanted) {
  for (const auto& [value, name] : kScopes)
    if (wanted == name) return value;
  return std::nullopt;
}

bool editsNeurons(Method method) { return method == Method::Zero || method == Method::Mean || method == Method::Set; }

std::string describe(const Perturbation& p) {
  const std::string place = model::siteName(p.site) + " " + std::to_string(p.layer.value) + ", ε = " + formatNumber(p.epsilon);
  const std::string count = std::to_string(p.neurons.size()) + " neurons of ";
  switch (p.method) {
    case Method::Zero: return "zero-ablate " + count + place;
    case Method::Mean: return "mean-ablate " + count + place;
    case Method::Set: return "set " + count + place + " to " + formatNumber(p.value);
    case Method::Project: return "project off " + std::to_string(p.basis.rows()) + " directions of " + place;
    case Method::Shift: return "gradient-sign step at " + place;
    case Method::Noise: return "isotropic noise at " + place;
  }
  return place;
}

}  // namespace lacuna::perturbation

#include "lacuna/perturbation/fold.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"

namespace lacuna::perturbation {
namespace {

VectorD vectorOf(const std::vector<double>& v) { return Eigen::Map<const VectorD>(v.data(), static_cast<Eigen::Index>(v.size())); }

[[noreturn]] void refuse(const Perturbation& p, const std::string& why, const std::string& nearest) {
  throw Error("LAC-1201", "cannot be folded into weights: \"" + describe(p) + "\", because " + why, "the nearest that can: " + nearest);
}

void requireFoldable(const Perturbation& p) {
  if (!p.gate.weights.empty()) refuse(p, "a gate looks at every state before it acts", "the same with \"tokens\": \"all\"");
  if (p.tokens != model::TokenScope::All) refuse(p, "weights act on all tokens", "the same with \"tokens\": \"all\"");
  if (!p.includeFirst) refuse(p, "weights act on the first token too", "the same with \"include_first\": true");
  if (p.keepNorm) refuse(p, "keep_norm is no affine change", "the same with \"keep_norm\": false");
  if (p.method == Method::Resample) refuse(p, "donors are drawn for every state", "mean on the same neurons");
  if (p.method == Method::Noise) refuse(p, "noise is drawn for every state", "grad_sign with a fixed direction");
  if (p.probe.hidden.rows() > 0) refuse(p, "the gradient of this probe differs from state to state", "grad_sign with a linear probe's direction");
}

double goalOf(const Perturbation& p, std::size_t i) { return p.method == Method::Mean ? p.centre[i] : p.method == Method::Set ? p.value : 0; }

/// (1 − ε)·h + ε·goal on S.
void ofNeurons(const Perturbation& p, std::int64_t width, model::AffineChange& change) {
  if (!p.neurons.empty() && p.neurons.back() >= width)
    throw Error("LAC-1201", "\"" + describe(p) + "\" names neuron " + std::to_string(p.neurons.back()) +
                                ", but the site is " + std::to_string(width) + " wide",
                "The perturbation was made for another model or site.");
  change.scale = VectorD::Ones(width);
  change.offset = VectorD::Zero(width);
  for (std::size_t i = 0; i < p.neurons.size(); ++i) {
    change.scale[p.neurons[i]] = 1 - p.epsilon;
    change.offset[p.neurons[i]] = p.epsilon * goalOf(p, i);
  }
}

/// h − ε·Wᵀ·R·(h − c).
void ofSubspace(const Perturbation& p, const MatrixD& readout, const MatrixD& written, const VectorD& constant, model::AffineChange& change) {
  change.read = -p.epsilon * readout;
  change.write = written;
  change.offset = p.epsilon * (written.transpose() * constant);
}

}  // namespace

model::AffineChange affineChange(const Perturbation& p, std::int64_t width) {
  requireFoldable(p);
  model::AffineChange change;
  change.place = {p.site, p.layer};
  const VectorD along = vectorOf(p.direction);
  if (editsNeurons(p.method)) ofNeurons(p, width, change);
  if (p.method == Method::Project) ofSubspace(p, p.basis, p.basis, p.basis * vectorOf(p.centre), change);
  if (p.method == Method::Leace) ofSubspace(p, p.readout, p.basis, p.readout * vectorOf(p.centre), change);
  if (p.method == Method::Flip)
    ofSubspace(p, along.transpose() / along.squaredNorm(), along.transpose(), VectorD::Constant(1, -(p.bias + p.margin) / along.squaredNorm()), change);
  if (p.method == Method::Shift) change.offset = p.epsilon * p.rho * along;
  if (p.method == Method::GradL2) change.offset = p.epsilon * p.rho * std::sqrt(static_cast<double>(along.size())) * along;
  return change;
}

void writeEditedModel(const std::filesystem::path& source, std::span<const Perturbation> set, const std::filesystem::path& out,
                      const RunContext& context) {
  const model::ModelInfo info = model::inspectModel(source);
  std::vector<model::AffineChange> changes;
  for (const Perturbation& p : set)
    if (!p.isNull()) changes.push_back(affineChange(p, info.siteWidth(p.site)));
  model::writeEditedFolder(source, changes, out, context);
  const nlohmann::json record = {{"source", info.hash}, {"perturbations", toJson(set)}};
  files::writeFileAtomically(out / "lacuna-edit.json", record.dump(2) + "\n");
}

}  // namespace lacuna::perturbation

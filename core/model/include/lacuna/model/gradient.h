#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "lacuna/model/forward.h"

/// Reverse-mode derivatives of an outcome with respect to hidden states: what attribution patching needs (methods.md 5.6 iv; Syed et
/// al. 2023, Kramár et al. 2024). One clean forward run and one sweep back give every site of every layer asked for.
namespace lacuna::model {

struct GradientRequest {
  std::vector<ScoredToken> scored;
  /// d outcome / d log-probability of every scored token, given the clean log-probabilities; as many as `scored`.
  std::function<std::vector<double>(std::span<const float> logProbs)> weights;
  std::vector<Capture> captures;
};

/// A site of a layer: rows in forest order, [tokens, site width].
struct SiteGradient {
  MatrixF state;      ///< clean states, the bits of forward()
  MatrixF gradient;   ///< d Σ_s weight_s·logp_s / d state, the weights held constant
};

struct GradientResult {
  std::vector<float> logProbs;        ///< [scored], the bits of forward()
  std::vector<SiteGradient> sites;    ///< [captures]
};

/// The layers from `lowest` up, made ready for the sweep back: every matrix of theirs is held once more, transposed (about as many
/// bytes as the layers and the head take). Where the layers stay in the files they are transposed for the occasion instead.
class Gradients {
 public:
  /// The model must outlive this. Throws LAC-1004 (no such layer, no head), LAC-2001 (memory).
  Gradients(const Model& model, LayerIndex lowest);
  ~Gradients();
  Gradients(Gradients&&) noexcept;

  /// Attention runs within texts, so a forest of independent texts gives every text what it would get alone: the same bits, at any
  /// thread count. Under dynamic rotary scaling a shared beginning is run once a text; its rows then get the sum of the copies'
  /// gradients, and the first copy's states. Throws as forward(), and LAC-1004 for a capture below `lowest` or of no attention.
  GradientResult of(const Forest& forest, const GradientRequest& request, const RunContext& context) const;

 private:
  struct Transposes;
  void check(const GradientRequest& request) const;
  GradientResult ofCopies(const Forest& forest, const GradientRequest& request, const RunContext& context) const;
  const Model& m_model;
  LayerIndex m_lowest;
  std::unique_ptr<const Transposes> m_transposes;
};

/// Which rows of a forest an edit touches, in forest order: its token scope, position 0 left out unless it says otherwise. [tokens]
std::vector<std::uint8_t> editedRows(const Model& model, const Forest& forest, const Edit& edit);

}  // namespace lacuna::model

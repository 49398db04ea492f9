#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "lacuna/lab/lab.h"

namespace lacuna::lab {

/// A GPT-NeoX network (parallel residual, half-style rotary positions on part of each head) whose parameters are views into one
/// flat vector, and their gradients into another: the optimiser and the checkpoint see two arrays.
class Network {
 public:
  /// Random start: normal with small-init deviations (Nguyen and Salazar 2019; Wang and Komatsuzaki 2021), a stream a parameter.
  explicit Network(const TrainRecipe& recipe);

  struct Parameter { std::string name; std::vector<std::int64_t> shape; at::Tensor value; bool decays; };
  const std::vector<Parameter>& parameters() const { return m_parameters; }  ///< named as Hugging Face names them
  at::Tensor& values() { return m_values; }                                  ///< [n] float32
  at::Tensor& gradients() { return m_gradients; }                            ///< [n] float32, added to by backward()

  /// ids [B, T] int64; mask [B, T, T] float32, added to the attention scores → logits [B, T, V].
  at::Tensor logits(const at::Tensor& ids, const at::Tensor& mask) const;
  /// Mean cross-entropy in nats over the targets [B, T] that are not −1.
  at::Tensor loss(const at::Tensor& ids, const at::Tensor& mask, const at::Tensor& targets) const;

  /// Channels of a head that are rotated: a half, even.
  static int rotatedChannels(const TrainRecipe& recipe) { return recipe.width / recipe.heads / 4 * 2; }

 private:
  struct Layer { at::Tensor normIn[2], normPost[2], qkv[2], dense[2], up[2], down[2]; };
  at::Tensor attention(const Layer& layer, const at::Tensor& x, const at::Tensor& mask) const;
  at::Tensor rotated(const at::Tensor& queriesAndKeys) const;

  TrainRecipe m_recipe;
  at::Tensor m_values, m_gradients, m_cos, m_sin;
  std::vector<Parameter> m_parameters;
  std::vector<Layer> m_layers;
  at::Tensor m_embedIn, m_normFinal[2], m_embedOut;
};

/// The mask that lets every position see its own document's earlier positions only; segments [B, T] int64 → [B, T, T].
at::Tensor documentMask(const at::Tensor& segments);

}  // namespace lacuna::lab

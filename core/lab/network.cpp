#include "network.h"

#include <cmath>
#include <limits>

#include "lacuna/base/rng.h"

namespace lacuna::lab {
namespace {

enum class Start { Normal, Zero, One };
struct Entry { std::string name; std::vector<std::int64_t> shape; Start start; double deviation; };

/// Every parameter in the order of the checkpoint.
std::vector<Entry> layout(const TrainRecipe& r) {
  const double in = std::sqrt(2.0 / (5.0 * r.width)), out = 2.0 / (r.layers * std::sqrt(static_cast<double>(r.width)));
  const std::int64_t d = r.width, f = r.mlpWidth;
  std::vector<Entry> all{{"gpt_neox.embed_in.weight", {r.vocabulary, d}, Start::Normal, in}};
  const auto pair = [&](const std::string& name, std::int64_t rows, std::int64_t columns, double deviation) {
    all.push_back({name + ".weight", {rows, columns}, Start::Normal, deviation});
    all.push_back({name + ".bias", {rows}, Start::Zero, 0});
  };
  const auto norm = [&](const std::string& name) {
    all.push_back({name + ".weight", {d}, Start::One, 0});
    all.push_back({name + ".bias", {d}, Start::Zero, 0});
  };
  for (int i = 0; i < r.layers; ++i) {
    const std::string layer = "gpt_neox.layers." + std::to_string(i) + ".";
    norm(layer + "input_layernorm");
    norm(layer + "post_attention_layernorm");
    pair(layer + "attention.query_key_value", 3 * d, d, in);
    pair(layer + "attention.dense", d, d, out);
    pair(layer + "mlp.dense_h_to_4h", f, d, in);
    pair(layer + "mlp.dense_4h_to_h", d, f, out);
  }
  norm("gpt_neox.final_layer_norm");
  all.push_back({"embed_out.weight", {r.vocabulary, d}, Start::Normal, in});
  return all;
}

std::int64_t elements(const std::vector<std::int64_t>& shape) {
  std::int64_t n = 1;
  for (const auto size : shape) n *= size;
  return n;
}

void begin(const Entry& entry, std::uint64_t seed, std::uint64_t item, at::Tensor value) {
  float* const to = value.data_ptr<float>();
  Rng rng(seed, "lab/init", item);
  for (std::int64_t i = 0; i < value.numel(); ++i)
    to[i] = entry.start == Start::Normal ? static_cast<float>(entry.deviation * rng.normal()) : entry.start == Start::One ? 1.0f : 0.0f;
}

}  // namespace

Network::Network(const TrainRecipe& recipe) : m_recipe(recipe) {
  const auto entries = layout(recipe);
  std::int64_t total = 0;
  for (const auto& entry : entries) total += elements(entry.shape);
  m_values = at::zeros({total}, at::kFloat);
  m_gradients = at::zeros({total}, at::kFloat);
  std::int64_t at = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::int64_t n = elements(entries[i].shape);
    begin(entries[i], recipe.seed, i, m_values.narrow(0, at, n));
    // detach() cuts the view from its base for autograd; the storage stays shared.
    at::Tensor value = m_values.narrow(0, at, n).view(entries[i].shape).detach();
    value.requires_grad_(true);
    value.mutable_grad() = m_gradients.narrow(0, at, n).view(entries[i].shape).detach();
    m_parameters.push_back({entries[i].name, entries[i].shape, value, entries[i].shape.size() > 1});
    at += n;
  }
  std::size_t next = 0;
  const auto take = [&] { return m_parameters[next++].value; };
  const auto takeTwo = [&](at::Tensor (&two)[2]) { for (auto& one : two) one = take(); };
  m_embedIn = take();
  for (int i = 0; i < recipe.layers; ++i) {
    Layer& layer = m_layers.emplace_back();
    for (auto* two : {&layer.normIn, &layer.normPost, &layer.qkv, &layer.dense, &layer.up, &layer.down}) takeTwo(*two);
  }
  takeTwo(m_normFinal);
  m_embedOut = take();
  const int rotary = rotatedChannels(recipe);
  const at::Tensor frequencies = at::pow(10000.0, at::arange(0, rotary, 2, at::kFloat) / -static_cast<double>(rotary));
  const at::Tensor angles = at::outer(at::arange(recipe.context, at::kFloat), frequencies);
  m_cos = angles.cos().view({1, recipe.context, 1, 1, rotary / 2});
  m_sin = angles.sin().view({1, recipe.context, 1, 1, rotary / 2});
}

at::Tensor Network::rotated(const at::Tensor& x) const {
  const std::int64_t r = rotatedChannels(m_recipe), T = x.size(1);
  const at::Tensor cos = m_cos.narrow(1, 0, T), sin = m_sin.narrow(1, 0, T);
  const at::Tensor first = x.narrow(4, 0, r / 2), second = x.narrow(4, r / 2, r / 2), rest = x.narrow(4, r, x.size(4) - r);
  return at::cat({first * cos - second * sin, second * cos + first * sin, rest}, 4);
}

at::Tensor Network::attention(const Layer& layer, const at::Tensor& x, const at::Tensor& mask) const {
  const std::int64_t B = x.size(0), T = x.size(1), H = m_recipe.heads, D = m_recipe.width / H;
  const at::Tensor qkv = at::linear(x, layer.qkv[0], layer.qkv[1]).view({B, T, H, 3, D});
  const at::Tensor qk = rotated(qkv.narrow(3, 0, 2)).permute({3, 0, 2, 1, 4}).reshape({2, B * H, T, D});
  const at::Tensor v = qkv.select(3, 2).permute({0, 2, 1, 3}).reshape({B * H, T, D});
  const at::Tensor scores = at::baddbmm(mask, qk[0], qk[1].transpose(1, 2), 1.0, 1.0 / std::sqrt(static_cast<double>(D)));
  const at::Tensor mixed = at::bmm(at::softmax(scores, -1), v);
  return at::linear(mixed.view({B, H, T, D}).permute({0, 2, 1, 3}).reshape({B, T, H * D}), layer.dense[0], layer.dense[1]);
}

at::Tensor Network::logits(const at::Tensor& ids, const at::Tensor& mask) const {
  const std::int64_t B = ids.size(0), T = ids.size(1), H = m_recipe.heads;
  const at::Tensor perHead = mask.unsqueeze(1).expand({B, H, T, T}).reshape({B * H, T, T});
  const auto norm = [&](const at::Tensor& x, const at::Tensor (&two)[2]) { return at::layer_norm(x, {m_recipe.width}, two[0], two[1], 1e-5); };
  at::Tensor x = at::embedding(m_embedIn, ids);
  for (const Layer& layer : m_layers) {
    const at::Tensor hidden = at::gelu(at::linear(norm(x, layer.normPost), layer.up[0], layer.up[1]));
    x = x + attention(layer, norm(x, layer.normIn), perHead) + at::linear(hidden, layer.down[0], layer.down[1]);
  }
  return at::linear(norm(x, m_normFinal), m_embedOut);
}

at::Tensor Network::loss(const at::Tensor& ids, const at::Tensor& mask, const at::Tensor& targets) const {
  return at::cross_entropy_loss(logits(ids, mask).view({-1, m_recipe.vocabulary}), targets.reshape({-1}), {}, at::Reduction::Mean, -1);
}

at::Tensor documentMask(const at::Tensor& segments) {
  const std::int64_t T = segments.size(1);
  const at::Tensor same = segments.unsqueeze(2) == segments.unsqueeze(1);
  const at::Tensor past = at::ones({T, T}, at::kBool).tril();
  return at::zeros(same.sizes(), at::kFloat).masked_fill_((same & past).logical_not(), std::numeric_limits<float>::lowest());
}

}  // namespace lacuna::lab

#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "lacuna/model/decoder.h"
#include "lacuna/model/forward.h"

/// A network built by hand whose every effect is known exactly (methods.md 13.2). Token (c, a) of cluster c < 4 with symbol
/// a < 8 is followed by symbol a + c + 1 mod 8. No attention, no norms, one MLP of 64 ReLU units:
/// 32 used U(c, a) → 4 on the answer; 16 decoys D(c, k) that know c and write nothing; 8 shared S(a) → 1.75 on the four
/// symbols the clusters choose from; 8 noise units that know a and write nothing.
namespace planted {

inline constexpr int kClusters = 4, kSymbols = 8, kTokens = kClusters * kSymbols;
inline constexpr int kInputs = kClusters + kSymbols, kWidth = kInputs + kSymbols, kHidden = 64;
inline constexpr int kFirstSymbol = kTokens, kStart = kTokens + kSymbols, kVocabulary = kStart + 1;

inline std::int32_t token(int c, int a) { return c * kSymbols + a; }
inline int answer(int c, int a) { return (a + c + 1) % kSymbols; }
inline std::int32_t used(int c, int a) { return c * kSymbols + a; }
inline std::int32_t decoy(int c, int k) { return 32 + 4 * c + k; }
inline std::int32_t shared(int a) { return 48 + a; }
inline std::int32_t noise(int a) { return 56 + a; }

/// Hidden unit relu(Σ weights·x + bias), as input coordinates and their weights.
struct Input { int coordinate; float weight; };
inline void unit(lacuna::model::DecoderLayer& layer, int neuron, std::initializer_list<Input> inputs, float bias) {
  for (const Input& input : inputs) layer.up.setWeight(neuron, input.coordinate, input.weight);
  layer.up.bias[static_cast<std::size_t>(neuron)] = bias;
}

inline void embed(lacuna::model::Decoder& decoder, std::int32_t id, int coordinate) {
  decoder.tokenTable[static_cast<std::size_t>(id * decoder.width + coordinate)] = 1;
}

inline lacuna::model::Decoder sizes(std::int64_t width, std::int64_t hidden, std::int64_t vocabulary) {
  lacuna::model::Decoder decoder;
  decoder.width = width;
  decoder.mlpWidth = hidden;
  decoder.vocabulary = vocabulary;
  decoder.hasAttention = false;
  decoder.activation = lacuna::model::Activation::Relu;
  return decoder;
}

inline std::shared_ptr<const lacuna::model::Model> wrap(const char* name, std::unique_ptr<lacuna::model::Decoder> decoder) {
  lacuna::model::ModelInfo info;
  info.architecture = info.family = info.hash = name;
  info.layers = static_cast<std::int64_t>(decoder->layers.size());
  info.width = decoder->width;
  info.mlpWidth = decoder->mlpWidth;
  info.vocabulary = decoder->vocabulary;
  info.maxPositions = 1 << 20;
  info.dtype = "F32";
  return lacuna::model::Model::fromDecoder(info, std::move(decoder));
}

inline std::shared_ptr<const lacuna::model::Model> makePlantedLm() {
  auto decoder = lacuna::model::Decoder::zeros(1, sizes(kWidth, kHidden, kVocabulary));
  lacuna::model::DecoderLayer& layer = decoder->layers[0];
  layer.up.bias.assign(kHidden, 0.0F);
  for (int c = 0; c < kClusters; ++c) {
    for (int a = 0; a < kSymbols; ++a) {
      embed(*decoder, token(c, a), c);
      embed(*decoder, token(c, a), kClusters + a);
      unit(layer, used(c, a), {{c, 1}, {kClusters + a, 1}}, -1);
      layer.down.setWeight(kInputs + answer(c, a), used(c, a), 4);
    }
    for (int k = 0; k < 4; ++k) unit(layer, decoy(c, k), {{c, 2}}, 0);
  }
  for (int a = 0; a < kSymbols; ++a) {
    unit(layer, shared(a), {{kClusters + a, 1}}, 0);
    unit(layer, noise(a), {{kClusters + a, 1}}, 0);
    for (int c = 0; c < kClusters; ++c) layer.down.setWeight(kInputs + answer(c, a), shared(a), 1.75F);
  }
  // Only symbols can be predicted: everything else is e^-10000 as likely, which is 0.
  decoder->head.bias.assign(kVocabulary, -10000.0F);
  for (int s = 0; s < kSymbols; ++s) {
    decoder->head.setWeight(kFirstSymbol + s, kInputs + s, 1);
    decoder->head.bias[static_cast<std::size_t>(kFirstSymbol + s)] = 0;
  }
  return wrap("planted", std::move(decoder));
}

/// y = 4·min(1, u₁ + u₂), two units that can stand in for each other: layer 0 holds u₁ and u₂, layer 1 the saturation,
/// min(1, s) = relu(s) − relu(s − 1). Token 0 sets both; the logit of token 1 is y.
inline std::shared_ptr<const lacuna::model::Model> makeSaturatingPair() {
  auto decoder = lacuna::model::Decoder::zeros(2, sizes(4, 2, 3));
  embed(*decoder, 0, 0);
  for (lacuna::model::DecoderLayer& layer : decoder->layers) layer.up.bias.assign(2, 0.0F);
  for (int u = 0; u < 2; ++u) {
    unit(decoder->layers[0], u, {{0, 1}}, 0);
    decoder->layers[0].down.setWeight(1 + u, u, 1);
    unit(decoder->layers[1], u, {{1, 1}, {2, 1}}, static_cast<float>(-u));
    decoder->layers[1].down.setWeight(3, u, u == 0 ? 4.0F : -4.0F);
  }
  decoder->head.setWeight(1, 3, 1);
  return wrap("saturating pair", std::move(decoder));
}

/// Outcomes of the 32 items under one arm, [cluster · 8 + symbol].
struct Outcomes {
  std::array<double, kTokens> margin{}, maxMargin{}, logProbability{}, fractionalCredit{}, lowestIndexCredit{};
};

/// A batch of all items: (start, (c, a), answer). The start takes position 0, which edits leave alone.
inline lacuna::model::Forest allItems() {
  lacuna::model::Forest forest;
  for (int c = 0; c < kClusters; ++c)
    for (int a = 0; a < kSymbols; ++a) forest.push_back({{kStart, token(c, a), kFirstSymbol + answer(c, a)}, -1, false});
  return forest;
}

inline Outcomes read(const lacuna::MatrixF& logits, const std::vector<float>& logProbs) {
  Outcomes out;
  for (int i = 0; i < kTokens; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const int gold = answer(i / kSymbols, i % kSymbols);
    const auto logit = [&](int s) { return static_cast<double>(logits(i, kFirstSymbol + s)); };
    double sum = 0, best = -1e30;
    int ties = 1, lower = 0;
    for (int s = 0; s < kSymbols; ++s) {
      if (s == gold) continue;
      sum += logit(s);
      best = std::max(best, logit(s));
      ties += logit(s) == logit(gold);
      lower += logit(s) == logit(gold) && s < gold;
    }
    out.margin[at] = logit(gold) - sum / (kSymbols - 1);
    out.maxMargin[at] = logit(gold) - best;
    out.logProbability[at] = logProbs[at];
    out.fractionalCredit[at] = logit(gold) >= best ? 1.0 / ties : 0;
    out.lowestIndexCredit[at] = logit(gold) >= best && lower == 0 ? 1 : 0;
  }
  return out;
}

/// Outcomes of every arm through the engine.
inline std::vector<Outcomes> measure(const lacuna::model::Model& model, std::span<const lacuna::model::Arm> arms) {
  lacuna::model::ForwardRequest request;
  for (int i = 0; i < kTokens; ++i) {
    request.logitsAt.push_back({i, 1});
    request.scored.push_back({i, 2});
  }
  const lacuna::model::ForwardResult result = lacuna::model::forward(model, allItems(), arms, request, {});
  std::vector<Outcomes> outcomes;
  for (std::size_t arm = 0; arm < arms.size(); ++arm) outcomes.push_back(read(result.logits[arm], result.logProbs[arm]));
  return outcomes;
}

/// States of the 32 items at a site, [32, width], without the start token.
inline lacuna::MatrixF states(const lacuna::model::Model& model, lacuna::model::Site site) {
  lacuna::model::ForwardRequest request;
  request.captures.push_back({site, lacuna::LayerIndex(0)});
  const lacuna::model::Arm clean;
  const lacuna::MatrixF all = lacuna::model::forward(model, allItems(), {&clean, 1}, request, {}).captured[0][0];
  lacuna::MatrixF result(kTokens, all.cols());
  for (int i = 0; i < kTokens; ++i) result.row(i) = all.row(3 * i + 1);
  return result;
}

/// Mean over the items of each cluster's task.
inline std::array<double, kClusters> byTask(const std::array<double, kTokens>& values) {
  std::array<double, kClusters> means{};
  for (int i = 0; i < kTokens; ++i) means[static_cast<std::size_t>(i / kSymbols)] += values[static_cast<std::size_t>(i)] / kSymbols;
  return means;
}

}  // namespace planted

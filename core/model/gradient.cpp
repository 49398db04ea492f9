#include "lacuna/model/gradient.h"

#include <algorithm>
#include <new>
#include <string>

#include "backward.h"
#include "lacuna/base/error.h"
#include "memory.h"
#include "unshare.h"

namespace lacuna::model {
namespace {

std::int64_t weightCount(const Linear& linear) { return linear.inputs() * linear.outputs(); }

void checkMemory(const Decoder& decoder, std::size_t lowest) {
  std::int64_t floats = weightCount(decoder.head) + weightCount(decoder.projectOut);
  for (std::size_t k = lowest; !decoder.readLayer && k < decoder.layers.size(); ++k) {
    const DecoderLayer& layer = decoder.layers[k];
    for (const Linear* linear : {&layer.query, &layer.keyValue, &layer.attentionOut, &layer.gate, &layer.up, &layer.down}) floats += weightCount(*linear);
  }
  const std::uint64_t available = availableMemory(), needed = static_cast<std::uint64_t>(floats) * sizeof(float);
  if (available > 0 && needed > available)
    throw Error("LAC-2001", "Gradients from layer " + std::to_string(lowest) + " up need about " + sizeText(needed) +
                                " of memory; " + sizeText(available) + " are free",
                "screen a higher layer, or close other programs");
}

/// How far down the sweep goes in a layer: the lowest capture it has, or through it when lower layers have one.
struct Depth { bool any = false; Reach reach = Reach::Mlp; };

Depth depthIn(std::size_t layer, std::span<const Capture> captures) {
  Depth depth;
  for (const Capture& capture : captures) {
    if (capture.site == Site::LastHidden || capture.layer.index() > layer) continue;
    const bool here = capture.layer.index() == layer;
    if (here && capture.site == Site::ResidPost) continue;
    depth.any = true;
    const bool mlp = capture.site == Site::MlpHidden || capture.site == Site::MlpOut;
    const Reach reach = !here || capture.site == Site::ResidPre ? Reach::Through : mlp ? Reach::Mlp : Reach::Attention;
    depth.reach = std::max(depth.reach, reach);
  }
  return depth;
}

/// The clean run: log-probabilities, the states asked for, and the input of every layer the sweep goes through.
struct Clean {
  ForwardResult result;
  std::vector<Depth> depths;             ///< [layers]
  std::vector<std::size_t> inputOf;      ///< [layers] place among the captures
  const MatrixF& input(std::size_t layer) const { return result.captured[0][inputOf[layer]]; }
  const MatrixF& end() const { return result.captured[0].back(); }
};

Clean runClean(const Model& model, const Forest& forest, const GradientRequest& request, const RunContext& context) {
  const std::size_t layers = model.decoder().layers.size();
  Clean clean;
  ForwardRequest wanted;
  wanted.scored = request.scored;
  wanted.captures = request.captures;
  for (std::size_t k = 0; k < layers; ++k) {
    clean.depths.push_back(depthIn(k, request.captures));
    clean.inputOf.push_back(wanted.captures.size());
    if (clean.depths.back().any) wanted.captures.push_back({Site::ResidPre, LayerIndex(static_cast<std::int64_t>(k))});
  }
  wanted.captures.push_back({Site::ResidPost, LayerIndex(static_cast<std::int64_t>(layers) - 1)});
  const Arm none;
  clean.result = forward(model, forest, {&none, 1}, wanted, context);
  return clean;
}

std::vector<WeightedTarget> targetsOf(const ForestPlan& plan, const GradientRequest& request, const std::vector<double>& weights) {
  if (weights.size() != request.scored.size())
    throw Error("LAC-1004", "The outcome gave " + std::to_string(weights.size()) + " weights for " + std::to_string(request.scored.size()) + " scored tokens");
  std::vector<WeightedTarget> targets;
  for (std::size_t s = 0; s < weights.size(); ++s) {
    const ScoredToken& token = request.scored[s];
    targets.push_back({static_cast<std::int32_t>(plan.predictorOf(token.segment, token.offset)),
                       plan.ids[static_cast<std::size_t>(plan.rowOf(token.segment, token.offset))], weights[s]});
  }
  return targets;
}

/// The rows of every copy of a shared beginning, brought together.
SiteGradient gathered(const SiteGradient& copies, const Forest& forest, const Unshared& texts) {
  const auto given = firstRows(forest), copied = firstRows(texts.forest);
  SiteGradient out{MatrixF(given.back(), copies.state.cols()), MatrixF::Zero(given.back(), copies.state.cols())};
  for (std::size_t c = 0; c < texts.source.size(); ++c) {
    const auto s = static_cast<std::size_t>(texts.source[c]);
    const std::int64_t rows = given[s + 1] - given[s];
    out.gradient.middleRows(given[s], rows) += copies.gradient.middleRows(copied[c], rows);
    if (texts.firstCopy[s] == static_cast<int>(c)) out.state.middleRows(given[s], rows) = copies.state.middleRows(copied[c], rows);
  }
  return out;
}

using Give = std::function<void(Site site, std::size_t layer, const float* gradient)>;

}  // namespace

struct Gradients::Transposes {
  TransposedHead head;
  std::vector<TransposedLayer> layers;   ///< [layers], empty below the lowest; none where layers stay in the files
};

namespace {

/// From the head down to the lowest site anyone asked for.
template <class Transposes>
void sweep(const Decoder& decoder, const ForestPlan& plan, const Clean& clean, const std::vector<WeightedTarget>& targets,
           const Transposes& transposes, const RunContext& context, const Give& give) {
  const int threads = context.threadCount();
  const auto giveAt = [&](std::size_t layer) -> GiveGradient { return [&give, layer](Site site, const float* values) { give(site, layer, values); }; };
  AlignedFloats gradient = headBackward(decoder, transposes.head, clean.end().data(), plan.tokens(), targets, giveAt(decoder.layers.size()), threads);
  for (std::size_t k = decoder.layers.size(); k-- > 0;) {
    context.checkpoint();
    give(Site::ResidPost, k, gradient.data());
    if (!clean.depths[k].any) return;
    const auto layer = decoder.layer(k);
    const bool held = !transposes.layers.empty();
    const TransposedLayer made = held ? TransposedLayer() : transposed(*layer);
    LayerBackward(decoder, plan, k, *layer, held ? transposes.layers[k] : made, threads)
        .run(clean.input(k).data(), gradient, clean.depths[k].reach, giveAt(k));
  }
}

}  // namespace

Gradients::Gradients(const Model& model, LayerIndex lowest) : m_model(model), m_lowest(lowest) {
  const Decoder& decoder = model.decoder();
  if (!lowest.valid() || lowest.index() >= decoder.layers.size())
    throw Error("LAC-1004", "Gradients were asked from layer " + std::to_string(lowest.value) + "; the model has layers 0 to " +
                                std::to_string(decoder.layers.size() - 1));
  if (decoder.head.empty())
    throw Error("LAC-1004", model.info().architecture + " is a bare body: it has no head to score tokens with", "choose the model with its language-model head");
  if (decoder.head.isOutline())
    throw Error("LAC-2001", "Gradients need the head of " + model.info().architecture + " in memory; the memory budget left it in the files",
                "give a larger memory budget");
  checkMemory(decoder, lowest.index());
  auto made = std::make_unique<Transposes>();
  made->head = transposedHead(decoder);
  if (!decoder.readLayer) made->layers.resize(decoder.layers.size());
  for (std::size_t k = lowest.index(); k < made->layers.size(); ++k) made->layers[k] = transposed(decoder.layers[k]);
  m_transposes = std::move(made);
}

Gradients::~Gradients() = default;
Gradients::Gradients(Gradients&&) noexcept = default;

void Gradients::check(const GradientRequest& request) const {
  for (const Capture& capture : request.captures) {
    if (capture.site != Site::LastHidden && capture.layer < m_lowest)
      throw Error("LAC-1004", "A gradient at layer " + std::to_string(capture.layer.value) + " was asked for; these were prepared from layer " +
                                  std::to_string(m_lowest.value) + " up");
    if (capture.site == Site::AttnOut && !m_model.decoder().hasAttention)
      throw Error("LAC-1004", m_model.info().architecture + " has no attention, and so no attn_out to take a gradient at");
  }
}

GradientResult Gradients::ofCopies(const Forest& forest, const GradientRequest& request, const RunContext& context) const {
  const Unshared texts = unshare(forest);
  GradientRequest moved = request;
  for (ScoredToken& token : moved.scored)
    if (token.segment >= 0 && static_cast<std::size_t>(token.segment) < forest.size()) token.segment = texts.firstCopy[static_cast<std::size_t>(token.segment)];
  GradientResult result = of(texts.forest, moved, context);
  for (SiteGradient& site : result.sites) site = gathered(site, forest, texts);
  return result;
}

GradientResult Gradients::of(const Forest& forest, const GradientRequest& request, const RunContext& context) const {
  check(request);
  if (mustUnshare(m_model.decoder(), forest)) return ofCopies(forest, request, context);
  Clean clean = runClean(m_model, forest, request, context);
  GradientResult out;
  out.logProbs = clean.result.logProbs[0];
  for (std::size_t c = 0; c < request.captures.size(); ++c) {
    MatrixF& state = clean.result.captured[0][c];
    MatrixF zeros = MatrixF::Zero(state.rows(), state.cols());
    out.sites.push_back({std::move(state), std::move(zeros)});
  }
  RopeTables ropes(m_model.decoder().rope);
  const ForestPlan plan = planForest(m_model.decoder(), forest, ropes);
  sweep(m_model.decoder(), plan, clean, targetsOf(plan, request, request.weights(out.logProbs)), *m_transposes, context,
        [&](Site site, std::size_t layer, const float* values) {
          for (std::size_t c = 0; c < request.captures.size(); ++c)
            if (request.captures[c].site == site && (site == Site::LastHidden || request.captures[c].layer.index() == layer))
              std::copy_n(values, out.sites[c].gradient.size(), out.sites[c].gradient.data());
        });
  return out;
}

std::vector<std::uint8_t> editedRows(const Model& model, const Forest& forest, const Edit& edit) {
  RopeTables ropes(model.decoder().rope);
  const ForestPlan plan = planForest(model.decoder(), forest, ropes);
  std::vector<std::uint8_t> rows;
  for (std::int64_t row = 0; row < plan.tokens(); ++row) rows.push_back(plan.selects(edit, row));
  return rows;
}

}  // namespace lacuna::model

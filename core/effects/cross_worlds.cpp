#include "lacuna/effects/cross_worlds.h"

#include <algorithm>

#include "item_batches.h"
#include "lacuna/base/error.h"

namespace lacuna::effects {
namespace {

/// Puts the states of another run in the place of a row's own, neuron by neuron, at the same token of the forest.
class InterchangeEdit final : public model::Edit {
 public:
  InterchangeEdit(const Mediator& mediator, const MatrixF& states) : m_mediator(mediator), m_states(states) {}
  model::Site site() const override { return m_mediator.place.site; }
  LayerIndex layer() const override { return m_mediator.place.layer; }
  bool includeFirst() const override { return true; }
  void apply(model::SiteRows rows) const override {
    LACUNA_CHECK(rows.tokens);
    for (std::int64_t r = 0; r < rows.rows; ++r) {
      if (!rows.selected[r]) continue;
      for (const std::int32_t neuron : m_mediator.neurons) rows.values[r * rows.width + neuron] = m_states(rows.tokens[r], neuron);
    }
  }

 private:
  const Mediator& m_mediator;
  const MatrixF& m_states;
};

using model::Capture;

bool same(const Capture& a, const Capture& b) { return a.site == b.site && a.layer == b.layer; }

std::vector<Capture> placesOf(std::span<const Mediator> mediators) {
  std::vector<Capture> places;
  for (const Mediator& mediator : mediators)
    if (std::none_of(places.begin(), places.end(), [&](const Capture& place) { return same(place, mediator.place); })) places.push_back(mediator.place);
  return places;
}

/// One input's run as it is, with the states of all mediators.
struct OwnRun { std::vector<float> logProbs; std::vector<MatrixF> states; };

OwnRun ownRun(const model::Model& model, const ItemBatch& batch, const std::vector<Capture>& places, const RunContext& context) {
  const model::Arm clean;
  model::ForwardRequest request;
  request.scored = batch.scored;
  request.captures = places;
  model::ForwardResult result = model::forward(model, batch.forest, {&clean, 1}, request, context);
  return {std::move(result.logProbs[0]), std::move(result.captured[0])};
}

/// One input's run with each mediator's states from the other's. [mediators][scored]
std::vector<std::vector<float>> crossedRuns(const model::Model& model, const ItemBatch& batch, std::span<const Mediator> mediators,
                                            const std::vector<Capture>& places, const OwnRun& other, const RunContext& context) {
  std::vector<model::Arm> arms;
  for (const Mediator& mediator : mediators) {
    const auto place = std::find_if(places.begin(), places.end(), [&](const Capture& p) { return same(p, mediator.place); });
    arms.push_back({{std::make_shared<InterchangeEdit>(mediator, other.states[static_cast<std::size_t>(place - places.begin())])}});
  }
  model::ForwardRequest request;
  request.scored = batch.scored;
  return model::forward(model, batch.forest, arms, request, context).logProbs;
}

double marginAt(const ItemBatch& batch, std::size_t i, std::span<const ScreeningItem> items, std::span<const float> logProbs) {
  const ScreeningItem& item = items[batch.firstItem + i];
  return marginOf(choiceScores(item, ofItem(batch, i, logProbs)), item.gold, item.golds).value;
}

}  // namespace

bool aligned(const ScreeningItem& base, const ScreeningItem& counterfactual) {
  const auto sameSegment = [](const model::Segment& a, const model::Segment& b) {
    return a.ids.size() == b.ids.size() && a.parent == b.parent && a.answer == b.answer;
  };
  const auto sameTokens = [](const std::vector<model::ScoredToken>& a, const std::vector<model::ScoredToken>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) { return x.segment == y.segment && x.offset == y.offset; });
  };
  return std::equal(base.forest.begin(), base.forest.end(), counterfactual.forest.begin(), counterfactual.forest.end(), sameSegment) &&
         std::equal(base.choices.begin(), base.choices.end(), counterfactual.choices.begin(), counterfactual.choices.end(), sameTokens) &&
         base.gold == counterfactual.gold && base.golds == counterfactual.golds && base.perToken == counterfactual.perToken;
}

std::vector<std::vector<statistics::CrossWorld>> crossWorlds(const model::Model& model, std::span<const ScreeningItem> base,
                                                             std::span<const ScreeningItem> counterfactual, std::span<const Mediator> mediators,
                                                             const RunContext& context) {
  LACUNA_CHECK(base.size() == counterfactual.size());
  for (std::size_t i = 0; i < base.size(); ++i) LACUNA_CHECK(aligned(base[i], counterfactual[i]));
  std::vector<std::vector<statistics::CrossWorld>> out(mediators.size(), std::vector<statistics::CrossWorld>(base.size()));
  const std::vector<Capture> places = placesOf(mediators);
  const std::vector<ItemBatch> ones = batchesOf(base), zeros = batchesOf(counterfactual);   // aligned items, so the same batches
  for (std::size_t b = 0; b < ones.size(); ++b) {
    context.checkpoint();
    const OwnRun one = ownRun(model, ones[b], places, context), zero = ownRun(model, zeros[b], places, context);
    const auto oneOfZero = crossedRuns(model, ones[b], mediators, places, zero, context);
    const auto zeroOfOne = crossedRuns(model, zeros[b], mediators, places, one, context);
    for (std::size_t i = 0; i < ones[b].items(); ++i) {
      const double y11 = marginAt(ones[b], i, base, one.logProbs), y00 = marginAt(zeros[b], i, counterfactual, zero.logProbs);
      for (std::size_t m = 0; m < mediators.size(); ++m)
        out[m][ones[b].firstItem + i] = {y11, marginAt(ones[b], i, base, oneOfZero[m]), marginAt(zeros[b], i, counterfactual, zeroOfOne[m]), y00};
    }
  }
  return out;
}

}  // namespace lacuna::effects

#include "lacuna/effects/screening.h"

#include <algorithm>
#include <cmath>

#include "item_batches.h"
#include "lacuna/base/error.h"
#include "lacuna/model/gradient.h"

namespace lacuna::effects {
namespace {

/// d margin / d log p of every scored token of a batch.
std::vector<double> tokenWeights(const ItemBatch& batch, std::span<const ScreeningItem> items, std::span<const float> logProbs) {
  std::vector<double> weights;
  for (std::size_t i = 0; i < batch.items(); ++i) {
    const ScreeningItem& item = items[batch.firstItem + i];
    const Margin margin = marginOf(choiceScores(item, ofItem(batch, i, logProbs)), item.gold, item.golds);
    for (std::size_t c = 0; c < item.choices.size(); ++c) weights.insert(weights.end(), item.choices[c].size(), margin.weights[c] / divisor(item, c));
  }
  return weights;
}

bool samePlace(const model::Capture& place, const model::Edit& edit) {
  return place.site == edit.site() && (place.site == model::Site::LastHidden || place.layer == edit.layer());
}

/// Every place some arm edits, once.
std::vector<model::Capture> placesOf(std::span<const model::Arm> arms, LayerIndex last) {
  std::vector<model::Capture> places;
  for (const model::Arm& arm : arms)
    for (const auto& edit : arm.edits)
      if (std::none_of(places.begin(), places.end(), [&](const auto& place) { return samePlace(place, *edit); }))
        places.push_back({edit->site(), edit->site() == model::Site::LastHidden ? last : edit->layer()});
  return places;
}

/// One arm's −Σ g·Δ of every item of a batch, in row order.
class ArmEstimate {
 public:
  ArmEstimate(const model::Model& model, const ItemBatch& batch, std::span<const model::Capture> places, const model::GradientResult& gradients)
      : m_model(model), m_batch(batch), m_places(places), m_gradients(gradients) {}

  std::vector<double> of(const model::Arm& arm) const {
    std::vector<double> effects(m_batch.items(), 0.0);
    for (std::size_t p = 0; p < m_places.size(); ++p) addPlace(arm, p, effects);
    return effects;
  }

 private:
  void addPlace(const model::Arm& arm, std::size_t place, std::vector<double>& effects) const {
    const model::SiteGradient& site = m_gradients.sites[place];
    MatrixF rows;
    for (const auto& edit : arm.edits) {
      if (!samePlace(m_places[place], *edit)) continue;
      if (rows.size() == 0) rows = site.state;
      const auto selected = model::editedRows(m_model, m_batch.forest, *edit);
      edit->apply({rows.data(), rows.rows(), rows.cols(), selected.data()});
    }
    if (rows.size() == 0) return;
    for (std::size_t item = 0; item < effects.size(); ++item)
      for (std::size_t r = m_batch.rowsBefore[item]; r < m_batch.rowsBefore[item + 1]; ++r) {
        const auto row = static_cast<Eigen::Index>(r);
        for (Eigen::Index i = 0; i < rows.cols(); ++i)
          effects[item] -= static_cast<double>(site.gradient(row, i)) * (static_cast<double>(rows(row, i)) - static_cast<double>(site.state(row, i)));
      }
  }

  const model::Model& m_model;
  const ItemBatch& m_batch;
  std::span<const model::Capture> m_places;
  const model::GradientResult& m_gradients;
};

MarginEffects nothingYet(std::size_t arms, std::size_t items) {
  return {MatrixD::Zero(static_cast<Eigen::Index>(arms), static_cast<Eigen::Index>(items)), std::vector<double>(items)};
}

void setClean(MarginEffects& out, const ItemBatch& batch, std::span<const ScreeningItem> items, std::span<const float> logProbs) {
  for (std::size_t i = 0; i < batch.items(); ++i) {
    const ScreeningItem& item = items[batch.firstItem + i];
    out.clean[batch.firstItem + i] = marginOf(choiceScores(item, ofItem(batch, i, logProbs)), item.gold, item.golds).value;
  }
}

}  // namespace

Margin marginOf(std::span<const double> logLikelihoods, int gold, int golds) {
  const auto from = static_cast<std::size_t>(gold), to = from + static_cast<std::size_t>(golds);
  LACUNA_CHECK(gold >= 0 && golds > 0 && to <= logLikelihoods.size());
  Margin margin{0, std::vector<double>(logLikelihoods.size(), 0.0)};
  const auto addMass = [&](double sign, const auto& belongs) {
    double largest = -INFINITY, sum = 0;
    for (std::size_t c = 0; c < logLikelihoods.size(); ++c)
      if (belongs(c)) largest = std::max(largest, logLikelihoods[c]);
    for (std::size_t c = 0; c < logLikelihoods.size(); ++c)
      if (belongs(c)) sum += margin.weights[c] = std::exp(logLikelihoods[c] - largest);
    for (std::size_t c = 0; c < logLikelihoods.size(); ++c)
      if (belongs(c)) margin.weights[c] = sign * margin.weights[c] / sum;
    margin.value += sign * (largest + std::log(sum));
  };
  const auto right = [&](std::size_t c) { return c >= from && c < to; };
  addMass(1, right);
  if (logLikelihoods.size() > to - from) addMass(-1, [&](std::size_t c) { return !right(c); });
  return margin;
}

std::vector<double> MarginEffects::ace() const {
  if (effects.cols() == 0) return std::vector<double>(static_cast<std::size_t>(effects.rows()), statistics::kMissing);
  const VectorD means = effects.rowwise().mean();
  return {means.begin(), means.end()};
}

MarginEffects screen(const model::Model& model, std::span<const ScreeningItem> items, std::span<const model::Arm> arms, const RunContext& context) {
  const LayerIndex last(model.info().layers - 1);
  const auto places = placesOf(arms, last);
  LayerIndex lowest = last;
  for (const model::Capture& place : places) lowest = std::min(lowest, place.layer);
  const model::Gradients gradients(model, lowest);
  MarginEffects out = nothingYet(arms.size(), items.size());
  for (const ItemBatch& batch : batchesOf(items)) {
    context.checkpoint();
    context.report("Screening", batch.firstItem, items.size());
    model::GradientRequest request{batch.scored, [&](std::span<const float> logProbs) { return tokenWeights(batch, items, logProbs); }, places};
    const model::GradientResult result = gradients.of(batch.forest, request, context);
    setClean(out, batch, items, result.logProbs);
    const ArmEstimate estimate(model, batch, places, result);
    parallelFor(static_cast<std::int64_t>(arms.size()), context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t a = begin; a < end; ++a) {
        const auto effects = estimate.of(arms[static_cast<std::size_t>(a)]);
        for (std::size_t i = 0; i < effects.size(); ++i) out.effects(a, static_cast<Eigen::Index>(batch.firstItem + i)) = effects[i];
      }
    });
  }
  context.report("Screening", items.size(), items.size());
  return out;
}

MarginEffects measure(const model::Model& model, std::span<const ScreeningItem> items, std::span<const model::Arm> arms, const RunContext& context) {
  std::vector<model::Arm> all(arms.begin(), arms.end());
  all.emplace_back();
  MarginEffects out = nothingYet(arms.size(), items.size());
  for (const ItemBatch& batch : batchesOf(items)) {
    context.checkpoint();
    context.report("Verifying the screen", batch.firstItem, items.size());
    model::ForwardRequest request;
    request.scored = batch.scored;
    const auto logProbs = model::forward(model, batch.forest, all, request, context).logProbs;
    setClean(out, batch, items, logProbs.back());
    for (std::size_t a = 0; a < arms.size(); ++a)
      for (std::size_t i = 0; i < batch.items(); ++i) {
        const ScreeningItem& item = items[batch.firstItem + i];
        const double perturbed = marginOf(choiceScores(item, ofItem(batch, i, logProbs[a])), item.gold, item.golds).value;
        out.effects(static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(batch.firstItem + i)) = out.clean[batch.firstItem + i] - perturbed;
      }
  }
  context.report("Verifying the screen", items.size(), items.size());
  return out;
}

}  // namespace lacuna::effects

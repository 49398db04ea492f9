#include "lacuna/model/forward.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine.h"
#include "head.h"
#include "lacuna/base/error.h"
#include "unshare.h"

namespace lacuna::model {
namespace {

constexpr std::int64_t stackedRows = 4096;  // rows of one stack; bounds memory, never changes a bit

/// Where an arm parts from the clean run.
struct Parting {
  std::size_t layer = 0;
  enum class Stage { LayerStart, MlpMiddle, LayerEnd } stage = Stage::LayerStart;
  bool operator<(const Parting& other) const { return layer != other.layer ? layer < other.layer : stage < other.stage; }
  bool operator==(const Parting&) const = default;
};

Parting partingOf(const Edit& edit, std::size_t layers) {
  switch (edit.site()) {
    case Site::ResidPre:
    case Site::AttnOut: return {edit.layer().index(), Parting::Stage::LayerStart};
    case Site::MlpHidden:
    case Site::MlpOut: return {edit.layer().index(), Parting::Stage::MlpMiddle};
    case Site::ResidPost: return {edit.layer().index(), Parting::Stage::LayerEnd};
    case Site::LastHidden: return {layers - 1, Parting::Stage::LayerEnd};
  }
  return {};
}

class Run {
 public:
  Run(const Model& model, const Forest& forest, std::span<const Arm> arms, const ForwardRequest& request, const RunContext& context)
      : m_decoder(model.decoder()), m_info(model.info()), m_ropes(m_decoder.rope), m_plan(planForest(m_decoder, forest, m_ropes)),
        m_arms(arms), m_request(request), m_context(context), m_totals(noTotals(arms)),
        m_hooks(m_plan, arms, request.captures, m_result.captured, m_totals, context.threadCount()), m_keys(m_decoder, m_plan),
        m_engine(m_decoder, m_plan, m_hooks, m_keys, context.threadCount()) {
    collectRows();
    prepareResult();
    findEnd();
  }

  ForwardResult run() {
    Stack trunk;
    Stack::Slot clean;
    for (std::size_t a = 0; a < m_arms.size(); ++a) clean.arms.push_back(static_cast<int>(a));
    trunk.slots.push_back(clean);
    m_engine.embed(trunk);
    for (std::size_t layer = 0; layer < m_end && !trunk.slots.front().arms.empty(); ++layer) {
      m_context.checkpoint();
      partHere(trunk, {layer, Parting::Stage::LayerStart}, nullptr);
      if (trunk.slots.front().arms.empty()) break;
      const bool middle = anyPartsAt({layer, Parting::Stage::MlpMiddle}), end = anyPartsAt({layer, Parting::Stage::LayerEnd});
      MlpFork fork;
      m_engine.run(trunk, layer, middle || end ? std::vector<std::int32_t>() : keptAfter(layer, trunk), middle ? &fork : nullptr);
      partHere(trunk, {layer, Parting::Stage::MlpMiddle}, &fork);
      partHere(trunk, {layer, Parting::Stage::LayerEnd}, nullptr);
    }
    if (!trunk.slots.front().arms.empty()) finish(trunk);
    for (std::size_t a = 0; a < m_arms.size(); ++a) m_result.edits[a] = sumOf(m_totals[a]);
    return std::move(m_result);
  }

 private:
  void collectRows();
  void prepareResult();
  void findEnd();
  void checkLayer(LayerIndex layer, const char* what) const;
  bool anyPartsAt(const Parting& parting) const {
    return std::any_of(m_partings.begin(), m_partings.end(), [&](const auto& p) { return p && *p == parting; });
  }
  std::vector<std::int32_t> keptAfter(std::size_t layer, const Stack& stack) const;
  void partHere(Stack& trunk, const Parting& here, const MlpFork* fork);
  void runArms(const Stack& trunk, std::span<const int> arms, const Parting& here, const MlpFork* fork);
  void finish(Stack& stack);
  void giveScores(const Stack& stack, const AlignedFloats& states);
  void giveLogits(const Stack& stack, const AlignedFloats& states);

  const Decoder& m_decoder;
  const ModelInfo& m_info;
  RopeTables m_ropes;
  ForestPlan m_plan;
  std::span<const Arm> m_arms;
  const ForwardRequest& m_request;
  const RunContext& m_context;
  ForwardResult m_result;
  EditTotals m_totals;
  Hooks m_hooks;
  ForestKeys m_keys;
  Engine m_engine;

  std::vector<std::optional<Parting>> m_partings;   ///< [arm]; clean arms never part
  std::vector<std::int32_t> m_rows;                 ///< rows the head reads, ascending
  std::vector<std::size_t> m_scoredRow, m_logitsRow;  ///< [scored], [logitsAt] → index in m_rows
  std::size_t m_end = 0;                            ///< layers that have to be run
};

void Run::collectRows() {
  const auto place = [&](int segment, int offset) {
    if (segment < 0 || static_cast<std::size_t>(segment) >= m_plan.pieces.size() || offset < 0 ||
        offset >= m_plan.pieces[static_cast<std::size_t>(segment)].length)
      throw Error("LAC-1004", "Token " + std::to_string(offset) + " of segment " + std::to_string(segment) + " was asked for; the forest has no such token");
  };
  std::vector<std::int32_t> scored, logits;
  for (const ScoredToken& token : m_request.scored) {
    place(token.segment, token.offset);
    const std::int64_t row = m_plan.predictorOf(token.segment, token.offset);
    if (row < 0)
      throw Error("LAC-1004", "The first token of segment " + std::to_string(token.segment) + " cannot be scored: nothing comes before it",
                  "start the text with a beginning-of-text token");
    scored.push_back(static_cast<std::int32_t>(row));
  }
  for (const TokenAt& token : m_request.logitsAt) {
    place(token.segment, token.offset);
    logits.push_back(static_cast<std::int32_t>(m_plan.rowOf(token.segment, token.offset)));
  }
  if (m_decoder.head.empty() && !(scored.empty() && logits.empty()))
    throw Error("LAC-1004", m_info.architecture + " is a bare body: it has no head to score tokens with", "choose the model with its language-model head");
  m_rows = scored;
  m_rows.insert(m_rows.end(), logits.begin(), logits.end());
  std::sort(m_rows.begin(), m_rows.end());
  m_rows.erase(std::unique(m_rows.begin(), m_rows.end()), m_rows.end());
  const auto indexOf = [&](std::int32_t row) {
    return static_cast<std::size_t>(std::lower_bound(m_rows.begin(), m_rows.end(), row) - m_rows.begin());
  };
  for (const std::int32_t row : scored) m_scoredRow.push_back(indexOf(row));
  for (const std::int32_t row : logits) m_logitsRow.push_back(indexOf(row));
}

void Run::prepareResult() {
  m_result.edits.resize(m_arms.size());
  m_result.captured.resize(m_arms.size());
  for (std::size_t a = 0; a < m_arms.size(); ++a) {
    m_result.logProbs.emplace_back(m_request.scored.size());
    m_result.isGreedy.emplace_back(m_request.greedy ? m_request.scored.size() : 0);
    m_result.logits.emplace_back(static_cast<Eigen::Index>(m_request.logitsAt.size()), m_decoder.vocabulary);
    for (const Capture& capture : m_request.captures)
      m_result.captured[a].emplace_back(m_plan.tokens(), m_info.siteWidth(capture.site));
  }
}

void Run::checkLayer(LayerIndex layer, const char* what) const {
  if (!layer.valid() || layer.index() >= m_decoder.layers.size())
    throw Error("LAC-1004", std::string(what) + " names layer " + std::to_string(layer.value) + "; the model has layers 0 to " +
                                std::to_string(m_decoder.layers.size() - 1));
}

// Nothing above the last state that anyone reads is computed.
void Run::findEnd() {
  for (const Arm& arm : m_arms) {
    std::optional<Parting> first;
    for (const auto& edit : arm.edits) {
      if (edit->site() != Site::LastHidden) checkLayer(edit->layer(), "An edit");
      const Parting parting = partingOf(*edit, m_decoder.layers.size());
      if (!first || parting < *first) first = parting;
      m_end = std::max(m_end, parting.layer + 1);
    }
    m_partings.push_back(first);
  }
  for (const Capture& capture : m_request.captures) {
    if (capture.site != Site::LastHidden) checkLayer(capture.layer, "A capture");
    m_end = std::max(m_end, capture.site == Site::LastHidden ? m_decoder.layers.size() : capture.layer.index() + 1);
  }
  if (!m_rows.empty()) m_end = m_decoder.layers.size();
}

// Above the last keys only the rows that the head reads go on.
std::vector<std::int32_t> Run::keptAfter(std::size_t layer, const Stack& stack) const {
  if (layer + 1 < m_decoder.layers.size() || m_rows.empty() || m_hooks.wantedIn(layer, stack)) return {};
  return m_rows;
}

void Run::partHere(Stack& trunk, const Parting& here, const MlpFork* fork) {
  std::vector<int> leaving;
  auto& staying = trunk.slots.front().arms;
  for (const int arm : staying)
    if (m_partings[static_cast<std::size_t>(arm)] == here) leaving.push_back(arm);
  std::erase_if(staying, [&](int arm) { return m_partings[static_cast<std::size_t>(arm)] == here; });
  const auto atOnce = static_cast<std::size_t>(std::max<std::int64_t>(1, stackedRows / m_plan.tokens()));
  for (std::size_t first = 0; first < leaving.size(); first += atOnce) {
    m_context.checkpoint();
    runArms(trunk, std::span(leaving).subspan(first, std::min(atOnce, leaving.size() - first)), here, fork);
  }
}

void Run::runArms(const Stack& trunk, std::span<const int> arms, const Parting& here, const MlpFork* fork) {
  Stack stack;
  stack.tokens = trunk.tokens;
  for (const int arm : arms) stack.slots.push_back({{arm}, true});
  stack.x = AlignedFloats(stack.rows() * m_decoder.width);
  const std::int64_t floats = stack.perSlot() * m_decoder.width;
  std::size_t layer = here.layer;
  if (here.stage == Parting::Stage::MlpMiddle) {
    m_engine.resume(stack, layer++, *fork);
  } else {
    for (std::size_t slot = 0; slot < arms.size(); ++slot)
      std::copy_n(trunk.x.data(), floats, stack.x.data() + static_cast<std::int64_t>(slot) * floats);
    if (here.stage == Parting::Stage::LayerEnd) m_hooks.visit(Site::ResidPost, layer++, stack, 0, stack.rows(), stack.x.data(), m_decoder.width);
  }
  for (; layer < m_end; ++layer) {
    m_context.checkpoint();
    m_engine.run(stack, layer, keptAfter(layer, stack));
  }
  finish(stack);
}

void Run::finish(Stack& stack) {
  m_engine.checkFinite(stack, m_end == 0 ? 0 : m_end - 1);
  if (m_end < m_decoder.layers.size()) return;
  const AlignedFloats states = m_engine.finalStates(stack, m_rows);
  if (!m_request.scored.empty()) giveScores(stack, states);
  if (!m_request.logitsAt.empty()) giveLogits(stack, states);
}

void Run::giveScores(const Stack& stack, const AlignedFloats& states) {
  std::vector<std::size_t> order(m_request.scored.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return m_scoredRow[a] < m_scoredRow[b]; });
  RowTargets targets;
  targets.first.assign(m_rows.size() + 1, 0);
  for (const std::size_t i : order) {
    const ScoredToken& token = m_request.scored[i];
    targets.ids.push_back(m_plan.ids[static_cast<std::size_t>(m_plan.rowOf(token.segment, token.offset))]);
    ++targets.first[m_scoredRow[i] + 1];
  }
  for (std::size_t r = 0; r < m_rows.size(); ++r) targets.first[r + 1] += targets.first[r];
  const HeadRows scores = scoreRows(m_decoder, states.data(), static_cast<std::int64_t>(stack.slots.size()), targets, m_context.threadCount());
  for (std::size_t slot = 0; slot < stack.slots.size(); ++slot)
    for (std::size_t t = 0; t < order.size(); ++t) {
      const std::size_t scored = order[t], row = slot * m_rows.size() + m_scoredRow[scored];
      const double logit = static_cast<double>(scores.targetLogits[slot * order.size() + t]);
      const double logProb = logit - scores.logSum[row];
      if (!std::isfinite(logProb))
        throw Error("LAC-2002", "The log-probability of token " + std::to_string(targets.ids[t]) + " is not finite");
      for (const int arm : stack.slots[slot].arms) {
        m_result.logProbs[static_cast<std::size_t>(arm)][scored] = static_cast<float>(logProb);
        if (m_request.greedy) m_result.isGreedy[static_cast<std::size_t>(arm)][scored] = scores.best[row] == targets.ids[t];
      }
    }
}

void Run::giveLogits(const Stack& stack, const AlignedFloats& states) {
  const std::int64_t inner = m_decoder.head.inputs();
  const auto count = static_cast<std::int64_t>(m_logitsRow.size());
  AlignedFloats asked(count * inner);
  for (std::size_t slot = 0; slot < stack.slots.size(); ++slot) {
    for (std::size_t i = 0; i < m_logitsRow.size(); ++i)
      std::copy_n(states.data() + static_cast<std::int64_t>(slot * m_rows.size() + m_logitsRow[i]) * inner, inner,
                  asked.data() + static_cast<std::int64_t>(i) * inner);
    MatrixF& logits = m_result.logits[static_cast<std::size_t>(stack.slots[slot].arms.front())];
    fullLogits(m_decoder, asked.data(), count, logits.data(), m_context.threadCount());
    for (const int arm : std::span(stack.slots[slot].arms).subspan(1)) m_result.logits[static_cast<std::size_t>(arm)] = logits;
  }
}

}  // namespace

ForwardResult forward(const Model& model, const Forest& forest, std::span<const Arm> arms, const ForwardRequest& request,
                      const RunContext& context) {
  if (mustUnshare(model.decoder(), forest)) return forwardUnshared(model, forest, arms, request, context);
  return Run(model, forest, arms, request, context).run();
}

}  // namespace lacuna::model

#include "forward_run.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "head.h"
#include "lacuna/base/error.h"

namespace lacuna::model {
namespace {

constexpr std::int64_t stackedRows = 4096;  // rows of one stack; bounds memory, never changes a bit

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

}  // namespace

ForwardRun::ForwardRun(const Model& model, const Forest& forest, std::span<const Arm> arms, const ForwardRequest& request, const RunContext& context)
    : m_decoder(model.decoder()), m_info(model.info()), m_ropes(m_decoder.rope), m_plan(planForest(m_decoder, forest, m_ropes)), m_arms(arms),
      m_request(request), m_context(context), m_totals(noTotals(arms)),
      m_hooks(m_plan, arms, request.captures, m_result.captured, m_totals, context.threadCount()), m_keys(m_decoder, m_plan),
      m_engine(m_decoder, m_plan, m_hooks, m_keys, context.threadCount()) {
  collectRows();
  prepareResult();
  findEnd();
  Stack::Slot clean;
  for (std::size_t a = 0; a < arms.size(); ++a) clean.arms.push_back(static_cast<int>(a));
  m_trunk.slots.push_back(clean);
}

void ForwardRun::collectRows() {
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

void ForwardRun::prepareResult() {
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

void ForwardRun::checkLayer(LayerIndex layer, const char* what) const {
  if (!layer.valid() || layer.index() >= m_decoder.layers.size())
    throw Error("LAC-1004", std::string(what) + " names layer " + std::to_string(layer.value) + "; the model has layers 0 to " +
                                std::to_string(m_decoder.layers.size() - 1));
}

bool ForwardRun::anyPartsAt(const Parting& parting) const {
  return std::any_of(m_partings.begin(), m_partings.end(), [&](const auto& p) { return p && *p == parting; });
}

// Nothing above the last state that anyone reads is computed.
void ForwardRun::findEnd() {
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
std::vector<std::int32_t> ForwardRun::keptAfter(std::size_t layer, const Stack& stack) const {
  if (layer + 1 < m_decoder.layers.size() || m_rows.empty() || m_hooks.wantedIn(layer, stack)) return {};
  return m_rows;
}

void ForwardRun::runTrunk(std::size_t layer) {
  partHere({layer, Parting::Stage::LayerStart}, nullptr);
  if (trunkEmpty()) return;
  const bool middle = anyPartsAt({layer, Parting::Stage::MlpMiddle}), end = anyPartsAt({layer, Parting::Stage::LayerEnd});
  MlpFork fork;
  m_engine.run(m_trunk, layer, middle || end ? std::vector<std::int32_t>() : keptAfter(layer, m_trunk), middle ? &fork : nullptr);
  partHere({layer, Parting::Stage::MlpMiddle}, &fork);
  partHere({layer, Parting::Stage::LayerEnd}, nullptr);
}

void ForwardRun::partHere(const Parting& here, const MlpFork* fork) {
  std::vector<int> leaving;
  auto& staying = m_trunk.slots.front().arms;
  for (const int arm : staying)
    if (m_partings[static_cast<std::size_t>(arm)] == here) leaving.push_back(arm);
  std::erase_if(staying, [&](int arm) { return m_partings[static_cast<std::size_t>(arm)] == here; });
  const auto atOnce = static_cast<std::size_t>(std::max<std::int64_t>(1, stackedRows / m_plan.tokens()));
  for (std::size_t first = 0; first < leaving.size(); first += atOnce) {
    m_context.checkpoint();
    Branch made = branch(std::span(leaving).subspan(first, std::min(atOnce, leaving.size() - first)), here, fork);
    if (m_together) m_branches.push_back(std::move(made));
    else climb(made);
  }
}

ForwardRun::Branch ForwardRun::branch(std::span<const int> arms, const Parting& here, const MlpFork* fork) {
  Branch made;
  Stack& stack = made.stack;
  stack.tokens = m_trunk.tokens;
  for (const int arm : arms) stack.slots.push_back({{arm}, true});
  stack.x = AlignedFloats(stack.rows() * m_decoder.width);
  const std::int64_t floats = stack.perSlot() * m_decoder.width;
  made.next = here.layer;
  if (here.stage == Parting::Stage::MlpMiddle) {
    m_engine.resume(stack, made.next++, *fork);
    return made;
  }
  for (std::size_t slot = 0; slot < arms.size(); ++slot)
    std::copy_n(m_trunk.x.data(), floats, stack.x.data() + static_cast<std::int64_t>(slot) * floats);
  if (here.stage == Parting::Stage::LayerEnd) m_hooks.visit(Site::ResidPost, made.next++, stack, 0, stack.rows(), stack.x.data(), m_decoder.width);
  return made;
}

void ForwardRun::climb(Branch& branch) {
  for (; branch.next < m_end; ++branch.next) {
    m_context.checkpoint();
    m_engine.run(branch.stack, branch.next, keptAfter(branch.next, branch.stack));
  }
  conclude(branch.stack);
}

void ForwardRun::begin() {
  m_together = true;
  m_engine.embed(m_trunk);
}

void ForwardRun::advance(std::size_t layer) {
  if (layer >= m_end) return;
  m_context.checkpoint();
  if (!trunkEmpty()) runTrunk(layer);
  for (Branch& branch : m_branches) {
    if (branch.next != layer) continue;
    m_context.checkpoint();
    m_engine.run(branch.stack, branch.next++, keptAfter(layer, branch.stack));
  }
  m_engine.releaseBuffers();
  m_keys.releaseBuffers();
}

ForwardResult ForwardRun::finish() {
  if (!trunkEmpty()) conclude(m_trunk);
  for (Branch& branch : m_branches) conclude(branch.stack);
  return result();
}

ForwardResult ForwardRun::run() {
  m_engine.embed(m_trunk);
  for (std::size_t layer = 0; layer < m_end && !trunkEmpty(); ++layer) {
    m_context.checkpoint();
    runTrunk(layer);
  }
  if (!trunkEmpty()) conclude(m_trunk);
  return result();
}

ForwardResult ForwardRun::result() {
  for (std::size_t a = 0; a < m_arms.size(); ++a) m_result.edits[a] = sumOf(m_totals[a]);
  return std::move(m_result);
}

std::uint64_t ForwardRun::bytes(const Model& model, const Forest& forest, std::span<const Arm> arms, const ForwardRequest& request) {
  const Decoder& d = model.decoder();
  std::uint64_t tokens = 0, captured = 0;
  for (const Segment& segment : forest) tokens += segment.ids.size();
  for (const Capture& capture : request.captures) captured += tokens * static_cast<std::uint64_t>(model.info().siteWidth(capture.site));
  const auto width = static_cast<std::uint64_t>(d.width), count = static_cast<std::uint64_t>(arms.size());
  const std::uint64_t stacked = std::min(tokens * count, std::max(tokens, static_cast<std::uint64_t>(stackedRows)));
  const auto attention = static_cast<std::uint64_t>((d.heads + 3 * d.kvHeads) * d.headDim);      // queries; keys twice, values once
  const std::uint64_t logits = request.logitsAt.size() * static_cast<std::uint64_t>(d.vocabulary);
  const std::uint64_t mlp = std::min<std::uint64_t>(stacked, 480) * static_cast<std::uint64_t>(d.mlpWidth + d.width);
  return 4 * ((count + 1) * tokens * width + count * (captured + logits) + stacked * attention + mlp);
}

void ForwardRun::conclude(Stack& stack) {
  m_engine.checkFinite(stack, m_end == 0 ? 0 : m_end - 1);
  if (m_end < m_decoder.layers.size()) return;
  const AlignedFloats states = m_engine.finalStates(stack, m_rows);
  if (!m_request.scored.empty()) giveScores(stack, states);
  if (!m_request.logitsAt.empty()) giveLogits(stack, states);
}

void ForwardRun::giveScores(const Stack& stack, const AlignedFloats& states) {
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

void ForwardRun::giveLogits(const Stack& stack, const AlignedFloats& states) {
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

}  // namespace lacuna::model

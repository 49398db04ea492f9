#include <algorithm>

#include "engine.h"
#include "head.h"
#include "lacuna/base/error.h"
#include "lacuna/model/forward.h"

namespace lacuna::model {
namespace {

constexpr std::int64_t cacheBytes = std::int64_t{1} << 30;   // keys and values of the prompts that run together
constexpr std::size_t worthSharing = 16;                     // tokens of a common beginning

using Ids = std::vector<std::int32_t>;

/// Longest common beginning that leaves every prompt a token of its own.
std::size_t commonBeginning(std::span<const Ids> prompts) {
  std::size_t length = prompts.front().size() - 1;
  for (const Ids& prompt : prompts) {
    length = std::min(length, prompt.size() - 1);
    length = static_cast<std::size_t>(std::mismatch(prompt.begin(), prompt.begin() + static_cast<std::ptrdiff_t>(length), prompts.front().begin()).first -
                                      prompt.begin());
  }
  return prompts.size() > 1 && length >= worthSharing ? length : 0;
}

/// Prompts that are continued together, one token a step.
class Generation {
 public:
  Generation(const Decoder& decoder, std::span<const Ids> prompts, const Arm& arm, const GenerateOptions& options, const RunContext& context)
      : m_decoder(decoder), m_prompts(prompts), m_arm(arm), m_options(options), m_context(context), m_ropes(decoder.rope),
        m_cache(decoder, prompts.size()), m_totals(noTotals(std::span(&arm, 1))), m_new(prompts.size()) {
    for (std::size_t i = 0; i < prompts.size(); ++i) m_active.push_back(i);
  }

  std::vector<Ids> run() {
    if (m_options.maxNewTokens <= 0) return m_new;
    take(readPrompts());
    while (!m_active.empty()) take(step());
    return m_new;
  }
  const EditTotals& totals() const { return m_totals; }

 private:
  Ids readPrompts();
  Ids step();
  Ids next(const ForestPlan& plan, std::vector<int> sequences, const std::vector<std::int32_t>& lastRows);
  void take(const Ids& chosen);
  bool ended(std::size_t sequence) const;

  const Decoder& m_decoder;
  std::span<const Ids> m_prompts;
  const Arm& m_arm;
  const GenerateOptions& m_options;
  const RunContext& m_context;
  RopeTables m_ropes;
  KeyCache m_cache;
  EditTotals m_totals;
  std::vector<Ids> m_new;
  std::vector<std::size_t> m_active;
};

Ids Generation::readPrompts() {
  const std::size_t shared = m_decoder.rope.scaling == Rope::Scaling::Dynamic ? 0 : commonBeginning(m_prompts);
  const auto split = [&](const Ids& prompt) { return prompt.begin() + static_cast<std::ptrdiff_t>(shared); };
  Forest forest;
  std::vector<int> sequences;
  if (shared > 0) {
    forest.push_back({Ids(m_prompts.front().begin(), split(m_prompts.front())), -1, false});
    sequences.push_back(-1);
  }
  for (std::size_t i = 0; i < m_prompts.size(); ++i) {
    forest.push_back({Ids(split(m_prompts[i]), m_prompts[i].end()), shared > 0 ? 0 : -1, false});
    sequences.push_back(static_cast<int>(i));
  }
  const ForestPlan plan = planForest(m_decoder, forest, m_ropes);
  std::vector<std::int32_t> lastRows;
  for (std::size_t p = shared > 0 ? 1 : 0; p < plan.pieces.size(); ++p)
    lastRows.push_back(static_cast<std::int32_t>(plan.pieces[p].row + plan.pieces[p].length - 1));
  return next(plan, std::move(sequences), lastRows);
}

Ids Generation::step() {
  Forest forest;
  std::vector<int> sequences;
  std::vector<std::int64_t> starts;
  std::vector<std::int32_t> rows;
  for (const std::size_t sequence : m_active) {
    rows.push_back(static_cast<std::int32_t>(forest.size()));
    forest.push_back({{m_new[sequence].back()}, -1, true});
    sequences.push_back(static_cast<int>(sequence));
    starts.push_back(static_cast<std::int64_t>(m_prompts[sequence].size() + m_new[sequence].size()) - 1);
  }
  return next(planForest(m_decoder, forest, m_ropes, starts), std::move(sequences), rows);
}

Ids Generation::next(const ForestPlan& plan, std::vector<int> sequences, const std::vector<std::int32_t>& lastRows) {
  m_context.checkpoint();
  m_cache.setPieces(plan, std::move(sequences));
  std::vector<std::vector<MatrixF>> nothingCaptured;
  Hooks hooks(plan, std::span(&m_arm, 1), {}, nothingCaptured, m_totals, m_context.threadCount());
  Engine engine(m_decoder, plan, hooks, m_cache, m_context.threadCount());
  Stack stack;
  stack.slots.push_back({{0}, !m_arm.edits.empty()});
  engine.embed(stack);
  for (std::size_t layer = 0; layer < m_decoder.layers.size(); ++layer) {
    const bool lastOnly = layer + 1 == m_decoder.layers.size() && !hooks.wantedIn(layer, stack);
    engine.run(stack, layer, lastOnly ? lastRows : std::vector<std::int32_t>());
  }
  engine.checkFinite(stack, m_decoder.layers.size() - 1);
  const AlignedFloats states = engine.finalStates(stack, lastRows);
  RowTargets none;
  none.first.assign(lastRows.size() + 1, 0);
  return scoreRows(m_decoder, states.data(), 1, none, m_context.threadCount()).best;
}

bool Generation::ended(std::size_t sequence) const {
  const Ids& made = m_new[sequence];
  if (static_cast<int>(made.size()) >= m_options.maxNewTokens) return true;
  if (std::find(m_options.stopIds.begin(), m_options.stopIds.end(), made.back()) != m_options.stopIds.end()) return true;
  if (m_options.stop && m_options.stop(made)) return true;
  if (m_decoder.positionTable.empty()) return false;
  const auto positions = static_cast<std::int64_t>(m_decoder.positionTable.size()) / m_decoder.width - m_decoder.positionOffset;
  return static_cast<std::int64_t>(m_prompts[sequence].size() + made.size()) > positions;
}

void Generation::take(const Ids& chosen) {
  std::vector<std::size_t> going;
  for (std::size_t i = 0; i < m_active.size(); ++i) {
    m_new[m_active[i]].push_back(chosen[i]);
    if (ended(m_active[i])) m_cache.forget(m_active[i]);
    else going.push_back(m_active[i]);
  }
  m_active = std::move(going);
}

}  // namespace

std::vector<std::vector<std::int32_t>> generateGreedy(const Model& model, std::span<const std::vector<std::int32_t>> prompts, const Arm& arm,
                                                      const GenerateOptions& options, const RunContext& context, EditReport* report) {
  const Decoder& decoder = model.decoder();
  if (decoder.head.empty()) throw Error("LAC-1004", model.info().architecture + " is a bare body: it has no head to choose tokens with");
  for (const auto& edit : arm.edits)
    if (edit->site() != Site::LastHidden && (!edit->layer().valid() || edit->layer().index() >= decoder.layers.size()))
      throw Error("LAC-1004", "An edit names layer " + std::to_string(edit->layer().value) + "; the model has " +
                                  std::to_string(decoder.layers.size()) + " layers");
  for (std::size_t i = 0; i < prompts.size(); ++i)
    if (prompts[i].empty()) throw Error("LAC-1004", "Prompt " + std::to_string(i) + " has no tokens; at least one is expected");
  const std::int64_t tokenBytes = std::max<std::int64_t>(1, KeyCache::bytesPerToken(decoder));
  const std::int64_t mostBytes = model.passBytes() ? std::min(cacheBytes, static_cast<std::int64_t>(model.passBytes() / 2)) : cacheBytes;
  std::vector<Ids> out;
  EditReport total;
  for (std::size_t first = 0; first < prompts.size();) {
    std::size_t last = first;
    for (std::int64_t bytes = 0; last < prompts.size(); ++last) {
      bytes += (static_cast<std::int64_t>(prompts[last].size()) + options.maxNewTokens) * tokenBytes;
      if (bytes > mostBytes && last > first) break;
    }
    Generation group(decoder, prompts.subspan(first, last - first), arm, options, context);
    for (Ids& ids : group.run()) out.push_back(std::move(ids));
    total += sumOf(group.totals().front());
    first = last;
    context.report("Generating", first, prompts.size());
  }
  if (report) *report = total;
  return out;
}

}  // namespace lacuna::model

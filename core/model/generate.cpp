#include <algorithm>
#include <map>
#include <numeric>

#include "engine.h"
#include "head.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/model/forward.h"

namespace lacuna::model {
namespace {

constexpr std::int64_t cacheBytes = std::int64_t{1} << 30;   // keys and values of the texts that grow together
constexpr std::size_t textsAtOnce = 96;                      // so many grow together; more gain little
constexpr std::size_t rowsOfLogits = 64;                     // full rows of logits that are held at once
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

/// Whose keys lie where: the beginning that all share, the prompts (each once), and what is said after a prompt that comes several times.
struct Chains {
  std::size_t shared = 0;                           ///< tokens of chain 0, when there is one
  std::vector<int> parents;                         ///< [chain]
  std::vector<std::vector<std::size_t>> repeats;    ///< [distinct prompt] its sequences, by their first
  std::vector<int> promptChain;                     ///< [distinct prompt]
  std::vector<int> ownChain;                        ///< [sequence]
};

Chains chainsOf(std::span<const Ids> prompts, bool share) {
  Chains out;
  out.shared = share ? commonBeginning(prompts) : 0;
  const int top = out.shared > 0 ? 0 : -1;
  if (out.shared > 0) out.parents.push_back(-1);
  std::map<std::span<const std::int32_t>, std::size_t, decltype([](auto a, auto b) { return std::ranges::lexicographical_compare(a, b); })> known;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    const auto [it, isNew] = known.emplace(prompts[i], out.repeats.size());
    if (isNew || !share) out.repeats.emplace_back();
    out.repeats[share ? it->second : i].push_back(i);
  }
  out.ownChain.resize(prompts.size());
  for (const auto& sequences : out.repeats) {
    const int chain = static_cast<int>(out.parents.size());
    out.parents.push_back(top);
    out.promptChain.push_back(chain);
    for (const std::size_t sequence : sequences) {
      out.ownChain[sequence] = sequences.size() > 1 ? static_cast<int>(out.parents.size()) : chain;
      if (sequences.size() > 1) out.parents.push_back(chain);
    }
  }
  return out;
}

/// Prompts that are continued one token a step. As texts end, others take their place.
class Generation {
 public:
  Generation(const Model& model, std::span<const Ids> prompts, const Arm& arm, const GenerateOptions& options, const RunContext& context)
      : m_decoder(model.decoder()), m_prompts(prompts), m_arm(arm), m_options(options), m_context(context), m_ropes(m_decoder.rope),
        m_chains(chainsOf(prompts, m_decoder.rope.scaling != Rope::Scaling::Dynamic)), m_cache(m_decoder, m_chains.parents),
        m_totals(noTotals(std::span(&arm, 1))), m_new(prompts.size()) {
    for (const auto& sequences : m_chains.repeats) m_left.push_back(sequences.size());
    const std::int64_t most = model.passBytes() ? std::min(cacheBytes, static_cast<std::int64_t>(model.passBytes() / 2)) : cacheBytes;
    m_room = most / std::max<std::int64_t>(1, KeyCache::bytesPerToken(m_decoder));
    if (!options.sampling) return;
    for (std::size_t i = 0; i < prompts.size(); ++i) m_draws.emplace_back(options.sampling->seed, options.sampling->stream, options.draws[i]);
  }

  std::vector<Ids> run() {
    while (m_nextPrompt < m_chains.repeats.size() || !m_active.empty()) {
      if (const std::vector<std::size_t> fresh = admitted(); !fresh.empty()) readPrompts(fresh);
      else step();
    }
    return m_new;
  }
  const EditTotals& totals() const { return m_totals; }

 private:
  struct Text { std::size_t sequence, prompt; };
  /// Texts that want a token, and the row of the forest that each reads it from.
  struct Wanted { std::vector<Text> texts; std::vector<std::size_t> row; std::vector<std::int32_t> rows; };

  std::int64_t needOf(std::size_t prompt) const;
  std::vector<std::size_t> admitted();
  void readPrompts(const std::vector<std::size_t>& prompts);
  void step();
  void next(const ForestPlan& plan, std::vector<int> chains, const Wanted& wanted);
  Ids choose(const AlignedFloats& states, const Wanted& wanted);
  Ids draw(const AlignedFloats& states, const Wanted& wanted);
  bool ended(std::size_t sequence) const;
  void take(const Text& text, std::int32_t id, std::vector<Text>& going);

  const Decoder& m_decoder;
  std::span<const Ids> m_prompts;
  const Arm& m_arm;
  const GenerateOptions& m_options;
  const RunContext& m_context;
  RopeTables m_ropes;
  Chains m_chains;
  KeyCache m_cache;
  EditTotals m_totals;
  std::vector<Ids> m_new;
  std::vector<Rng> m_draws;            ///< [sequence]
  std::vector<std::size_t> m_left;     ///< [distinct prompt] texts that are not yet ended
  std::vector<Text> m_active;
  std::size_t m_nextPrompt = 0, m_done = 0;
  std::int64_t m_room = 0, m_held = 0; ///< tokens that the cache may hold; those promised
  bool m_sharedRead = false;
};

/// Tokens that a prompt and its texts may come to hold, without the shared beginning.
std::int64_t Generation::needOf(std::size_t prompt) const {
  const auto& sequences = m_chains.repeats[prompt];
  const auto own = static_cast<std::int64_t>(m_prompts[sequences.front()].size() - m_chains.shared);
  return own + static_cast<std::int64_t>(sequences.size()) * m_options.maxNewTokens;
}

/// The prompts to be read now: none while few places are free.
std::vector<std::size_t> Generation::admitted() {
  std::vector<std::size_t> fresh;
  std::size_t texts = m_active.size();
  if (!m_active.empty() && texts + textsAtOnce / 4 > textsAtOnce) return fresh;
  while (m_nextPrompt < m_chains.repeats.size()) {
    const std::size_t count = m_chains.repeats[m_nextPrompt].size();
    const bool fits = texts + count <= textsAtOnce && m_held + needOf(m_nextPrompt) <= m_room;
    if (!fits && texts > 0) break;
    texts += count;
    m_held += needOf(m_nextPrompt);
    fresh.push_back(m_nextPrompt++);
  }
  return fresh;
}

void Generation::readPrompts(const std::vector<std::size_t>& prompts) {
  const auto shared = static_cast<std::ptrdiff_t>(m_chains.shared);
  const bool withShared = shared > 0 && !m_sharedRead;
  Forest forest;
  std::vector<int> chains;
  std::vector<std::int64_t> starts;
  if (withShared) {
    forest.push_back({Ids(m_prompts.front().begin(), m_prompts.front().begin() + shared), -1, false});
    chains.push_back(0);
  }
  m_sharedRead = true;
  for (const std::size_t prompt : prompts) {
    const Ids& ids = m_prompts[m_chains.repeats[prompt].front()];
    forest.push_back({Ids(ids.begin() + shared, ids.end()), withShared ? 0 : -1, false});
    chains.push_back(m_chains.promptChain[prompt]);
    if (!withShared) starts.push_back(shared);
  }
  const ForestPlan plan = planForest(m_decoder, forest, m_ropes, starts);
  Wanted wanted;
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    const ForestPlan::Piece& piece = plan.pieces[i + (withShared ? 1 : 0)];
    wanted.rows.push_back(static_cast<std::int32_t>(piece.row + piece.length - 1));
    for (const std::size_t sequence : m_chains.repeats[prompts[i]]) {
      wanted.texts.push_back({sequence, prompts[i]});
      wanted.row.push_back(i);
    }
  }
  next(plan, std::move(chains), wanted);
}

void Generation::step() {
  Forest forest;
  std::vector<int> chains;
  std::vector<std::int64_t> starts;
  Wanted wanted;
  wanted.texts = std::move(m_active);
  m_active.clear();
  for (const Text& text : wanted.texts) {
    wanted.row.push_back(forest.size());
    wanted.rows.push_back(static_cast<std::int32_t>(forest.size()));
    forest.push_back({{m_new[text.sequence].back()}, -1, true});
    chains.push_back(m_chains.ownChain[text.sequence]);
    starts.push_back(static_cast<std::int64_t>(m_prompts[text.sequence].size() + m_new[text.sequence].size()) - 1);
  }
  next(planForest(m_decoder, forest, m_ropes, starts), std::move(chains), wanted);
}

void Generation::next(const ForestPlan& plan, std::vector<int> chains, const Wanted& wanted) {
  m_context.checkpoint();
  m_cache.setPieces(plan, std::move(chains));
  std::vector<std::vector<MatrixF>> nothingCaptured;
  Hooks hooks(plan, std::span(&m_arm, 1), {}, nothingCaptured, m_totals, m_context.threadCount());
  Engine engine(m_decoder, plan, hooks, m_cache, m_context.threadCount());
  Stack stack;
  stack.slots.push_back({{0}, !m_arm.edits.empty()});
  engine.embed(stack);
  for (std::size_t layer = 0; layer < m_decoder.layers.size(); ++layer) {
    const bool lastOnly = layer + 1 == m_decoder.layers.size() && !hooks.wantedIn(layer, stack);
    engine.run(stack, layer, lastOnly ? wanted.rows : std::vector<std::int32_t>());
  }
  engine.checkFinite(stack, m_decoder.layers.size() - 1);
  const AlignedFloats states = engine.finalStates(stack, wanted.rows);
  const Ids chosen = m_options.sampling ? draw(states, wanted) : choose(states, wanted);
  std::vector<Text> going = std::move(m_active);
  for (std::size_t i = 0; i < wanted.texts.size(); ++i) take(wanted.texts[i], chosen[i], going);
  m_active = std::move(going);
  m_context.report("Generating", m_done, m_prompts.size());
}

Ids Generation::choose(const AlignedFloats& states, const Wanted& wanted) {
  RowTargets none;
  none.first.assign(wanted.rows.size() + 1, 0);
  const std::vector<std::int32_t> best = scoreRows(m_decoder, states.data(), 1, none, m_context.threadCount()).best;
  Ids chosen;
  for (const std::size_t row : wanted.row) chosen.push_back(best[row]);
  return chosen;
}

Ids Generation::draw(const AlignedFloats& states, const Wanted& wanted) {
  const std::int64_t vocabulary = m_decoder.vocabulary, inner = m_decoder.head.inputs();
  Ids chosen(wanted.texts.size());
  AlignedFloats logits(static_cast<std::int64_t>(std::min(rowsOfLogits, wanted.rows.size())) * vocabulary);
  for (std::size_t first = 0, text = 0; first < wanted.rows.size(); first += rowsOfLogits) {
    const std::size_t count = std::min(rowsOfLogits, wanted.rows.size() - first);
    fullLogits(m_decoder, states.data() + static_cast<std::int64_t>(first) * inner, static_cast<std::int64_t>(count), logits.data(), m_context.threadCount());
    std::size_t end = text;
    while (end < wanted.row.size() && wanted.row[end] < first + count) ++end;
    parallelFor(static_cast<std::int64_t>(end - text), m_context.threadCount(), 1, [&](std::int64_t from, std::int64_t to) {
      for (std::size_t i = text + static_cast<std::size_t>(from); i < text + static_cast<std::size_t>(to); ++i) {
        const float* const row = logits.data() + static_cast<std::int64_t>(wanted.row[i] - first) * vocabulary;
        chosen[i] = drawnToken({row, static_cast<std::size_t>(vocabulary)}, *m_options.sampling, m_draws[wanted.texts[i].sequence].uniform());
      }
    });
    text = end;
  }
  return chosen;
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

void Generation::take(const Text& text, std::int32_t id, std::vector<Text>& going) {
  m_new[text.sequence].push_back(id);
  if (!ended(text.sequence)) {
    going.push_back(text);
    return;
  }
  ++m_done;
  m_cache.forget(static_cast<std::size_t>(m_chains.ownChain[text.sequence]));
  if (--m_left[text.prompt] > 0) return;
  m_cache.forget(static_cast<std::size_t>(m_chains.promptChain[text.prompt]));
  m_held -= needOf(text.prompt);
}

void check(const Model& model, std::span<const Ids> prompts, const Arm& arm, const GenerateOptions& options) {
  const Decoder& decoder = model.decoder();
  if (decoder.head.empty()) throw Error("LAC-1004", model.info().architecture + " is a bare body: it has no head to choose tokens with");
  for (const auto& edit : arm.edits)
    if (edit->site() != Site::LastHidden && (!edit->layer().valid() || edit->layer().index() >= decoder.layers.size()))
      throw Error("LAC-1004", "An edit names layer " + std::to_string(edit->layer().value) + "; the model has " +
                                  std::to_string(decoder.layers.size()) + " layers");
  for (std::size_t i = 0; i < prompts.size(); ++i)
    if (prompts[i].empty()) throw Error("LAC-1004", "Prompt " + std::to_string(i) + " has no tokens; at least one is expected");
  if (!options.sampling) return;
  const Sampling& s = *options.sampling;
  if (!(s.temperature > 0) || !(s.topP > 0 && s.topP <= 1) || s.topK < 0)
    throw Error("LAC-1004", "Sampling with temperature " + std::to_string(s.temperature) + ", top-p " + std::to_string(s.topP) + ", top-k " +
                                std::to_string(s.topK) + ": a temperature above 0, top-p above 0 and at most 1, top-k of 0 or more are expected");
  if (options.draws.size() != prompts.size())
    throw Error("LAC-1004", std::to_string(options.draws.size()) + " streams of draws for " + std::to_string(prompts.size()) + " prompts");
}

}  // namespace

std::vector<std::vector<std::int32_t>> generate(const Model& model, std::span<const std::vector<std::int32_t>> prompts, const Arm& arm,
                                                const GenerateOptions& options, const RunContext& context, EditReport* report) {
  check(model, prompts, arm, options);
  if (report) *report = {};
  if (prompts.empty() || options.maxNewTokens <= 0) return std::vector<Ids>(prompts.size());
  Generation generation(model, prompts, arm, options, context);
  std::vector<Ids> made = generation.run();
  if (report) *report = sumOf(generation.totals().front());
  return made;
}

}  // namespace lacuna::model

#include "forest_plan.h"

#include <algorithm>
#include <atomic>
#include <string>

#include "lacuna/base/error.h"
#include "lacuna/base/log.h"

namespace lacuna::model {
namespace {

Error badInput(const std::string& message, const std::string& hint = {}) { return {"LAC-1004", message, hint}; }

void checkSegment(const Decoder& decoder, const Forest& forest, std::size_t index) {
  const Segment& segment = forest[index];
  const std::string where = "Segment " + std::to_string(index);
  if (segment.ids.empty()) throw badInput(where + " has no tokens; at least one is expected");
  if (segment.parent >= static_cast<int>(index)) throw badInput(where + " names a parent that does not come before it");
  for (const std::int32_t id : segment.ids)
    if (id < 0 || id >= decoder.vocabulary)
      throw badInput(where + ": token id " + std::to_string(id) + " is outside the model's vocabulary of " +
                         std::to_string(decoder.vocabulary) + " rows",
                     "the tokenizer belongs to another model");
}

void checkPositions(const Decoder& decoder, std::size_t index, std::int64_t end) {
  if (decoder.positionTable.empty()) return;
  const std::int64_t limit = static_cast<std::int64_t>(decoder.positionTable.size()) / decoder.width - decoder.positionOffset;
  if (end > limit)
    throw badInput("Segment " + std::to_string(index) + " ends at position " + std::to_string(end) + "; the model has learned positions for " +
                       std::to_string(limit) + " tokens",
                   "shorten the text or use fewer examples in the prompt");
}

/// Rotary positions have no end, but the model has seen only so many of them: said once.
void warnOfLength(const Decoder& decoder, std::int64_t longest) {
  static std::atomic<bool> said{false};
  const Rope& rope = decoder.rope;
  const bool plain = rope.scaling == Rope::Scaling::None || rope.scaling == Rope::Scaling::Linear;   // the other kinds are made for longer texts
  if (rope.dims == 0 || !plain || rope.originalPositions <= 0 || static_cast<double>(longest) <= rope.originalPositions ||
      said.exchange(true))
    return;
  log::warning("A text of " + std::to_string(longest) + " tokens is longer than the " +
               std::to_string(static_cast<std::int64_t>(rope.originalPositions)) +
               " positions the model was trained on; its scores beyond them mean little");
}

/// Longest text that runs through each segment.
std::vector<std::int64_t> textLengths(const Forest& forest, const std::vector<std::int64_t>& starts) {
  std::vector<std::int64_t> ends(forest.size()), longest;
  for (std::size_t i = 0; i < forest.size(); ++i) {
    const std::int64_t start = forest[i].parent >= 0 ? ends[static_cast<std::size_t>(forest[i].parent)] : 0;
    ends[i] = (starts.empty() ? start : starts[i]) + static_cast<std::int64_t>(forest[i].ids.size());
  }
  longest = ends;
  for (std::size_t i = forest.size(); i-- > 0;)
    if (forest[i].parent >= 0) {
      std::int64_t& parent = longest[static_cast<std::size_t>(forest[i].parent)];
      parent = std::max(parent, longest[i]);
    }
  return longest;
}

/// A prompt part ends where no prompt goes on, or where an answer branches off.
std::vector<std::uint8_t> endsPrompt(const Forest& forest) {
  std::vector<std::uint8_t> promptChild(forest.size()), answerChild(forest.size()), out(forest.size());
  for (const Segment& segment : forest)
    if (segment.parent >= 0) (segment.answer ? answerChild : promptChild)[static_cast<std::size_t>(segment.parent)] = 1;
  for (std::size_t i = 0; i < forest.size(); ++i) out[i] = !forest[i].answer && (answerChild[i] || !promptChild[i]);
  return out;
}

}  // namespace

std::int64_t ForestPlan::predictorOf(int segment, int offset) const {
  const Piece& piece = pieces[static_cast<std::size_t>(segment)];
  if (offset > 0) return piece.row + offset - 1;
  if (piece.chain.size() < 2) return -1;
  const Piece& parent = pieces[static_cast<std::size_t>(piece.chain[piece.chain.size() - 2])];
  return parent.row + parent.length - 1;
}

bool ForestPlan::selects(const Edit& edit, std::int64_t row) const {
  const auto at = static_cast<std::size_t>(row);
  if (first[at] && !edit.includeFirst()) return false;
  switch (edit.tokens()) {
    case TokenScope::All: return true;
    case TokenScope::Prompt: return !answer[at];
    case TokenScope::Answer: return answer[at] != 0;
    case TokenScope::Last: return lastOfPrompt[at] != 0;
  }
  return false;
}

ForestPlan planForest(const Decoder& decoder, const Forest& forest, RopeTables& ropes, const std::vector<std::int64_t>& startPositions) {
  ForestPlan plan;
  plan.pieces.resize(forest.size());
  const auto lastPieces = endsPrompt(forest);
  for (std::size_t i = 0; i < forest.size(); ++i) {
    checkSegment(decoder, forest, i);
    const Segment& segment = forest[i];
    ForestPlan::Piece& piece = plan.pieces[i];
    piece.row = plan.tokens();
    piece.length = static_cast<std::int64_t>(segment.ids.size());
    if (segment.parent >= 0) {
      const ForestPlan::Piece& parent = plan.pieces[static_cast<std::size_t>(segment.parent)];
      piece.chain = parent.chain;
      piece.position = parent.position + parent.length;
    }
    if (!startPositions.empty()) piece.position = startPositions[i];
    piece.chain.push_back(static_cast<int>(i));
    checkPositions(decoder, i, piece.position + piece.length);
    for (std::int64_t t = 0; t < piece.length; ++t) {
      plan.ids.push_back(segment.ids[static_cast<std::size_t>(t)]);
      plan.positions.push_back(static_cast<std::int32_t>(piece.position + t));
      plan.pieceOf.push_back(static_cast<std::int32_t>(i));
      plan.answer.push_back(segment.answer);
      plan.lastOfPrompt.push_back(lastPieces[i] && t + 1 == piece.length);
      plan.first.push_back(piece.position + t == 0);
    }
  }
  const auto lengths = textLengths(forest, startPositions);
  if (!lengths.empty()) warnOfLength(decoder, *std::max_element(lengths.begin(), lengths.end()));
  for (std::size_t i = 0; i < forest.size(); ++i)
    plan.pieces[i].rope = ropes.prepare(lengths[i], plan.pieces[i].position + plan.pieces[i].length);
  return plan;
}

bool mustUnshare(const Decoder& decoder, const Forest& forest) {
  if (decoder.rope.dims == 0 || decoder.rope.scaling != Rope::Scaling::Dynamic) return false;
  std::vector<int> children(forest.size(), 0);
  for (const Segment& segment : forest)
    if (segment.parent >= 0 && static_cast<std::size_t>(segment.parent) < forest.size()) ++children[static_cast<std::size_t>(segment.parent)];
  if (std::none_of(children.begin(), children.end(), [](int count) { return count > 1; })) return false;
  for (const std::int64_t length : textLengths(forest, {}))
    if (static_cast<double>(length) > decoder.rope.originalPositions) return true;
  return false;
}

}  // namespace lacuna::model

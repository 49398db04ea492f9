#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/model/forward.h"
#include "rope.h"

namespace lacuna::model {

/// Where everything of a forest lies: rows in forest order, positions in their texts, who sees whom.
struct ForestPlan {
  struct Piece {
    std::int64_t row = 0, length = 0, position = 0;  ///< first row, tokens, position of the first token in its text
    std::vector<int> chain;                          ///< ancestors from the root, itself last
    const RopeTable* rope = nullptr;
  };
  std::vector<Piece> pieces;
  std::vector<std::int32_t> ids, positions, pieceOf;       ///< [tokens]
  std::vector<std::uint8_t> answer, lastOfPrompt, first;   ///< [tokens]

  std::int64_t tokens() const { return static_cast<std::int64_t>(ids.size()); }
  std::int64_t rowOf(int segment, int offset) const { return pieces[static_cast<std::size_t>(segment)].row + offset; }
  /// Row whose next-token prediction is the token at (segment, offset); −1 when nothing comes before it.
  std::int64_t predictorOf(int segment, int offset) const;
  bool selects(const Edit& edit, std::int64_t row) const;
};

/// Positions of the first token of a segment when keys of earlier tokens are kept elsewhere (generation): one a segment, else empty.
/// Throws LAC-1004: empty segments, parents that come later, ids outside the vocabulary, texts longer than a learned table.
ForestPlan planForest(const Decoder& decoder, const Forest& forest, RopeTables& ropes,
                      const std::vector<std::int64_t>& startPositions = {});

/// True when texts of different total length may not share a prefix: dynamic rotary scaling beyond the trained length.
bool mustUnshare(const Decoder& decoder, const Forest& forest);

}  // namespace lacuna::model

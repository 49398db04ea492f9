#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna::text {

/// A SentencePiece model file (formats.md 4), as much of it as is needed to build a tokenizer.
struct SentencePieceModel {
  enum class Type { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6 };
  struct Piece {
    std::string text;
    float score = 0;
    Type type = Type::Normal;
  };
  std::vector<Piece> pieces;
  int modelType = 1;                 ///< 1 unigram, 2 BPE, 3 word, 4 character
  std::int64_t unknownId = 0;
  std::string unknownPiece = "<unk>";
  std::string charsMap;              ///< precompiled normaliser; binary, may be empty
};

/// Nothing when the bytes are no SentencePiece model.
std::optional<SentencePieceModel> parseSentencePiece(std::string_view bytes);

}  // namespace lacuna::text

#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/model/decoder.h"

namespace lacuna::model {

struct EncoderLayer {
  Norm attentionNorm, mlpNorm;
  Linear queryKeyValue;              ///< width → queries, keys, values, each heads · headDim
  Linear attentionOut;
  Linear gate, up, down;             ///< gate only in gated MLPs: down(act(gate(x)) · up(x)), otherwise down(act(up(x)))
  std::vector<float> attentionScale, mlpScale;   ///< [width] factors of the two branches; only until they are folded into the products
};

/// dense → activation → norm → product with the vocabulary.
struct MaskedLmHead {
  Linear dense;
  Activation activation = Activation::Gelu;
  Norm norm;
  Linear decoder;                    ///< width → vocabulary, with bias
};

struct ClassHead {
  enum class Input { Pooled, FirstToken, FirstAndPatchMean };
  Input input = Input::FirstToken;
  Linear dense;                      ///< may be empty
  Activation activation = Activation::Tanh;
  Linear out;
};

/// Pictures: patches as tokens.
struct PatchEmbedding {
  std::int64_t channels = 0, size = 0, registers = 0;
  bool antialias = false;            ///< of the interpolated position table
  Linear projection;                 ///< channels · size · size → width
  std::vector<float> classToken;     ///< [width]
  std::vector<float> registerTokens; ///< [registers, width]
};

/// A bidirectional encoder as plain data. One engine runs all of them; a family only fills this in.
struct EncoderNetwork {
  std::int64_t width = 0, heads = 0, headDim = 0, mlpWidth = 0, vocabulary = 0, labels = 0;
  bool preNorm = false;              ///< x + f(norm(x)); otherwise norm(x + f(x))
  Activation activation = Activation::Gelu;
  float epsilon = 1e-12F;            ///< of every norm

  std::int64_t embeddingWidth = 0;   ///< of the tables and their norm; 0: width. Where it differs, embeddingProjection leads to width
  Linear embeddingProjection;        ///< embeddingWidth → width, behind the norm
  std::vector<float> tokenTable;     ///< [vocabulary, tableWidth()]
  bool tableInHead = false;          ///< tied, and the head is there: the token table is the rows of maskedLm.decoder
  std::vector<float> positionTable;  ///< [positions, tableWidth()]; vision: class token, then the grid
  std::int64_t positions = 0;        ///< rows of positionTable
  std::int64_t firstPosition = 0;    ///< row of a text's first token
  std::int32_t padding = -1;         ///< tokens of this id get the row of their id and do not count; −1: every token counts
  std::vector<float> typeTable;      ///< [tokenTypes, tableWidth()]
  std::int64_t tokenTypes = 0;
  Norm embeddingNorm;
  std::int64_t relativeRows = 0;     ///< rows of the stored table of relative biases; 0: none
  std::vector<float> relativeTable;  ///< [relativeRows, heads]
  std::vector<float> relativeBias;   ///< [heads, relativeStride(positions)], made from the table
  PatchEmbedding patches;

  std::vector<EncoderLayer> layers;
  Norm finalNorm;                    ///< of pre-norm networks
  Linear pooler;
  MaskedLmHead maskedLm;
  ClassHead classifier;
  Linear nextSentence;

  bool vision() const { return patches.size > 0; }
  std::int64_t tableWidth() const { return embeddingWidth > 0 ? embeddingWidth : width; }
};

}  // namespace lacuna::model

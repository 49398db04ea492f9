#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "lacuna/model/linear.h"

namespace lacuna::model {

enum class NormKind { None, LayerNorm, RmsNorm };

struct Norm {
  NormKind kind = NormKind::None;
  float epsilon = 1e-5F;
  std::vector<float> weight, bias;   ///< [width]; empty: left out (1 and 0)
};

/// How a block joins its two branches to the stream x (formats.md 2.2 – 2.6).
enum class Residual {
  Sequential,        ///< a = x + attn(n1(x)); a + mlp(n2(a))
  ParallelTwoNorms,  ///< x + attn(n1(x)) + mlp(n2(x))
  ParallelOneNorm,   ///< x + attn(n1(x)) + mlp(n1(x))
  PostNorm,          ///< a = n1(x + attn(x)); n2(a + mlp(a))
};

/// Rotary position embedding (formats.md 2.1).
struct Rope {
  enum class Scaling { None, Linear, Dynamic, Llama3, Yarn };
  std::int64_t dims = 0;             ///< channels of a head that turn; 0: no rotary embedding
  bool interleaved = false;          ///< pairs (2i, 2i+1) instead of halves
  double theta = 10000;
  Scaling scaling = Scaling::None;
  double factor = 1;
  double lowFrequency = 1, highFrequency = 4;        ///< llama3
  double betaFast = 32, betaSlow = 1;                ///< yarn
  double attentionFactor = 1;                        ///< yarn: multiplies cos and sin
  double originalPositions = 0;                      ///< llama3, yarn, dynamic
};

/// [dims / 2] inverse frequencies for a text of `length` tokens in all (only dynamic scaling asks).
std::vector<double> inverseFrequencies(const Rope& rope, std::int64_t length);

struct DecoderLayer {
  Norm attentionNorm, mlpNorm;
  Linear query;                      ///< width → heads · headDim
  Linear keyValue;                   ///< width → kvHeads · headDim keys, then as many values
  Linear attentionOut;               ///< heads · headDim → width
  Linear gate, up, down;             ///< gate only in gated MLPs: down(act(gate(x)) · up(x)), otherwise down(act(up(x)))
  std::int64_t window = 0;           ///< a query sees keys less than this far back; 0: all
  float attentionScale = 1;          ///< multiplies q·k
};

/// A causal language model as plain data. One engine runs all of them; a family only fills this in.
struct Decoder {
  std::int64_t width = 0, heads = 0, kvHeads = 0, headDim = 0, mlpWidth = 0, vocabulary = 0;
  bool hasAttention = true;          ///< false: blocks are MLPs alone (PlantedLM)
  Residual residual = Residual::Sequential;
  Activation activation = Activation::GeluTanh;
  Precision precision = Precision::Fp32;   ///< of the products; token rows are rounded alike
  Rope rope;

  std::vector<float> tokenTable;     ///< [vocabulary, embeddingWidth]; empty: the rows of `head` (tied)
  std::int64_t embeddingWidth = 0;   ///< = width unless projectIn is there
  std::vector<float> positionTable;  ///< [positions + positionOffset, width]; empty: none
  std::int64_t positionOffset = 0;   ///< row of position 0
  Linear projectIn, projectOut;      ///< embeddingWidth → width and back; may be empty
  Norm finalNorm;
  Linear head;                       ///< embeddingWidth → vocabulary
  std::vector<DecoderLayer> layers;

  /// Where the layers stay in the files (a memory budget): reads one; `layers` then has empty places.
  std::function<std::shared_ptr<const DecoderLayer>(std::size_t)> readLayer;
  /// Where token table and head stay there, too: a row of the one, and outputs first … + count of the other (from a multiple of 32);
  /// `head` is then an outline.
  std::function<void(std::int64_t id, float* row)> readTokenRow;
  std::function<std::shared_ptr<const Linear>(std::int64_t first, std::int64_t count)> readHead;

  /// The layer itself, or the one read for the occasion.
  std::shared_ptr<const DecoderLayer> layer(std::size_t index) const;
  /// Outputs first … + count of the head: a product whose output 0 is the head's `base`.
  struct HeadPart { std::shared_ptr<const Linear> linear; std::int64_t base = 0; };
  HeadPart headPart(std::int64_t first, std::int64_t count) const;
  std::int64_t headStep() const;   ///< outputs worth reading at once, a multiple of 1024; all of them where they are held
  /// Sets the sizes and an empty network of `count` layers; weights are zeros.
  static std::unique_ptr<Decoder> zeros(std::int64_t count, const Decoder& sizes);
};

}  // namespace lacuna::model

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"
#include "lacuna/text/text.h"

namespace lacuna::model {

/// What config.json and the weight files of a bidirectional encoder say (formats.md 2.7 – 2.10, 3.2).
struct EncoderInfo {
  std::string architecture, family;                 ///< "BertForMaskedLM", "bert"
  std::int64_t layers = 0, width = 0, mlpWidth = 0, heads = 0;
  std::int64_t vocabulary = 0, tokenTypes = 0;      ///< 0 in vision; 0: the family has no token types
  std::int64_t maxPositions = 0;                    ///< tokens of the longest text
  bool vision = false;
  std::int64_t channels = 0, patch = 0, registers = 0;   ///< vision: sides of images are cut to multiples of `patch`
  std::int64_t parameters = 0;
  std::string dtype;                                ///< of the stored weights: "F16"
  std::string hash;                                 ///< of config and weights
  std::vector<std::string> labels;                  ///< of the classification head, in the order of its logits
  std::string problemType;                          ///< as written: "multi_label_classification", …; may be empty
  bool pooler = false, maskedLm = false, classifier = false, nextSentence = false;   ///< heads that are there
};

/// Is this folder's config.json one of an encoder family? False too when there is no config.json.
bool isEncoderFolder(const std::filesystem::path& folder);
/// config.json, and dtype and hash of the weights where there are any; throws LAC-1001, LAC-1002 (family, architecture or option
/// not supported, by name).
EncoderInfo inspectEncoder(const std::filesystem::path& folder);

struct EncoderNetwork;  // the loaded network; encoder_network.h

struct EncoderLoadOptions {
  bool heads = true;     ///< false: the body alone, whatever the architecture says; for embeddings
};

/// An encoder held in memory as fp32, with its tokenizer when the folder has one. Immutable.
class Encoder {
 public:
  /// Reads a Hugging Face folder: BERT, BLEURT, RemBERT, RoBERTa, XLM-R, CamemBERT, MPNet, DistilBERT, DINOv2 with and without registers. A head that
  /// the architecture names and the files lack altogether is a warning; in part: LAC-1004 with all that is missing or misshapen.
  /// Reports progress by layers, can be cancelled. Throws LAC-1001 … LAC-1004, LAC-2001 (memory).
  static std::shared_ptr<const Encoder> load(const std::filesystem::path& folder, const RunContext& context,
                                             const EncoderLoadOptions& options = {});
  ~Encoder();

  const EncoderInfo& info() const { return m_info; }
  const EncoderNetwork& network() const { return *m_network; }
  bool hasTokenizer() const { return m_tokenizer != nullptr; }
  const text::Tokenizer& tokenizer() const;         ///< throws LAC-1003 when the folder had none
  const std::vector<std::string>& warnings() const { return m_warnings; }

 private:
  Encoder() = default;
  EncoderInfo m_info;
  std::unique_ptr<EncoderNetwork> m_network;
  std::shared_ptr<const text::Tokenizer> m_tokenizer;
  std::vector<std::string> m_warnings;
};

/// One row of a batch: ids with specials, and their token types (empty: all 0). There is no padding and no mask.
struct EncoderText {
  std::vector<std::int32_t> ids, types;
};

/// One image as the processor leaves it: [channels, height, width], row-major.
struct EncoderImage {
  std::int64_t channels = 3, height = 0, width = 0;
  std::vector<float> pixels;
};

struct EncoderRequest {
  bool hidden = false;         ///< the input of the first layer and the output of every layer
  bool lastHidden = false;
  bool pooler = false;         ///< tanh(dense(first token)); vision: the first row after the final norm
  bool maskedLm = false;       ///< logits over the vocabulary, every token
  std::vector<std::int64_t> maskedLmAt;   ///< [row] with maskedLm: of this one token alone; empty: of every token
  bool classes = false;        ///< raw logits of the classification head
  bool nextSentence = false;
};

struct EncoderResult {
  std::vector<std::vector<MatrixF>> hidden;   ///< [layers + 1][row] → [tokens, width]
  std::vector<MatrixF> lastHidden;            ///< [row] → [tokens, width]; vision: class token, registers, patches
  MatrixF pooler;                             ///< [rows, width]
  std::vector<MatrixF> maskedLm;              ///< [row] → [tokens, vocabulary], or [1, vocabulary]
  MatrixF classes, nextSentence;              ///< [rows, labels], [rows, 2]
};

/// Runs a batch. A row's result depends on that row alone, bit for bit: not on its neighbours, the order or the threads.
/// Throws LAC-1004 (token id, token type, length, image size, a head that is not there), LAC-2002 (non-finite states).
EncoderResult encode(const Encoder& encoder, std::span<const EncoderText> texts, const EncoderRequest& request, const RunContext& context);
EncoderResult encode(const Encoder& encoder, std::span<const EncoderImage> images, const EncoderRequest& request, const RunContext& context);

/// last_hidden of every row, handed over and not kept: use(row, states [tokens, width], tokens), each row once, in any order, from
/// several threads at a time.
using UseStates = std::function<void(std::size_t row, const float* states, std::int64_t tokens)>;
void encodeEach(const Encoder& encoder, std::span<const EncoderText> texts, const RunContext& context, const UseStates& use);

}  // namespace lacuna::model

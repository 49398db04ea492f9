#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lacuna/base/run_context.h"
#include "lacuna/model/linear.h"
#include "lacuna/text/text.h"

namespace lacuna::model {

/// Named places of the residual network where states are read or edited (methods.md 4.1). T tokens.
enum class Site {
  ResidPre,    ///< [T, width] input of a block
  ResidPost,   ///< [T, width] output of a block
  MlpHidden,   ///< [T, mlpWidth] input of the MLP's down projection (gated MLPs: act(gate)·up)
  AttnOut,     ///< [T, width] output of the attention's output projection
  MlpOut,      ///< [T, width] output of the MLP's down projection
  LastHidden,  ///< [T, width] after the final norm; its layer is always the last
};
std::string siteName(Site site);                     ///< "resid_post"
std::optional<Site> siteFromName(std::string_view name);

/// What config.json and the weight files say; readable without loading the weights.
struct ModelInfo {
  std::string architecture, family;                  ///< "GPTNeoXForCausalLM", "gpt_neox"
  std::int64_t layers = 0, width = 0, mlpWidth = 0, heads = 0, kvHeads = 0, headDim = 0;
  std::int64_t vocabulary = 0, maxPositions = 0;
  bool learnedPositions = false;                     ///< then maxPositions is a hard limit
  std::int64_t parameters = 0;
  std::string dtype;                                 ///< of the stored weights: "F16"
  Precision precision = Precision::Fp32;             ///< of the loaded model's products
  std::vector<std::int32_t> eos;                     ///< generation_config.json, else config.json
  std::optional<std::int32_t> bos;
  std::string hash;                                  ///< of config and weights: identifies the model in a study
  std::int64_t bytesFp32() const { return parameters * 4; }
  std::int64_t siteWidth(Site site) const { return site == Site::MlpHidden ? mlpWidth : width; }
};

/// config.json, and dtype and hash of the weights where there are any; throws LAC-1001 (no folder or file), LAC-1002 (architecture or option not supported, by name).
ModelInfo inspectModel(const std::filesystem::path& folder);

std::string precisionName(Precision precision);      ///< "fp32", "bf16"
/// Throws LAC-2007 for another name.
Precision precisionFromName(const std::string& name);
/// Whether this processor multiplies bfloat16 numbers faster than float32 ones.
bool isFast(Precision precision);

/// The same from config.json alone: neither dtype nor hash of the files.
ModelInfo describeModel(const std::filesystem::path& folder);

struct Decoder;  // the loaded network; model/decoder.h

/// What is held in memory; the rest stays in the files and is read again in every pass. The same bits.
enum class Residence { Everything, LayersInFiles, TablesInFiles };   ///< the last: token table and head as well as the layers

struct LoadOptions {
  std::uint64_t workingBytes = 0;                     ///< states and results of one forward, where the caller knows; 0: 64 MiB
  Residence residence = Residence::Everything;        ///< hold no more than this
  bool tokenizer = true;                              ///< false: leave the tokenizer out
  Precision precision = Precision::Fp32;
};

/// What config.json alone says about running a model. Bytes; weights as held, in float32.
struct ModelEstimate {
  ModelInfo info;
  std::uint64_t layer = 0, tables = 0, rest = 0;      ///< the largest layer; token table and head; everything else outside of layers
  std::uint64_t storedBytes = 0;                      ///< of the weight files, in the dtype that config.json names
  std::uint64_t keyValueBytes = 0;                    ///< keys and values of one token in all layers, while generating
  std::uint64_t allHeld = 0, layersInFiles = 0, tablesInFiles = 0;   ///< the memory a run takes at each residence, 64 MiB of states included
  double flopsPerToken = 0;                           ///< of the products of all layers and the head
};
/// Bytes the system can still give without swapping (MemAvailable); 0 when it does not say.
std::uint64_t availableMemory();

/// `folder`, or a config.json. Throws LAC-1001, LAC-1002.
ModelEstimate estimateModel(const std::filesystem::path& folder, int threads);

/// A decoder language model held in memory, with its tokenizer when the folder has one. Immutable. As much of the weights is
/// held as the context's memory budget allows.
class Model {
 public:
  /// Reads a Hugging Face folder (GPT-2, GPT-NeoX, GPT-J, LLaMA, Mistral, Qwen2, OPT). Reports progress by bytes, can be cancelled.
  /// Throws LAC-1001 … LAC-1004, LAC-2001 (memory); missing and misshapen tensors are listed all at once.
  static std::shared_ptr<const Model> load(const std::filesystem::path& folder, const RunContext& context, const LoadOptions& options = {});
  /// A network built in memory (PlantedLM, tests); no tokenizer.
  static std::shared_ptr<const Model> fromDecoder(ModelInfo info, std::unique_ptr<Decoder> decoder);
  ~Model();

  const ModelInfo& info() const { return m_info; }
  const Decoder& decoder() const { return *m_decoder; }
  bool hasTokenizer() const { return m_tokenizer != nullptr; }
  const text::Tokenizer& tokenizer() const;          ///< throws LAC-1003 when the folder had none
  const std::vector<std::string>& warnings() const { return m_warnings; }
  /// Where layers stay in the files: bytes that states and results of all texts in a pass may take. 0: no limit.
  std::uint64_t passBytes() const { return m_passBytes; }

 private:
  Model() = default;
  ModelInfo m_info;
  std::unique_ptr<Decoder> m_decoder;
  std::shared_ptr<const text::Tokenizer> m_tokenizer;
  std::vector<std::string> m_warnings;
  std::uint64_t m_passBytes = 0;
};

}  // namespace lacuna::model

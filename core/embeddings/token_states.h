#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "lacuna/model/encoder.h"
#include "lacuna/model/model.h"

namespace lacuna::embeddings {

/// The last hidden states of a model folder's tokens: an encoder's, or a decoder's after its final norm.
class TokenStates {
 public:
  TokenStates(const std::filesystem::path& folder, const RunContext& context);

  std::int64_t width() const;
  std::int64_t maxTokens() const;      ///< positions the model has; of rotary decoders what config.json says
  std::string family() const;
  std::string hash() const;
  const text::Tokenizer& tokenizer() const;
  /// use(row, states, tokens), from several threads; rows without tokens are passed over.
  void forEach(std::vector<std::vector<std::int32_t>> ids, const RunContext& context, const model::UseStates& use) const;

 private:
  void encodeAll(std::vector<std::vector<std::int32_t>> ids, const RunContext& context, const model::UseStates& use) const;
  void decodeAll(std::vector<std::vector<std::int32_t>> ids, const RunContext& context, const model::UseStates& use) const;
  std::shared_ptr<const model::Encoder> m_encoder;
  std::shared_ptr<const model::Model> m_decoder;
};

}  // namespace lacuna::embeddings

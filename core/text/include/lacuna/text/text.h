#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna::text {

struct EncodeOptions {
  bool addSpecial = true;
  bool specialAsText = false;   ///< special tokens written in the text are read as plain text (wanted for corpora)
};

struct Encoding {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> typeIds;
  std::vector<std::array<std::uint32_t, 2>> offsets;  ///< byte offsets into the UTF-8 of the text; {0,0} for added specials
  std::vector<std::uint8_t> specialMask;
  std::vector<std::string> tokens;  ///< as the tokenizer shows them: the vocabulary's text, but an unknown one as it was written
};

/// A Hugging Face tokenizer over the `tokenizers` crate (formats.md 4). Truncation and padding of the file are cleared.
/// Thread-safe: every member may be called from many threads. Invalid UTF-8 in texts is replaced by U+FFFD first.
class Tokenizer {
 public:
  /// A folder with tokenizer.json, or vocab.json + merges.txt, vocab.txt, tokenizer.model. Throws LAC-1003.
  static std::shared_ptr<const Tokenizer> load(const std::filesystem::path& folder);
  static std::shared_ptr<const Tokenizer> fromJson(std::string_view json);
  ~Tokenizer();

  Encoding encode(std::string_view text, EncodeOptions options = {}, std::optional<std::string_view> pair = {}) const;
  std::vector<std::vector<std::int32_t>> encodeBatch(std::span<const std::string> texts, EncodeOptions options, int threads) const;
  std::string decode(std::span<const std::int32_t> ids, bool skipSpecial) const;
  std::string token(std::int32_t id) const;                 ///< as in the vocabulary; empty when there is none
  std::optional<std::int32_t> id(std::string_view token) const;
  std::int64_t vocabularySize() const;                      ///< with added tokens
  std::string kind() const;                                 ///< "BPE", "WordPiece", "Unigram", "WordLevel"
  std::string toJson() const;
  /// tokenizer_config.json: clean_up_tokenization_spaces; false when absent.
  bool cleansUpSpaces() const;

 private:
  struct Impl;
  explicit Tokenizer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;
};

/// Trains a byte-level BPE tokenizer (no merges across pre-tokens, `specials` first) and gives its tokenizer.json.
std::string trainByteLevelBpe(std::span<const std::string> texts, std::int64_t vocabularySize,
                              std::span<const std::string> specials);

}  // namespace lacuna::text

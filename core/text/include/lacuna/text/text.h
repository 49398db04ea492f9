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
  std::uint64_t replaced = 0;       ///< invalid parts of the texts that were read as U+FFFD; offsets are then those of the repaired text
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
  /// `replaced` gets the number of invalid parts of all texts.
  std::vector<std::vector<std::int32_t>> encodeBatch(std::span<const std::string> texts, EncodeOptions options, int threads,
                                                     std::uint64_t* replaced = nullptr) const;
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

/// Does the folder hold files that Tokenizer::load() knows?
bool hasTokenizer(const std::filesystem::path& folder);

/// The text of ids that come one by one: every step gives what is certain by then, so that no character is cut in two.
/// All steps and finish() together are the decoded whole (for decoders that never change what they wrote before: byte-level
/// and SentencePiece; not WordPiece).
class DecodeStream {
 public:
  DecodeStream(const Tokenizer& tokenizer, bool skipSpecial) : m_tokenizer(tokenizer), m_skipSpecial(skipSpecial) {}
  std::string step(std::int32_t id);
  std::string finish();             ///< what a further id could have completed; the stream starts anew

 private:
  std::string give(const std::string& text);
  void forget(const std::string& text);
  const Tokenizer& m_tokenizer;
  bool m_skipSpecial;
  std::vector<std::int32_t> m_ids;  ///< the last ids, enough of them to decode what follows
  std::string m_given;              ///< how much of their text was given
};

/// Trains a byte-level BPE tokenizer (no merges across pre-tokens, `specials` first) and gives its tokenizer.json.
std::string trainByteLevelBpe(std::span<const std::string> texts, std::int64_t vocabularySize,
                              std::span<const std::string> specials);

}  // namespace lacuna::text

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lacuna/model/model.h"
#include "lacuna/text/unicode.h"

namespace lacuna::tasks {

/// A continuation after its context, in tokens, cut to what the model can read.
struct EncodedText {
  std::vector<std::int32_t> ids;     ///< context, then continuation
  std::size_t scored = 0;            ///< the last `scored` ids are the continuation
  std::string status = "ok";         ///< "blank_context", "empty_continuation", "too_long"
  std::vector<std::uint32_t> ends;   ///< [scored] byte where each scored token ends in context + continuation, when asked for
  bool ok() const { return status == "ok"; }
  std::size_t promptLength() const { return ids.size() - scored; }
};

/// The last token of a text that fills all learned positions has no position of its own; it is read off the logits before it.
bool endsBeyondPositions(const EncodedText& text, const model::ModelInfo& info);

/// Encodes as the reference harness does (formats.md 6.1 with 6.7). Thread-safe.
class TextEncoder {
 public:
  explicit TextEncoder(const model::Model& model);
  /// A text as the tokenizer reads it, with its specials unless it begins with the prefix token already.
  text::Encoding whole(std::string_view text) const;
  /// Tokens of a context, its trailing white space moved to what follows.
  std::size_t contextLength(std::string_view context) const { return whole(text::rightStripped(context)).ids.size(); }
  EncodedText encode(std::string_view context, std::string_view continuation, bool withEnds = false) const;
  /// Windows that score every token of a long text once (the harness's rolling log-likelihood); none for an empty text.
  std::vector<EncodedText> windows(std::string_view text) const;
  /// Ids of a prompt to be continued by up to maxNewTokens: cut on the left. Never empty.
  std::vector<std::int32_t> prompt(std::string_view context, int maxNewTokens) const;

 private:
  const model::Model& m_model;
  std::int32_t m_prefix = 0;         ///< BOS, else EOS
  std::string m_prefixText;
  std::size_t m_maxLength;
};

}  // namespace lacuna::tasks

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"

namespace lacuna::text {

using Json = nlohmann::json;

/// LAC-1003 about one file or folder.
Error tokenizerError(const std::filesystem::path& path, const std::string& what, const std::string& hint = {});

struct AddedToken {
  std::string content;
  std::int64_t id = -1;  ///< −1: wherever the vocabulary has it, or next after it
  bool singleWord = false, lstrip = false, rstrip = false, normalized = false, special = true;
};

/// What the small files beside a vocabulary say: tokenizer_config.json, special_tokens_map.json, added_tokens.json, config.json.
class TokenizerFolder {
 public:
  explicit TokenizerFolder(const std::filesystem::path& folder);

  const std::filesystem::path& path() const { return m_path; }
  /// The first of `names` that is there; nothing when none is.
  std::optional<std::filesystem::path> firstOf(std::initializer_list<const char*> names) const;
  /// True when the tokenizer's class or the model's type contains `name`, whatever the case.
  bool isOf(const std::string& name) const;
  std::string className() const { return m_class; }
  std::int64_t count(const char* key, std::int64_t otherwise) const;   ///< 0 … 100,000 of tokenizer_config.json
  bool flag(const char* key, bool otherwise) const;
  std::optional<bool> optionalFlag(const char* key) const;   ///< nothing when absent or null
  /// The text of a special token ("bos_token"), from either file; `otherwise` when neither names it.
  std::string special(const char* key, const std::string& otherwise) const;
  /// Tokens to add, by id: added_tokens_decoder, or else the special tokens of the map and those of added_tokens.json.
  std::vector<AddedToken> addedTokens() const;

 private:
  std::filesystem::path m_path;
  Json m_config, m_map, m_added;
  std::string m_class, m_modelType;
};

/// "added_tokens" of a tokenizer.json: `tokens` with their ids from `vocabulary`; new ones are numbered after it.
/// Of two with the same content the later one counts.
Json addedTokensJson(const std::vector<AddedToken>& tokens, const Json& vocabulary);

/// One place of a template: a special token, or the texts "$A" and "$B", with the type id its tokens get.
struct TemplatePart {
  std::string name;
  int type = 0;
};

/// A TemplateProcessing; null when `single` is the text alone. Throws LAC-1003 for a special token without an id.
Json templateJson(const std::vector<TemplatePart>& single, const std::vector<TemplatePart>& pair, const Json& vocabulary,
                  const Json& addedTokens);
/// [CLS] A [SEP] and [CLS] A [SEP] B [SEP], B's part of type 1; `sepTwice` puts two separators between the texts.
Json clsSepTemplate(const std::string& cls, const std::string& sep, bool sepTwice, const Json& vocabulary, const Json& addedTokens);

/// The frame of a tokenizer.json; absent parts are null.
Json tokenizerJson(Json model, Json addedTokens, Json normalizer, Json preTokenizer, Json postProcessor, Json decoder);

/// The tokenizer.json of a folder that has only the older files. Throws LAC-1003.
std::string jsonFromVocabAndMerges(const TokenizerFolder& folder);
std::string jsonFromVocabTxt(const TokenizerFolder& folder);
std::string jsonFromSentencePiece(const TokenizerFolder& folder, const std::filesystem::path& model);

}  // namespace lacuna::text

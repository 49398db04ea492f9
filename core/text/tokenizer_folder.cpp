#include <algorithm>
#include <map>
#include <set>

#include "lacuna/files/json.h"
#include "tokenizer_json.h"

namespace lacuna::text {
namespace {

namespace fs = std::filesystem;

Json readJson(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return Json::object();
  Json json = files::readJson(path, "LAC-1003");
  if (!json.is_object()) throw tokenizerError(path, "it is not a JSON object");
  return json;
}

std::string text(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// A special token is written as a text, or as an object with flags.
AddedToken parseToken(const Json& json) {
  AddedToken token;
  if (json.is_string()) {
    token.content = json.get<std::string>();
    return token;
  }
  if (!json.is_object()) return token;
  const auto flag = [&](const char* key, bool otherwise) {
    const auto found = json.find(key);
    return found != json.end() && found->is_boolean() ? found->get<bool>() : otherwise;
  };
  token.content = text(json, "content");
  token.singleWord = flag("single_word", false);
  token.lstrip = flag("lstrip", false);
  token.rstrip = flag("rstrip", false);
  token.special = flag("special", true);
  token.normalized = flag("normalized", !token.special);
  return token;
}

constexpr const char* specialKeys[] = {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"};

}  // namespace

Error tokenizerError(const fs::path& path, const std::string& what, const std::string& hint) {
  return Error("LAC-1003", "the tokenizer in '" + path.string() + "' cannot be used: " + what,
               hint.empty() ? "fetch the tokenizer files again, or add a tokenizer.json" : hint);
}

TokenizerFolder::TokenizerFolder(const fs::path& folder)
    : m_path(folder),
      m_config(readJson(folder / "tokenizer_config.json")),
      m_map(readJson(folder / "special_tokens_map.json")),
      m_added(readJson(folder / "added_tokens.json")),
      m_class(text(m_config, "tokenizer_class")),
      m_modelType(text(readJson(folder / "config.json"), "model_type")) {}

std::optional<fs::path> TokenizerFolder::firstOf(std::initializer_list<const char*> names) const {
  std::error_code ignored;
  for (const char* name : names)
    if (fs::exists(m_path / name, ignored)) return m_path / name;
  return std::nullopt;
}

bool TokenizerFolder::isOf(const std::string& name) const {
  // The class decides where it is named: an XLM-R tokenizer may lie beside a model of another type.
  return lower(m_class.empty() ? m_modelType : m_class).find(lower(name)) != std::string::npos;
}

std::optional<bool> TokenizerFolder::optionalFlag(const char* key) const {
  const auto found = m_config.find(key);
  if (found == m_config.end() || !found->is_boolean()) return std::nullopt;
  return found->get<bool>();
}

std::int64_t TokenizerFolder::count(const char* key, std::int64_t otherwise) const {
  const auto found = m_config.find(key);
  if (found == m_config.end() || found->is_null()) return otherwise;
  constexpr std::uint64_t most = 100000;
  if (!found->is_number_unsigned() || found->get<std::uint64_t>() > most)
    throw tokenizerError(m_path, std::string(key) + " in tokenizer_config.json is no whole number from 0 to " + std::to_string(most));
  return found->get<std::int64_t>();
}

bool TokenizerFolder::flag(const char* key, bool otherwise) const { return optionalFlag(key).value_or(otherwise); }

std::string TokenizerFolder::special(const char* key, const std::string& otherwise) const {
  for (const Json* json : {&m_config, &m_map}) {
    const auto found = json->find(key);
    if (found == json->end()) continue;
    if (found->is_null()) return {};
    if (const std::string content = parseToken(*found).content; !content.empty()) return content;
  }
  return otherwise;
}

std::vector<AddedToken> TokenizerFolder::addedTokens() const {
  std::map<std::int64_t, AddedToken> byId;
  const auto decoder = m_config.find("added_tokens_decoder");
  if (decoder != m_config.end() && decoder->is_object())
    for (const auto& [id, json] : decoder->items()) {
      if (id.empty() || id.size() > 9 || id.find_first_not_of("0123456789") != std::string::npos)
        throw tokenizerError(m_path, "added_tokens_decoder has the key '" + id + "'");
      AddedToken token = parseToken(json);
      token.id = std::stoll(id);
      byId[token.id] = token;
    }
  if (byId.empty())
    for (const auto& [content, id] : m_added.items())
      if (id.is_number_integer()) {
        AddedToken token{content};
        token.special = false;
        token.normalized = true;
        byId[token.id = id.get<std::int64_t>()] = token;
      }
  std::vector<AddedToken> tokens;
  std::set<std::string> known;
  for (const auto& [id, token] : byId) {
    tokens.push_back(token);
    known.insert(token.content);
  }
  for (const char* key : specialKeys) {
    // The map holds the flags; the config often only the text.
    for (const Json* json : {&m_map, &m_config}) {
      const auto found = json->find(key);
      if (found == json->end()) continue;
      AddedToken token = parseToken(*found);
      token.special = true;
      if (!token.content.empty() && known.insert(token.content).second) tokens.push_back(token);
    }
  }
  for (AddedToken& token : tokens)
    for (const char* key : specialKeys) token.special = token.special || special(key, {}) == token.content;
  return tokens;
}

Json addedTokensJson(const std::vector<AddedToken>& tokens, const Json& vocabulary) {
  std::int64_t next = 0;
  for (const auto& [piece, id] : vocabulary.items()) next = std::max(next, id.get<std::int64_t>() + 1);
  std::map<std::string, AddedToken> byContent;
  std::vector<std::string> order;
  for (const AddedToken& token : tokens) {
    if (token.content.empty()) continue;
    if (!byContent.contains(token.content)) order.push_back(token.content);
    byContent[token.content] = token;
  }
  std::map<std::int64_t, Json> byId;
  for (const std::string& content : order) {
    const AddedToken& token = byContent[content];
    const auto piece = vocabulary.find(content);
    const std::int64_t id = piece != vocabulary.end() ? piece->get<std::int64_t>() : token.id >= next ? token.id : next;
    if (piece == vocabulary.end()) next = std::max(next, id + 1);
    byId[id] = {{"id", id}, {"content", content}, {"single_word", token.singleWord}, {"lstrip", token.lstrip}, {"rstrip", token.rstrip},
                {"normalized", token.normalized}, {"special", token.special}};
  }
  Json list = Json::array();
  for (auto& [id, json] : byId) list.push_back(std::move(json));
  return list;
}

Json templateJson(const std::vector<TemplatePart>& single, const std::vector<TemplatePart>& pair, const Json& vocabulary,
                  const Json& addedTokens) {
  if (single.size() == 1) return nullptr;
  const auto idOf = [&](const std::string& name) -> Json {
    for (const Json& token : addedTokens)
      if (token["content"] == name) return token["id"];
    const auto piece = vocabulary.find(name);
    if (piece == vocabulary.end()) throw Error("LAC-1003", "the special token '" + name + "' is not in the vocabulary", "add a tokenizer.json");
    return *piece;
  };
  Json specials = Json::object();
  const auto convert = [&](const std::vector<TemplatePart>& parts) {
    Json list = Json::array();
    for (const auto& [name, type] : parts) {
      const bool isText = name == "$A" || name == "$B";
      list.push_back({{isText ? "Sequence" : "SpecialToken", {{"id", isText ? name.substr(1) : name}, {"type_id", type}}}});
      if (!isText) specials[name] = {{"id", name}, {"ids", Json::array({idOf(name)})}, {"tokens", Json::array({name})}};
    }
    return list;
  };
  Json json = {{"type", "TemplateProcessing"}, {"single", convert(single)}, {"pair", convert(pair)}};
  json["special_tokens"] = specials;
  return json;
}

Json clsSepTemplate(const std::string& cls, const std::string& sep, bool sepTwice, const Json& vocabulary, const Json& addedTokens) {
  std::vector<TemplatePart> pair{{cls, 0}, {"$A", 0}, {sep, 0}};
  if (sepTwice) pair.push_back({sep, 0});
  pair.insert(pair.end(), {{"$B", 1}, {sep, 1}});
  return templateJson({{cls, 0}, {"$A", 0}, {sep, 0}}, pair, vocabulary, addedTokens);
}

Json tokenizerJson(Json model, Json addedTokens, Json normalizer, Json preTokenizer, Json postProcessor, Json decoder) {
  return {{"version", "1.0"},
          {"truncation", nullptr},
          {"padding", nullptr},
          {"added_tokens", std::move(addedTokens)},
          {"normalizer", std::move(normalizer)},
          {"pre_tokenizer", std::move(preTokenizer)},
          {"post_processor", std::move(postProcessor)},
          {"decoder", std::move(decoder)},
          {"model", std::move(model)}};
}

}  // namespace lacuna::text

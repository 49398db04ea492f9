#include <string_view>

#include "lacuna/files/files.h"
#include "lacuna/files/json.h"
#include "tokenizer_json.h"

namespace lacuna::text {
namespace {

/// Calls use(line) for every line, without its end.
void forEachLine(std::string_view text, const auto& use) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    use(line);
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

std::string readLines(const std::filesystem::path& path) {
  std::string text = files::readText(path);
  if (files::sanitiseUtf8(text) != text) throw tokenizerError(path, "it is not UTF-8");
  return text;
}

Json readVocabulary(const std::filesystem::path& path) {
  Json vocabulary = files::readJson(path, "LAC-1003");
  if (!vocabulary.is_object()) throw tokenizerError(path, "it is not a JSON object");
  for (const auto& [piece, id] : vocabulary.items())
    if (!id.is_number_unsigned()) throw tokenizerError(path, "the id of '" + piece + "' is no whole number");
  return vocabulary;
}

Json readMerges(const std::filesystem::path& path) {
  const std::string text = readLines(path);
  Json merges = Json::array();
  bool first = true;
  forEachLine(text, [&](std::string_view line) {
    const bool version = first && line.starts_with("#version");
    first = false;
    if (version || line.empty()) return;
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || space == 0 || space + 1 == line.size() || line.find(' ', space + 1) != std::string_view::npos)
      throw tokenizerError(path, "the line '" + std::string(line) + "' is not two pieces with a space between them");
    merges.push_back({std::string(line.substr(0, space)), std::string(line.substr(space + 1))});
  });
  return merges;
}

Json byteLevel(bool addPrefixSpace, bool trimOffsets) {
  return {{"type", "ByteLevel"}, {"add_prefix_space", addPrefixSpace}, {"trim_offsets", trimOffsets}, {"use_regex", true}};
}

/// Qwen2's words, which its own class holds: contractions, letters with what stands before them, single digits, runs of the rest.
Json qwenWords() {
  constexpr const char* words = R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  return {{"type", "Split"}, {"pattern", {{"Regex", words}}}, {"behavior", "Isolated"}, {"invert", false}};
}

AddedToken named(const std::string& content, bool lstrip = false) {
  AddedToken token{content};
  token.lstrip = lstrip;
  return token;
}

/// The family's own special tokens, where the vocabulary has them, and then whatever the folder says about them.
std::vector<AddedToken> withDefaults(std::vector<AddedToken> defaults, const TokenizerFolder& folder, const Json& vocabulary) {
  std::erase_if(defaults, [&](const AddedToken& token) { return !vocabulary.contains(token.content); });
  for (AddedToken& token : folder.addedTokens()) defaults.push_back(std::move(token));
  return defaults;
}

/// GPT-2's class and Qwen2's name one token for every purpose that the folder does not name another for.
std::vector<AddedToken> endOfText(const TokenizerFolder& folder) {
  std::vector<AddedToken> tokens;
  if (folder.isOf("opt")) return folder.addedTokens();
  for (const char* const key : {"bos_token", "eos_token", "unk_token"})
    if (const std::string name = folder.special(key, "<|endoftext|>"); !name.empty()) tokens.push_back(named(name));
  for (AddedToken& token : folder.addedTokens()) tokens.push_back(std::move(token));
  return tokens;
}

}  // namespace

std::string jsonFromVocabAndMerges(const TokenizerFolder& folder) {
  const Json vocabulary = readVocabulary(folder.path() / "vocab.json");
  const bool roberta = folder.isOf("roberta") || folder.isOf("longformer") || folder.isOf("bart");
  const Json added = addedTokensJson(
      roberta ? withDefaults({named("<s>"), named("</s>"), named("<unk>"), named("<pad>"), named("<mask>", true)}, folder, vocabulary)
              : endOfText(folder),
      vocabulary);
  const bool prefixSpace = folder.flag("add_prefix_space", false), qwen = folder.isOf("qwen2");
  const std::string bos = folder.special("bos_token", folder.isOf("opt") ? "</s>" : "<|endoftext|>");
  Json post = byteLevel(true, false);
  if (roberta) {
    const auto pair = [&](const char* key, const char* otherwise) {
      const std::string token = folder.special(key, otherwise);
      const auto id = vocabulary.find(token);
      if (id == vocabulary.end()) throw tokenizerError(folder.path(), "'" + token + "' is not in vocab.json");
      return Json::array({token, *id});
    };
    post = {{"type", "RobertaProcessing"}, {"sep", pair("sep_token", "</s>")}, {"cls", pair("cls_token", "<s>")},
            {"trim_offsets", true}, {"add_prefix_space", prefixSpace}};
  } else if (folder.flag("add_bos_token", folder.isOf("opt"))) {
    post = templateJson({{bos, 0}, {"$A", 0}}, {{bos, 0}, {"$A", 0}, {"$B", 1}}, vocabulary, added);
  }
  Json model = {{"type", "BPE"}, {"dropout", nullptr}, {"unk_token", nullptr}, {"continuing_subword_prefix", nullptr},
                {"end_of_word_suffix", nullptr}, {"fuse_unk", false}, {"byte_fallback", false}, {"ignore_merges", false},
                {"vocab", vocabulary}, {"merges", readMerges(folder.path() / "merges.txt")}};
  Json normalizer, splitter = byteLevel(prefixSpace, true);
  if (qwen) {
    normalizer = {{"type", "NFC"}};
    splitter["use_regex"] = false;
    splitter = {{"type", "Sequence"}, {"pretokenizers", {qwenWords(), splitter}}};
  }
  return tokenizerJson(std::move(model), added, std::move(normalizer), std::move(splitter), std::move(post), byteLevel(true, true)).dump();
}

std::string jsonFromVocabTxt(const TokenizerFolder& folder) {
  const auto path = folder.path() / "vocab.txt";
  const std::string text = readLines(path);
  Json vocabulary = Json::object();
  std::int64_t line = 0;
  forEachLine(text, [&](std::string_view piece) { vocabulary[std::string(piece)] = line++; });
  const std::string unknown = folder.special("unk_token", "[UNK]");
  if (!vocabulary.contains(unknown)) throw tokenizerError(path, "it does not hold '" + unknown + "'", "this is no WordPiece vocabulary");

  const bool mpnet = folder.isOf("mpnet");
  const auto defaults = mpnet ? std::vector{named("<s>"), named("<pad>"), named("</s>"), named("[UNK]"), named("<mask>", true)}
                              : std::vector{named("[PAD]"), named("[UNK]"), named("[CLS]"), named("[SEP]"), named("[MASK]")};
  const Json added = addedTokensJson(withDefaults(defaults, folder, vocabulary), vocabulary);
  const std::string cls = folder.special("cls_token", mpnet ? "<s>" : "[CLS]"), sep = folder.special("sep_token", mpnet ? "</s>" : "[SEP]");
  const auto strip = folder.optionalFlag("strip_accents");
  Json normalizer = {{"type", "BertNormalizer"}, {"clean_text", true}, {"handle_chinese_chars", folder.flag("tokenize_chinese_chars", true)},
                     {"strip_accents", strip ? Json(*strip) : Json()}, {"lowercase", folder.flag("do_lower_case", true)}};
  Json model = {{"type", "WordPiece"}, {"unk_token", unknown}, {"continuing_subword_prefix", "##"}, {"max_input_chars_per_word", 100},
                {"vocab", vocabulary}};
  return tokenizerJson(std::move(model), added, std::move(normalizer), {{"type", "BertPreTokenizer"}},
                       clsSepTemplate(cls, sep, mpnet, vocabulary, added), {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}})
      .dump();
}

}  // namespace lacuna::text

#include <algorithm>
#include <array>
#include <tuple>
#include <unordered_map>

#include "lacuna/files/files.h"
#include "sentencepiece_model.h"
#include "tokenizer_json.h"

namespace lacuna::text {
namespace {

using Type = SentencePieceModel::Type;

constexpr const char* space = "\xE2\x96\x81";  // U+2581, SentencePiece's visible space

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i) text += i <= count ? digits[group >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

std::size_t codePoints(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

struct Merge {
  std::string_view left, right;
  float score;
  std::size_t leftLength, rightLength;
};

/// The merges a BPE model does not store: every split of a piece into two pieces, the best piece first.
std::vector<Merge> findMerges(const std::vector<SentencePieceModel::Piece>& pieces) {
  std::unordered_map<std::string_view, std::size_t> ids;
  for (std::size_t i = 0; i < pieces.size(); ++i) ids[pieces[i].text] = i;
  std::vector<Merge> merges;
  for (const auto& piece : pieces) {
    const std::string_view text = piece.text;
    std::vector<std::tuple<std::size_t, std::size_t, std::size_t>> splits;  // id left, id right, position
    for (std::size_t at = 1; at < text.size(); ++at) {
      if ((text[at] & 0xC0) == 0x80) continue;  // only between code points
      const auto left = ids.find(text.substr(0, at)), right = ids.find(text.substr(at));
      if (left != ids.end() && right != ids.end()) splits.emplace_back(left->second, right->second, at);
    }
    std::sort(splits.begin(), splits.end());
    for (const auto& [left, right, at] : splits)
      merges.push_back({text.substr(0, at), text.substr(at), piece.score, codePoints(text.substr(0, at)), codePoints(text.substr(at))});
  }
  std::stable_sort(merges.begin(), merges.end(), [](const Merge& a, const Merge& b) {
    return std::tuple(a.score, a.leftLength, a.rightLength) > std::tuple(b.score, b.leftLength, b.rightLength);
  });
  return merges;
}

class Builder {
 public:
  Builder(const TokenizerFolder& folder, SentencePieceModel model) : m_folder(folder), m_model(std::move(model)) {}

  std::string build() {
    if (m_folder.isOf("xlmroberta") || m_folder.isOf("xlm-roberta")) useFairseqIds();
    if (m_folder.isOf("t5")) addSentinels();
    if (m_folder.isOf("albert")) lowerNumberCommas();
    for (std::size_t i = 0; i < m_model.pieces.size(); ++i) m_vocabulary[m_model.pieces[i].text] = i;
    m_added = addedTokensJson(specials(), m_vocabulary);
    Json model = m_model.modelType == 2 ? bpeModel() : unigramModel();
    return isLlama() ? buildLlama(std::move(model)) : buildPlain(std::move(model));
  }

 private:
  /// LLaMA, Mistral and their like, and BPE models of no class that is known to be another.
  bool isLlama() const {
    const auto isOf = [&](const char* name) { return m_folder.isOf(name); };
    if (isOf("llama") || isOf("mistral")) return true;
    constexpr std::array others{"xlmroberta", "xlm-roberta", "t5", "albert", "rembert", "deberta", "bleurt"};
    return m_model.modelType == 2 && std::none_of(others.begin(), others.end(), isOf);
  }

  /// T5 has as many tokens <extra_id_…> behind its pieces as its config says; they count downwards.
  void addSentinels() {
    for (std::int64_t i = m_folder.count("extra_ids", 100); i-- > 0;) m_model.pieces.push_back({"<extra_id_" + std::to_string(i) + ">", 0, Type::Control});
  }

  /// ALBERT never wants a number and its comma in one piece.
  void lowerNumberCommas() {
    for (auto& piece : m_model.pieces)
      if (piece.text.size() >= 2 && piece.text.ends_with(',') && piece.text[piece.text.size() - 2] >= '0' && piece.text[piece.text.size() - 2] <= '9')
        piece.score -= 100;
  }

  /// XLM-R's ids are those of another library: four tokens of its own first, the mask last.
  void useFairseqIds() {
    std::vector<SentencePieceModel::Piece> pieces;
    for (const char* name : {"<s>", "<pad>", "</s>", "<unk>"}) pieces.push_back({name, 0, Type::Control});
    const auto begin = m_model.pieces.begin() + std::min<std::ptrdiff_t>(3, std::ssize(m_model.pieces));
    pieces.insert(pieces.end(), begin, m_model.pieces.end());
    pieces.push_back({"<mask>", 0, Type::Control});
    m_model.pieces = std::move(pieces);
    m_model.unknownId = 3;
  }

  std::vector<AddedToken> specials() const {
    std::vector<AddedToken> tokens;
    const bool namedOtherwise = m_folder.isOf("rembert") || m_folder.isOf("deberta");  // their unknown token is [UNK]
    for (const auto& piece : m_model.pieces) {
      const bool unknown = piece.type == Type::Unknown && !namedOtherwise && m_folder.special("unk_token", piece.text) == piece.text;
      if (piece.type != Type::Control && piece.type != Type::UserDefined && !unknown) continue;
      AddedToken token{piece.text};
      token.special = piece.type != Type::UserDefined;
      token.lstrip = piece.text == "<mask>" || piece.text == "[MASK]";
      tokens.push_back(token);
    }
    if (namedOtherwise) {
      AddedToken token{m_folder.special("unk_token", "[UNK]")};
      token.normalized = m_folder.isOf("deberta");
      tokens.push_back(token);
      if (m_folder.isOf("deberta")) tokens.push_back({m_folder.special("mask_token", "[MASK]")});
    }
    // The folder's flags count, but the reference cuts a token that is also the model's own out of the text as it stands.
    for (AddedToken& token : m_folder.addedTokens()) {
      token.normalized = token.normalized && std::none_of(tokens.begin(), tokens.end(), [&](const auto& own) { return own.content == token.content && !own.normalized; });
      tokens.push_back(std::move(token));
    }
    return tokens;
  }

  bool hasBytes() const {
    return std::any_of(m_model.pieces.begin(), m_model.pieces.end(), [](const auto& piece) { return piece.type == Type::Byte; });
  }

  Json metaspace(const char* scheme, bool split) const {
    return {{"type", "Metaspace"}, {"replacement", space}, {"prepend_scheme", scheme}, {"split", split}};
  }
  static Json replace(const char* pattern, const char* kind, const char* content) {
    return {{"type", "Replace"}, {"pattern", {{kind, pattern}}}, {"content", content}};
  }
  static Json sequence(const char* key, std::vector<Json> parts) { return {{"type", "Sequence"}, {key, std::move(parts)}}; }

  Json bpeModel() const {
    Json merges = Json::array();
    for (const Merge& merge : findMerges(m_model.pieces)) merges.push_back({std::string(merge.left), std::string(merge.right)});
    return {{"type", "BPE"}, {"dropout", nullptr}, {"unk_token", m_model.unknownPiece}, {"continuing_subword_prefix", nullptr},
            {"end_of_word_suffix", nullptr}, {"fuse_unk", true}, {"byte_fallback", isLlama() && hasBytes()}, {"ignore_merges", false},
            {"vocab", m_vocabulary}, {"merges", std::move(merges)}};
  }

  Json unigramModel() const {
    Json pieces = Json::array();
    for (const auto& piece : m_model.pieces) pieces.push_back({piece.text, piece.score});
    return {{"type", "Unigram"}, {"unk_id", m_model.unknownId}, {"vocab", std::move(pieces)}, {"byte_fallback", isLlama() && hasBytes()}};
  }

  /// LLaMA's way: legacy by a normaliser that writes the visible spaces, newer by a pre-tokenizer that leaves words together.
  std::string buildLlama(Json model) const {
    const bool prefix = m_folder.flag("add_prefix_space", true), legacy = m_folder.flag("legacy", true);
    Json normalizer, preTokenizer;
    if (legacy) {
      std::vector<Json> steps;
      if (prefix) steps.push_back({{"type", "Prepend"}, {"prepend", space}});
      steps.push_back(replace(" ", "String", space));
      normalizer = sequence("normalizers", std::move(steps));
    } else {
      preTokenizer = metaspace(prefix ? "first" : "never", false);
    }
    std::vector<Json> decoders{replace(space, "String", " "), {{"type", "ByteFallback"}}, {{"type", "Fuse"}}};
    if (prefix) decoders.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
    return tokenizerJson(std::move(model), m_added, std::move(normalizer), std::move(preTokenizer), bosEosTemplate(true),
                         sequence("decoders", std::move(decoders)))
        .dump();
  }

  /// The way of the other SentencePiece tokenizers: the model's own characters map, words split at spaces.
  std::string buildPlain(Json model) const {
    const char* scheme = !m_folder.flag("add_prefix_space", true) ? "never" : m_folder.flag("legacy", true) ? "always" : "first";
    Json preTokenizer = metaspace(scheme, true);
    if (m_folder.isOf("deberta") && m_folder.flag("split_by_punct", false))
      preTokenizer = sequence("pretokenizers", {{{"type", "Punctuation"}, {"behavior", "Isolated"}}, preTokenizer});
    return tokenizerJson(std::move(model), m_added, sequence("normalizers", plainNormalizers()), preTokenizer, plainTemplate(), metaspace(scheme, true)).dump();
  }

  std::vector<Json> plainNormalizers() const {
    std::vector<Json> steps;
    const auto precompiled = [&] {
      if (!m_model.charsMap.empty()) steps.push_back({{"type", "Precompiled"}, {"precompiled_charsmap", base64(m_model.charsMap)}});
    };
    const Json squeeze = replace(" {2,}", "Regex", " ");
    if (m_folder.isOf("rembert") || m_folder.isOf("albert")) {
      steps = {replace("``", "String", "\""), replace("''", "String", "\"")};
      if (m_folder.isOf("rembert")) steps.push_back(squeeze);
      if (!m_folder.flag("keep_accents", m_folder.isOf("rembert"))) steps.insert(steps.end(), {{{"type", "NFKD"}}, {{"type", "StripAccents"}}});
      if (m_folder.flag("do_lower_case", !m_folder.isOf("rembert"))) steps.push_back({{"type", "Lowercase"}});
      precompiled();
      if (m_folder.isOf("albert")) steps.push_back(squeeze);
    } else if (m_folder.isOf("deberta") || m_folder.isOf("bleurt")) {
      if (m_folder.flag("do_lower_case", false)) steps.push_back({{"type", "Lowercase"}});
      steps.push_back({{"type", "Strip"}, {"strip_left", true}, {"strip_right", true}});
      precompiled();
      steps.push_back(squeeze);
    } else {
      precompiled();
      steps.push_back({{"type", "Strip"}, {"strip_left", false}, {"strip_right", true}});
      steps.push_back(replace(" {2,}", "Regex", space));
    }
    return steps;
  }

  Json plainTemplate() const {
    const auto has = [&](const char* name) { return m_vocabulary.contains(name); };
    if (m_folder.isOf("xlmroberta") || m_folder.isOf("xlm-roberta"))
      return templateJson({{"<s>", 0}, {"$A", 0}, {"</s>", 0}},
                          {{"<s>", 0}, {"$A", 0}, {"</s>", 0}, {"</s>", 0}, {"$B", 0}, {"</s>", 0}}, m_vocabulary, m_added);
    const std::string cls = m_folder.special("cls_token", has("[CLS]") ? "[CLS]" : ""), sep = m_folder.special("sep_token", has("[SEP]") ? "[SEP]" : "");
    if (!cls.empty() && !sep.empty()) return clsSepTemplate(cls, sep, false, m_vocabulary, m_added);
    if (m_folder.isOf("t5"))
      return templateJson({{"$A", 0}, {"</s>", 0}}, {{"$A", 0}, {"</s>", 0}, {"$B", 0}, {"</s>", 0}}, m_vocabulary, m_added);
    return bosEosTemplate(false);
  }

  /// What tokenizer_config.json's add_bos_token and add_eos_token ask for.
  Json bosEosTemplate(bool bosByDefault) const {
    const std::string bos = m_folder.special("bos_token", "<s>"), eos = m_folder.special("eos_token", "</s>");
    std::vector<TemplatePart> single, pair;
    for (const int type : {0, 1}) {
      if (m_folder.flag("add_bos_token", bosByDefault)) pair.push_back({bos, type});
      pair.push_back({type == 0 ? "$A" : "$B", type});
      if (m_folder.flag("add_eos_token", false)) pair.push_back({eos, type});
      if (type == 0) single = pair;
    }
    return templateJson(single, pair, m_vocabulary, m_added);
  }

  const TokenizerFolder& m_folder;
  SentencePieceModel m_model;
  Json m_vocabulary = Json::object(), m_added;
};

}  // namespace

std::string jsonFromSentencePiece(const TokenizerFolder& folder, const std::filesystem::path& path) {
  const std::string bytes = files::readText(path);
  auto model = parseSentencePiece(bytes);
  const std::string convert = "load it once with transformers and save_pretrained() to get a tokenizer.json";
  if (!model) {
    const bool tiktoken = bytes.find('\0') == std::string::npos && bytes.substr(0, 200).find(' ') != std::string::npos;
    throw tokenizerError(path, tiktoken ? "it is a tiktoken vocabulary" : "it is not a SentencePiece model", convert);
  }
  if (model->modelType != 1 && model->modelType != 2)
    throw tokenizerError(path, "it is neither a unigram nor a BPE model", convert);
  for (const char* name : {"camembert", "mbart", "xglm", "barthez", "xlnet", "nllb", "gemma", "pegasus", "reformer", "bigbird", "big_bird", "seamless"})
    if (folder.isOf(name)) throw tokenizerError(path, std::string("tokenizers of the kind ") + name + " change their pieces in ways of their own", convert);
  constexpr std::size_t longestPiece = 4096;  // all splits of a piece are looked up
  for (const auto& piece : model->pieces) {
    if (piece.text.size() > longestPiece) throw tokenizerError(path, "a piece has " + std::to_string(piece.text.size()) + " bytes");
    if (files::sanitiseUtf8(piece.text) != piece.text) throw tokenizerError(path, "a piece is not UTF-8");
  }
  return Builder(folder, std::move(*model)).build();
}

}  // namespace lacuna::text

#include <algorithm>
#include <atomic>

#include <lacuna_tokenizers.h>

#include "lacuna/base/log.h"
#include "lacuna/base/run_context.h"
#include "lacuna/files/files.h"
#include "lacuna/text/text.h"
#include "tokenizer_json.h"

namespace lacuna::text {
namespace {

lct_string view(std::string_view text) { return {text.data(), text.size()}; }

/// Turns a status of the crate into LAC-1003.
void check(lct_status status, const char* doing) {
  if (status == LCT_OK) return;
  const lct_string why = lct_last_error();
  throw Error("LAC-1003", std::string("the tokenizer failed while ") + doing + ": " + std::string(why.data, why.size),
              "check that the tokenizer files belong together and are whole");
}

std::string take(lct_buffer buffer) {
  std::string text(buffer.data, buffer.size);
  lct_buffer_free(buffer);
  return text;
}

constexpr const char* sentencePieceNames[] = {"tokenizer.model", "sentencepiece.bpe.model", "sentencepiece.model", "spiece.model",
                                              "spm.model",       "sent_piece.model"};

/// A tokenizer of any model is far smaller; what is larger is not one, and would be read whole.
void refuseHugeFiles(const std::filesystem::path& folder) {
  constexpr std::uint64_t most = std::uint64_t{512} << 20;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::error_code failed;
    const auto size = entry.is_regular_file(failed) ? entry.file_size(failed) : 0;
    const std::string extension = entry.path().extension().string();
    if (!failed && size > most && (extension == ".json" || extension == ".txt" || extension == ".model"))
      throw tokenizerError(entry.path(), "it has " + std::to_string(size) + " bytes; at most " + std::to_string(most) + " are read");
  }
}

std::string buildJson(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored))
    throw Error("LAC-1003", "there is no folder '" + path.string() + "' to load a tokenizer from", "choose a model folder");
  refuseHugeFiles(path);
  const TokenizerFolder folder(path);
  if (const auto file = folder.firstOf({"tokenizer.json"})) return files::readText(*file);
  if (folder.firstOf({"vocab.json"}) && folder.firstOf({"merges.txt"})) return jsonFromVocabAndMerges(folder);
  if (folder.firstOf({"vocab.txt"})) return jsonFromVocabTxt(folder);
  for (const char* const name : sentencePieceNames)
    if (const auto file = folder.firstOf({name})) return jsonFromSentencePiece(folder, *file);
  throw tokenizerError(path, "there is no tokenizer.json, no vocab.json with merges.txt, no vocab.txt and no tokenizer.model",
                       "copy the tokenizer files of the model into its folder");
}

}  // namespace

struct Tokenizer::Impl {
  lct_tokenizer* handle = nullptr;
  bool cleansUpSpaces = false;

  explicit Impl(std::string_view json) {
    if (files::sanitiseUtf8(json) != json) throw Error("LAC-1003", "the tokenizer.json is not UTF-8", "fetch the file again");
    check(lct_tokenizer_from_json(view(json), &handle), "it was read");
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { lct_tokenizer_free(handle); }

  static std::uint32_t flags(EncodeOptions options) {
    std::uint32_t flags = 0;
    if (options.addSpecial) flags |= LCT_ADD_SPECIAL;
    if (options.specialAsText) flags |= LCT_SPECIAL_AS_TEXT;
    return flags;
  }

  lct_encoding encode(std::string_view text, const std::optional<std::string_view>& pair, EncodeOptions options, std::uint64_t& replaced) const {
    std::uint64_t inText = 0, inPair = 0;
    const auto clean = files::sanitiseUtf8(text, &inText);
    const auto cleanPair = pair ? files::sanitiseUtf8(*pair, &inPair) : std::string();
    replaced = inText + inPair;
    const lct_string pairView = view(cleanPair);
    lct_encoding encoding{};
    check(lct_encode(handle, view(clean), pair ? &pairView : nullptr, flags(options) | LCT_WANT_OFFSETS, &encoding), "a text was encoded");
    return encoding;
  }

  /// Texts one after the other, in this thread; gives the number of invalid parts.
  std::uint64_t encodeRows(std::span<const std::string> texts, EncodeOptions options, std::span<std::vector<std::int32_t>> out) const {
    std::vector<std::string> clean;
    std::vector<lct_string> views;
    std::uint64_t replaced = 0;
    clean.reserve(texts.size());
    for (const std::string& text : texts) {
      std::uint64_t here = 0;
      clean.push_back(files::sanitiseUtf8(text, &here));
      replaced += here;
      views.push_back(view(clean.back()));
    }
    lct_batch batch{};
    check(lct_encode_batch(handle, views.data(), views.size(), flags(options), &batch), "texts were encoded");
    for (std::size_t row = 0; row < batch.rows; ++row) out[row].assign(batch.ids + batch.row_splits[row], batch.ids + batch.row_splits[row + 1]);
    lct_batch_free(batch);
    return replaced;
  }

  /// tokenizer_config.json may ask for a BOS that the template of tokenizer.json does not add: said once, not changed.
  void compareWithConfig(const Tokenizer& tokenizer, const TokenizerFolder& folder) const {
    const auto wanted = folder.optionalFlag("add_bos_token");
    const auto bos = tokenizer.id(folder.special("bos_token", {}));
    if (!wanted || !bos || !folder.isOf("llama")) return;
    const Encoding encoding = tokenizer.encode("a");
    if ((!encoding.ids.empty() && encoding.ids.front() == *bos) != *wanted)
      log::warning("tokenizer_config.json in '" + folder.path().string() + "' says add_bos_token " + (*wanted ? "true" : "false") +
                   ", but tokenizer.json does the opposite; tokenizer.json is followed");
  }
};

Tokenizer::Tokenizer(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Tokenizer::~Tokenizer() = default;

std::shared_ptr<const Tokenizer> Tokenizer::fromJson(std::string_view json) {
  return std::shared_ptr<const Tokenizer>(new Tokenizer(std::make_unique<Impl>(json)));
}

std::shared_ptr<const Tokenizer> Tokenizer::load(const std::filesystem::path& path) {
  const std::string json = buildJson(path);
  const TokenizerFolder folder(path);
  try {
    auto impl = std::make_unique<Impl>(json);
    impl->cleansUpSpaces = folder.flag("clean_up_tokenization_spaces", false);
    const std::shared_ptr<const Tokenizer> tokenizer(new Tokenizer(std::move(impl)));
    tokenizer->encode("a", {}, "a");  // a template may name tokens that are not there
    tokenizer->m_impl->compareWithConfig(*tokenizer, folder);
    return tokenizer;
  } catch (const Error& error) {
    throw Error(error.code(), error.message() + " (folder '" + path.string() + "')", error.hint());
  }
}

Encoding Tokenizer::encode(std::string_view text, EncodeOptions options, std::optional<std::string_view> pair) const {
  Encoding encoding;
  const lct_encoding raw = m_impl->encode(text, pair, options, encoding.replaced);
  encoding.ids.assign(raw.ids, raw.ids + raw.size);
  encoding.typeIds.assign(raw.type_ids, raw.type_ids + raw.size);
  encoding.specialMask.assign(raw.special, raw.special + raw.size);
  const char* token = raw.tokens;
  for (std::size_t i = 0; i < raw.size; token += raw.token_sizes[i++]) {
    encoding.offsets.push_back({raw.offsets[2 * i], raw.offsets[2 * i + 1]});
    encoding.tokens.emplace_back(token, raw.token_sizes[i]);
  }
  lct_encoding_free(raw);
  return encoding;
}

std::vector<std::vector<std::int32_t>> Tokenizer::encodeBatch(std::span<const std::string> texts, EncodeOptions options, int threads,
                                                              std::uint64_t* replaced) const {
  std::vector<std::vector<std::int32_t>> ids(texts.size());
  std::atomic<std::uint64_t> invalid{0};
  parallelFor(std::ssize(texts), threads, 8, [&](std::int64_t begin, std::int64_t end) {
    const auto from = static_cast<std::size_t>(begin), count = static_cast<std::size_t>(end - begin);
    invalid += m_impl->encodeRows(texts.subspan(from, count), options, std::span(ids).subspan(from, count));
  });
  if (replaced != nullptr) *replaced = invalid;
  return ids;
}

std::string Tokenizer::decode(std::span<const std::int32_t> ids, bool skipSpecial) const {
  std::vector<std::uint32_t> unsignedIds(ids.begin(), ids.end());  // a negative id becomes one no vocabulary has
  lct_buffer text{};
  check(lct_decode(m_impl->handle, unsignedIds.data(), unsignedIds.size(), skipSpecial ? 1 : 0, &text), "ids were decoded");
  return take(text);
}

std::string Tokenizer::token(std::int32_t id) const {
  int found = 0;
  lct_buffer token{};
  check(lct_id_to_token(m_impl->handle, static_cast<std::uint32_t>(id), &found, &token), "an id was looked up");
  return take(token);
}

std::optional<std::int32_t> Tokenizer::id(std::string_view token) const {
  int found = 0;
  std::uint32_t id = 0;
  if (files::sanitiseUtf8(token) != token) return std::nullopt;
  check(lct_token_to_id(m_impl->handle, view(token), &found, &id), "a token was looked up");
  return found != 0 ? std::optional(static_cast<std::int32_t>(id)) : std::nullopt;
}

std::int64_t Tokenizer::vocabularySize() const {
  std::size_t size = 0;
  check(lct_vocab_size(m_impl->handle, 1, &size), "its vocabulary was counted");
  return static_cast<std::int64_t>(size);
}

std::string Tokenizer::kind() const {
  lct_string kind{};
  check(lct_kind(m_impl->handle, &kind), "its kind was asked for");
  return {kind.data, kind.size};
}

std::string Tokenizer::toJson() const {
  lct_buffer json{};
  check(lct_tokenizer_to_json(m_impl->handle, &json), "it was written");
  return take(json);
}

bool hasTokenizer(const std::filesystem::path& folder) {
  std::error_code ignored;
  const auto has = [&](const char* name) { return std::filesystem::exists(folder / name, ignored); };
  return has("tokenizer.json") || has("vocab.txt") || (has("vocab.json") && has("merges.txt")) ||
         std::any_of(std::begin(sentencePieceNames), std::end(sentencePieceNames), has);
}

bool Tokenizer::cleansUpSpaces() const { return m_impl->cleansUpSpaces; }

std::string trainByteLevelBpe(std::span<const std::string> texts, std::int64_t vocabularySize, std::span<const std::string> specials) {
  std::vector<std::string> clean;
  for (const std::string& text : texts) clean.push_back(files::sanitiseUtf8(text));
  std::vector<lct_string> textViews, specialViews;
  for (const std::string& text : clean) textViews.push_back(view(text));
  for (const std::string& special : specials) specialViews.push_back(view(special));
  lct_buffer json{};
  check(lct_train_byte_level_bpe(textViews.data(), textViews.size(), static_cast<std::size_t>(std::max<std::int64_t>(vocabularySize, 0)),
                                 specialViews.data(), specialViews.size(), &json),
        "it was trained");
  return take(json);
}

}  // namespace lacuna::text

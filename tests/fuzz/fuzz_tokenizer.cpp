#include <cstdint>
#include <string_view>

#include "lacuna/base/error.h"
#include "lacuna/base/log.h"
#include "lacuna/text/text.h"
#include "scratch_folder.h"

// Any bytes as the files of a tokenizer folder: refused, or texts come out again. The first byte chooses the files; the rest is cut
// at bytes 0xFF, which no text file holds.

namespace {

constexpr const char* layouts[][4] = {
    {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", nullptr},
    {"vocab.json", "merges.txt", "tokenizer_config.json", "added_tokens.json"},
    {"vocab.txt", "tokenizer_config.json", "special_tokens_map.json", "config.json"},
    {"vocab.json", "merges.txt", "config.json", "special_tokens_map.json"},
};

void fill(const ScratchFolder& folder, std::string_view bytes) {
  folder.clear();
  const auto& names = layouts[static_cast<unsigned char>(bytes.front()) % std::size(layouts)];
  bytes.remove_prefix(1);
  for (const char* const name : names) {
    if (name == nullptr || bytes.empty()) return;
    const std::size_t end = std::min(bytes.find('\xFF'), bytes.size());
    folder.put(name, bytes.substr(0, end));
    bytes.remove_prefix(std::min(bytes.size(), end + 1));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lacuna;
  static const ScratchFolder folder;
  log::setLevel(log::Level::Error);
  if (size == 0) return 0;
  fill(folder, {reinterpret_cast<const char*>(data), size});
  try {
    const auto tokenizer = text::Tokenizer::load(folder.path());
    const std::string_view sentence = "The  layer\tré\xCC\x81" "ads 12 模型 🙂 <s>[CLS] aaaa'll";
    const text::Encoding encoding = tokenizer->encode(sentence, {}, "a pair");
    for (const auto& [begin, end] : encoding.offsets)
      if (begin > end || end > sentence.size()) __builtin_trap();
    tokenizer->encode(sentence, {false, true});
    tokenizer->decode(encoding.ids, true);
    text::Tokenizer::fromJson(tokenizer->toJson());
  } catch (const Error& error) {
    if (error.hint().empty()) __builtin_trap();
  }
  return 0;
}

#include <cstdint>
#include <string>

#include "lacuna/base/error.h"
#include "lacuna/base/log.h"
#include "lacuna/text/text.h"
#include "scratch_folder.h"

// Any bytes as a SentencePiece model, for the kinds of tokenizers that have one; the first byte chooses the kind.

namespace {

constexpr const char* kinds[] = {"llama", "t5", "xlm-roberta", "albert", "rembert", "deberta-v2", "unknown"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lacuna;
  static const ScratchFolder folder;
  log::setLevel(log::Level::Error);
  if (size == 0) return 0;
  folder.put("config.json", std::string(R"({"model_type":")") + kinds[data[0] % std::size(kinds)] + "\"}");
  folder.put("tokenizer.model", {reinterpret_cast<const char*>(data) + 1, size - 1});
  try {
    const auto tokenizer = text::Tokenizer::load(folder.path());
    const auto ids = tokenizer->encode("The  layer\tré\xCC\x81" "ads 12 模型 🙂 <s>[CLS]").ids;
    tokenizer->decode(ids, false);
  } catch (const Error& error) {
    if (error.hint().empty()) __builtin_trap();
  }
  return 0;
}

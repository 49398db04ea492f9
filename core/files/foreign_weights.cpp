#include "foreign_weights.h"

#include <algorithm>
#include <optional>

namespace lacuna::files {
namespace {

namespace fs = std::filesystem;

struct Kind {
  const char* extension;
  const char* hint;
};

constexpr const char* pickled = "convert to safetensors first: python -c \"from transformers import AutoModelForCausalLM as M; "
                                "M.from_pretrained('FOLDER').save_pretrained('NEW', safe_serialization=True)\"; pickled files are never opened";
constexpr Kind kinds[] = {
    {".safetensors", "name a single file model.safetensors, or add the index of the shards"},
    {".bin", pickled},
    {".pt", pickled},
    {".pth", pickled},
    {".ckpt", pickled},
    {".pkl", pickled},
    {".h5", "convert to safetensors first: python -c \"from transformers import AutoModelForCausalLM as M; "
            "M.from_pretrained('FOLDER', from_tf=True).save_pretrained('NEW', safe_serialization=True)\""},
    {".msgpack", "convert to safetensors first: python -c \"from transformers import AutoModelForCausalLM as M; "
                 "M.from_pretrained('FOLDER', from_flax=True).save_pretrained('NEW', safe_serialization=True)\""},
    {".gguf", "choose the folder the GGUF file was made from, or convert it to safetensors: python -c \"from transformers import "
              "AutoModelForCausalLM as M; M.from_pretrained('FOLDER', gguf_file='FILE.gguf').save_pretrained('NEW')\""},
    {".onnx", "an ONNX file holds a computation, not named weights: fetch the model's safetensors files"},
};

std::optional<std::size_t> kindOf(const fs::path& file) {
  if (file.filename() == "training_args.bin") return std::nullopt;
  const std::string extension = file.extension().string();
  const auto* const found = std::find_if(std::begin(kinds), std::end(kinds), [&](const Kind& kind) { return extension == kind.extension; });
  if (found == std::end(kinds)) return std::nullopt;
  return static_cast<std::size_t>(found - kinds);
}

}  // namespace

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  constexpr std::size_t shown = 50;
  for (std::size_t i = 0; i < std::min(names.size(), shown); ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > shown) text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

Error noSafetensors(const fs::path& folder) {
  std::vector<std::string> others;
  std::size_t first = std::size(kinds);
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (const auto kind = kindOf(entry.path())) {
      others.push_back(entry.path().filename().string());
      first = std::min(first, *kind);
    }
  std::sort(others.begin(), others.end());
  std::string message = "no model.safetensors or model.safetensors.index.json in '" + folder.string() + "'";
  if (!others.empty()) message += "; found only " + joined(others);
  return Error("LAC-1001", message, first < std::size(kinds) ? kinds[first].hint : "choose a Hugging Face model folder");
}

}  // namespace lacuna::files

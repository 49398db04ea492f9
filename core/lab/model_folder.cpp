#include "model_folder.h"

#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/files/safetensors.h"

namespace lacuna::lab {
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* EndOfText = "<|endoftext|>";

Json config(const TrainRecipe& r) {
  return {{"architectures", {"GPTNeoXForCausalLM"}},
          {"attention_bias", true},
          {"bos_token_id", 0},
          {"eos_token_id", 0},
          {"hidden_act", "gelu"},
          {"hidden_size", r.width},
          {"intermediate_size", r.mlpWidth},
          {"layer_norm_eps", 1e-5},
          {"max_position_embeddings", r.context},
          {"model_type", "gpt_neox"},
          {"num_attention_heads", r.heads},
          {"num_hidden_layers", r.layers},
          {"rotary_emb_base", 10000},
          {"rotary_pct", static_cast<double>(Network::rotatedChannels(r)) * r.heads / r.width},
          {"tie_word_embeddings", false},
          {"torch_dtype", "float16"},
          {"use_parallel_residual", true},
          {"vocab_size", r.vocabulary}};
}

Json tokenizerConfig(const TrainRecipe& r) {
  return {{"add_prefix_space", false},
          {"bos_token", EndOfText},
          {"clean_up_tokenization_spaces", false},
          {"eos_token", EndOfText},
          {"model_max_length", r.context},
          {"tokenizer_class", "PreTrainedTokenizerFast"},
          {"unk_token", EndOfText}};
}

}  // namespace

void writeModelFolder(const std::filesystem::path& folder, const Network& network, const TrainRecipe& recipe, std::string_view tokenizer) {
  std::vector<files::TensorToWrite> tensors;
  for (const auto& p : network.parameters())
    tensors.push_back({p.name, "F16", p.shape, {p.value.data_ptr<float>(), static_cast<std::size_t>(p.value.numel())}, {}});
  files::writeFileAtomically(folder / "config.json", config(recipe).dump(2) + "\n");
  files::writeFileAtomically(folder / "generation_config.json", Json{{"bos_token_id", 0}, {"eos_token_id", 0}}.dump(2) + "\n");
  files::writeFileAtomically(folder / "tokenizer_config.json", tokenizerConfig(recipe).dump(2) + "\n");
  files::writeFileAtomically(folder / "tokenizer.json", tokenizer);
  files::writeSafetensors(folder / "model.safetensors", tensors);
}

TrainRecipe readModelShape(const std::filesystem::path& folder) {
  const Json read = Json::parse(files::readText(folder / "config.json"), nullptr, false);
  TrainRecipe shape;
  if (!read.is_object() || read.value("model_type", "") != "gpt_neox")
    throw Error("LAC-1002", (folder / "config.json").string() + ": expected a gpt_neox model that the lab trained");
  shape.layers = read.value("num_hidden_layers", 0);
  shape.width = read.value("hidden_size", 0);
  shape.heads = read.value("num_attention_heads", 1);
  shape.mlpWidth = read.value("intermediate_size", 0);
  shape.vocabulary = read.value("vocab_size", 0);
  shape.context = read.value("max_position_embeddings", 0);
  // Every other key must be the one the lab writes: its network knows no other variant.
  const Json expected = config(shape);
  for (const auto& [key, value] : expected.items())
    if (!read.contains(key) || read[key] != value)
      throw Error("LAC-1002", (folder / "config.json").string() + ": /" + key + ": expected " + value.dump(), "the lab reads its own models only");
  return shape;
}

Network readModelFolder(const std::filesystem::path& folder, const TrainRecipe& shape) {
  Network network(shape);
  const files::WeightFiles weights(folder);
  for (const auto& p : network.parameters()) {
    const auto* const tensor = weights.find(p.name);
    if (!tensor || tensor->shape != p.shape)
      throw Error("LAC-1001", folder.string() + ": tensor " + p.name + (tensor ? " has another shape than config.json says" : " is missing"));
    weights.readFloat(p.name, {p.value.data_ptr<float>(), static_cast<std::size_t>(p.value.numel())});
  }
  return network;
}

}  // namespace lacuna::lab

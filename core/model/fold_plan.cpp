#include "fold_plan.h"

#include <algorithm>

#include "lacuna/base/error.h"

namespace lacuna::model {
namespace {

/// How a family names what can be edited (formats.md 2.2 – 2.6). `*` is the layer.
struct Branch {
  const char* module;
  const char* biasKey;                 ///< nullptr: the config has none
  std::vector<const char*> biasedBy;   ///< modules that the key gives a bias
};
struct Names {
  const char* modelType;
  const char* layer;
  bool inputsFirst;
  Branch attention, mlp;
  const char* table;
};

const std::vector<Names>& allNames() {
  const std::vector<const char*> opt = {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj", "fc1", "fc2"};
  static const std::vector<Names> names = {
      {"gpt2", "h.", true, {"attn.c_proj", nullptr, {}}, {"mlp.c_proj", nullptr, {}}, "wte"},
      {"gpt_neox", "layers.", false, {"attention.dense", "attention_bias", {"attention.query_key_value", "attention.dense"}},
       {"mlp.dense_4h_to_h", nullptr, {}}, "embed_in"},
      {"gptj", "h.", false, {"attn.out_proj", nullptr, {}}, {"mlp.fc_out", nullptr, {}}, "wte"},
      {"llama", "layers.", false,
       {"self_attn.o_proj", "attention_bias", {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj"}},
       {"mlp.down_proj", "mlp_bias", {"mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"}}, "embed_tokens"},
      {"mistral", "layers.", false, {"self_attn.o_proj", nullptr, {}}, {"mlp.down_proj", nullptr, {}}, "embed_tokens"},
      {"qwen2", "layers.", false, {"self_attn.o_proj", nullptr, {}}, {"mlp.down_proj", nullptr, {}}, "embed_tokens"},
      {"opt", "layers.", false, {"self_attn.out_proj", "enable_bias", opt}, {"fc2", "enable_bias", opt}, "embed_tokens"}};
  return names;
}

const Names& namesOf(const Described& model) {
  for (const Names& names : allNames())
    if (model.family->modelType == names.modelType) return names;
  throw Error("LAC-1201", "weights of the family " + model.family->modelType + " cannot be edited");
}

[[noreturn]] void refuse(const std::string& what, const std::string& nearest) {
  throw Error("LAC-1201", "cannot be folded into weights: " + what, "the nearest that can: " + nearest);
}

void requireStreamFoldable(const Described& model, Capture place) {
  const std::string layer = std::to_string(place.layer.value);
  if (place.site == Site::LastHidden)
    refuse("last_hidden, behind the final norm", "mlp_out of layer " + std::to_string(model.info.layers - 1));
  if (place.site == Site::ResidPost || place.layer.value != 0)
    refuse(placeName(place) + ", because the residual stream passes all weights by", "mlp_out or attn_out of layer " + layer);
  if (model.info.learnedPositions)
    refuse("resid_pre of layer 0 of a " + model.info.family + " model, because it adds learned positions to the token table",
           "mlp_out or attn_out of layer 0");
  if (model.config.boolean("tie_word_embeddings", false))
    refuse("resid_pre of layer 0, because the head of this model is tied to the token table", "mlp_out or attn_out of layer 0");
}

void requireWidth(const AffineChange& change, std::int64_t width) {
  const auto fits = [width](Eigen::Index size) { return size == 0 || size == width; };
  if (fits(change.scale.size()) && fits(change.offset.size()) && change.write.rows() == change.read.rows() &&
      (change.read.rows() == 0 || (change.read.cols() == width && change.write.cols() == width)))
    return;
  throw Error("LAC-1201", "the change at " + placeName(change.place) + " was made for another width than " + std::to_string(width),
              "The perturbation was made for another model or site.");
}

}  // namespace

std::string placeName(Capture place) { return siteName(place.site) + " of layer " + std::to_string(place.layer.value); }

std::string tokenTableName(const Described& model) { return std::string(namesOf(model).table) + ".weight"; }

OutputProduct outputProduct(const Described& model, Capture place) {
  const Names& names = namesOf(model);
  const Branch& branch = place.site == Site::AttnOut ? names.attention : names.mlp;
  const auto inLayer = [&](std::int64_t layer, const char* module) { return names.layer + std::to_string(layer) + "." + module; };
  OutputProduct product{inLayer(place.layer.value, branch.module), names.inputsFirst, false,
                        branch.biasKey != nullptr ? branch.biasKey : "", {}};
  const auto& entries = model.tensors.entries();
  product.biased = std::any_of(entries.begin(), entries.end(), [&](const auto& entry) { return entry.name == product.module + ".bias"; });
  for (std::int64_t layer = 0; layer < model.info.layers; ++layer)
    for (const char* module : branch.biasedBy) product.biasedBy.push_back(inLayer(layer, module));
  return product;
}

void requireFoldable(const Described& model, const AffineChange& change) {
  const Capture place = change.place;
  if (place.site != Site::LastHidden && (!place.layer.valid() || place.layer.value >= model.info.layers))
    throw Error("LAC-1004", "A change names layer " + std::to_string(place.layer.value) + "; the model has layers 0 to " + std::to_string(model.info.layers - 1));
  requireWidth(change, model.info.siteWidth(place.site));
  if (place.site == Site::MlpHidden || place.site == Site::MlpOut || place.site == Site::AttnOut) {
    const OutputProduct product = outputProduct(model, place);
    const bool shifts = change.offset.size() > 0 && !change.offset.isZero(0);
    if (shifts && !product.biased && product.biasKey.empty())
      refuse("the constant part of a change at " + placeName(place) + ", because " + model.info.family + " has no bias at " + product.module,
             "a change without one there: zero-ablation, or a projection through 0");
    return;
  }
  requireStreamFoldable(model, place);
}

}  // namespace lacuna::model

#include "sentence_folder.h"

#include <array>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/embeddings/sentence_encoder.h"
#include "lacuna/files/json.h"
#include "lacuna/files/safetensors.h"

namespace lacuna::embeddings {
namespace {

namespace fs = std::filesystem;

/// A JSON object with the path it came from; typed questions with defaults.
class Settings {
 public:
  /// An absent file is an empty object unless it is needed.
  Settings(fs::path path, bool needed) : m_path(std::move(path)), m_json(nlohmann::json::object()) {
    if (!fs::exists(m_path)) {
      if (needed) throw Error("LAC-1001", m_path.string() + " is missing", "copy the whole folder of the sentence encoder");
      return;
    }
    m_json = files::readJson(m_path, "LAC-1002");
    if (!m_json.is_object()) throw Error("LAC-1002", m_path.string() + " is not a JSON object");
  }

  bool has(const char* key) const { return m_json.contains(key) && !m_json[key].is_null(); }
  const nlohmann::json& at(const char* key) const { return m_json[key]; }
  bool flag(const char* key, bool standard) const { return value(key, standard, has(key) && m_json[key].is_boolean(), "true or false"); }
  std::int64_t integer(const char* key, std::int64_t standard) const {
    return value(key, standard, has(key) && m_json[key].is_number_integer(), "a whole number");
  }
  std::string string(const char* key, const std::string& standard) const {
    return value(key, standard, has(key) && m_json[key].is_string(), "a string");
  }
  [[noreturn]] void refuse(const std::string& what, const std::string& hint = {}) const {
    throw Error("LAC-1002", m_path.string() + ": " + what, hint);
  }

 private:
  template <class Value>
  Value value(const char* key, Value standard, bool right, const char* expected) const {
    if (!has(key)) return standard;
    if (!right) refuse(std::string("\"") + key + "\" should be " + expected + ", found " + m_json[key].dump());
    return m_json[key].get<Value>();
  }
  fs::path m_path;
  nlohmann::json m_json;
};

struct Module { std::string type; fs::path folder; };

/// A folder inside another: no way out of it.
fs::path inside(const fs::path& folder, const std::string& name, const fs::path& file) {
  const fs::path relative = fs::path(name).lexically_normal();
  if (relative.is_absolute() || (!relative.empty() && *relative.begin() == ".."))
    throw Error("LAC-1002", file.string() + ": the path \"" + name + "\" leads out of the folder");
  return folder / relative;
}

std::vector<Module> readModules(const fs::path& folder) {
  const fs::path path = folder / "modules.json";
  const auto json = files::readJson(path, "LAC-1002");
  const auto refuse = [&](const std::string& what) { throw Error("LAC-1002", path.string() + ": " + what); };
  if (!json.is_array() || json.empty()) refuse("a list of modules is expected");
  std::vector<Module> modules;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto& entry = json[i];
    if (!entry.is_object() || !entry.contains("type") || !entry["type"].is_string()) refuse("module " + std::to_string(i) + " has no type");
    if (entry.contains("idx") && entry["idx"] != i) refuse("module " + std::to_string(i) + " has idx " + entry["idx"].dump());
    const std::string type = entry["type"].get<std::string>();
    const std::string name = entry.contains("path") && entry["path"].is_string() ? entry["path"].get<std::string>() : "";
    modules.push_back({type.substr(type.rfind('.') + 1), inside(folder, name, path)});
  }
  return modules;
}

void readTransformer(const fs::path& folder, SentenceRecipe& recipe) {
  recipe.transformer = folder;
  fs::path path = folder / "sentence_bert_config.json";
  for (const char* const kind : {"roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"})
    if (!fs::exists(path)) path = folder / ("sentence_" + std::string(kind) + "_config.json");
  const Settings settings(path, false), tokenizer(folder / "tokenizer_config.json", false);
  recipe.maxTokens = settings.integer("max_seq_length", 0);
  if (settings.has("max_seq_length") && recipe.maxTokens < 1) settings.refuse("\"max_seq_length\" is " + std::to_string(recipe.maxTokens));
  recipe.lower = settings.flag("do_lower_case", false);
  const std::string side = tokenizer.string("truncation_side", "right");
  if (side != "right" && side != "left") tokenizer.refuse("\"truncation_side\" should be \"right\" or \"left\", found \"" + side + "\"");
  recipe.keepEnd = side == "left";
  if (!tokenizer.has("model_max_length")) return;
  if (!tokenizer.at("model_max_length").is_number()) tokenizer.refuse("\"model_max_length\" should be a number");
  const double limit = tokenizer.at("model_max_length").get<double>();   // 1e30: "none"
  if (limit >= 1 && limit < 1e9) recipe.tokenizerLimit = static_cast<std::int64_t>(limit);
}

/// Names of the modes as keys and as values of "pooling_mode", in the order of concatenation.
struct ModeName { const char *key, *word; bool PoolingRecipe::*mode; };
constexpr std::array<ModeName, 6> modeNames{{{"pooling_mode_cls_token", "cls", &PoolingRecipe::cls},
                                             {"pooling_mode_max_tokens", "max", &PoolingRecipe::max},
                                             {"pooling_mode_mean_tokens", "mean", &PoolingRecipe::mean},
                                             {"pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", &PoolingRecipe::meanSqrt},
                                             {"pooling_mode_weightedmean_tokens", "weightedmean", &PoolingRecipe::weightedMean},
                                             {"pooling_mode_lasttoken", "lasttoken", &PoolingRecipe::last}}};

PoolingRecipe readPooling(const fs::path& folder) {
  const Settings settings(folder / "config.json", true);
  PoolingRecipe pooling;
  pooling.width = settings.integer("word_embedding_dimension", settings.integer("embedding_dimension", 0));
  pooling.includePrompt = settings.flag("include_prompt", true);
  if (settings.has("pooling_mode")) {
    const nlohmann::json words = settings.at("pooling_mode").is_array() ? settings.at("pooling_mode") : nlohmann::json::array({settings.at("pooling_mode")});
    for (const auto& word : words) {
      bool known = false;
      for (const ModeName& name : modeNames)
        if (word.is_string() && (word == name.word || word == std::string(name.word) + "_tokens" || (word == "mean_sqrt_len" && name.mode == &PoolingRecipe::meanSqrt)))
          known = pooling.*name.mode = true;
      if (!known) settings.refuse("unknown pooling_mode " + word.dump(), "known: cls, max, mean, mean_sqrt_len_tokens, weightedmean, lasttoken");
    }
  } else {
    for (const ModeName& name : modeNames) pooling.*name.mode = settings.flag(name.key, name.mode == &PoolingRecipe::mean);
  }
  if (pooling.modes() == 0) settings.refuse("no pooling mode is switched on");
  return pooling;
}

StepRecipe readDense(const fs::path& folder) {
  const Settings settings(folder / "config.json", true);
  StepRecipe step;
  step.folder = folder;
  step.inputs = settings.integer("in_features", 0);
  step.outputs = settings.integer("out_features", 0);
  if (step.inputs < 1 || step.outputs < 1) settings.refuse("in_features and out_features should be positive");
  step.bias = settings.flag("bias", true);
  const std::string name = settings.string("activation_function", "Tanh");
  step.activation = name.substr(name.rfind('.') + 1);
  if (step.activation != "Tanh" && step.activation != "Identity" && step.activation != "ReLU" && step.activation != "GELU")
    settings.refuse("activation_function \"" + name + "\" is not supported", "Tanh, Identity, ReLU and GELU are");
  return step;
}

void readPrompts(const fs::path& folder, SentenceRecipe& recipe) {
  const Settings settings(folder / "config_sentence_transformers.json", false);
  if (settings.has("prompts")) {
    if (!settings.at("prompts").is_object()) settings.refuse("\"prompts\" should be an object of strings");
    for (const auto& [name, text] : settings.at("prompts").items()) {
      if (!text.is_string()) settings.refuse("the prompt \"" + name + "\" is no string");
      recipe.prompts[name] = text.get<std::string>();
    }
  }
  recipe.defaultPrompt = settings.string("default_prompt_name", "");
  if (!recipe.defaultPrompt.empty() && !recipe.prompts.contains(recipe.defaultPrompt))
    settings.refuse("default_prompt_name \"" + recipe.defaultPrompt + "\" is none of the prompts");
}

}  // namespace

std::string PoolingRecipe::text() const {
  std::string out;
  for (const ModeName& name : modeNames)
    if (this->*name.mode) out += (out.empty() ? "" : " + ") + std::string(name.word);
  return out;
}

SentenceFolder inspectSentenceFolder(const fs::path& folder) {
  const SentenceRecipe recipe = readSentenceFolder(folder);
  SentenceFolder out{recipe.transformer, recipe.pooling.text() + " pooling"};
  for (const StepRecipe& step : recipe.steps) {
    if (!step.normalise) {
      const files::SafetensorsFile weights(step.folder / "model.safetensors");
      const files::TensorInfo* const matrix = weights.find("linear.weight");
      if (!matrix || matrix->shape != std::vector<std::int64_t>{step.outputs, step.inputs})
        throw Error("LAC-1004", weights.path().string() + ": linear.weight should be [" + std::to_string(step.outputs) + ", " + std::to_string(step.inputs) + "]",
                    "config.json and weights of the Dense module are of different models");
    }
    out.description += step.normalise ? ", normalised" : ", dense " + std::to_string(step.inputs) + " → " + std::to_string(step.outputs) + " (" + step.activation + ")";
  }
  if (recipe.maxTokens > 0) out.description += "; texts of at most " + std::to_string(recipe.maxTokens) + " tokens";
  return out;
}

SentenceRecipe readSentenceFolder(const fs::path& folder) {
  if (!fs::is_directory(folder)) throw Error("LAC-1001", folder.string() + " is no folder", "choose the folder of a sentence encoder");
  SentenceRecipe recipe;
  readPrompts(folder, recipe);
  if (!fs::exists(folder / "modules.json")) {
    readTransformer(folder, recipe);
    recipe.pooling.mean = true;
    return recipe;
  }
  const std::vector<Module> modules = readModules(folder);
  const auto refuse = [&](const std::string& what) { throw Error("LAC-1002", (folder / "modules.json").string() + ": " + what, "Transformer, Pooling, Dense and Normalize are supported"); };
  bool pooled = false;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    const auto& [type, place] = modules[i];
    if ((i == 0) != (type == "Transformer")) refuse("module " + std::to_string(i) + " is a " + type + (i == 0 ? ", a Transformer is expected first" : ""));
    if (type == "Transformer") readTransformer(place, recipe);
    else if (type == "Pooling" && !pooled) recipe.pooling = readPooling(place);
    else if (type == "Dense" && pooled) recipe.steps.push_back(readDense(place));
    else if (type == "Normalize" && pooled) recipe.steps.push_back({.normalise = true, .folder = {}, .activation = {}});
    else refuse("module " + std::to_string(i) + ", a " + type + ", is not supported there");
    pooled = pooled || type == "Pooling";
  }
  if (!pooled) refuse("there is no Pooling");
  return recipe;
}

}  // namespace lacuna::embeddings

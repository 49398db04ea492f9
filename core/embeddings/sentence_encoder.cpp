#include "lacuna/embeddings/sentence_encoder.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "lacuna/base/log.h"
#include "lacuna/files/files.h"
#include "lacuna/files/safetensors.h"
#include "lacuna/model/linear.h"
#include "lacuna/text/unicode.h"
#include "pool_tokens.h"
#include "sentence_folder.h"
#include "token_states.h"
#include "unit_rows.h"

namespace lacuna::embeddings {
namespace {

namespace fs = std::filesystem;

/// A module after the pooling, ready to run.
struct Step {
  bool normalise = false;
  model::Linear dense;
  model::Activation activation = model::Activation::None;
};

model::Activation activationOf(const std::string& name) {
  if (name == "Tanh") return model::Activation::Tanh;
  if (name == "ReLU") return model::Activation::Relu;
  return name == "GELU" ? model::Activation::Gelu : model::Activation::None;
}

std::vector<float> readTensor(const files::WeightFiles& weights, const fs::path& folder, const std::string& name, const std::vector<std::int64_t>& shape) {
  const files::TensorInfo* const tensor = weights.find(name);
  if (!tensor || tensor->shape != shape)
    throw Error("LAC-1004", folder.string() + ": the tensor " + name + (tensor ? " has another shape than its config.json says" : " is missing"));
  std::vector<float> values(static_cast<std::size_t>(tensor->elements()));
  weights.readFloat(name, values);
  return values;
}

Step loadStep(const StepRecipe& recipe, std::int64_t width) {
  Step step;
  step.normalise = recipe.normalise;
  if (recipe.normalise) return step;
  if (recipe.inputs != width)
    throw Error("LAC-1002", (recipe.folder / "config.json").string() + ": in_features is " + std::to_string(recipe.inputs) + ", the vectors have " + std::to_string(width));
  const files::WeightFiles weights(recipe.folder);
  step.dense = model::Linear(recipe.inputs, recipe.outputs);
  step.dense.packRows(0, readTensor(weights, recipe.folder, "linear.weight", {recipe.outputs, recipe.inputs}).data(), recipe.inputs, recipe.outputs);
  if (recipe.bias) step.dense.bias = readTensor(weights, recipe.folder, "linear.bias", {recipe.outputs});
  step.activation = activationOf(recipe.activation);
  return step;
}

void run(const Step& step, std::vector<float>& vector) {
  if (step.normalise) {
    double squares = 0;
    for (const float x : vector) squares += static_cast<double>(x) * static_cast<double>(x);
    const double length = std::max(std::sqrt(squares), 1e-12);
    for (float& x : vector) x = static_cast<float>(static_cast<double>(x) / length);
    return;
  }
  std::vector<float> out(static_cast<std::size_t>(step.dense.outputs()));
  model::apply(step.dense, {.x = vector.data(), .y = out.data(), .rows = 1, .activation = step.activation});
  vector = std::move(out);
}

/// Names and bytes of the small files that decide about the vectors, and of Dense weights.
std::string settingsHash(const fs::path& folder, const SentenceRecipe& recipe) {
  std::vector<fs::path> paths{folder / "modules.json", folder / "config_sentence_transformers.json", recipe.transformer / "sentence_bert_config.json"};
  for (const char* const file : {"tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "merges.txt"}) paths.push_back(recipe.transformer / file);
  for (const StepRecipe& step : recipe.steps)
    if (!step.normalise) paths.push_back(step.folder / "model.safetensors");
  Hasher hasher;
  for (const fs::path& path : paths) hasher.add(fs::exists(path) ? contentHash(path) : "");
  hasher.add(recipe.pooling.text()).add(recipe.pooling.includePrompt).add(recipe.maxTokens);
  return hasher.hex();
}

}  // namespace

struct SentenceEncoder::Parts {
  SentenceRecipe recipe;
  TokenStates states;
  std::vector<Step> steps;
  std::int64_t width = 0, maxTokens = 0;
  std::string prompt, hash;
  std::int64_t hiddenTokens = 0;       ///< tokens of the prompt, where the pooling leaves it out
  std::int64_t before = 0, after = 0;  ///< special tokens that the tokenizer puts around a text
  std::vector<std::string> warnings;

  /// Stripped text with its prompt, as the reference hands it to the tokenizer.
  std::string prepared(const std::string& text) const {
    const std::string whole = prompt + text;
    const std::string_view bare = text::stripped(whole);
    return recipe.lower ? text::lower(bare) : std::string(bare);
  }

  /// Cuts the text's own tokens, never the specials around it.
  void cut(std::vector<std::int32_t>& ids) const {
    const std::int64_t extra = std::ssize(ids) - maxTokens;
    if (extra <= 0) return;
    const auto first = recipe.keepEnd ? ids.begin() + before : ids.end() - after - extra;
    ids.erase(first, first + extra);
  }

  std::vector<std::vector<std::int32_t>> tokens(std::span<const std::string> texts, int threads) const {
    std::vector<std::string> ready(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) ready[i] = prepared(texts[i]);
    auto ids = states.tokenizer().encodeBatch(ready, {.addSpecial = true, .specialAsText = false}, threads);
    for (auto& row : ids) cut(row);
    return ids;
  }

  void findSpecials() {
    const auto mask = states.tokenizer().encode("a").specialMask;
    while (before < std::ssize(mask) && mask[static_cast<std::size_t>(before)]) ++before;
    while (after < std::ssize(mask) - before && mask[mask.size() - 1 - static_cast<std::size_t>(after)]) ++after;
  }

  void findLimit() {
    const std::int64_t positions = states.maxTokens();
    maxTokens = recipe.maxTokens > 0 ? recipe.maxTokens : recipe.tokenizerLimit > 0 ? std::min(recipe.tokenizerLimit, positions) : positions;
    if (maxTokens > positions) {
      warnings.push_back("max_seq_length is " + std::to_string(maxTokens) + ", the model has positions for " + std::to_string(positions) + ": texts are cut there");
      maxTokens = positions;
    }
    if (maxTokens <= before + after)
      throw Error("LAC-1002", recipe.transformer.string() + ": texts of at most " + std::to_string(maxTokens) + " tokens leave no room beside " +
                                  std::to_string(before + after) + " special tokens");
  }

  void choosePrompt(const SentenceOptions& options) {
    const std::string name = options.promptName.empty() ? recipe.defaultPrompt : options.promptName;
    if (name.empty()) return;
    const auto found = recipe.prompts.find(name);
    if (found == recipe.prompts.end()) throw Error("LAC-1002", "the sentence encoder has no prompt \"" + name + "\"", "see config_sentence_transformers.json");
    if (!recipe.pooling.includePrompt && !found->second.empty()) {
      const std::string text = found->second;   // measured without a prompt before it; an end token does not count
      hiddenTokens = std::ssize(tokens(std::span(&text, 1), 1)[0]) - (after > 0 ? 1 : 0);
    }
    prompt = found->second;
  }
};

SentenceEncoder::SentenceEncoder(std::unique_ptr<Parts> parts) : m_parts(std::move(parts)) {}
SentenceEncoder::~SentenceEncoder() = default;

std::shared_ptr<const SentenceEncoder> SentenceEncoder::load(const fs::path& folder, const RunContext& context, const SentenceOptions& options) {
  const SentenceRecipe recipe = readSentenceFolder(folder);
  auto parts = std::unique_ptr<Parts>(new Parts{recipe, TokenStates(recipe.transformer, context), {}, 0, 0, {}, {}, 0, 0, 0, {}});
  const std::int64_t tokenWidth = parts->states.width();
  if (recipe.pooling.width != 0 && recipe.pooling.width != tokenWidth)
    throw Error("LAC-1002", folder.string() + ": the pooling expects tokens of width " + std::to_string(recipe.pooling.width) + ", the model's have " + std::to_string(tokenWidth));
  parts->width = tokenWidth * recipe.pooling.modes();
  for (const StepRecipe& step : recipe.steps) {
    parts->steps.push_back(loadStep(step, parts->width));
    if (!step.normalise) parts->width = step.outputs;
  }
  parts->findSpecials();
  parts->findLimit();
  parts->choosePrompt(options);
  parts->hash = Hasher().add(parts->states.hash()).add(settingsHash(folder, recipe)).add(parts->prompt).hex();
  for (const std::string& warning : parts->warnings) log::warning(folder.string() + ": " + warning);
  return std::shared_ptr<const SentenceEncoder>(new SentenceEncoder(std::move(parts)));
}

std::int64_t SentenceEncoder::dimensions() const { return m_parts->width; }
std::int64_t SentenceEncoder::maxTokens() const { return m_parts->maxTokens; }
std::string SentenceEncoder::hash() const { return m_parts->hash; }
const std::vector<std::string>& SentenceEncoder::warnings() const { return m_parts->warnings; }

std::string SentenceEncoder::description() const {
  std::string out = m_parts->states.family() + ", " + m_parts->recipe.pooling.text() + " pooling";
  for (const StepRecipe& step : m_parts->recipe.steps) out += step.normalise ? ", normalised" : ", dense to " + std::to_string(step.outputs);
  return out + "; texts of at most " + std::to_string(m_parts->maxTokens) + " tokens";
}

MatrixF SentenceEncoder::encode(std::span<const std::string> texts, const RunContext& context) const {
  const Parts& parts = *m_parts;
  MatrixF out = MatrixF::Constant(static_cast<Eigen::Index>(texts.size()), parts.width, std::numeric_limits<float>::quiet_NaN());
  parts.states.forEach(parts.tokens(texts, context.threadCount()), context, [&](std::size_t row, const float* states, std::int64_t tokens) {
    std::vector<float> vector = poolTokens(parts.recipe.pooling, states, tokens, parts.states.width(), parts.hiddenTokens);
    for (const Step& step : parts.steps) run(step, vector);
    std::copy(vector.begin(), vector.end(), out.data() + static_cast<std::int64_t>(row) * parts.width);
  });
  return out;
}

EmbeddingSet embedWithSentenceEncoder(const corpus::Corpus& corpus, const SentenceEncoder& encoder, const RunContext& context) {
  constexpr std::size_t kBatch = 1024;
  const std::size_t count = corpus.documents.size();
  MatrixF vectors(static_cast<Eigen::Index>(count), encoder.dimensions());
  for (std::size_t first = 0; first < count; first += kBatch) {
    context.report("Embedding documents", first, count);
    std::vector<std::string> texts;
    for (std::size_t i = first; i < std::min(first + kBatch, count); ++i) texts.emplace_back(corpus.documents[i].text);
    vectors.middleRows(static_cast<Eigen::Index>(first), std::ssize(texts)) = encoder.encode(texts, context);
  }
  context.report("Embedding documents", count, count);
  return unitRows(vectors, "sentence encoder (" + encoder.description() + "), rows of length 1");
}

}  // namespace lacuna::embeddings

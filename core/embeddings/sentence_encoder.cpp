#include "lacuna/embeddings/sentence_encoder.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "embed_documents.h"
#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "lacuna/base/log.h"
#include "lacuna/files/safetensors.h"
#include "lacuna/model/linear.h"
#include "lacuna/text/unicode.h"
#include "pool_tokens.h"
#include "sentence_folder.h"
#include "token_states.h"
#include "windows.h"

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

void normalise(std::span<float> vector) {
  double squares = 0;
  for (const float x : vector) squares += static_cast<double>(x) * static_cast<double>(x);
  const double length = std::max(std::sqrt(squares), 1e-12);
  for (float& x : vector) x = static_cast<float>(static_cast<double>(x) / length);
}

void normaliseRows(MatrixF& rows) {
  for (Eigen::Index i = 0; i < rows.rows(); ++i) normalise({rows.row(i).data(), static_cast<std::size_t>(rows.cols())});
}

void run(const Step& step, std::vector<float>& vector) {
  if (step.normalise) return normalise(vector);
  std::vector<float> out(static_cast<std::size_t>(step.dense.outputs()));
  model::apply(step.dense, {.x = vector.data(), .y = out.data(), .rows = 1, .activation = step.activation});
  vector = std::move(out);
}

constexpr std::size_t kWindowsAtOnce = 2048;   // whose vectors are in memory

/// What the folder says about the way from token states to a vector; names and bytes of Dense weights.
void addSettings(Hasher& hasher, const SentenceRecipe& recipe) {
  const PoolingRecipe& pooling = recipe.pooling;
  hasher.add(recipe.lower).add(pooling.text()).add(pooling.includePrompt).add(std::ssize(recipe.steps));
  for (const StepRecipe& step : recipe.steps) {
    hasher.add(step.normalise).add(step.activation).add(step.bias);
    if (step.normalise) continue;
    for (const fs::path& path : {step.folder / "model.safetensors", step.folder / "pytorch_model.bin"})
      hasher.add(fs::exists(path) ? contentHash(path) : "");
  }
}

}  // namespace

struct SentenceEncoder::Parts {
  SentenceRecipe recipe;
  TokenStates states;
  std::vector<Step> steps;
  std::int64_t width = 0;
  WindowRecipe windows;
  std::string prompt;
  std::int64_t hiddenTokens = 0;       ///< tokens of the prompt, where the pooling leaves it out
  std::vector<std::string> warnings;

  /// Stripped text with its prompt, as the reference hands it to the tokenizer.
  std::string prepared(const std::string& text) const {
    const std::string whole = prompt + text;
    const std::string_view bare = text::stripped(whole);
    return recipe.lower ? text::lower(bare) : std::string(bare);
  }

  /// All tokens of the texts, however long.
  std::vector<std::vector<std::int32_t>> tokens(std::span<const std::string> texts, int threads) const {
    std::vector<std::string> ready(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) ready[i] = prepared(texts[i]);
    return states.tokenizer().encodeBatch(ready, {.addSpecial = true, .specialAsText = false}, threads);
  }

  bool endsNormalised() const { return !steps.empty() && steps.back().normalise; }

  /// From the states of a window's tokens to its vector, the last normalisation left to the text's.
  std::vector<float> vectorOf(const float* tokenStates, std::int64_t count) const {
    std::vector<float> vector = poolTokens(recipe.pooling, tokenStates, count, states.width(), hiddenTokens);
    for (std::size_t i = 0; i + (endsNormalised() ? 1 : 0) < steps.size(); ++i) run(steps[i], vector);
    return vector;
  }

  void findSpecials() {
    const auto mask = states.tokenizer().encode("a").specialMask;
    while (windows.before < std::ssize(mask) && mask[static_cast<std::size_t>(windows.before)]) ++windows.before;
    while (windows.after < std::ssize(mask) - windows.before && mask[mask.size() - 1 - static_cast<std::size_t>(windows.after)]) ++windows.after;
  }

  void findLimit() {
    const std::int64_t positions = states.maxTokens();
    std::int64_t& maxTokens = windows.most;
    maxTokens = recipe.maxTokens > 0 ? recipe.maxTokens : recipe.tokenizerLimit > 0 ? std::min(recipe.tokenizerLimit, positions) : positions;
    if (maxTokens > positions) {
      warnings.push_back("max_seq_length is " + std::to_string(maxTokens) + ", the model has positions for " + std::to_string(positions) + ": texts are cut there");
      maxTokens = positions;
    }
    if (windows.room() < 1)
      throw Error("LAC-1002", recipe.transformer.string() + ": texts of at most " + std::to_string(maxTokens) + " tokens leave no room beside " +
                                  std::to_string(windows.before + windows.after) + " special tokens");
  }

  /// Measured without a prompt before it.
  void measurePrompt(const std::string& text) {
    if (text.empty()) return;
    const std::int64_t all = std::ssize(tokens(std::span(&text, 1), 1)[0]);
    if (!recipe.pooling.includePrompt) hiddenTokens = std::min(all, windows.most) - (windows.after > 0 ? 1 : 0);   // an end token does not count
    windows.prompt = std::max<std::int64_t>(0, all - windows.before - windows.after);
    if (windows.mode == LongDocuments::Windows && windows.room() < 1)
      throw Error("LAC-1002", recipe.transformer.string() + ": windows of " + std::to_string(windows.most) + " tokens leave no room beside a prompt of " +
                                  std::to_string(windows.prompt), "choose another prompt, or cut long texts (truncate)");
  }

  void choosePrompt(const SentenceOptions& options) {
    const std::string name = options.promptName.empty() ? recipe.defaultPrompt : options.promptName;
    if (name.empty()) return;
    const auto found = recipe.prompts.find(name);
    if (found == recipe.prompts.end()) throw Error("LAC-1002", "the sentence encoder has no prompt \"" + name + "\"", "see config_sentence_transformers.json");
    measurePrompt(found->second);
    prompt = found->second;
  }
};

SentenceEncoder::SentenceEncoder(std::unique_ptr<Parts> parts) : m_parts(std::move(parts)) {}
SentenceEncoder::~SentenceEncoder() = default;

std::shared_ptr<const SentenceEncoder> SentenceEncoder::load(const fs::path& folder, const RunContext& context, const SentenceOptions& options) {
  const SentenceRecipe recipe = readSentenceFolder(folder);
  auto parts = std::unique_ptr<Parts>(new Parts{recipe, TokenStates(recipe.transformer, context), {}, 0, {}, {}, 0, {}});
  const std::int64_t tokenWidth = parts->states.width();
  if (recipe.pooling.width != 0 && recipe.pooling.width != tokenWidth)
    throw Error("LAC-1002", folder.string() + ": the pooling expects tokens of width " + std::to_string(recipe.pooling.width) + ", the model's have " + std::to_string(tokenWidth));
  parts->width = tokenWidth * recipe.pooling.modes();
  for (const StepRecipe& step : recipe.steps) {
    parts->steps.push_back(loadStep(step, parts->width));
    if (!step.normalise) parts->width = step.outputs;
  }
  parts->windows.keepEnd = recipe.keepEnd;
  parts->windows.mode = options.longDocuments;
  parts->findSpecials();
  parts->findLimit();
  parts->choosePrompt(options);
  for (const std::string& warning : parts->warnings) log::warning(folder.string() + ": " + warning);
  return std::shared_ptr<const SentenceEncoder>(new SentenceEncoder(std::move(parts)));
}

std::int64_t SentenceEncoder::dimensions() const { return m_parts->width; }
std::int64_t SentenceEncoder::maxTokens() const { return m_parts->windows.most; }
const std::vector<std::string>& SentenceEncoder::warnings() const { return m_parts->warnings; }

std::string SentenceEncoder::description() const {
  std::string out = m_parts->states.family() + ", " + m_parts->recipe.pooling.text() + " pooling";
  for (const StepRecipe& step : m_parts->recipe.steps) out += step.normalise ? ", normalised" : ", dense to " + std::to_string(step.outputs);
  const bool cut = m_parts->windows.mode == LongDocuments::Truncate;
  return out + "; texts of at most " + std::to_string(maxTokens()) + " tokens" + (cut ? "" : ", longer ones in windows");
}

std::string SentenceEncoder::hash() const {
  const Parts& parts = *m_parts;
  Hasher hasher;
  hasher.add("sentence encoder").add(parts.states.hash()).add(contentHash(parts.states.tokenizer().toJson())).add(parts.prompt);
  hasher.add(parts.windows.most).add(parts.windows.keepEnd).add(longDocumentsName(parts.windows.mode));
  addSettings(hasher, parts.recipe);
  return hasher.hex();
}

EncodedTexts SentenceEncoder::read(std::span<const std::string> texts, const RunContext& context) const {
  const Parts& parts = *m_parts;
  WindowQueue queue = queueOf(parts.windows, parts.tokens(texts, context.threadCount()));
  WindowMeans means(texts.size(), parts.width);
  for (std::size_t first = 0; first < queue.ids.size(); first += kWindowsAtOnce) {
    const auto begin = queue.ids.begin() + static_cast<std::ptrdiff_t>(first);
    const std::size_t count = std::min(kWindowsAtOnce, queue.ids.size() - first);
    std::vector<std::vector<float>> vectors(count);
    parts.states.forEach({std::move_iterator(begin), std::move_iterator(begin + static_cast<std::ptrdiff_t>(count))}, context,
                         [&](std::size_t row, const float* states, std::int64_t tokens) { vectors[row] = parts.vectorOf(states, tokens); });
    for (std::size_t i = 0; i < count; ++i) means.add(queue.texts[first + i], vectors[i], queue.weights[first + i]);
  }
  EncodedTexts out{means.take(), std::move(queue.lengths)};
  if (parts.endsNormalised()) normaliseRows(out.vectors);
  return out;
}

EmbeddingSet embedWithSentenceEncoder(const corpus::Corpus& corpus, const SentenceEncoder& encoder, const EmbeddingConfig& config,
                                      const RunContext& context, const files::CacheSettings& cache) {
  return embedDocuments(corpus, encoder, config, "sentence encoder (" + encoder.description() + ")", context, cache);
}

}  // namespace lacuna::embeddings

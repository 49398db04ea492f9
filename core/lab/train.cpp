#include <dlfcn.h>

#include <ATen/Parallel.h>

#include <chrono>
#include <cmath>
#include <numeric>

#include "checkpoint.h"
#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "lacuna/base/log.h"
#include "lacuna/base/numbers.h"
#include "lacuna/files/files.h"
#include "lacuna/text/text.h"
#include "model_folder.h"
#include "packing.h"

namespace lacuna::lab {
namespace {

constexpr std::size_t HeldOutEvery = 50, RecentSteps = 20, HeldOutRows = 200;

std::vector<std::string> readDocuments(const std::filesystem::path& corpus, const RunContext& context) {
  std::vector<std::string> texts;
  files::readRecords(corpus, {}, context, [&](files::Record&& record) {
    texts.push_back(std::move(record.text));
    return true;
  });
  return texts;
}

/// The documents as ids, the held-out ones apart.
struct Split { std::vector<std::vector<std::int32_t>> train, heldOut; };
Split encodeDocuments(const text::Tokenizer& tokenizer, const std::vector<std::string>& texts, const RunContext& context) {
  Split split;
  auto ids = tokenizer.encodeBatch(texts, {.addSpecial = false, .specialAsText = true}, context.threadCount());
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (!ids[i].empty()) (i % HeldOutEvery == HeldOutEvery - 1 ? split.heldOut : split.train).push_back(std::move(ids[i]));
  if (split.train.empty()) throw Error("LAC-1101", "no document of the corpus has a token to train on");
  return split;
}

/// Debian's libtorch leaves the threads of its BLAS to OpenBLAS, which at::set_num_threads does not reach.
void useThreads(int threads) {
  at::set_num_threads(threads);
  using Set = void (*)(int);
  if (const auto set = reinterpret_cast<Set>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) set(threads);
}

/// Scopes the thread count to the training: the engine may have set another.
class ThreadScope {
 public:
  explicit ThreadScope(int threads) : m_before(at::get_num_threads()) { useThreads(threads); }
  ~ThreadScope() { useThreads(m_before); }
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int m_before;
};

double heldOutLoss(const Network& network, const TrainRecipe& recipe, std::vector<std::vector<std::int32_t>> documents) {
  if (documents.empty()) return std::nan("");
  const at::NoGradGuard noGradients;
  Packer packer(std::move(documents), recipe.context, recipe.seed);
  double sum = 0;
  constexpr std::int64_t Rows = 20;
  for (std::size_t done = 0; done < HeldOutRows; done += Rows) {
    const Batch batch = packer.next(Rows);
    sum += network.loss(batch.ids, documentMask(batch.segments), batch.targets).item<double>() * Rows;
  }
  return sum / HeldOutRows;
}

std::vector<float> decays(const Network& network) {
  std::vector<float> all;
  for (const auto& p : network.parameters()) all.insert(all.end(), static_cast<std::size_t>(p.value.numel()), p.decays ? 1.0f : 0.0f);
  return all;
}

std::span<float> flat(at::Tensor& tensor) { return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())}; }

double mean(const std::vector<float>& values) {
  return values.empty() ? std::nan("") : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// One run from its checkpoint to its end.
class Trainer {
 public:
  Trainer(const TrainRecipe& recipe, std::vector<std::vector<std::int32_t>> documents, std::filesystem::path file, std::string run)
      : m_recipe(recipe), m_rows(recipe.batchTokens / recipe.context), m_network(recipe), m_optimiser(recipe, decays(m_network)),
        m_packer(std::move(documents), recipe.context, recipe.seed), m_file(std::move(file)), m_run(std::move(run)) {
    m_at = readCheckpoint(m_file, m_run, m_network, m_optimiser);
    m_packer.skip(m_at.step * m_rows);
  }

  void run(const RunContext& context) {
    while (m_at.step < m_recipe.steps) {
      try {
        context.checkpoint();
      } catch (const Cancelled&) {
        save();
        throw;
      }
      step();
      if (m_at.step % m_recipe.checkpointEvery == 0 || m_at.step == m_recipe.steps) save();
      context.report("Training, loss " + formatFixed(mean(m_at.recentLosses), 3), static_cast<std::uint64_t>(m_at.step),
                     static_cast<std::uint64_t>(m_recipe.steps));
    }
  }

  const Network& network() const { return m_network; }
  double recentLoss() const { return mean(m_at.recentLosses); }
  std::int64_t tokens() const { return m_recipe.steps * m_rows * m_recipe.context; }

 private:
  void step() {
    const Batch batch = m_packer.next(m_rows);
    m_network.gradients().zero_();
    const at::Tensor loss = m_network.loss(batch.ids, documentMask(batch.segments), batch.targets);
    const double value = loss.item<double>();
    if (!std::isfinite(value))
      throw Error("LAC-2002", "the training loss is not finite at step " + std::to_string(m_at.step), "lower learningRate in the recipe");
    loss.backward();
    m_optimiser.step(flat(m_network.values()), flat(m_network.gradients()), m_at.step);
    m_at.recentLosses.push_back(static_cast<float>(value));
    if (m_at.recentLosses.size() > RecentSteps) m_at.recentLosses.erase(m_at.recentLosses.begin());
    ++m_at.step;
  }

  void save() { writeCheckpoint(m_file, m_run, m_at, m_network, m_optimiser); }

  TrainRecipe m_recipe;
  std::int64_t m_rows;
  Network m_network;
  AdamW m_optimiser;
  Packer m_packer;
  std::filesystem::path m_file;
  std::string m_run;
  Checkpoint m_at;
};

/// What a checkpoint must agree with to be gone on from. checkpointEvery changes nothing that is computed.
std::string runHash(const std::filesystem::path& corpus, TrainRecipe recipe, const std::filesystem::path& scratch, int threads) {
  recipe.checkpointEvery = 1;
  writeRecipe(recipe, scratch / "recipe.json");
  return Hasher().add(files::readText(scratch / "recipe.json")).add(contentHash(corpus)).add(std::int64_t{threads}).hex();
}

}  // namespace

TrainReport train(const std::filesystem::path& corpus, const TrainRecipe& recipe, const std::filesystem::path& folder,
                  const RunContext& context) {
  const auto started = std::chrono::steady_clock::now();
  const auto scratch = folder / ".train";
  std::error_code failed;
  std::filesystem::create_directories(scratch, failed);
  if (failed) throw Error("LAC-3002", "cannot make the folder " + scratch.string() + ": " + failed.message());
  const ThreadScope threads(context.threadCount());
  context.report("Training the tokenizer", 0, 1);
  const auto texts = readDocuments(corpus, context);
  const std::string specials[] = {"<|endoftext|>"};
  const std::string tokenizerJson = text::trainByteLevelBpe(texts, recipe.vocabulary, specials);
  const auto tokenizer = text::Tokenizer::fromJson(tokenizerJson);
  LACUNA_CHECK(tokenizer->id(specials[0]) == 0 && tokenizer->vocabularySize() <= recipe.vocabulary);
  Split split = encodeDocuments(*tokenizer, texts, context);
  try {
    Trainer trainer(recipe, std::move(split.train), scratch / "checkpoint.safetensors",
                    runHash(corpus, recipe, scratch, context.threadCount()));
    trainer.run(context);
    writeModelFolder(folder, trainer.network(), recipe, tokenizerJson);
    TrainReport report{recipe.steps, trainer.tokens(), 0, trainer.recentLoss(), heldOutLoss(trainer.network(), recipe, std::move(split.heldOut)), 0};
    for (const auto& p : trainer.network().parameters()) report.parameters += p.value.numel();
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return report;
  } catch (const c10::Error& error) {
    throw Error("LAC-2002", std::string("training failed: ") + error.what_without_backtrace());
  }
}

}  // namespace lacuna::lab

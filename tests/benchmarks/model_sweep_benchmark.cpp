// What share of the processor's product rate does a whole sweep reach (perturbations × items × choices on a GPT-2-small shape)?
// Usage: benchmark_model_sweep [arms items layer threads layers width]

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "lacuna/base/rng.h"
#include "lacuna/model/decoder.h"
#include "lacuna/model/forward.h"

using namespace lacuna;
using namespace lacuna::model;

namespace {

/// Processor time over threads: a busy machine stretches the wall clock, not the work.
struct Clock {
  int threads = 1;
  std::clock_t start = std::clock();
  double seconds() const { return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / threads; }
};

void randomise(Linear& linear, Rng& rng, float scale) {
  for (std::int64_t o = 0; o < linear.outputs(); ++o)
    for (std::int64_t i = 0; i < linear.inputs(); ++i) linear.setWeight(o, i, scale * static_cast<float>(rng.uniform() - 0.5));
  linear.bias.assign(static_cast<std::size_t>(linear.outputs()), 0.01F);
}

std::shared_ptr<const Model> randomModel(std::int64_t layers, std::int64_t width) {
  Decoder sizes;
  sizes.width = width;
  sizes.heads = sizes.kvHeads = width / 64;
  sizes.headDim = 64;
  sizes.mlpWidth = 4 * width;
  sizes.vocabulary = 50257;
  auto decoder = Decoder::zeros(layers, sizes);
  Rng rng(0, "benchmark");
  const float scale = 2.0F / std::sqrt(static_cast<float>(width));
  for (DecoderLayer& layer : decoder->layers) {
    for (Linear* const linear : {&layer.query, &layer.keyValue, &layer.attentionOut, &layer.up, &layer.down}) randomise(*linear, rng, scale);
    layer.attentionNorm.kind = layer.mlpNorm.kind = NormKind::LayerNorm;
    layer.attentionScale = 0.125F;
  }
  decoder->finalNorm.kind = NormKind::LayerNorm;
  decoder->tokenTable.clear();
  randomise(decoder->head, rng, scale);
  decoder->positionTable.assign(static_cast<std::size_t>(1024 * width), 0.02F);
  ModelInfo info;
  info.layers = layers;
  info.width = width;
  info.mlpWidth = sizes.mlpWidth;
  info.vocabulary = sizes.vocabulary;
  return Model::fromDecoder(info, std::move(decoder));
}

/// Mean ablation of a few neurons.
class Ablation final : public Edit {
 public:
  explicit Ablation(int layer, int seed) : m_layer(layer), m_seed(seed) {}
  Site site() const override { return Site::MlpHidden; }
  LayerIndex layer() const override { return LayerIndex(m_layer); }
  void apply(SiteRows rows) const override {
    for (std::int64_t r = 0; r < rows.rows; ++r)
      for (int k = 0; k < 25 && rows.selected[r]; ++k) rows.values[r * rows.width + (m_seed * 31 + k * 97) % rows.width] *= 0.5F;
  }

 private:
  int m_layer, m_seed;
};

std::vector<std::int32_t> randomIds(Rng& rng, int count) {
  std::vector<std::int32_t> ids;
  for (int i = 0; i < count; ++i) ids.push_back(static_cast<std::int32_t>(rng.below(50257)));
  return ids;
}

/// GFLOP/s of the model's own products alone, at the shapes of the MLP.
double productRate(const Model& model, int threads) {
  const DecoderLayer& layer = model.decoder().layers.front();
  const std::int64_t rows = 480, width = layer.up.inputs();
  std::vector<float> x(static_cast<std::size_t>(rows * width), 0.1F), hidden(static_cast<std::size_t>(rows * layer.up.outputs()));
  double best = 1e9;
  for (int i = 0; i < 20; ++i) {
    const Clock clock{threads};
    apply(layer.up, {.x = x.data(), .y = hidden.data(), .rows = rows, .threads = threads});
    apply(layer.down, {.x = hidden.data(), .y = x.data(), .rows = rows, .threads = threads});
    best = std::min(best, clock.seconds());
  }
  return 4e-9 * static_cast<double>(rows * width * layer.up.outputs()) / best;
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, int standard) { return argc > i ? std::atoi(argv[i]) : standard; };
  const int armCount = argument(1, 50), items = argument(2, 32), layers = argument(5, 12), editedLayer = argument(3, layers / 2), threads = argument(4, 1);
  const auto model = randomModel(layers, argument(6, 768));
  Rng rng(1, "benchmark");
  Forest forest{{randomIds(rng, 100), -1, false}};
  ForwardRequest request;
  for (int i = 0; i < items; ++i) {
    forest.push_back({randomIds(rng, 24), 0, false});
    const int question = static_cast<int>(forest.size()) - 1;
    for (int c = 0; c < 4; ++c) {
      forest.push_back({randomIds(rng, 6), question, true});
      for (int t = 0; t < 6; ++t) request.scored.push_back({static_cast<int>(forest.size()) - 1, t});
    }
  }
  std::vector<Arm> arms(1);
  for (int a = 0; a < armCount; ++a) arms.push_back({{std::make_shared<Ablation>(editedLayer, a)}});
  RunContext context;
  context.threads = threads;
  const double peak = productRate(*model, threads);
  double seconds = 1e9;
  for (int i = 0; i < 2; ++i) {
    const Clock clock{threads};
    forward(*model, forest, arms, request, context);
    seconds = std::min(seconds, clock.seconds());
  }
  // Products that have to be done: the trunk, the arms' part above their edit, the head at 21 predicting rows an item; the last
  // layer's queries and MLP for those rows alone.
  const double tokens = 100.0 + items * 48.0, width = static_cast<double>(model->info().width), predictors = items * 21.0;
  const double layerWeights = 12 * width * width, keyWeights = 2 * width * width;
  const double last = tokens * keyWeights + predictors * (layerWeights - keyWeights);
  const double trunk = (layers - 1) * tokens * layerWeights + last;
  const double arm = tokens * 4 * width * width + (layers - editedLayer - 2) * tokens * layerWeights + last;
  const double head = predictors * width * 50257;
  const double work = 2e-9 * (trunk + head + armCount * (arm + head));
  std::printf("%d arms x %d items x 4 choices, %.0f tokens, edit in layer %d of %d, %d thread(s): %.2f s\n", armCount, items, tokens, editedLayer, layers, threads, seconds);
  std::printf("%.0f GFLOP of products at %.0f GFLOP/s; products alone run at %.0f: %.0f %%\n", work, work / seconds, peak, 100 * work / seconds / peak);
}

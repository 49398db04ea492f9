#include <algorithm>
#include <mutex>
#include <numeric>
#include <string>

#include "encoder_heads.h"
#include "encoder_run.h"
#include "lacuna/base/error.h"
#include "lacuna/model/encoder.h"
#include "normalise.h"
#include "patches.h"

namespace lacuna::model {
namespace {

constexpr std::int64_t packTokens = 480;

[[noreturn]] void refuseRow(std::size_t row, const std::string& what, const std::string& hint = {}) {
  throw Error("LAC-1004", "row " + std::to_string(row) + " of the batch: " + what, hint);
}

/// What the layers read of a batch: the tokens of every row, and how a row becomes states.
struct Source {
  std::vector<std::int64_t> tokens;
  std::function<void(std::size_t row, float* x)> embed;
};

void checkText(const EncoderInfo& info, const EncoderText& text, std::size_t row) {
  if (text.ids.empty()) refuseRow(row, "no token ids");
  if (static_cast<std::int64_t>(text.ids.size()) > info.maxPositions)
    refuseRow(row, std::to_string(text.ids.size()) + " tokens, the encoder has positions for " + std::to_string(info.maxPositions), "cut the text");
  if (!text.types.empty() && text.types.size() != text.ids.size())
    refuseRow(row, std::to_string(text.types.size()) + " token types for " + std::to_string(text.ids.size()) + " ids");
  for (const std::int32_t id : text.ids)
    if (id < 0 || id >= info.vocabulary) refuseRow(row, "token id " + std::to_string(id) + ", the vocabulary has " + std::to_string(info.vocabulary));
  for (const std::int32_t type : text.types)
    if (type < 0 || (info.tokenTypes > 0 && type >= info.tokenTypes))
      refuseRow(row, "token type " + std::to_string(type) + ", the encoder has " + std::to_string(info.tokenTypes));
}

void checkImage(const EncoderInfo& info, const EncoderImage& image, std::size_t row) {
  if (image.channels != info.channels)
    refuseRow(row, std::to_string(image.channels) + " channels, the encoder has " + std::to_string(info.channels));
  if (image.height < info.patch || image.width < info.patch)
    refuseRow(row, "an image of " + std::to_string(image.width) + " × " + std::to_string(image.height) + " holds no patch of " + std::to_string(info.patch));
  if (static_cast<std::int64_t>(image.pixels.size()) != image.channels * image.height * image.width) refuseRow(row, "the number of pixels is not that of the size");
}

void addRow(float* x, const float* row, std::int64_t width) {
  for (std::int64_t i = 0; i < width; ++i) x[i] += row[i];
}

/// Token, type and position, before the norm.
void embedText(const EncoderNetwork& network, const EncoderText& text, float* x) {
  const std::int64_t width = network.tableWidth();
  std::int64_t position = network.firstPosition;
  for (std::size_t t = 0; t < text.ids.size(); ++t, x += width) {
    const std::int32_t id = text.ids[t];
    if (network.tableInHead) network.maskedLm.decoder.readRow(id, x);
    else std::copy_n(network.tokenTable.data() + id * width, width, x);
    if (network.tokenTypes > 0) addRow(x, network.typeTable.data() + (text.types.empty() ? 0 : text.types[t]) * width, width);
    addRow(x, network.positionTable.data() + (id == network.padding ? network.padding : position++) * width, width);
  }
}

/// Consecutive rows of about packTokens tokens.
std::vector<std::size_t> packBorders(const Source& source) {
  std::vector<std::size_t> borders{0};
  std::int64_t tokens = 0;
  for (std::size_t row = 0; row < source.tokens.size(); ++row) {
    if (tokens > 0 && tokens + source.tokens[row] > packTokens) {
      borders.push_back(row);
      tokens = 0;
    }
    tokens += source.tokens[row];
  }
  if (!source.tokens.empty()) borders.push_back(source.tokens.size());
  return borders;
}

void checkFinite(const float* states, std::int64_t count, std::size_t row) {
  float zero = 0;
  for (std::int64_t i = 0; i < count; ++i) zero += states[i] * 0.0F;
  if (zero != 0.0F) throw Error("LAC-2002", "the states of row " + std::to_string(row) + " of the batch are not finite", "the weights are damaged");
}

/// states(layer, row, …) after each layer, the input of the first being 0; last(row, …, threads it may use).
struct Visitor {
  std::function<void(std::size_t layer, std::size_t row, const float* states, std::int64_t tokens)> hidden;   ///< may be empty
  std::function<void(std::size_t row, const float* states, std::int64_t tokens, int threads)> last;
};

class Batch {
 public:
  Batch(const EncoderNetwork& network, const Source& source, const RunContext& context, const Visitor& visitor)
      : m_network(network), m_source(source), m_context(context), m_visitor(visitor), m_borders(packBorders(source)) {}

  /// Many packs: one thread takes a pack through all layers. Few: all threads work on one.
  void run() {
    const auto packs = static_cast<std::int64_t>(m_borders.size()) - 1;
    const int threads = m_context.threadCount();
    const bool apart = packs >= 2 * threads;
    const int inner = apart ? 1 : threads;
    parallelFor(packs, apart ? threads : 1, 1, [&](std::int64_t begin, std::int64_t end) {
      std::unique_ptr<Worker> worker = borrow(inner);
      for (std::int64_t p = begin; p < end; ++p) runPack(static_cast<std::size_t>(p), *worker, inner);
      const std::lock_guard lock(m_mutex);
      m_idle.push_back(std::move(worker));
    });
  }

 private:
  /// Working memory for the largest pack; as many as there are threads at work.
  struct Worker {
    Worker(const EncoderNetwork& network, std::int64_t tokens, int threads) : engine(network, tokens, threads) {
      pack.x = AlignedFloats(tokens * network.width);
    }
    EncoderRun engine;
    EncoderPack pack;
    AlignedFloats narrow;   ///< embeddings before their projection
  };

  std::unique_ptr<Worker> borrow(int threads) {
    {
      const std::lock_guard lock(m_mutex);
      if (!m_idle.empty()) {
        std::unique_ptr<Worker> worker = std::move(m_idle.back());
        m_idle.pop_back();
        return worker;
      }
    }
    return std::make_unique<Worker>(m_network, largestPack(), threads);
  }

  std::int64_t largestPack() const {
    std::int64_t most = 0;
    for (std::size_t p = 0; p + 1 < m_borders.size(); ++p)
      most = std::max(most, std::accumulate(m_source.tokens.begin() + static_cast<std::ptrdiff_t>(m_borders[p]),
                                            m_source.tokens.begin() + static_cast<std::ptrdiff_t>(m_borders[p + 1]), std::int64_t{0}));
    return most;
  }

  void runPack(std::size_t index, Worker& worker, int threads) const {
    m_context.checkpoint();
    EncoderPack& pack = worker.pack;
    EncoderRun& engine = worker.engine;
    const std::size_t first = m_borders[index], last = m_borders[index + 1];
    pack.first.assign(1, 0);
    for (std::size_t row = first; row < last; ++row) pack.first.push_back(pack.first.back() + m_source.tokens[row]);
    embed(worker, first, last, threads);
    show(pack, first, 0);
    for (std::size_t layer = 0; layer < m_network.layers.size(); ++layer) {
      engine.layer(pack, layer);
      show(pack, first, layer + 1);
    }
    engine.finish(pack);
    for (std::size_t row = first; row < last; ++row) {
      checkFinite(statesOf(pack, row - first), m_source.tokens[row] * m_network.width, row);
      m_visitor.last(row, statesOf(pack, row - first), m_source.tokens[row], threads);
    }
  }

  /// Tables, their norm, and the projection where they are narrower than the layers.
  void embed(Worker& worker, std::size_t first, std::size_t last, int threads) const {
    EncoderPack& pack = worker.pack;
    const std::int64_t width = m_network.tableWidth();
    const bool narrow = !m_network.embeddingProjection.empty();
    if (narrow && worker.narrow.size() == 0) worker.narrow = AlignedFloats(largestPack() * width);
    float* const x = narrow ? worker.narrow.data() : pack.x.data();
    for (std::size_t row = first; row < last; ++row) m_source.embed(row, x + pack.first[row - first] * width);
    if (!m_network.vision()) normaliseRows(m_network.embeddingNorm, x, x, pack.tokens(), width, threads);
    if (narrow) apply(m_network.embeddingProjection, {.x = x, .y = pack.x.data(), .rows = pack.tokens(), .threads = threads});
  }

  float* statesOf(EncoderPack& pack, std::size_t row) const { return pack.x.data() + pack.first[row] * m_network.width; }

  void show(EncoderPack& pack, std::size_t first, std::size_t layer) const {
    if (!m_visitor.hidden) return;
    for (std::size_t row = 0; row + 1 < pack.first.size(); ++row) m_visitor.hidden(layer, first + row, statesOf(pack, row), m_source.tokens[first + row]);
  }

  const EncoderNetwork& m_network;
  const Source& m_source;
  const RunContext& m_context;
  const Visitor& m_visitor;
  std::vector<std::size_t> m_borders;
  std::mutex m_mutex;                              // guards m_idle
  std::vector<std::unique_ptr<Worker>> m_idle;
};

Source sourceOf(const Encoder& encoder, std::span<const EncoderText> texts) {
  if (encoder.info().vision) throw Error("LAC-1004", "a vision encoder was given texts");
  Source source;
  for (std::size_t row = 0; row < texts.size(); ++row) {
    checkText(encoder.info(), texts[row], row);
    source.tokens.push_back(static_cast<std::int64_t>(texts[row].ids.size()));
  }
  source.embed = [&network = encoder.network(), texts](std::size_t row, float* x) { embedText(network, texts[row], x); };
  return source;
}

Source sourceOf(const Encoder& encoder, std::span<const EncoderImage> images) {
  if (!encoder.info().vision) throw Error("LAC-1004", "an encoder of texts was given images");
  Source source;
  for (std::size_t row = 0; row < images.size(); ++row) {
    checkImage(encoder.info(), images[row], row);
    source.tokens.push_back(imageTokens(encoder.network(), images[row]));
  }
  source.embed = [&network = encoder.network(), images](std::size_t row, float* x) { embedImage(network, images[row], x); };
  return source;
}

void checkMaskedPlaces(const EncoderRequest& request, const std::vector<std::int64_t>& tokens) {
  if (request.maskedLmAt.empty()) return;
  if (request.maskedLmAt.size() != tokens.size())
    throw Error("LAC-1004", std::to_string(request.maskedLmAt.size()) + " places for masked-LM logits of " + std::to_string(tokens.size()) + " rows");
  for (std::size_t row = 0; row < tokens.size(); ++row)
    if (request.maskedLmAt[row] < 0 || request.maskedLmAt[row] >= tokens[row])
      refuseRow(row, "masked-LM logits of token " + std::to_string(request.maskedLmAt[row]) + " of " + std::to_string(tokens[row]));
}

MatrixF matrixOf(const float* states, std::int64_t rows, std::int64_t width) { return Eigen::Map<const MatrixF>(states, rows, width); }

EncoderResult run(const Encoder& encoder, const Source& source, const EncoderRequest& request, const RunContext& context) {
  checkHeads(encoder.info(), request);
  checkMaskedPlaces(request, source.tokens);
  const EncoderNetwork& network = encoder.network();
  const std::size_t rows = source.tokens.size();
  EncoderResult result;
  HeadOutputs heads(encoder, request, rows, result);
  if (request.hidden) result.hidden.assign(network.layers.size() + 1, std::vector<MatrixF>(rows));
  if (request.lastHidden) result.lastHidden.resize(rows);
  Visitor visitor;
  if (request.hidden)
    visitor.hidden = [&](std::size_t layer, std::size_t row, const float* states, std::int64_t tokens) {
      result.hidden[layer][row] = matrixOf(states, tokens, network.width);
    };
  visitor.last = [&](std::size_t row, const float* states, std::int64_t tokens, int threads) {
    if (request.lastHidden) result.lastHidden[row] = matrixOf(states, tokens, network.width);
    heads.run(row, states, tokens, threads);
  };
  Batch(network, source, context, visitor).run();
  return result;
}

}  // namespace

EncoderResult encode(const Encoder& encoder, std::span<const EncoderText> texts, const EncoderRequest& request, const RunContext& context) {
  return run(encoder, sourceOf(encoder, texts), request, context);
}

EncoderResult encode(const Encoder& encoder, std::span<const EncoderImage> images, const EncoderRequest& request, const RunContext& context) {
  return run(encoder, sourceOf(encoder, images), request, context);
}

void encodeEach(const Encoder& encoder, std::span<const EncoderText> texts, const RunContext& context, const UseStates& use) {
  Visitor visitor;
  visitor.last = [&](std::size_t row, const float* states, std::int64_t tokens, int) { use(row, states, tokens); };
  const Source source = sourceOf(encoder, texts);
  Batch(encoder.network(), source, context, visitor).run();
}

}  // namespace lacuna::model

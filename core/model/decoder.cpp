#include "lacuna/model/decoder.h"

#include <algorithm>

#include "lacuna/base/error.h"

namespace lacuna::model {

std::shared_ptr<const DecoderLayer> Decoder::layer(std::size_t index) const {
  LACUNA_CHECK(index < layers.size());
  if (readLayer) return readLayer(index);
  return {std::shared_ptr<const DecoderLayer>(), &layers[index]};  // borrowed: the network outlives every run
}

Decoder::HeadPart Decoder::headPart(std::int64_t first, std::int64_t count) const {
  if (readHead) return {readHead(first, count), first};
  return {{std::shared_ptr<const Linear>(), &head}, 0};
}

std::int64_t Decoder::headStep() const {
  constexpr std::int64_t slice = 1024, floats = std::int64_t{4} << 20;
  return readHead ? std::max<std::int64_t>(1, floats / slice / embeddingWidth) * slice : vocabulary;
}

std::unique_ptr<Decoder> Decoder::zeros(std::int64_t count, const Decoder& sizes) {
  auto out = std::make_unique<Decoder>();
  out->width = sizes.width;
  out->heads = sizes.heads;
  out->kvHeads = sizes.kvHeads;
  out->headDim = sizes.headDim;
  out->mlpWidth = sizes.mlpWidth;
  out->vocabulary = sizes.vocabulary;
  out->hasAttention = sizes.hasAttention;
  out->residual = sizes.residual;
  out->activation = sizes.activation;
  out->rope = sizes.rope;
  out->embeddingWidth = sizes.embeddingWidth ? sizes.embeddingWidth : sizes.width;
  out->tokenTable.assign(static_cast<std::size_t>(out->vocabulary * out->embeddingWidth), 0.0F);
  out->head = Linear(out->embeddingWidth, out->vocabulary);
  for (std::int64_t i = 0; i < count; ++i) {
    DecoderLayer& layer = out->layers.emplace_back();
    if (out->hasAttention) {
      layer.query = Linear(out->width, out->heads * out->headDim);
      layer.keyValue = Linear(out->width, 2 * out->kvHeads * out->headDim);
      layer.attentionOut = Linear(out->heads * out->headDim, out->width);
    }
    layer.up = Linear(out->width, out->mlpWidth);
    layer.down = Linear(out->mlpWidth, out->width);
  }
  return out;
}

}  // namespace lacuna::model

#include "layer_stream.h"

#include <algorithm>

#include "lacuna/base/error.h"
#include "lacuna/base/log.h"

namespace lacuna::model {

LayerStream::LayerStream(Described described, std::shared_ptr<const FolderWeights> weights, bool tablesToo, int threads)
    : m_described(std::move(described)), m_weights(std::move(weights)), m_tablesToo(tablesToo), m_threads(threads) {}

LayerStream::~LayerStream() { m_stop.request_stop(); }

TensorMap LayerStream::mapOf(std::size_t index, DecoderLayer& layer, TensorMap::Purpose purpose) const {
  TensorMap map(purpose, m_described.decoder->precision);
  m_described.family->mapLayer(m_described.config, *m_described.decoder, static_cast<std::int64_t>(index), layer, map);
  return map;
}

std::shared_ptr<const DecoderLayer> LayerStream::layer(std::size_t index) {
  const std::lock_guard lock(m_mutex);
  if (m_layer && m_index == index) return m_layer;
  if (m_ahead.valid()) m_ahead.get();
  if (!m_layer || m_layer.use_count() > 1) m_layer = std::make_shared<DecoderLayer>();   // someone still works with the last one
  m_index = index;
  try {
    const NonFiniteWeights nonFinite = m_weights->load(mapOf(index, *m_layer, TensorMap::Purpose::Load), m_threads);
    if (nonFinite.count > 0 && m_warnedOf.insert(index).second) log::warning("layer " + std::to_string(index) + ": " + nonFinite.text());
  } catch (...) {
    m_layer.reset();
    throw;
  }
  if (m_threads > 1) readNext(index);
  return m_layer;
}

// After the last layer come the head, where it is in the files, and then the first layer of the next pass.
void LayerStream::readNext(std::size_t index) {
  m_ahead = std::async(std::launch::async, [this, index, stop = m_stop.get_token()] {
    const std::size_t next = (index + 1) % static_cast<std::size_t>(m_described.info.layers);
    const std::string& head = m_described.tensors.tables().head;
    if (next == 0 && m_tablesToo && !head.empty()) m_weights->readAhead(head, stop);
    DecoderLayer unused;
    m_weights->readAhead(mapOf(next, unused, TensorMap::Purpose::Describe), stop);
  });
}

void LayerStream::tokenRow(std::int64_t id, float* row) const { m_weights->readRows(m_described.tensors.tables().tokens, id, 1, row, 1); }

std::shared_ptr<const Linear> LayerStream::headPart(const Linear& head, std::int64_t first, std::int64_t count) {
  const auto part = std::make_shared<Linear>(head.inputs(), count, head.precision());
  constexpr std::int64_t panelRows = 1024;
  parallelFor((count + panelRows - 1) / panelRows, m_threads, 1, [&](std::int64_t begin, std::int64_t end) {
    AlignedFloats rows(panelRows * head.inputs());
    for (std::int64_t at = begin * panelRows; at < std::min(end * panelRows, count); at += panelRows) {
      const std::int64_t some = std::min(panelRows, count - at);
      m_weights->readRows(m_described.tensors.tables().head, first + at, some, rows.data(), 1);
      part->packRows(at, rows.data(), head.inputs(), some);
    }
  });
  if (!head.bias.empty()) part->bias.assign(head.bias.begin() + first, head.bias.begin() + first + count);
  return part;
}

}  // namespace lacuna::model

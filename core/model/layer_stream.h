#pragma once

#include <future>
#include <memory>
#include <mutex>
#include <set>

#include "inspect.h"
#include "lacuna/model/decoder.h"
#include "tensor_map.h"

namespace lacuna::model {

/// A network whose layers stay in the files. One layer is held at a time; while it works, a second thread reads the next one into the
/// system's memory, where it waits to be packed. May be asked from several threads; then each waits for the other's reading.
class LayerStream {
 public:
  /// `described` is a description of its own: its decoder holds sizes, no weights.
  LayerStream(Described described, std::shared_ptr<const FolderWeights> weights, bool tablesToo, int threads);
  ~LayerStream();

  std::shared_ptr<const DecoderLayer> layer(std::size_t index);
  void tokenRow(std::int64_t id, float* row) const;
  /// Outputs first … + count of the head, the bias of `head` with them.
  std::shared_ptr<const Linear> headPart(const Linear& head, std::int64_t first, std::int64_t count);

 private:
  TensorMap mapOf(std::size_t index, DecoderLayer& layer, TensorMap::Purpose purpose) const;
  void readNext(std::size_t index);

  const Described m_described;
  const std::shared_ptr<const FolderWeights> m_weights;
  const bool m_tablesToo;
  const int m_threads;
  std::mutex m_mutex;                        ///< guards everything below
  std::shared_ptr<DecoderLayer> m_layer;
  std::size_t m_index = 0;
  std::set<std::size_t> m_warnedOf;          ///< layers with weights that are not finite
  std::stop_source m_stop;
  std::future<void> m_ahead;
};

}  // namespace lacuna::model

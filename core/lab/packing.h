#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace lacuna::lab {

/// Rows of a training batch; all [B, T] int64.
struct Batch { at::Tensor ids, segments, targets; };

/// Lays documents end to end into rows of T tokens. A row starts with a document's first token, as texts do in use; the documents
/// after it start with <|endoftext|> (id 0), which is also what a finished document is to predict. A document the row cuts off
/// starts the next row anew, so that none loses its end. The order is a new permutation every epoch.
class Packer {
 public:
  Packer(std::vector<std::vector<std::int32_t>> documents, std::int64_t rowTokens, std::uint64_t seed);
  /// Batches must be drawn in order; skipping ahead is drawing without looking.
  Batch next(std::int64_t rows);
  void skip(std::int64_t rows) { for (std::int64_t i = 0; i < rows; ++i) layRow(nullptr, nullptr, nullptr); }

 private:
  void layRow(std::int64_t* ids, std::int64_t* segments, std::int64_t* targets);
  const std::vector<std::int32_t>& current();

  std::vector<std::vector<std::int32_t>> m_documents;
  std::int64_t m_rowTokens;
  std::uint64_t m_seed, m_epoch = 0;
  std::vector<std::int64_t> m_order;
  std::size_t m_next = 0;
};

}  // namespace lacuna::lab

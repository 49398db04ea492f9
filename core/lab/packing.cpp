#include "packing.h"

#include <ATen/ATen.h>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"

namespace lacuna::lab {

Packer::Packer(std::vector<std::vector<std::int32_t>> documents, std::int64_t rowTokens, std::uint64_t seed)
    : m_documents(std::move(documents)), m_rowTokens(rowTokens), m_seed(seed) {
  LACUNA_CHECK(!m_documents.empty());
  for (const auto& document : m_documents) LACUNA_CHECK(!document.empty());
}

const std::vector<std::int32_t>& Packer::current() {
  if (m_next >= m_order.size()) {
    m_order = Rng(m_seed, "lab/epoch", m_epoch++).permutation(static_cast<std::int64_t>(m_documents.size()));
    m_next = 0;
  }
  return m_documents[static_cast<std::size_t>(m_order[m_next])];
}

void Packer::layRow(std::int64_t* ids, std::int64_t* segments, std::int64_t* targets) {
  // The stream is d0 eot d1 eot d2 …, one token longer than the row; the token after a position is its target.
  std::int64_t at = 0, segment = 0;
  const auto put = [&](std::int64_t id, std::int64_t of) {
    if (ids && at < m_rowTokens) { ids[at] = id; segments[at] = of; }
    if (ids && at > 0) targets[at - 1] = id;
    ++at;
  };
  while (at <= m_rowTokens) {
    for (const auto id : current()) {
      if (at > m_rowTokens) break;
      put(id, segment);
    }
    const bool whole = at <= m_rowTokens;
    // A document longer than a row would otherwise begin every row from now on.
    if (whole || segment == 0) ++m_next;
    if (whole) put(0, ++segment);
  }
}

Batch Packer::next(std::int64_t rows) {
  Batch batch;
  for (at::Tensor* tensor : {&batch.ids, &batch.segments, &batch.targets}) *tensor = at::zeros({rows, m_rowTokens}, at::kLong);
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::int64_t from = row * m_rowTokens;
    layRow(batch.ids.data_ptr<std::int64_t>() + from, batch.segments.data_ptr<std::int64_t>() + from,
           batch.targets.data_ptr<std::int64_t>() + from);
  }
  return batch;
}

}  // namespace lacuna::lab

#include "embed_documents.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "cached_vectors.h"
#include "lacuna/base/log.h"
#include "unit_rows.h"

namespace lacuna::embeddings {
namespace {

constexpr std::size_t kShardTexts = 256, kShardBytes = std::size_t{1} << 20;   // a run that dies loses at most so much

/// The texts of a corpus, each with the row where its vector is made.
class Texts {
 public:
  Texts(const corpus::Corpus& corpus, const RunContext& context) {
    for (const auto* documents : {&corpus.documents, &corpus.contaminated})
      for (const corpus::Document& document : *documents) m_texts.push_back(&document.text);
    m_keys.resize(m_texts.size());
    parallelFor(std::ssize(m_texts), context.threadCount(), 64, [&](std::int64_t begin, std::int64_t end) {
      for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) m_keys[i] = TextKey::of(*m_texts[i]);
    });
    for (std::size_t i = 0; i < m_texts.size(); ++i) m_rows.emplace(m_keys[i], i);
  }
  std::size_t count() const { return m_texts.size(); }
  std::size_t distinct() const { return m_rows.size(); }
  const std::string& text(std::size_t i) const { return *m_texts[i]; }
  const TextKey& key(std::size_t i) const { return m_keys[i]; }
  /// The first row with this text; count(): none has it.
  std::size_t row(const TextKey& key) const {
    const auto found = m_rows.find(key);
    return found == m_rows.end() ? count() : found->second;
  }

 private:
  std::vector<const std::string*> m_texts;
  std::vector<TextKey> m_keys;
  std::unordered_map<TextKey, std::size_t, TextKeyHash> m_rows;
};

/// Fills rows from the cache and from the encoder.
class Reading {
 public:
  Reading(const Texts& texts, const TextEncoder& encoder, const RunContext& context, const files::CacheSettings& settings)
      : m_texts(texts), m_encoder(encoder), m_context(context), m_there(texts.count(), 0) {
    m_out.vectors = MatrixF::Constant(static_cast<Eigen::Index>(texts.count()), encoder.dimensions(), std::numeric_limits<float>::quiet_NaN());
    m_out.lengths.resize(texts.count());
    if (!settings.folder.empty()) m_cache.emplace(settings, encoder.hash(), encoder.dimensions());
  }

  EncodedTexts run() && {
    if (m_cache) takeKept();
    report();
    std::vector<std::size_t> batch;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < m_texts.count(); ++i) {
      if (m_texts.row(m_texts.key(i)) != i || m_there[i]) continue;
      batch.push_back(i);
      bytes += m_texts.text(i).size();
      if (batch.size() < kShardTexts && bytes < kShardBytes) continue;
      make(batch);
      batch.clear();
      bytes = 0;
    }
    if (!batch.empty()) make(batch);
    copyRepeated();
    return std::move(m_out);
  }

 private:
  void report() const { m_context.report("Embedding documents", m_done, m_texts.distinct()); }

  void put(std::size_t row, const float* vector, const TextLength& length) {
    std::copy_n(vector, m_out.vectors.cols(), m_out.vectors.row(static_cast<Eigen::Index>(row)).data());
    m_out.lengths[row] = length;
    m_there[row] = 1;
    ++m_done;
  }

  void takeKept() {
    const auto wanted = [&](const TextKey& key) {
      const std::size_t row = m_texts.row(key);
      return row < m_texts.count() && !m_there[row];
    };
    m_cache->load(wanted, [&](const TextKey& key, const float* vector, const TextLength& length) { put(m_texts.row(key), vector, length); }, m_context);
    if (m_done > 0) log::info(std::to_string(m_done) + " of " + std::to_string(m_texts.distinct()) + " vectors come from the cache");
  }

  void make(const std::vector<std::size_t>& rows) {
    std::vector<std::string> texts;
    std::vector<TextKey> keys;
    for (const std::size_t row : rows) {
      texts.push_back(m_texts.text(row));
      keys.push_back(m_texts.key(row));
    }
    const EncodedTexts made = m_encoder.read(texts, m_context);
    if (m_cache) m_cache->add(keys, made);
    for (std::size_t i = 0; i < rows.size(); ++i) put(rows[i], made.vectors.row(static_cast<Eigen::Index>(i)).data(), made.lengths[i]);
    report();
  }

  void copyRepeated() {
    for (std::size_t i = 0; i < m_texts.count(); ++i) {
      const std::size_t first = m_texts.row(m_texts.key(i));
      if (first == i) continue;
      m_out.vectors.row(static_cast<Eigen::Index>(i)) = m_out.vectors.row(static_cast<Eigen::Index>(first));
      m_out.lengths[i] = m_out.lengths[first];
    }
  }

  const Texts& m_texts;
  const TextEncoder& m_encoder;
  const RunContext& m_context;
  std::optional<CachedVectors> m_cache;
  EncodedTexts m_out;
  std::vector<char> m_there;
  std::uint64_t m_done = 0;
};

}  // namespace

EncodedTexts readDocuments(const corpus::Corpus& corpus, const TextEncoder& encoder, const RunContext& context, const files::CacheSettings& cache) {
  const Texts texts(corpus, context);
  return Reading(texts, encoder, context, cache).run();
}

EmbeddingSet embedDocuments(const corpus::Corpus& corpus, const TextEncoder& encoder, const EmbeddingConfig& config, const std::string& description,
                            const RunContext& context, const files::CacheSettings& cache) {
  EncodedTexts read = readDocuments(corpus, encoder, context, cache);
  read.lengths.resize(corpus.documents.size());
  EmbeddingSet set = unitRows(std::move(read.vectors), std::ssize(corpus.documents), config, description, context);
  set.lengths = std::move(read.lengths);
  return set;
}

}  // namespace lacuna::embeddings

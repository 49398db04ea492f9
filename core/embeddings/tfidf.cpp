#include "tfidf.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "lacuna/corpus/words.h"
#include "lacuna/embeddings/embeddings.h"

namespace lacuna::embeddings {
namespace {

/// FNV-1a, 64 bits: the same buckets on every machine.
std::uint64_t hashWord(std::string_view word) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash ^ (hash >> 32);
}

using Counts = std::vector<std::pair<std::int32_t, float>>;  // bucket, count; by bucket

Counts countWords(std::string_view text, int buckets) {
  std::vector<std::int32_t> words;
  corpus::forEachWord(text, [&](std::string_view word) { words.push_back(static_cast<std::int32_t>(hashWord(word) % static_cast<std::uint64_t>(buckets))); });
  std::sort(words.begin(), words.end());
  Counts counts;
  for (const std::int32_t bucket : words) {
    if (counts.empty() || counts.back().first != bucket) counts.emplace_back(bucket, 0.F);
    ++counts.back().second;
  }
  return counts;
}

}  // namespace

MatrixF hashedWords(std::span<const std::string_view> texts, int buckets) {
  MatrixF rows = MatrixF::Zero(static_cast<Eigen::Index>(texts.size()), buckets);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto row = rows.row(static_cast<Eigen::Index>(i));
    for (const auto& [bucket, count] : countWords(texts[i], buckets)) row[bucket] = std::sqrt(count);
    if (const float norm = row.norm(); norm > 0) row /= norm;
  }
  return rows;
}

namespace {

std::vector<Counts> countAll(const std::vector<corpus::Document>& documents, int buckets, const RunContext& context) {
  std::vector<Counts> counts(documents.size());
  parallelFor(std::ssize(documents), context.threadCount(), 64, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) counts[i] = countWords(documents[i].text, buckets);
  });
  context.checkpoint();
  return counts;
}

/// (1 + log tf)·idf of the buckets that are columns, rows of unit length.
SparseRows weightedRows(const std::vector<Counts>& counts, const TfIdf& weights, int buckets) {
  std::vector<std::int32_t> column(static_cast<std::size_t>(buckets), -1);
  for (std::size_t c = 0; c < weights.buckets.size(); ++c) column[static_cast<std::size_t>(weights.buckets[c])] = static_cast<std::int32_t>(c);
  SparseRows out;
  out.columnCount = std::ssize(weights.buckets);
  out.offsets.push_back(0);
  for (const Counts& row : counts) {
    const std::size_t first = out.values.size();
    double sum = 0;
    for (const auto& [bucket, count] : row) {
      const std::int32_t c = column[static_cast<std::size_t>(bucket)];
      if (c < 0) continue;
      const double value = (1 + std::log(static_cast<double>(count))) * weights.idf[static_cast<std::size_t>(c)];
      sum += value * value;
      out.columns.push_back(c);
      out.values.push_back(static_cast<float>(value));
    }
    for (std::size_t k = first; k < out.values.size(); ++k) out.values[k] = static_cast<float>(static_cast<double>(out.values[k]) / std::sqrt(sum));
    out.offsets.push_back(std::ssize(out.values));
  }
  return out;
}

}  // namespace

TfIdf tfIdf(const corpus::Corpus& corpus, int buckets, const RunContext& context) {
  const std::vector<Counts> counts = countAll(corpus.documents, buckets, context);
  std::vector<std::int64_t> documentsWith(static_cast<std::size_t>(buckets), 0);
  for (const Counts& row : counts)
    for (const auto& [bucket, count] : row) ++documentsWith[static_cast<std::size_t>(bucket)];
  TfIdf result;
  const auto n = std::ssize(corpus.documents);
  for (std::size_t b = 0; b < documentsWith.size(); ++b) {
    if (documentsWith[b] == 0) continue;
    result.buckets.push_back(static_cast<std::int32_t>(b));
    result.idf.push_back(std::log(static_cast<double>(1 + n) / static_cast<double>(1 + documentsWith[b])) + 1);
  }
  result.rows = weightedRows(counts, result, buckets);
  return result;
}

SparseRows rowsLike(const TfIdf& fitted, const std::vector<corpus::Document>& documents, int buckets, const RunContext& context) {
  return weightedRows(countAll(documents, buckets, context), fitted, buckets);
}

}  // namespace lacuna::embeddings

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

TfIdf tfIdf(const corpus::Corpus& corpus, int buckets, const RunContext& context) {
  const auto n = static_cast<std::int64_t>(corpus.documents.size());
  std::vector<Counts> counts(static_cast<std::size_t>(n));
  parallelFor(n, context.threadCount(), 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) counts[static_cast<std::size_t>(i)] = countWords(corpus.documents[static_cast<std::size_t>(i)].text, buckets);
  });
  context.checkpoint();
  std::vector<std::int64_t> documentsWith(static_cast<std::size_t>(buckets), 0);
  for (const Counts& row : counts)
    for (const auto& [bucket, count] : row) ++documentsWith[static_cast<std::size_t>(bucket)];
  std::vector<std::int32_t> column(static_cast<std::size_t>(buckets), -1);
  TfIdf result;
  SparseRows& out = result.rows;
  for (std::size_t b = 0; b < column.size(); ++b) {
    if (documentsWith[b] == 0) continue;
    column[b] = static_cast<std::int32_t>(out.columnCount++);
    result.buckets.push_back(static_cast<std::int32_t>(b));
  }
  out.offsets.push_back(0);
  for (const Counts& row : counts) {
    const std::size_t first = out.values.size();
    double sum = 0;
    for (const auto& [bucket, count] : row) {
      const double idf = std::log(static_cast<double>(1 + n) / static_cast<double>(1 + documentsWith[static_cast<std::size_t>(bucket)])) + 1;
      const double value = (1 + std::log(static_cast<double>(count))) * idf;
      sum += value * value;
      out.columns.push_back(column[static_cast<std::size_t>(bucket)]);
      out.values.push_back(static_cast<float>(value));
    }
    for (std::size_t k = first; k < out.values.size(); ++k) out.values[k] = static_cast<float>(static_cast<double>(out.values[k]) / std::sqrt(sum));
    out.offsets.push_back(static_cast<std::int64_t>(out.values.size()));
  }
  return result;
}

}  // namespace lacuna::embeddings

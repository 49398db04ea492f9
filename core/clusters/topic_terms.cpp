#include "topic_terms.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>

#include "lacuna/corpus/words.h"
#include "stop_words.h"

namespace lacuna::clusters {

namespace {

constexpr std::size_t kLabelTerms = 3;

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using Counts = std::unordered_map<std::string, double, TextHash, std::equal_to<>>;

void countWords(std::string_view text, Counts& counts) {
  corpus::forEachWord(text, [&](std::string_view word) {
    if (isStopWord(word)) return;
    const auto at = counts.find(word);
    if (at == counts.end()) counts.emplace(word, 1);
    else at->second += 1;
  });
}

double totalOf(const Counts& counts) {
  double total = 0;
  for (const auto& [word, count] : counts) total += count;
  return total;
}

/// tf/Σtf · log(1 + A/f)
double weight(double count, double total, double wordsAClass, double frequency) {
  return count == 0 || total == 0 ? 0 : count / total * std::log1p(wordsAClass / frequency);
}

/// A is a whole number in the method's reference implementation.
double wordsAClass(double words, double classes) { return std::floor(words / classes); }

std::vector<Counts> countClusters(const corpus::Corpus& corpus, const std::vector<std::int32_t>& labels, int clusters, const RunContext& context) {
  std::vector<std::vector<std::size_t>> members(static_cast<std::size_t>(clusters));
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] >= 0 && labels[i] < clusters) members[static_cast<std::size_t>(labels[i])].push_back(i);
  std::vector<Counts> counts(members.size());
  parallelFor(clusters, context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto c = static_cast<std::size_t>(begin); c < static_cast<std::size_t>(end); ++c) {
      context.checkpoint();
      for (const std::size_t i : members[c]) countWords(corpus.documents[i].text, counts[c]);
    }
  });
  return counts;
}

std::vector<Term> best(const Counts& counts, const Counts& frequency, double meanWords, std::size_t termsEach) {
  const double total = totalOf(counts);
  std::vector<Term> terms;
  terms.reserve(counts.size());
  for (const auto& [word, count] : counts) terms.push_back({word, weight(count, total, meanWords, frequency.find(word)->second)});
  const auto last = terms.begin() + static_cast<std::ptrdiff_t>(std::min(termsEach, terms.size()));
  std::partial_sort(terms.begin(), last, terms.end(),
                    [](const Term& a, const Term& b) { return a.weight != b.weight ? a.weight > b.weight : a.word < b.word; });
  terms.erase(last, terms.end());
  return terms;
}

}  // namespace

MatrixD classTfIdf(const MatrixD& counts) {
  const VectorD totals = counts.rowwise().sum();
  const Eigen::RowVectorXd frequency = counts.colwise().sum();
  const double meanWords = counts.rows() > 0 ? wordsAClass(totals.sum(), static_cast<double>(counts.rows())) : 0;
  return MatrixD::NullaryExpr(counts.rows(), counts.cols(),
                              [&](Eigen::Index r, Eigen::Index c) { return weight(counts(r, c), totals[r], meanWords, frequency[c]); });
}

std::vector<std::vector<Term>> topicTerms(const corpus::Corpus& corpus, const std::vector<std::int32_t>& labels, int clusters,
                                          std::size_t termsEach, const RunContext& context) {
  const std::vector<Counts> counts = countClusters(corpus, labels, clusters, context);
  Counts frequency;
  for (const Counts& cluster : counts)
    for (const auto& [word, count] : cluster) frequency[word] += count;
  const double meanWords = clusters > 0 ? wordsAClass(totalOf(frequency), clusters) : 0;
  std::vector<std::vector<Term>> terms;
  for (const Counts& cluster : counts) terms.push_back(best(cluster, frequency, meanWords, termsEach));
  return terms;
}

std::string labelOf(const std::vector<Term>& terms) {
  std::string label;
  for (std::size_t i = 0; i < std::min(kLabelTerms, terms.size()); ++i) label += (i > 0 ? ", " : "") + terms[i].word;
  return label;
}

}  // namespace lacuna::clusters

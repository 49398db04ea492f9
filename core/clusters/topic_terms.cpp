#include "topic_terms.h"

#include <algorithm>
#include <cmath>

#include "lacuna/corpus/words.h"
#include "stop_words.h"

namespace lacuna::clusters {

namespace {

constexpr std::size_t kLabelTerms = 3;

void addWords(std::string_view text, WordCounts& counts) {
  corpus::forEachWord(text, [&](std::string_view word) {
    if (isStopWord(word)) return;
    const auto at = counts.find(word);
    if (at == counts.end()) counts.emplace(word, 1);
    else at->second += 1;
  });
}

double totalOf(const WordCounts& counts) {
  double total = 0;
  for (const auto& [word, count] : counts) total += count;   // whole numbers: any order gives the same sum
  return total;
}

/// A is a whole number in the method's reference implementation.
double wordsAClass(double words, double classes) { return std::floor(words / classes); }

double weightOf(double count, double total, double meanWords, double frequency, TermWeighting weighting) {
  return count == 0 || total == 0 ? 0 : count / total * inverseFrequency(meanWords, frequency, weighting);
}

}  // namespace

double inverseFrequency(double wordsAClass, double frequency, TermWeighting weighting) {
  if (weighting == TermWeighting::ClassTfIdf) return std::log1p(wordsAClass / frequency);
  return std::max(0.0, std::log1p((wordsAClass - frequency + .5) / (frequency + .5)));
}

MatrixD classTfIdf(const MatrixD& counts, TermWeighting weighting) {
  const VectorD totals = counts.rowwise().sum();
  const Eigen::RowVectorXd frequency = counts.colwise().sum();
  const double meanWords = counts.rows() > 0 ? wordsAClass(totals.sum(), static_cast<double>(counts.rows())) : 0;
  return MatrixD::NullaryExpr(counts.rows(), counts.cols(),
                              [&](Eigen::Index r, Eigen::Index c) { return weightOf(counts(r, c), totals[r], meanWords, frequency[c], weighting); });
}

namespace {

std::vector<WordCounts> countMembers(const corpus::Corpus& corpus, const std::vector<std::vector<std::int64_t>>& members, const RunContext& context) {
  std::vector<WordCounts> counts(members.size());
  parallelFor(std::ssize(members), context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto c = static_cast<std::size_t>(begin); c < static_cast<std::size_t>(end); ++c) {
      context.checkpoint();
      for (const std::int64_t i : members[c]) addWords(corpus.documents[static_cast<std::size_t>(i)].text, counts[c]);
    }
  });
  return counts;
}

std::vector<std::vector<Term>> bestTerms(const corpus::Corpus& corpus, const std::vector<std::vector<std::int64_t>>& members, std::size_t termsEach,
                                         TermWeighting weighting, const RunContext& context) {
  const auto classes = std::count_if(members.begin(), members.end(), [](const auto& rows) { return !rows.empty(); });
  std::vector<std::vector<Term>> all = weighTerms(countMembers(corpus, members, context), classes, weighting);
  for (std::vector<Term>& terms : all) {
    std::stable_sort(terms.begin(), terms.end(), [](const Term& a, const Term& b) { return a.weight > b.weight; });
    terms.resize(std::min(termsEach, terms.size()));
  }
  return all;
}

std::vector<std::vector<std::int64_t>> membersOf(const std::vector<std::int32_t>& labels, int clusters) {
  std::vector<std::vector<std::int64_t>> members(static_cast<std::size_t>(clusters));
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] >= 0 && labels[i] < clusters) members[static_cast<std::size_t>(labels[i])].push_back(static_cast<std::int64_t>(i));
  return members;
}

}  // namespace

std::vector<WordCounts> countWords(const corpus::Corpus& corpus, const std::vector<std::int32_t>& labels, int clusters, const RunContext& context) {
  return countMembers(corpus, membersOf(labels, clusters), context);
}

std::vector<std::vector<Term>> weighTerms(const std::vector<WordCounts>& counts, std::int64_t classes, TermWeighting weighting) {
  WordCounts frequency;
  for (const WordCounts& cluster : counts)
    for (const auto& [word, count] : cluster) frequency[word] += count;
  const double meanWords = classes > 0 ? wordsAClass(totalOf(frequency), static_cast<double>(classes)) : 0;
  std::vector<std::vector<Term>> all;
  for (const WordCounts& cluster : counts) {
    std::vector<Term>& terms = all.emplace_back();
    const double total = totalOf(cluster);
    for (const auto& [word, count] : cluster)
      if (const double weight = weightOf(count, total, meanWords, frequency.find(word)->second, weighting); weight > 0) terms.push_back({word, weight});
    std::sort(terms.begin(), terms.end(), [](const Term& a, const Term& b) { return a.word < b.word; });
  }
  return all;
}

std::vector<std::vector<Term>> topicTerms(const corpus::Corpus& corpus, const std::vector<std::int32_t>& labels, int clusters, std::size_t termsEach,
                                          TermWeighting weighting, const RunContext& context) {
  return bestTerms(corpus, membersOf(labels, clusters), termsEach, weighting, context);
}

std::vector<std::vector<Term>> topicTerms(const corpus::Corpus& corpus, const std::vector<std::vector<std::int64_t>>& members, std::size_t termsEach,
                                          TermWeighting weighting, const RunContext& context) {
  return bestTerms(corpus, members, termsEach, weighting, context);
}

std::string labelOf(const std::vector<Term>& terms) {
  std::string label;
  for (std::size_t i = 0; i < std::min(kLabelTerms, terms.size()); ++i) label += (i > 0 ? ", " : "") + terms[i].word;
  return label;
}

}  // namespace lacuna::clusters

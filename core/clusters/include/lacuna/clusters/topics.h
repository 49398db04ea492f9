#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"
#include "lacuna/corpus/corpus.h"

/// Words that tell clusters apart, and topics that say the same (methods.md 3.3).
namespace lacuna::clusters {

struct Term { std::string word; double weight = 0; };

/// idf of a word that occurs f times in all classes together, A = ⌊mean words a class⌋: log(1 + A/f) (Grootendorst 2022), or BM25's
/// log(1 + (A − f + ½)/(f + ½)), not below 0.
enum class TermWeighting { ClassTfIdf, Bm25 };
double inverseFrequency(double wordsAClass, double frequency, TermWeighting weighting);

/// W = tf/Σtf · idf. counts [K, V] → [K, V]; a class without words has zeros.
MatrixD classTfIdf(const MatrixD& counts, TermWeighting weighting = TermWeighting::ClassTfIdf);

/// `from` became part of `into`; numbers as before any merge, words and sizes as at that moment. `becomes`: the cluster that it is in the end.
struct TopicMerge {
  std::int32_t from = 0, into = 0;
  double similarity = 0;
  std::int64_t fromSize = 0, intoSize = 0;
  std::string fromWords = {}, intoWords = {};
  std::int32_t becomes = -1;
};
struct MergedTopics {
  std::vector<std::int32_t> labels;   ///< [nDocs] 0 … without gaps in the old order; −1 as before
  std::vector<TopicMerge> merges;     ///< in the order they were made
};

/// First the two topics with the largest cosine of their c-TF-IDF rows are made one while that is at least `similarity` (above 1: never);
/// then the smallest topic joins the one most like it until at most `most` are left (0: any number). Weights are made again after every
/// merge. Ties: the lower numbers. The smaller one of two goes into the larger.
MergedTopics mergeTopics(const corpus::Corpus& corpus, const std::vector<std::int32_t>& labels, double similarity, int most, TermWeighting weighting,
                         const RunContext& context);

/// Rows of `count` documents of every cluster that lie nearest to its mean direction, nearest first, ties by row; of members with the
/// given strengths [nDocs] (empty: all 1) the mean is weighted. Empty without vectors [nDocs, d].
std::vector<std::vector<std::int64_t>> representatives(const MatrixF& unitVectors, const std::vector<std::int32_t>& labels, int clusters, int count,
                                                       const std::vector<double>& strengths = {});

}  // namespace lacuna::clusters

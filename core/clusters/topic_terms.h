#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lacuna/clusters/topics.h"

namespace lacuna::clusters {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using WordCounts = std::unordered_map<std::string, double, TextHash, std::equal_to<>>;

/// Words of the documents of every cluster, function words left out. labels [nDocs]; −1 counts nowhere.
std::vector<WordCounts> countWords(const corpus::Corpus& corpus, const std::vector<std::int32_t>& labels, int clusters, const RunContext& context);

/// c-TF-IDF weights of every cluster's words, alphabetical; words of weight 0 left out. `classes`: clusters that hold documents; an id that
/// is taken by none is no class.
std::vector<std::vector<Term>> weighTerms(const std::vector<WordCounts>& counts, std::int64_t classes, TermWeighting weighting);

/// The best terms of every cluster, best first, ties in alphabetical order.
std::vector<std::vector<Term>> topicTerms(const corpus::Corpus& corpus, const std::vector<std::int32_t>& labels, int clusters, std::size_t termsEach,
                                          TermWeighting weighting, const RunContext& context);

/// The same of clusters that share documents: members [clusters], rows of the corpus. A document's words count in each of its clusters.
std::vector<std::vector<Term>> topicTerms(const corpus::Corpus& corpus, const std::vector<std::vector<std::int64_t>>& members, std::size_t termsEach,
                                          TermWeighting weighting, const RunContext& context);

/// "word, word, word" of the first terms; empty when there are none.
std::string labelOf(const std::vector<Term>& terms);

}  // namespace lacuna::clusters

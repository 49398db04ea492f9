#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lacuna/clusters/clusters.h"

namespace lacuna::clusters {

/// The best c-TF-IDF terms of every cluster, best first, ties in alphabetical order. labels [nDocs]; −1 counts nowhere.
std::vector<std::vector<Term>> topicTerms(const corpus::Corpus& corpus, const std::vector<std::int32_t>& labels, int clusters,
                                          std::size_t termsEach, const RunContext& context);

/// "word, word, word" of the first terms; empty when there are none.
std::string labelOf(const std::vector<Term>& terms);

}  // namespace lacuna::clusters

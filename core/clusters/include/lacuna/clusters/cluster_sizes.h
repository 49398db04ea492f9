#pragma once

#include <vector>

#include "lacuna/clusters/clusters.h"
#include "lacuna/corpus/corpus.h"

namespace lacuna::clusters {

/// How many documents of the corpus a cluster of the sample stands for, with an interval.
struct SizeEstimate { double documents = 0, low = 0, high = 0; };

/// Horvitz–Thompson over the sources as strata (methods.md 1): N̂ = Σ_s Σ_{i∈s} w_i·[i in cluster], variance
/// Σ_s (1 − m_s/n_s)·m_s/(m_s − 1)·Σ_i (y_i − ȳ_s)², y_i = w_i·[i in cluster], n_s = Σ w_i; normal interval, cut to [documents seen, Σ w].
/// A source of which one document was drawn and more exist makes the interval as wide as it can be. One estimate a cluster of the set, in order. Parts of a document count as one.
std::vector<SizeEstimate> estimateSizes(const corpus::Corpus& corpus, const ClusterSet& set, double level = .95);

}  // namespace lacuna::clusters

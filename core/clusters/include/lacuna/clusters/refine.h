#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

/// Clusters made purer in rounds, each of them logged (methods.md 3.9).
namespace lacuna::clusters {

struct RefineConfig {
  int rounds = 5;                            ///< at most; 0: none
  double leastPurity = .7, leastSilhouette = .05, mergeCosine = .95;
  std::int64_t minSize = 100;
  double changed = .01, gain = .01;          ///< a round that changes fewer labels, or gains less macro purity, is the last
  std::int32_t taken = 0;                    ///< ids below are taken, with documents or without
  std::string field = "source";              ///< whose values are the metadata; read by who calls
};

/// What was done to a cluster. Numbers of clusters are those of the labels before the step.
struct RefineStep {
  int round = 0;
  std::string action;                        ///< "split", "merge", "ambiguous", "drop"
  std::int32_t cluster = -1, other = -1;     ///< other: merged into; split: the new one; ambiguous −2, drop −1
  std::int64_t documents = 0;                ///< moved
  double purity = 0, silhouette = 0;         ///< of the cluster before; NaN: not known
};

/// A state of the labels as a whole, each cluster counting once; NaN: no metadata, fewer than two clusters.
struct RefineState { double macroPurity = 0, macroSilhouette = 0; std::int64_t clusters = 0; };

/// A round: its state before, the labels before (where undo goes back to), and how many it changed.
struct RefineRound {
  RefineState before;
  std::vector<std::int32_t> labels;          ///< [N]
  std::int64_t changed = 0;
};

struct Refined {
  std::vector<std::int32_t> labels;          ///< −1 noise and dropped, −2 ambiguous
  std::vector<RefineStep> log;
  std::vector<RefineRound> rounds;
  RefineState after;                         ///< the last round
  std::string stopped;                       ///< why there was no further round, in words
};

/// Rounds of: splitting in two what is impure or loose when BIC agrees, merging clusters of nearly one direction unless that lowers the ARI
/// with metadata, setting aside documents nearer to another cluster's mean, dropping clusters below the least size (methods.md 3.9).
/// Ids of clusters are never given to another: a split takes the next one, a merged or dropped one stays empty.
/// metadata [N]: −1 where there is none. Never looks at effects. LAC-1604: a round would leave no cluster.
Refined refine(const MatrixF& unitVectors, const std::vector<std::int32_t>& labels, const std::vector<std::int32_t>& metadata, const RefineConfig& config,
               const RunContext& context);

}  // namespace lacuna::clusters

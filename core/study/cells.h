#pragma once

#include <map>
#include <string>
#include <vector>

#include "material.h"
#include "workspace.h"

namespace lacuna::study {

/// One arm: a perturbation and the hash that names it.
struct PlannedArm { std::string hash; perturbation::Perturbation perturbation; };

/// One cell of the grid: a cluster under a method at a dose. Its controls are matched to the target at the same dose.
struct PlannedRun {
  RunRow row;                              ///< number 0 until stored; status "not_identified" when there is no perturbation
  std::string hash;                        ///< of parameters and everything upstream
  PlannedArm target;
  std::vector<PlannedArm> controls;        ///< [R], or empty at doses without controls
};

/// Cells that share cluster, method and layer: their arms run together, so that the layers below run once.
struct Block {
  ClusterId cluster;
  std::string method;
  std::vector<PlannedRun> runs;            ///< by ε
};

/// A method at one place: what a block is made of.
struct BlockRequest {
  ClusterId cluster;
  std::string method, site;
  LayerIndex layer;                        ///< not valid: the best one
  probes::TauConfig tau;
  std::vector<double> epsilons, controlEpsilons;
  int controlDraws = 20;
  std::uint64_t seed = 0;
};
Block planBlock(const Material& material, const BlockRequest& request, const std::string& upstream);
/// The whole grid of a spec: clusters × perturbations.
std::vector<Block> planBlocks(const Material& material, const StudySpec& spec, const std::vector<ClusterRow>& clusters,
                              const std::string& upstream);

/// Scores on every task what the study file does not hold yet; commits after each block × task. Gives the numbers of the runs.
std::vector<std::int64_t> runBlock(Workspace& workspace, const Block& block);
/// The null perturbation on every task; throws LAC-2006 when it differs from the clean run in any bit.
void runNull(Workspace& workspace, const Material& material);

struct CellSummary { std::int64_t run = 0, upToDate = 0; };
CellSummary runCellStage(Workspace& workspace, const std::string& key);

}  // namespace lacuna::study

#pragma once

#include <map>
#include <string>
#include <vector>

#include "material.h"
#include "workspace.h"

namespace lacuna::study {

/// One arm: a set of perturbations, the hash that names it, and what it stands beside a target for ("" for the target).
struct PlannedArm { std::string hash; perturbation::PerturbationSet set; std::string kind; };

/// One cell of the grid: a cluster under a method at a dose. Its controls are matched to the target at the same dose.
struct PlannedRun {
  RunRow row;                              ///< number 0 until stored; status "not_identified" when there is no perturbation
  std::string hash;                        ///< of parameters and everything upstream
  PlannedArm target;
  std::vector<PlannedArm> controls;        ///< all kinds, or empty at doses without controls
};

/// Cells that share cluster, method and layer: their arms run together, so that the layers below run once.
struct Block {
  ClusterId cluster;
  std::string method;                      ///< recipeName
  std::vector<PlannedRun> runs;            ///< by dose
};

/// A recipe for one cluster: what a block is made of. Its doses and the dose of its controls are the recipe's.
struct BlockRequest {
  ClusterId cluster;
  PerturbationSpec recipe;
  LayerIndex layer;                        ///< not valid: the best one
  probes::TauConfig tau;
  bool controlAllDoses = false;
  int controlDraws = 20;
  std::vector<std::string> controlKinds = {"permuted", "matched"};
  std::vector<ClusterId> others;           ///< clusters whose perturbations are controls of kind "other"
  std::uint64_t seed = 0;
  std::string dtype = "fp32";
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

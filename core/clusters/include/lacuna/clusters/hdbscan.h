#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

/// Density clusters with noise: HDBSCAN (Campello, Moulavi, Zimek & Sander 2015; methods.md 3.2), Euclidean distances in fp64.
namespace lacuna::clusters {

enum class Selection { ExcessOfMass, Leaf };

struct HdbscanConfig {
  int minClusterSize = 10;       ///< smaller groups are points falling out of a cluster; at least 2
  int minSamples = 5;            ///< the core distance is that to this neighbour, the point itself not counted; at least 1
  Selection selection = Selection::ExcessOfMass;
  bool allowSingleCluster = false;
};

/// An edge of the minimum spanning tree of the mutual reachability distances max(core_a, core_b, |a − b|).
struct TreeEdge { std::int32_t a = 0, b = 0; double distance = 0; };

/// A row of the condensed tree: what leaves `parent` at λ = 1/distance. Children below N are points, the others clusters; the root
/// is cluster N.
struct CondensedRow { std::int32_t parent = 0, child = 0; double lambda = 0; std::int32_t size = 1; };

struct HdbscanResult {
  std::vector<std::int32_t> labels;         ///< [N]; −1 noise; clusters numbered by their first row
  std::vector<double> strengths;            ///< [N] min(λ_p, λ_max)/λ_max; 0 for noise
  std::vector<std::int32_t> selected;       ///< [clusters] their nodes of the condensed tree
  std::vector<double> persistence;          ///< [clusters] stability over size · largest λ, in [0, 1]
  std::vector<double> coreDistances;        ///< [N]
  std::vector<TreeEdge> spanningTree;       ///< [N − 1] by increasing distance
  std::vector<CondensedRow> condensedTree;  ///< parents before their children
  std::vector<double> stabilities;          ///< of node N, N + 1, …: Σ size · (λ − λ_birth)
  std::vector<double> births;               ///< λ at which node N, N + 1, … begins; the root's 0
};

/// x [N, d]. Exact at any N: Borůvka over a k-d tree up to 16 columns, over blocked products above. The same bits at any thread count.
/// Edges of equal reachability are taken by distance, then by row; λ of duplicates is 1/ε. Fewer than two rows are noise.
/// Throws LAC-1601 for options out of range and for values that are not finite, naming the row.
HdbscanResult hdbscan(const MatrixD& x, const HdbscanConfig& config, const RunContext& context);

/// A node of a condensed tree as a picture needs it. It begins at λ `birth` with `size` points; half of them have left it at `half`, and it
/// ends at `end`, where it splits or its last points leave.
struct TreeNode { std::int32_t node = 0, parent = -1, size = 0; double birth = 0, half = 0, end = 0, stability = 0; };   ///< parent −1: the root
/// Every node, parents before their children; empty for an empty tree.
std::vector<TreeNode> treeNodes(const std::vector<CondensedRow>& condensedTree);

/// Where new rows belong in a clustering made from x [N, d] (methods.md 3.2): the training row that is nearest by mutual reachability
/// decides about the label, λ there about the strength.
struct MembershipResult { std::vector<std::int32_t> labels; std::vector<double> strengths; };
MembershipResult assignByDensity(const HdbscanResult& fitted, const MatrixD& x, const MatrixD& added, const HdbscanConfig& config,
                                 const RunContext& context);

}  // namespace lacuna::clusters

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lacuna/base/ids.h"
#include "lacuna/base/matrix.h"

/// Plain values as a study file holds them; the window, the export and the command line see the same ones.
/// A number that could not be computed is NaN and its row says why in `status`.
namespace lacuna::store {

struct DocumentRow {
  DocumentId id;
  std::int32_t cluster = -1;
  double silhouette = 0, x = 0, y = 0;       ///< x, y: embedding map (PCA)
  std::string source, role, text;            ///< role: fit, tune, evaluate
  std::int32_t family = 0, tokens = 0;
};

struct TermRow { std::string word; double weight = 0; };
struct ClusterRow {
  ClusterId id;
  std::string label;
  std::int64_t size = 0;
  double silhouette = 0, shareNegative = 0;
  bool tooFew = false;
  std::vector<TermRow> terms;
};

struct ProbeRow {
  ClusterId cluster;
  std::string site;                          ///< "mlp_hidden", "resid_post"
  LayerIndex layer;
  double auc = 0, aucLow = 0, aucHigh = 0, accuracy = 0, selectivity = 0, lambda = 0;
  bool passed = false;
  std::string status, reason;
  std::vector<float> importance;             ///< w_ij [d]
  std::vector<std::int32_t> selected;        ///< S_i under the study's τ rule
  double tau = 0;                            ///< smallest selected importance
};

struct EffectRow {
  std::int64_t run = 0;                      ///< number of the run (cell)
  ClusterId cluster;
  std::string task, method, site, metric;
  LayerIndex layer;
  double epsilon = 0;
  std::int64_t neurons = 0, rank = 0;
  double ace = 0, low = 0, high = 0, se = 0, level = 0.95;
  std::string intervalMethod, status;
  std::int64_t n = 0, groups = 0;
  double clean = 0, perturbed = 0;           ///< mean outcomes
  double controlMean = 0, controlLow = 0, controlHigh = 0, aceAdjusted = 0, pControl = 0, percentile = 0;
  int controls = 0;
  double wilcoxonW = 0, p = 0, pAdjusted = 0, effectSize = 0;
  std::string pMethod, pAdjustedMethod;
  std::int64_t nonZero = 0, familySize = 0;
};

struct CkaRow {                              ///< clean against perturbed at one layer, evaluation documents
  ClusterId cluster;
  std::string method;
  LayerIndex editedLayer, layer;
  double epsilon = 0, biased = 0, debiased = 0, zScored = 0, displacement = 0, cosine = 0;
  std::int64_t n = 0;
  std::string status;
};
struct CkaMatrix { ClusterId cluster; std::string method; double epsilon = 0; MatrixD debiased; };  ///< [layers clean, layers perturbed]

struct RunRow {
  std::int64_t number = 0;
  std::string id, created, kind, status;     ///< ULID; ISO-8601 UTC; "cell"; "done", "running", "interrupted"
  ClusterId cluster;
  std::string method, site, parameters;      ///< canonical JSON
  LayerIndex layer;
  double epsilon = 0, wallSeconds = 0;
  std::uint64_t seed = 0;
  std::string tags, note;
};

enum class StageState { Empty, Running, UpToDate, Stale, Failed };
struct StageRow { std::string name, title; StageState state = StageState::Empty; std::string detail, errorCode; };

struct TaskRow { std::string name, format; std::int64_t items = 0; double accuracy = 0, chance = 0, margin = 0; };
struct ModelRow { std::string path, architecture, hash; std::int64_t layers = 0, width = 0, mlpWidth = 0, parameters = 0; };

}  // namespace lacuna::store

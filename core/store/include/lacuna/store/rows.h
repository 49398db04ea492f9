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
  double weight = 1;                         ///< documents of the corpus, without exact copies, that this one stands for
  std::int64_t duplicates = 0;               ///< copies, exact and near, left out in favour of this one
  std::int32_t chunk = 0;                    ///< which part of its document, 0-based
  double strength = 1;                       ///< p(cluster): HDBSCAN's membership, k-means 1 − d₁/d₂, by metadata 1; of noise 0
};

struct TermRow { std::string word; double weight = 0; };
/// What was left of a source of the corpus after each step: read, passed the filter, without exact copies (in a sample: the sample), without
/// near copies, without texts of tasks. `population`: documents without copies that `distinct` stands for.
struct SourceRow {
  std::string source;
  std::int64_t raw = 0, wanted = 0, distinct = 0, unlike = 0, clean = 0;
  double population = 0;
};
/// A file of the corpus when it was read.
struct CorpusFileRow {
  std::string path;
  std::int64_t documents = 0, size = 0, modified = 0; bool damaged = false;   ///< size: bytes; modified: nanoseconds since 1970
};
struct ClusterRow {
  ClusterId id;
  std::string label;
  std::int64_t size = 0;
  double silhouette = 0, shareNegative = 0; bool tooFew = false;
  std::vector<TermRow> terms = {};
  double population = 0, populationLow = 0, populationHigh = 0;   ///< documents of the corpus, estimated from the sample, 95 % interval
  std::vector<std::int32_t> representatives = {};   ///< documents nearest to the cluster's mean direction, the nearest first
  double persistence = 0;                    ///< of HDBSCAN: stability over size and largest λ; NaN for other methods
  std::int32_t colour = -1;                  ///< place in the palette; −1: by the id
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
  std::vector<float> beta;                   ///< β on standardised inputs [d]
  double averagePrecision = 0;               ///< held out
  double gain = 0;                           ///< AUC − the best surface baseline's (methods.md 4.6)
  double aucSet = 0, aucComplement = 0;      ///< of probes retrained on S_i alone and on all but S_i
  double nullThreshold = 0;                  ///< τ_β: 95 % of max |β| under permuted labels; NaN where it was not asked for
  double effectiveCount = 0, entropyCount = 0, gini = 0;   ///< how concentrated the importances are
  bool separable = false;                    ///< a plane splits the classes: |β| only reflects λ
  double tokenAuc = 0, tokenAucLow = 0, tokenAucHigh = 0;   ///< of the same probe on single held-out tokens (methods.md 4.1); NaN: not read
};

/// Does taking a subspace away take the cluster away? A fresh probe on edited held-out states (methods.md 5.2). A null's AUC is 0.5.
struct SubspaceRow {
  ClusterId cluster;
  std::string site;
  LayerIndex layer;
  std::string kind;                          ///< "meandiff", "probe", "leace", "pca3", "inlp8"; of an onward recipe its name
  LayerIndex start;                          ///< onward: the layer of the first edit, all edits from there on being active; else invalid
  std::int64_t rank = 0;                     ///< directions found
  double auc = 0, aucLow = 0, aucHigh = 0;   ///< refitted on edited documents of role tune, judged on those of role evaluate
  bool incomplete = false;                   ///< AUC above 0.55: what is left still tells the cluster
  std::string status, reason;
};

struct EffectRow {
  std::int64_t run = 0;                      ///< number of the run (cell)
  ClusterId cluster;
  std::string task, method, site, metric;
  LayerIndex layer;
  double dose = 0;                           ///< ε, or the relative displacement δ asked for when `equalDose`
  bool equalDose = false, further = false;   ///< further: of a metric beside the task's own, in tables and exports, not in views
  double epsilon = 0;
  std::int64_t neurons = 0, rank = 0;
  double ace = 0, low = 0, high = 0, se = 0, level = 0.95;
  std::string intervalMethod, status;
  std::int64_t n = 0, groups = 0;
  double clean = 0, perturbed = 0;           ///< mean outcomes
  double controlMean = 0, controlLow = 0, controlHigh = 0, aceAdjusted = 0, pControl = 0, percentile = 0;
  int controls = 0;
  std::string controlKind;                   ///< of these columns: "permuted", "matched", "other", "noise"; all kinds are in ControlRow
  double wilcoxonW = 0, p = 0, pAdjusted = 0, effectSize = 0;
  std::string pMethod, pAdjustedMethod;
  std::int64_t nonZero = 0, familySize = 0;
  double normalised = 0;                     ///< ACE / (clean − floor)
  std::string normalisedStatus;
  double minimumEffect = 0;                  ///< smallest ACE this n would find with 80 % power at α/family
  double displacement = 0;                   ///< relative displacement of the edited rows: RMS ‖Δh‖ / ‖h‖
  std::string analysis;                      ///< "confirmatory" (locked before any result) or "exploratory"
  std::string reason;                        ///< status in words
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
  std::string id, created, kind, status;     ///< ULID; ISO-8601 UTC; "cell", "pair" or "mediation"; "done", "running", "interrupted"
  ClusterId cluster, partner;                ///< partner: of a pair, the cluster perturbed together with `cluster`
  std::string method, site, parameters;      ///< canonical JSON
  LayerIndex layer;
  double dose = 0;                           ///< ε, or the relative displacement δ asked for when `equalDose`
  bool equalDose = false;
  double epsilon = 0, wallSeconds = 0;
  std::uint64_t seed = 0;
  std::string tags, note;
  std::string dtype = "fp32";                ///< of the products: "fp32" or "bf16"
};

enum class StageState { Empty, Running, UpToDate, Stale, Failed };
struct StageRow { std::string name, title; StageState state = StageState::Empty; std::string detail, errorCode; };

struct TaskRow {
  std::string name, format;
  std::int64_t items = 0;
  double accuracy = 0, chance = 0, margin = 0;
  std::string file = {}, fileHash = {};      ///< the data, and the hash of its bytes
  std::int64_t shots = 0;
  std::string metric = {};                   ///< what `accuracy` is the mean of
  std::string judge = {}, judgeHash = {};    ///< of a model that judges texts: label and rule; hash of config and weights
  std::string example = {};                  ///< an item as the model reads it, JSON: {"item", "text", "tokens": [[begin, end]], "scored": [0 or 1]}
};
struct ModelRow { std::string path, architecture, hash; std::int64_t layers = 0, width = 0, mlpWidth = 0, parameters = 0; };

}  // namespace lacuna::store

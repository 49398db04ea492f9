#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "lacuna/clusters/clusters.h"
#include "lacuna/corpus/corpus.h"
#include "lacuna/embeddings/embeddings.h"
#include "lacuna/model/linear.h"
#include "lacuna/probes/probes.h"

namespace lacuna::study {

/// One method of the grid: cells are clusters × epsilons (methods.md 5).
struct PerturbationSpec {
  std::string method = "mean";           ///< on neurons: "zero", "mean", "resample"; on subspaces: "project", "leace", "grad_sign", "grad_l2", "flip"
  std::string site;                      ///< empty: mlp_hidden for neurons, resid_post for subspaces
  std::string subspace;                  ///< of project: "meandiff" (default), "probe", "pca", "inlp"
  int rank = 1;                          ///< directions taken, of pca and inlp
  std::string tokens = "all";            ///< "all", "prompt", "last", "answer", "gated": where the probe says p(c|h) > ½
  bool keepNorm = false;                 ///< rescale to the norm before the edit
  std::string span = "single";           ///< "single" layer, "window" of `width` layers around it, "onward": it and all above
  int width = 3;                         ///< of a window
  int layer = -1;                        ///< −1: the layer whose probe has the best AUC on the tuning documents, cluster by cluster
  std::vector<double> epsilons = {0.25, 0.5, 0.75, 1.0};
  std::vector<double> displacements;     ///< doses as relative displacement δ instead: ε is solved for every cluster (equal dose)
  double controlEpsilon = 0;             ///< dose of the controls; 0: the largest, up to 1

  bool equalDose() const { return !displacements.empty(); }
  const std::vector<double>& doses() const { return equalDose() ? displacements : epsilons; }
};

/// Where generated metrics (exact match of a continuation) are run; they are slow.
enum class Generate { Never, Clean, Always };   ///< Clean: on the unperturbed model alone

/// "project", "project:pca3@last", "mean+window3": the method with what differs from its defaults. Names it in tables and views.
std::string recipeName(const PerturbationSpec& spec);
bool editsNeurons(const std::string& method);
std::string tauRuleName(probes::TauRule rule);                  ///< "mass", "topk", "uniform", "perm-null"
probes::TauRule tauRuleFromName(const std::string& name);       ///< an unknown name is "mass"

/// Pairs of clusters perturbed together (methods.md 6): cells beside the grid, at one dose of one recipe.
struct InteractionSpec {
  bool all = false;                      ///< every pair of clusters
  std::vector<std::pair<int, int>> pairs;   ///< ids of clusters, the smaller one first; empty and not `all`: none
  std::string method;                    ///< recipeName; empty: the first recipe whose doses are ε
  double dose = 0;                       ///< one of its ε; 0: the dose of its controls

  bool wanted() const { return all || !pairs.empty(); }
};

/// Mediation by every cluster's neurons (methods.md 6.3), on the tasks whose items have counterfactual prompts.
struct MediationSpec {
  bool run = true;
  int layer = -1;                        ///< of mlp_hidden; −1: for every cluster the layer with the best probe
};

struct TaskSpec {
  std::filesystem::path file;            ///< sidecar
  std::filesystem::path fewshot;
  int shots = 0;
  std::string sampler;
  Generate generate = Generate::Clean;
};

/// What a study is: the same JSON from the window, the command line and the file. docs/study-spec.md explains every key.
struct StudySpec {
  std::string name = "study";
  std::filesystem::path model;
  model::Precision precision = model::Precision::Fp32;   ///< "dtype" of the model's products
  corpus::CorpusConfig corpus;
  embeddings::EmbeddingConfig embedding;
  clusters::ClusterConfig clusters;
  std::int64_t probeDocuments = 3000;    ///< documents read by the model, a stratified sample; 0: all
  int probeMaxTokens = 256;
  std::vector<int> probeLayers;          ///< empty: all
  probes::ProbeConfig probes;
  std::vector<std::string> rankings = {"probeless"};   ///< beside the probe's: "probeless", "gradients" (MLP probe), "stability" (slow)
  probes::TauConfig tau;
  int tauPermutations = 200;             ///< of rule perm-null
  double tauLevel = 0.95;
  std::vector<PerturbationSpec> perturbations;
  InteractionSpec interactions;
  MediationSpec mediation;
  int controlDraws = 20;
  std::vector<std::string> controlKinds = {"permuted", "matched"};   ///< "matched", "permuted", "other", "noise"; the first gives the effects' own columns
  std::string controlDoses = "reference";  ///< "reference": at control_epsilon alone; "all": at every ε
  std::vector<TaskSpec> tasks;
  double tuneShare = 0.2;                ///< of the items, by group; never in reported numbers
  double kept = 0.95;                    ///< tolerated retention of the robustness guideline
  std::map<std::string, double> utilities;   ///< of tasks, in the curation report; empty: all alike
  double eta = 0.5;                      ///< strength of its tilt
  std::string corpusKnown = "unknown";   ///< "exact", "proxy", "unknown": is the corpus what the model was trained on?
  std::int64_t ckaDocuments = 300;
  int bootstrapDraws = 10000;
  double level = 0.95, alpha = 0.05;
  std::uint64_t seed = 0;
  std::filesystem::path folder;          ///< relative paths are relative to this
  std::filesystem::path cache = {};      ///< of vectors and readings of corpora (files/cache_room.h), no part of the JSON; empty: none
};

/// Throws LAC-1401 naming the JSON pointer, what was expected and what was found; unknown keys are errors.
StudySpec parseSpec(const std::string& json, const std::filesystem::path& folder);
StudySpec readSpec(const std::filesystem::path& file);
/// Canonical JSON: every key, defaults included. parseSpec(toJson(s)) = s.
std::string toJson(const StudySpec& spec);
/// "perturbations/0/method=zero": sets one value of a spec's JSON by path; the value is JSON, or a string when it is not.
std::string withOverride(const std::string& json, const std::string& assignment);

}  // namespace lacuna::study

#include <cmath>

#include "curation.h"
#include "lacuna/base/error.h"
#include "words.h"

namespace lacuna::effects {
namespace {

const char* corpusCaveat(CorpusKnown corpus) {
  switch (corpus) {
    case CorpusKnown::Exact: return "The clusters are of the corpus the model was trained on.";
    case CorpusKnown::Proxy: return "The clusters are of a corpus like the model's training data (a proxy): their share in the real mixture is not known.";
    case CorpusKnown::Unknown: return "The model's training data are not known: the clusters say nothing certain about its mixture.";
  }
  return "";
}

[[noreturn]] void refuse(const std::string& what) { throw Error("LAC-1401", "Data curation: " + what); }

void checkShape(const MatrixD& matrix, const CurationInput& input, const char* name) {
  if (matrix.rows() == static_cast<Eigen::Index>(input.clusters.size()) && matrix.cols() == static_cast<Eigen::Index>(input.tasks.size())) return;
  refuse(std::string(name) + " is " + std::to_string(matrix.rows()) + " × " + std::to_string(matrix.cols()) + "; expected " +
         std::to_string(input.clusters.size()) + " clusters × " + std::to_string(input.tasks.size()) + " tasks");
}

}  // namespace

std::string evidenceName(Evidence evidence) {
  switch (evidence) {
    case Evidence::AceOnly: return "ACE only";
    case Evidence::ToyRetrain: return "leave-one-out retraining of toy models";
    case Evidence::ProxyModels: return "regression over many small proxy models";
    case Evidence::TargetAblation: return "ablation at the target scale";
  }
  return {};
}

std::vector<std::string> evidenceLadder(Evidence present) {
  std::vector<std::string> ladder;
  for (const Evidence step : {Evidence::AceOnly, Evidence::ToyRetrain, Evidence::ProxyModels, Evidence::TargetAblation})
    ladder.push_back((step == present ? "▸ " : "") + evidenceName(step));
  return ladder;
}

std::vector<std::string> curationCaveats(const CurationInput& input) {
  std::vector<std::string> all{corpusCaveat(input.corpus)};
  if (input.circular) all.emplace_back("Circular: the clusters were made from states of the model under study.");
  all.push_back("Items of the smallest task: " + std::to_string(input.items) + "; smallest effect they would show: " + number(input.mde) + ".");
  all.emplace_back("ACE ≠ DAE: an effect of disturbing a representation is not the effect of leaving data out of training.");
  all.emplace_back(input.interactions ? "Interactions: clusters were perturbed in pairs; the shares below do not use that, they add effects of single clusters."
                                      : "Interactions between clusters are not measured.");
  all.emplace_back("The effect of adding data is not minus the effect of removing a representation.");
  all.emplace_back("Scale: rankings of small models (150 M) pick the better of two at 1 B in about 80 % of pairs (DataDecide, arXiv 2504.11393).");
  bool safety = false;
  for (const double utility : input.utilities) safety |= utility < 0;
  if (safety)
    all.emplace_back("Less toxic text costs toxicity detection and quality (Longpre et al. 2023, arXiv 2305.13169): check \"down\" for a harmful cluster on "
                     "detection too, by retraining.");
  if (!mayTranslate(input)) all.emplace_back("No benefit in numbers: the step from ACE to DAE has not been calibrated by retraining, or failed its gate.");
  return all;
}

bool mayTranslate(const CurationInput& input) {
  if (!input.calibration || !input.gatePassed || input.calibration->status != statistics::Status::Ok) return false;
  const statistics::Estimate& slope = input.calibration->slope;
  return slope.low > 0 || slope.high < 0;
}

void checkCuration(const CurationInput& input) {
  const auto clusters = static_cast<Eigen::Index>(input.clusters.size()), tasks = static_cast<Eigen::Index>(input.tasks.size());
  if (clusters == 0 || tasks == 0) refuse("there is no cluster or no task");
  checkShape(input.ace, input, "the ACE matrix");
  checkShape(input.variance, input, "the variance matrix");
  checkShape(input.pControl, input, "the matrix of control p-values");
  checkShape(input.specificity, input, "the specificity matrix");
  if (input.outcomeSd.size() != tasks || input.utilities.size() != tasks) refuse("utilities and outcome deviations must be one a task, " + std::to_string(tasks));
  if (input.shares.size() != clusters || input.available.size() != input.used.size() || (input.used.size() != 0 && input.used.size() != clusters))
    refuse("token shares and token numbers must be one a cluster, " + std::to_string(clusters));
  if (input.draws.size() != 0 && input.draws.cols() != clusters * tasks)
    refuse("a joint draw has " + std::to_string(input.draws.cols()) + " cells; expected " + std::to_string(clusters * tasks));
  if (!(input.utilities.cwiseAbs().sum() > 0)) refuse("all task utilities are 0");
  if (!(input.shares.minCoeff() > 0) || !(input.outcomeSd.minCoeff() > 0)) refuse("every token share and every task's outcome deviation must be above 0");
}

}  // namespace lacuna::effects

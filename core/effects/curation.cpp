#include "curation.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "lacuna/base/rng.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/distributions.h"
#include "lacuna/statistics/joint.h"
#include "words.h"

namespace lacuna::effects {
namespace {

using statistics::Status;

std::vector<double> toVector(const VectorD& values) { return {values.begin(), values.end()}; }

/// Posterior means and deviations of all cells, and what one unit of a task is worth.
struct Posterior {
  std::vector<statistics::Shrunk> shrunk;   ///< [tasks]
  MatrixD mean, sd;                         ///< [clusters, tasks]
  VectorD worth;                            ///< [tasks] u_T / sd_T
  bool joint = false;
};

Posterior posteriorOf(const CurationInput& input, const CurationConfig& config) {
  const bool wide = config.meanUncertainty.value_or(input.clusters.size() < 10);
  Posterior posterior{{}, input.ace, input.ace, (input.utilities / input.utilities.cwiseAbs().sum()).cwiseQuotient(input.outcomeSd), input.draws.size() > 0};
  for (Eigen::Index task = 0; task < input.ace.cols(); ++task) {
    posterior.shrunk.push_back(statistics::empiricalBayes(toVector(input.ace.col(task)), toVector(input.variance.col(task).cwiseSqrt()), wide));
    for (Eigen::Index c = 0; c < input.ace.rows(); ++c) {
      posterior.mean(c, task) = posterior.shrunk.back().mean[static_cast<std::size_t>(c)];
      posterior.sd(c, task) = posterior.shrunk.back().sd[static_cast<std::size_t>(c)];
    }
  }
  return posterior;
}

/// Draws of every utility: the posterior's own spread along the joint bootstrap's deviations (so cells that share items move
/// together), or independent normal deviations. [draws, clusters]
MatrixD utilityDraws(const CurationInput& input, const CurationConfig& config, const Posterior& posterior) {
  const Eigen::Index count = posterior.joint ? input.draws.rows() : config.draws, tasks = input.ace.cols();
  MatrixD out = MatrixD::Zero(count, input.ace.rows());
  for (Eigen::Index b = 0; b < count; ++b) {
    Rng rng(config.seed, "effects.curation", static_cast<std::uint64_t>(b));
    for (Eigen::Index c = 0; c < input.ace.rows(); ++c)
      for (Eigen::Index t = 0; t < tasks; ++t) {
        const double se = std::sqrt(input.variance(c, t));
        const double deviation = posterior.joint ? (se > 0 ? (input.draws(b, c * tasks + t) - input.ace(c, t)) / se : 0) : rng.normal();
        out(b, c) += posterior.worth(t) * (posterior.mean(c, t) + posterior.sd(c, t) * deviation);
      }
  }
  return out;
}

statistics::Estimate utilityOf(const Posterior& posterior, Eigen::Index cluster, const MatrixD& draws, double level) {
  const auto drawn = toVector(draws.col(cluster));
  const auto bounds = statistics::quantiles(drawn, std::array{(1 - level) / 2, (1 + level) / 2});
  return {posterior.mean.row(cluster).dot(posterior.worth), bounds[0], bounds[1], statistics::standardDeviation(drawn), level,
          draws.cols(), draws.cols(), posterior.joint ? "posterior-joint" : "posterior", Status::Ok};
}

/// Exact under independence; over the draws otherwise.
double probabilityPositive(const Posterior& posterior, Eigen::Index cluster, const MatrixD& draws) {
  if (posterior.joint) return (draws.col(cluster).array() > 0).cast<double>().mean();
  const double sd = posterior.sd.row(cluster).cwiseProduct(posterior.worth.transpose()).norm();
  return sd > 0 ? statistics::normalCdf(posterior.mean.row(cluster).dot(posterior.worth) / sd) : statistics::kMissing;
}

/// The task that carries most of a utility in its own direction.
Eigen::Index leadingTask(const Posterior& posterior, Eigen::Index cluster, double direction) {
  Eigen::Index task = 0;
  (posterior.mean.row(cluster).transpose().cwiseProduct(posterior.worth) * direction).maxCoeff(&task);
  return task;
}

/// Why a task's shrinkage allows no verdict; empty when it does.
std::string unshrunk(const statistics::Shrunk& shrunk, const std::string& task) {
  if (shrunk.status == Status::Ok) return {};
  if (shrunk.status == Status::NotIdentified) return "fewer than 3 clusters, nothing to shrink towards";
  if (shrunk.status == Status::Degenerate) return "the clusters' effects on " + task + " do not differ beyond noise";
  return "the effects on " + task + " have no usable variance";
}

void judge(CurationRow& row, Eigen::Index cluster, const CurationInput& input, const CurationConfig& config, const Posterior& posterior) {
  const double positive = row.probabilityPositive, direction = positive >= 0.5 ? 1 : -1, certainty = positive >= 0.5 ? positive : 1 - positive;
  const Eigen::Index task = leadingTask(posterior, cluster, direction);
  const std::string& name = input.tasks[static_cast<std::size_t>(task)];
  const double p = input.pControl(cluster, task), si = input.specificity(cluster, task) * (posterior.mean(cluster, task) < 0 ? -1 : 1);
  const auto no = [&](const std::string& why) { row.reason = "no change — insufficient evidence: " + why; };
  if (const std::string why = unshrunk(posterior.shrunk[static_cast<std::size_t>(task)], name); !why.empty()) return no(why);
  if (!(certainty >= config.certain)) return no("P(utility " + std::string(direction > 0 ? ">" : "<") + " 0) = " + number(certainty));
  if (!(p < config.alpha)) return no("the effect on " + name + " does not beat its controls (p = " + number(p) + ")");
  if (!(si > 0)) return no("the effect on " + name + " is not specific to it (SI = " + number(input.specificity(cluster, task)) + ")");
  row.verdict = direction > 0 ? CurationVerdict::Up : CurationVerdict::Down;
  row.reason = "P(utility " + std::string(direction > 0 ? ">" : "<") + " 0) = " + number(certainty) + ", led by " + name + " (control p = " + number(p) + ", SI = " +
               number(input.specificity(cluster, task)) + ")";
}

/// Multipliers of the clusters whose utility is known: only rows with a verdict move, and only the way of their verdict.
std::vector<double> multipliersOf(const CurationReport& report, const CurationInput& input, const CurationConfig& config, const std::vector<std::size_t>& known) {
  std::vector<double> utilities, shares, caps;
  std::vector<std::uint8_t> move;
  for (const std::size_t c : known) {
    utilities.push_back(report.rows[c].utility.value);
    move.push_back(report.rows[c].verdict != CurationVerdict::NoChange);
    const auto at = static_cast<Eigen::Index>(c);
    shares.push_back(input.shares(at));
    if (input.used.size() > 0) caps.push_back(std::max(1.0, config.maxEpochs * input.available(at) / input.used(at)));
  }
  const statistics::TiltConfig tiltConfig{.eta = config.eta};
  const statistics::Tilt first = statistics::tilt(utilities, shares, tiltConfig, move, caps);
  if (first.multiplier.empty()) return std::vector<double>(known.size(), 1.0);
  for (std::size_t k = 0; k < move.size(); ++k)
    if (report.rows[known[k]].verdict == CurationVerdict::Up ? first.multiplier[k] < 1 : first.multiplier[k] > 1) move[k] = 0;
  return statistics::tilt(utilities, shares, tiltConfig, move, caps).multiplier;
}

/// A cluster without a utility keeps its weight; the shares of all add up to 1.
void tiltShares(CurationReport& report, const CurationInput& input, const CurationConfig& config) {
  std::vector<std::size_t> known;
  for (std::size_t c = 0; c < report.rows.size(); ++c)
    if (std::isfinite(report.rows[c].utility.value)) known.push_back(c);
  const std::vector<double> multipliers = multipliersOf(report, input, config, known);
  for (std::size_t k = 0; k < known.size(); ++k) report.rows[known[k]].multiplier = multipliers[k];
  std::vector<double> before = toVector(input.shares), after;
  const double total = input.shares.sum();
  double tilted = 0;
  for (std::size_t c = 0; c < before.size(); ++c) {
    before[c] /= total;
    after.push_back(before[c] * report.rows[c].multiplier);
    tilted += after.back();
  }
  for (std::size_t c = 0; c < before.size(); ++c) {
    after[c] /= tilted;
    report.rows[c].share = before[c];
    report.rows[c].newShare = after[c];
  }
  report.kl = statistics::klDivergence(after, before);
}

}  // namespace

CurationReport curationReport(const CurationInput& input, const CurationConfig& config) {
  checkCuration(input);
  const Posterior posterior = posteriorOf(input, config);
  const MatrixD draws = utilityDraws(input, config, posterior);
  const VectorD top = statistics::probabilityTop(draws, config.top);
  const auto ranks = statistics::rankIntervals(draws, config.level);
  CurationReport report;
  report.shrunk = posterior.shrunk;
  report.hypothesis = !input.gatePassed;
  report.caveats = curationCaveats(input);
  report.ladder = evidenceLadder(input.evidence);
  for (Eigen::Index c = 0; c < input.ace.rows(); ++c) {
    CurationRow row;
    row.cluster = input.clusters[static_cast<std::size_t>(c)];
    row.utility = utilityOf(posterior, c, draws, config.level);
    row.probabilityPositive = probabilityPositive(posterior, c, draws);
    row.probabilityTop = top(c);
    row.rank = ranks[static_cast<std::size_t>(c)];
    judge(row, c, input, config, posterior);
    for (Eigen::Index t = 0; mayTranslate(input) && t < input.ace.cols(); ++t)
      row.removalEffect.push_back(statistics::predict(*input.calibration, input.ace(c, t), input.calibrationMean, config.level));
    report.rows.push_back(row);
  }
  tiltShares(report, input, config);
  return report;
}

}  // namespace lacuna::effects

#include "subspaces.h"

#include "lacuna/base/numbers.h"
#include "lacuna/probes/label_null.h"

namespace lacuna::study {
namespace {

using probes::SplitRole;

constexpr double kGuarded = 0.55;   // AUC of a fresh probe above which an erasure is incomplete (methods.md 5.2)

MatrixD inlpRows(const probes::ProbeInput& input, const SubspaceFit& fit, bool stops, const RunContext& context) {
  probes::InlpConfig config;
  config.maxRounds = fit.rank;
  config.lambda = fit.lambda;
  if (!stops) config.stopAuc = 0;
  return probes::inlpSubspace(input, fit.cluster, config, context).v;
}

probes::AffineErasure erasureOf(const perturbation::Perturbation& p) {
  return {p.basis, p.method == perturbation::Method::Leace ? p.readout : p.basis,
          Eigen::Map<const VectorD>(p.centre.data(), static_cast<Eigen::Index>(p.centre.size()))};
}

void fill(SubspaceRow& row, const probes::ErasureCheck& check) {
  row.auc = check.auc.value;
  row.aucLow = check.auc.low;
  row.aucHigh = check.auc.high;
  row.incomplete = check.incomplete;
  row.status = statistics::statusName(check.auc.status);
  if (check.auc.status != statistics::Status::Ok) row.reason = "tuning or evaluation documents of one side are missing";
  else if (check.incomplete)
    row.reason = "incomplete erasure: a fresh probe on edited states reaches AUC " + formatFixed(row.auc, 3) + ", more than " + formatFixed(kGuarded, 2);
}

}  // namespace

PermutedLabels::PermutedLabels(probes::ProbeInput& input, std::uint64_t seed, int draw)
    : m_input(input), m_true(probes::permutedLabels(input, {}, seed, draw)) {
  m_input.labels.swap(m_true);
}

FitRows::FitRows(const probes::ProbeInput& input) {
  std::vector<Eigen::Index> places;
  for (std::size_t i = 0; i < input.roles.size(); ++i) {
    if (input.roles[i] != SplitRole::Fit || input.labels[i] == -2) continue;
    places.push_back(static_cast<Eigen::Index>(i));
    labels.push_back(input.labels[i]);
    families.push_back(input.families[i]);
  }
  x = input.x(places, Eigen::all);
}

std::vector<std::uint8_t> FitRows::members(ClusterId cluster) const {
  std::vector<std::uint8_t> out;
  for (const std::int32_t label : labels) out.push_back(label == cluster.value ? 1 : 0);
  return out;
}

VectorD meanDifference(const probes::ProbeInput& input, ClusterId cluster) {
  VectorD inside = VectorD::Zero(input.x.cols()), outside = inside;
  double nInside = 0, nOutside = 0;
  for (Eigen::Index i = 0; i < input.x.rows(); ++i) {
    const std::int32_t label = input.labels[static_cast<std::size_t>(i)];
    if (input.roles[static_cast<std::size_t>(i)] != SplitRole::Fit || label == -2) continue;
    (label == cluster.value ? inside : outside) += input.x.row(i).transpose().cast<double>();
    (label == cluster.value ? nInside : nOutside) += 1;
  }
  if (nInside == 0 || nOutside == 0) return VectorD::Zero(input.x.cols());
  return inside / nInside - outside / nOutside;
}

MatrixD fitSubspace(const probes::ProbeInput& input, const SubspaceFit& fit, const RunContext& context) {
  if (fit.builder == "pca") {
    const FitRows rows(input);
    return probes::pcaSubspace(rows.x, rows.members(fit.cluster), {fit.rank, 0.5}, context);
  }
  if (fit.builder == "inlp") return inlpRows(input, fit, !fit.fixedRank, context);
  if (fit.builder == "probe") return inlpRows(input, {fit.builder, fit.cluster, 1, fit.lambda, true}, false, context);   // its first round
  const VectorD difference = meanDifference(input, fit.cluster);
  if (difference.norm() == 0) return MatrixD(0, difference.size());
  return difference.transpose();
}

perturbation::Built wholeEdit(model::Capture place, perturbation::Method method, const MatrixD& directions, const activations::SiteStats& stats) {
  perturbation::Direction direction;
  direction.rows = directions;
  return perturbation::fromDirection(place, method, direction, stats, 1);
}

SubspaceRow checkedSubspace(const probes::ProbeInput& input, const ErasureQuestion& question, const MatrixD& directions,
                            const activations::SiteStats& stats, const RunContext& context) {
  SubspaceRow row;
  row.cluster = question.cluster;
  row.site = model::siteName(question.place.site);
  row.layer = question.place.layer;
  row.kind = question.kind;
  row.auc = row.aucLow = row.aucHigh = statistics::kMissing;
  row.status = statistics::statusName(statistics::Status::NotIdentified);
  const perturbation::Built built = wholeEdit(question.place, question.method, directions, stats);
  row.reason = built.why;
  if (!built.perturbation) return row;
  row.rank = built.perturbation->basis.rows();
  fill(row, probes::checkErasure(input, question.cluster, erasureOf(*built.perturbation), question.lambda, kGuarded, context));
  return row;
}

}  // namespace lacuna::study

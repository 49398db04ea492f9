#include "spread.h"

#include <algorithm>

#include "components.h"
#include "lacuna/base/error.h"

namespace lacuna::perturbation {
namespace {

constexpr double kVarianceCut = 1e-6;

Eigen::Map<const VectorD> mapped(const std::vector<double>& v) { return {v.data(), static_cast<Eigen::Index>(v.size())}; }

VectorD inverted(const VectorD& variances) {
  const double least = kVarianceCut * (variances.size() > 0 ? variances.maxCoeff() : 0);
  return variances.unaryExpr([least](double v) { return v > least ? 1 / v : 0.0; });
}

/// E‖Bᵀ·A·(h − c)‖² = tr(B·Bᵀ·E[A(h − c)(h − c)ᵀAᵀ]).
double obliqueEnergy(const MatrixD& readout, const MatrixD& written, const VectorD& offset, const activations::SiteStats& stats) {
  const VectorD bias = readout * offset;
  const MatrixD read = timesCovariance(readout, stats) * readout.transpose() + bias * bias.transpose();
  return (written * written.transpose() * read).trace();
}

/// E(goal − h)² summed over S, for goals that do not depend on h.
double neuronEnergy(const Perturbation& p, const activations::SiteStats& stats) {
  double sum = 0;
  for (std::size_t i = 0; i < p.neurons.size(); ++i) {
    const std::int32_t j = p.neurons[i];
    double goal = p.method == Method::Set ? p.value : 0, goalSquare = goal * goal;
    if (p.method == Method::Mean) goalSquare = p.centre[i] * (goal = p.centre[i]);
    if (p.method == Method::Resample) {
      goal = p.bank.col(static_cast<Eigen::Index>(i)).mean();
      goalSquare = p.bank.col(static_cast<Eigen::Index>(i)).cwiseAbs2().mean();
    }
    sum += stats.meanSquare[j] - 2 * goal * stats.mean[j] + goalSquare;
  }
  return sum;
}

double gradientEnergy(const Perturbation& p, double width) {
  if (p.method == Method::GradL2) return p.rho * p.rho * width;
  if (p.probe.hidden.rows() == 0) return p.rho * p.rho * mapped(p.direction).squaredNorm();
  return p.rho * p.rho * (p.neurons.empty() ? width : static_cast<double>(p.neurons.size()));
}

double flipEnergy(const Perturbation& p, const activations::SiteStats& stats) {
  const MatrixD w = mapped(p.direction).transpose();
  const double mean = (w * stats.mean)[0] + p.bias + p.margin;
  return ((timesCovariance(w, stats) * w.transpose())(0, 0) + mean * mean) / w.squaredNorm();
}

std::size_t widthOf(const Perturbation& p) {
  if (p.method == Method::Project || p.method == Method::Leace) return p.centre.size();
  return p.probe.hidden.rows() > 0 ? static_cast<std::size_t>(p.probe.hidden.cols()) : p.direction.size();
}

}  // namespace

MatrixD covarianceOf(const activations::SiteStats& stats) {
  if (stats.covariance.size() > 0) return stats.covariance;
  return MatrixD(stats.sd.cwiseAbs2().asDiagonal());
}

MatrixD timesCovariance(const MatrixD& rows, const activations::SiteStats& stats) {
  if (stats.covariance.size() > 0) return rows * stats.covariance;
  return rows * stats.sd.cwiseAbs2().asDiagonal();
}

MatrixD timesPseudoInverse(const MatrixD& rows, const activations::SiteStats& stats) {
  if (stats.covariance.size() == 0) return rows * inverted(stats.sd.cwiseAbs2()).asDiagonal();
  const auto principal = components(stats.covariance);
  return rows * principal->rows.transpose() * inverted(principal->variances).asDiagonal() * principal->rows;
}

double meanSquaredDelta(const Perturbation& p, const activations::SiteStats& stats) {
  const auto width = static_cast<double>(stats.mean.size());
  switch (p.method) {
    case Method::Zero:
    case Method::Mean:
    case Method::Set:
    case Method::Resample: return neuronEnergy(p, stats);
    case Method::Project: return obliqueEnergy(p.basis, p.basis, stats.mean - mapped(p.centre), stats);
    case Method::Leace: return obliqueEnergy(p.readout, p.basis, stats.mean - mapped(p.centre), stats);
    case Method::Shift:
    case Method::GradL2: return gradientEnergy(p, width);
    case Method::Flip: return flipEnergy(p, stats);
    case Method::Noise: return p.rho * p.rho * width;
  }
  return 0;
}

void requireWidth(const Perturbation& p, const activations::SiteStats& stats, const char* purpose) {
  const auto width = static_cast<std::size_t>(stats.mean.size());
  const bool inside = p.neurons.empty() || static_cast<std::size_t>(*std::max_element(p.neurons.begin(), p.neurons.end())) < width;
  if (inside && (editsNeurons(p.method) || p.method == Method::Noise || widthOf(p) == width)) return;
  throw Error("LAC-1201", std::string(purpose) + " for \"" + describe(p) + "\": the site's moments are " + std::to_string(width) + " wide.",
              "The perturbation was made for another model or site.");
}

}  // namespace lacuna::perturbation

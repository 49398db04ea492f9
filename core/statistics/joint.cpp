#include "lacuna/statistics/joint.h"

#include <algorithm>
#include <cmath>

#include "grouped.h"
#include "lacuna/base/error.h"
#include "lacuna/statistics/descriptive.h"
#include "resample.h"

namespace lacuna::statistics {
namespace {

struct MaxT {
  std::vector<double> largest;          // [draws] max_j |θ*_j − θ_j|/se_j
  VectorD means, errors;                // [columns]; error NaN where a column cannot take part
  std::int64_t items = 0, groups = 0;
};

MaxT maxT(const MatrixD& values, std::span<const std::int32_t> groups, const BootstrapConfig& config) {
  const Grouped data = grouped(values, groups);
  MaxT result{{}, data.means, VectorD::Constant(values.cols(), kMissing), data.items(), data.groups()};
  if (data.groups() < 2) return result;
  for (Eigen::Index j = 0; j < values.cols(); ++j)
    if (std::isfinite(data.means(j)) && varies(data, j))
      result.errors(j) = clusteredError(data, j) * std::sqrt(static_cast<double>(data.groups()) / static_cast<double>(data.groups() - 1));
  const auto counts = sharedCounts(data.groups(), config);
  result.largest.assign(static_cast<std::size_t>(counts->rows()), 0.0);
  constexpr Eigen::Index atOnce = 512;
  for (Eigen::Index first = 0; first < values.cols(); first += atOnce) {
    const ColumnDraws draws = drawMeans(data, *counts, first, std::min(atOnce, values.cols() - first));
    for (Eigen::Index j = 0; j < draws.cols(); ++j) {
      if (std::isnan(result.errors(first + j))) continue;
      for (Eigen::Index b = 0; b < draws.rows(); ++b) {
        double& largest = result.largest[static_cast<std::size_t>(b)];
        largest = std::max(largest, std::abs(draws(b, j) - data.means(first + j)) / result.errors(first + j));
      }
    }
  }
  return result;
}

// Rank of every column in one draw, 1 = largest, ties at their mean rank.
std::vector<double> ranksOfDraw(const MatrixD& draws, Eigen::Index b) {
  std::vector<double> negated(static_cast<std::size_t>(draws.cols()));
  for (Eigen::Index j = 0; j < draws.cols(); ++j) negated[static_cast<std::size_t>(j)] = -draws(b, j);
  return midranks(negated);
}

}  // namespace

std::vector<Estimate> simultaneousMeans(const MatrixD& values, std::span<const std::int32_t> groups, const BootstrapConfig& config) {
  const MaxT joint = maxT(values, groups, config);
  const double critical = quantile(joint.largest, config.level);
  std::vector<Estimate> result(static_cast<std::size_t>(values.cols()));
  for (Eigen::Index j = 0; j < values.cols(); ++j) {
    Estimate& estimate = result[static_cast<std::size_t>(j)];
    estimate.level = config.level;
    estimate.n = joint.items;
    estimate.groups = joint.groups;
    estimate.method = "max-t";
    if (joint.groups < 2) {
      estimate.status = Status::TooFew;
    } else if (!std::isfinite(joint.means(j))) {
      estimate.status = Status::NanInput;
    } else {
      estimate.value = joint.means(j);
      const bool constant = std::isnan(joint.errors(j));
      estimate.se = constant ? 0.0 : joint.errors(j);
      estimate.low = estimate.value - (constant ? 0.0 : critical * estimate.se);
      estimate.high = estimate.value + (constant ? 0.0 : critical * estimate.se);
      estimate.status = constant ? Status::ZeroVariance : joint.groups < 8 ? Status::TooFew : Status::Ok;
    }
  }
  return result;
}

std::vector<double> maxTAdjusted(const MatrixD& values, std::span<const std::int32_t> groups, const BootstrapConfig& config) {
  MaxT joint = maxT(values, groups, config);
  std::sort(joint.largest.begin(), joint.largest.end());
  std::vector<double> result(static_cast<std::size_t>(values.cols()), kMissing);
  for (Eigen::Index j = 0; j < values.cols(); ++j) {
    if (std::isnan(joint.errors(j))) continue;
    const double t = std::abs(joint.means(j)) / joint.errors(j);
    const auto hits = joint.largest.end() - std::lower_bound(joint.largest.begin(), joint.largest.end(), t * (1 - 1e-12));
    result[static_cast<std::size_t>(j)] = static_cast<double>(1 + hits) / static_cast<double>(1 + joint.largest.size());
  }
  return result;
}

VectorD probabilityBest(const MatrixD& draws) {
  VectorD result = VectorD::Zero(draws.cols());
  for (Eigen::Index b = 0; b < draws.rows(); ++b) {
    const double largest = draws.row(b).maxCoeff();
    const auto best = (draws.row(b).array() == largest).cast<double>().eval();
    result += (best / best.sum()).matrix().transpose();
  }
  return result / static_cast<double>(std::max<Eigen::Index>(1, draws.rows()));
}

VectorD probabilityTop(const MatrixD& draws, std::int64_t k) {
  VectorD result = VectorD::Zero(draws.cols());
  for (Eigen::Index b = 0; b < draws.rows(); ++b) {
    const auto ranks = ranksOfDraw(draws, b);
    for (Eigen::Index j = 0; j < draws.cols(); ++j) result(j) += ranks[static_cast<std::size_t>(j)] <= static_cast<double>(k);
  }
  return result / static_cast<double>(std::max<Eigen::Index>(1, draws.rows()));
}

std::vector<Estimate> rankIntervals(const MatrixD& draws, double level) {
  std::vector<std::vector<double>> ranks(static_cast<std::size_t>(draws.cols()));
  for (Eigen::Index b = 0; b < draws.rows(); ++b) {
    const auto now = ranksOfDraw(draws, b);
    for (std::size_t j = 0; j < now.size(); ++j) ranks[j].push_back(now[j]);
  }
  std::vector<Estimate> result(ranks.size());
  for (std::size_t j = 0; j < ranks.size(); ++j) {
    const auto bounds = quantiles(ranks[j], std::vector{(1 - level) / 2, (1 + level) / 2});
    result[j] = {mean(ranks[j]), bounds[0], bounds[1], standardDeviation(ranks[j]), level, draws.rows(), 0, "percentile", Status::Ok};
  }
  return result;
}

}  // namespace lacuna::statistics

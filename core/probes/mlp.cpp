#include "lacuna/probes/mlp.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "lacuna/algebra/algebra.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/statistics/auc.h"
#include "mlp_network.h"
#include "parts.h"
#include "standardise.h"

namespace lacuna::probes {
namespace {

void requireSound(const ProbeInput& input, const MlpConfig& config) {
  requireShapes(input);
  if (config.hidden < 0 || !(config.rate > 0) || !(config.decay >= 0) || config.batch < 1 || config.epochs < 1 || config.patience < 1)
    throw Error("LAC-3101", "An MLP probe needs a rate above 0, a decay of at least 0, and batches, epochs and patience of at least 1.");
}

MatrixF standardisedRows(const MatrixF& x, const Moments& moments) {
  MatrixF rows(x.rows(), static_cast<Eigen::Index>(moments.kept.size()));
  standardiseRows(x, moments, 0, x.rows(), rows.data());
  return rows;
}

/// Training from start to end; afterwards the network holds the best epoch's weights.
class MlpTraining {
 public:
  MlpTraining(const MatrixF& fit, std::span<const std::int32_t> labels, const MlpConfig& config, const RunContext& context)
      : m_fit(fit), m_labels(labels), m_config(config), m_context(context) {}

  void run(MlpNetwork& network, const MatrixF& tune, std::span<const std::int32_t> tuneLabels, MlpProbe& probe) {
    AdamW optimiser(network.parameters().size(), m_config.rate, m_config.decay);
    VectorF best = network.parameters();
    for (int epoch = 1; epoch <= m_config.epochs && epoch - probe.bestEpoch <= m_config.patience; ++epoch) {
      trainEpoch(network, optimiser, epoch);
      probe.tuneLoss.push_back(network.loss(tune, tuneLabels, m_context));
      if (probe.bestEpoch == 0 || probe.tuneLoss.back() < probe.tuneLoss[static_cast<std::size_t>(probe.bestEpoch) - 1]) {
        probe.bestEpoch = epoch;
        best = network.parameters();
      }
      m_context.report("Training an MLP probe", static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(m_config.epochs));
    }
    network.parameters() = best;
  }

 private:
  void trainEpoch(MlpNetwork& network, AdamW& optimiser, int epoch) {
    Rng rng(m_context.seed, "mlp-probe-epoch", static_cast<std::uint64_t>(epoch));
    const std::vector<std::int64_t> order = rng.permutation(m_fit.rows());
    VectorF gradient;
    for (std::size_t begin = 0; begin < order.size(); begin += static_cast<std::size_t>(m_config.batch)) {
      m_context.checkpoint();
      const std::size_t size = std::min(static_cast<std::size_t>(m_config.batch), order.size() - begin);
      MatrixF rows(static_cast<Eigen::Index>(size), m_fit.cols());
      std::vector<std::int32_t> labels(size);
      for (std::size_t i = 0; i < size; ++i) {
        rows.row(static_cast<Eigen::Index>(i)) = m_fit.row(order[begin + i]);
        labels[i] = m_labels[static_cast<std::size_t>(order[begin + i])];
      }
      network.lossAndGradient(rows, labels, gradient, m_context);
      optimiser.step(gradient, network.parameters());
    }
  }

  const MatrixF& m_fit;
  std::span<const std::int32_t> m_labels;
  const MlpConfig& m_config;
  const RunContext& m_context;
};

void takeWeights(const MlpNetwork& network, const Moments& moments, MlpProbe& probe) {
  probe.w1 = MatrixF::Zero(network.hidden(), moments.mean.size());
  for (std::size_t j = 0; j < moments.kept.size(); ++j) probe.w1.col(moments.kept[j]) = network.w1().col(static_cast<Eigen::Index>(j));
  probe.b1 = network.b1();
  probe.w2 = network.w2();
  probe.b2 = network.b2();
}

void judge(const Part& held, int clusters, MlpProbe& probe) {
  const MatrixD logits = probe.logits(held.x);
  for (int k = 0; k < clusters; ++k) {
    const VectorD scores = logits.col(k);
    probe.auc.push_back(statistics::aucInterval({scores.data(), static_cast<std::size_t>(scores.size())}, membership(held.labels, k)));
  }
}

/// Standardised inputs in fp64; dropped ones are 0.
MatrixD standardised(const MatrixF& x, const VectorD& mean, const VectorD& sd) {
  MatrixD rows = x.cast<double>().rowwise() - mean.transpose();
  for (Eigen::Index j = 0; j < rows.cols(); ++j) rows.col(j) *= sd[j] > 0 ? 1 / sd[j] : 0;
  return rows;
}

/// One logit as a function of standardised inputs.
class LogitFunction {
 public:
  LogitFunction(const MlpProbe& probe, Eigen::Index cluster)
      : m_w1(probe.w1.cast<double>()), m_b1(probe.b1.cast<double>()), m_read(probe.w2.row(cluster).cast<double>().transpose()),
        m_b2(static_cast<double>(probe.b2[cluster])) {}

  ValueAndGradient operator()(const MatrixD& points) const {
    MatrixD hidden(points.rows(), m_w1.rows());
    algebra::multiplyTransposed(points.data(), m_w1.data(), hidden.data(), points.rows(), m_w1.rows(), m_w1.cols());
    hidden.rowwise() += m_b1.transpose();
    ValueAndGradient result{hidden.cwiseMax(0.0) * m_read, MatrixD(points.rows(), points.cols())};
    result.values.array() += m_b2;
    MatrixD open(hidden.rows(), hidden.cols());
    for (Eigen::Index n = 0; n < open.rows(); ++n)
      for (Eigen::Index h = 0; h < open.cols(); ++h) open(n, h) = hidden(n, h) > 0 ? m_read[h] : 0;
    algebra::multiply(open.data(), m_w1.data(), result.gradients.data(), points.rows(), points.cols(), m_w1.rows());
    return result;
  }

 private:
  MatrixD m_w1;
  VectorD m_b1, m_read;
  double m_b2;
};

}  // namespace

MatrixD MlpProbe::logits(const MatrixF& x) const {
  const algebra::SerialBlas serial;
  const MatrixD rows = standardised(x, mean, sd), first = w1.cast<double>(), second = w2.cast<double>();
  MatrixD active(rows.rows(), first.rows()), result(rows.rows(), second.rows());
  algebra::multiplyTransposed(rows.data(), first.data(), active.data(), rows.rows(), first.rows(), first.cols());
  active = (active.rowwise() + b1.cast<double>().transpose()).cwiseMax(0.0);
  algebra::multiplyTransposed(active.data(), second.data(), result.data(), rows.rows(), second.rows(), second.cols());
  return result.rowwise() + b2.cast<double>().transpose();
}

MlpProbe fitMlp(const ProbeInput& input, const MlpConfig& config, const RunContext& context) {
  requireSound(input, config);
  const Part fit = takeRole(input, SplitRole::Fit, true), tune = takeRole(input, SplitRole::Tune, true), held = takeRole(input, SplitRole::Evaluate, true);
  const Moments moments = columnMoments(fit.x, context);
  const std::int64_t width = input.x.cols();
  const std::int64_t hidden = config.hidden > 0 ? config.hidden : std::min<std::int64_t>(256, std::max<std::int64_t>(1, width / 4));
  MlpProbe probe{moments.mean, moments.sd, MatrixF::Zero(hidden, width), MatrixF::Zero(input.clusters, hidden), VectorF::Zero(hidden),
                 VectorF::Zero(input.clusters), {}, 0, {}, "TOO_FEW"};
  if (tune.size() == 0 || std::set<std::int32_t>(fit.labels.begin(), fit.labels.end()).size() < 2) return probe;
  const algebra::SerialBlas serial;
  MlpNetwork network(static_cast<std::int64_t>(moments.kept.size()), hidden, input.clusters);
  network.initialise(context.seed);
  const MatrixF fitRows = standardisedRows(fit.x, moments), tuneRows = standardisedRows(tune.x, moments);
  MlpTraining(fitRows, fit.labels, config, context).run(network, tuneRows, tune.labels, probe);
  takeWeights(network, moments, probe);
  judge(held, input.clusters, probe);
  probe.status = "OK";
  return probe;
}

MlpImportance mlpImportance(const MlpProbe& probe, const MatrixF& x, ClusterId cluster, const IntegratedGradientsConfig& config,
                            const RunContext& context) {
  if (x.cols() != probe.w1.cols() || cluster.value < 0 || cluster.value >= probe.w2.rows())
    throw Error("LAC-3101", "An MLP probe of width " + std::to_string(probe.w1.cols()) + " and " + std::to_string(probe.w2.rows()) +
                                " clusters was asked for cluster " + std::to_string(cluster.value) + " on states of width " + std::to_string(x.cols()) + ".");
  constexpr std::int64_t kAtOnce = 32;
  const algebra::SerialBlas serial;
  const LogitFunction logit(probe, cluster.value);
  const MatrixD rows = standardised(x, probe.mean, probe.sd);
  MlpImportance result{VectorD::Zero(x.cols()), x.rows(), 0, 0, 0};
  for (std::int64_t first = 0; first < rows.rows(); first += kAtOnce) {
    context.checkpoint();
    std::vector<IntegratedGradients> parts(static_cast<std::size_t>(std::min(kAtOnce, rows.rows() - first)));
    parallelFor(static_cast<std::int64_t>(parts.size()), context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i)
        parts[static_cast<std::size_t>(i)] = integratedGradients(logit, rows.row(first + i), VectorD::Zero(rows.cols()), config);
    });
    for (const IntegratedGradients& part : parts) {
      result.importance += part.attribution.cwiseAbs();
      result.doubled += part.steps > config.steps;
      result.incomplete += !part.complete;
      result.worstError = std::max(result.worstError, part.error);
    }
    context.report("Integrating gradients", static_cast<std::uint64_t>(first) + parts.size(), static_cast<std::uint64_t>(rows.rows()));
  }
  if (rows.rows() == 0) result.importance.setConstant(statistics::kMissing);
  else result.importance /= static_cast<double>(rows.rows());
  return result;
}

}  // namespace lacuna::probes

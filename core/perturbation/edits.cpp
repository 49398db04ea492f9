#include <algorithm>
#include <cmath>

#include "gradient_steps.h"
#include "lacuna/base/error.h"
#include "row_bits.h"
#include "row_edit.h"

namespace lacuna::perturbation {
namespace {

std::int32_t largest(const std::vector<std::int32_t>& neurons) {
  return neurons.empty() ? -1 : *std::max_element(neurons.begin(), neurons.end());
}

/// Zero, mean, set: chosen neurons move towards a goal; ε = 1 arrives exactly.
class NeuronEdit : public RowEdit {
 public:
  explicit NeuronEdit(const Perturbation& p)
      : RowEdit(p), m_neurons(p.neurons), m_goals(p.neurons.size(), 0.0F), m_epsilon(static_cast<float>(p.epsilon)) {
    if (p.method == Method::Mean) {
      if (p.centre.size() != p.neurons.size())
        throw Error("LAC-1201", "perturbation /centre: expected " + std::to_string(p.neurons.size()) + " numbers, found " + std::to_string(p.centre.size()));
      std::transform(p.centre.begin(), p.centre.end(), m_goals.begin(), [](double v) { return static_cast<float>(v); });
    }
    if (p.method == Method::Set) std::fill(m_goals.begin(), m_goals.end(), static_cast<float>(p.value));
  }

 protected:
  void requireWidth(std::int64_t width) const override {
    if (largest(m_neurons) >= width) refuseWidth("neuron " + std::to_string(largest(m_neurons)), width);
  }

  void change(Row row) const override { moveTo(row.values, m_goals.data()); }

  void moveTo(std::span<float> row, const float* goals) const {
    for (std::size_t i = 0; i < m_neurons.size(); ++i) {
      float& h = row[static_cast<std::size_t>(m_neurons[i])];
      h = m_epsilon == 1.0F ? goals[i] : h + m_epsilon * (goals[i] - h);
    }
  }

 private:
  std::vector<std::int32_t> m_neurons;
  std::vector<float> m_goals;
  float m_epsilon;
};

/// The goal is what a donor from the bank has on the same neurons.
class ResampleEdit final : public NeuronEdit {
 public:
  explicit ResampleEdit(const Perturbation& p) : NeuronEdit(p), m_bank(p.bank.cast<float>()), m_donors(p.bank.rows(), p.bankPositions, p.seed) {
    if (p.bank.rows() == 0 || static_cast<std::size_t>(p.bank.cols()) != p.neurons.size())
      throw Error("LAC-1201", place() + "expected a bank of states with " + std::to_string(p.neurons.size()) + " numbers each, found " +
                                  std::to_string(p.bank.rows()) + " with " + std::to_string(p.bank.cols()));
  }

 protected:
  void change(Row row) const override {
    if (m_donors.needsPosition() && row.position < 0)
      throw Error("LAC-1201", place() + "donors of the same place in the text need the positions of the rows, and none were given");
    moveTo(row.values, m_bank.row(m_donors.choose(row.values, row.position)).data());
  }

 private:
  MatrixF m_bank;
  Donors m_donors;
};

/// h − ε·Wᵀ·R·(h − c): project (R = W = V), leace (R = A, W = B), flip (R = w/‖w‖², W = w, and c where the logit is −m).
/// One fixed order of summation: a row's bits are its own.
class ObliqueEdit final : public RowEdit {
 public:
  ObliqueEdit(const Perturbation& p, const MatrixD& readout, const MatrixD& written, const VectorD& centre)
      : RowEdit(p), m_read(readout.cast<float>()),
        m_write(written.cast<float>()), m_centre(centre.cast<float>()), m_epsilon(static_cast<float>(p.epsilon)) {}

 protected:
  void requireWidth(std::int64_t width) const override { require(static_cast<std::size_t>(m_centre.size()), "a subspace with a centre", width); }

  void change(Row row) const override {
    const Eigen::Index rank = m_read.rows();
    std::vector<float> amounts(static_cast<std::size_t>(rank));
    for (Eigen::Index r = 0; r < rank; ++r) amounts[static_cast<std::size_t>(r)] = -m_epsilon * along(r, row.values);
    for (Eigen::Index r = 0; r < rank; ++r) {
      const float* direction = m_write.row(r).data();
      const float amount = amounts[static_cast<std::size_t>(r)];
      for (std::size_t j = 0; j < row.values.size(); ++j) row.values[j] += amount * direction[j];
    }
  }

 private:
  float along(Eigen::Index r, std::span<const float> row) const {
    constexpr std::size_t kLanes = 16;
    const float* direction = m_read.row(r).data();
    const float* centre = m_centre.data();
    float lanes[kLanes] = {};
    std::size_t j = 0;
    for (; j + kLanes <= row.size(); j += kLanes)
      for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += direction[j + lane] * (row[j + lane] - centre[j + lane]);
    double sum = 0;
    for (const float lane : lanes) sum += lane;
    for (; j < row.size(); ++j) sum += direction[j] * (row[j] - centre[j]);
    return static_cast<float>(sum);
  }

  MatrixF m_read, m_write;
  VectorF m_centre;
  float m_epsilon;
};

VectorD vectorOf(const std::vector<double>& values) { return Eigen::Map<const VectorD>(values.data(), static_cast<Eigen::Index>(values.size())); }

std::shared_ptr<const model::Edit> flipEdit(const Perturbation& p) {
  const VectorD w = vectorOf(p.direction);
  if (!(w.squaredNorm() > 0)) throw Error("LAC-1201", "perturbation /direction: expected a vector that is not 0, found 0", "The probe found no direction.");
  const VectorD perLogit = w / w.squaredNorm();
  return std::make_shared<ObliqueEdit>(p, perLogit.transpose(), w.transpose(), -(p.bias + p.margin) * perLogit);
}

/// h + ε·ρ·u, or h + ε·ρ√d·u.
class ShiftEdit final : public RowEdit {
 public:
  explicit ShiftEdit(const Perturbation& p) : RowEdit(p) {
    const double size = p.epsilon * p.rho * (p.method == Method::GradL2 ? std::sqrt(static_cast<double>(p.direction.size())) : 1);
    for (const double u : p.direction) m_step.push_back(static_cast<float>(size * u));
  }

 protected:
  void requireWidth(std::int64_t width) const override { require(m_step.size(), "a direction", width); }

  void change(Row row) const override {
    for (std::size_t j = 0; j < row.values.size(); ++j) row.values[j] += m_step[j];
  }

 private:
  std::vector<float> m_step;
};

/// Steps against an MLP probe's gradient, in fp64: a sign must not hang on the rounding of a float.
class GradientEdit final : public RowEdit {
 public:
  explicit GradientEdit(const Perturbation& p) : RowEdit(p), m_perturbation(p) {}

 protected:
  void requireWidth(std::int64_t width) const override {
    require(static_cast<std::size_t>(m_perturbation.probe.hidden.cols()), "a probe", width);
    if (largest(m_perturbation.neurons) >= width) refuseWidth("neuron " + std::to_string(largest(m_perturbation.neurons)), width);
  }

  void change(Row row) const override {
    const Eigen::Map<VectorF> values(row.values.data(), static_cast<Eigen::Index>(row.values.size()));
    const VectorD moved = stepAgainst(m_perturbation, values.cast<double>());
    std::transform(moved.begin(), moved.end(), row.values.begin(), [](double v) { return static_cast<float>(v); });
  }

 private:
  Perturbation m_perturbation;
};

class NoiseEdit final : public RowEdit {
 public:
  explicit NoiseEdit(const Perturbation& p) : RowEdit(p), m_rho(p.epsilon * p.rho), m_seed(p.seed) {}

 protected:
  void requireWidth(std::int64_t) const override {}

  void change(Row row) const override {
    const std::vector<double> noise = rowNoise(row.values, m_rho, m_seed);
    for (std::size_t j = 0; j < row.values.size(); ++j) row.values[j] += static_cast<float>(noise[j]);
  }

 private:
  double m_rho;
  std::uint64_t m_seed;
};

std::shared_ptr<const model::Edit> makeEdit(const Perturbation& p) {
  switch (p.method) {
    case Method::Zero:
    case Method::Mean:
    case Method::Set: return std::make_shared<NeuronEdit>(p);
    case Method::Resample: return std::make_shared<ResampleEdit>(p);
    case Method::Project: return std::make_shared<ObliqueEdit>(p, p.basis, p.basis, vectorOf(p.centre));
    case Method::Leace: return std::make_shared<ObliqueEdit>(p, p.readout, p.basis, vectorOf(p.centre));
    case Method::Shift:
    case Method::GradL2:
      if (p.probe.hidden.rows() > 0) return std::make_shared<GradientEdit>(p);
      return std::make_shared<ShiftEdit>(p);
    case Method::Flip: return flipEdit(p);
    case Method::Noise: return std::make_shared<NoiseEdit>(p);
  }
  return nullptr;
}

}  // namespace

model::Arm makeArm(const Perturbation& p) { return makeArm(std::span(&p, 1)); }

model::Arm makeArm(std::span<const Perturbation> set) {
  model::Arm arm;
  for (const Perturbation& p : set)
    if (!p.isNull()) arm.edits.push_back(makeEdit(p));
  return arm;
}

}  // namespace lacuna::perturbation

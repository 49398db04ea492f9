#include <algorithm>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/perturbation/perturbation.h"
#include "noise.h"

namespace lacuna::perturbation {
namespace {

/// What all methods share: place, scope and the walk over selected rows. A row's result depends on that row alone.
class RowEdit : public model::Edit {
 public:
  explicit RowEdit(const Perturbation& p) : m_site(p.site), m_layer(p.layer), m_tokens(p.tokens), m_includeFirst(p.includeFirst), m_keepNorm(p.keepNorm) {}

  model::Site site() const override { return m_site; }
  LayerIndex layer() const override { return m_layer; }
  model::TokenScope tokens() const override { return m_tokens; }
  bool includeFirst() const override { return m_includeFirst; }

  void apply(model::SiteRows rows) const override {
    requireWidth(rows.width);
    for (std::int64_t r = 0; r < rows.rows; ++r) {
      if (rows.selected != nullptr && rows.selected[r] == 0) continue;
      const std::span<float> row(rows.values + r * rows.width, static_cast<std::size_t>(rows.width));
      const double before = m_keepNorm ? norm(row) : 0;
      change(row);
      if (m_keepNorm) restoreNorm(row, before);
    }
  }

 protected:
  virtual void change(std::span<float> row) const = 0;
  virtual void requireWidth(std::int64_t width) const = 0;

  void refuseWidth(const std::string& what, std::int64_t width) const {
    throw Error("LAC-1201", "perturbation of " + model::siteName(m_site) + " " + std::to_string(m_layer.value) + ": " + what +
                                ", but the site is " + std::to_string(width) + " wide",
                "The perturbation was made for another model or site.");
  }

 private:
  static double norm(std::span<const float> row) {
    double sum = 0;
    for (const float value : row) sum += static_cast<double>(value) * value;
    return std::sqrt(sum);
  }

  static void restoreNorm(std::span<float> row, double before) {
    const double after = norm(row);
    if (after == 0 || after == before) return;
    for (float& value : row) value = static_cast<float>(value * (before / after));
  }

  model::Site m_site;
  LayerIndex m_layer;
  model::TokenScope m_tokens;
  bool m_includeFirst, m_keepNorm;
};

/// Zero, mean, set: chosen neurons move towards a goal; ε = 1 arrives exactly.
class NeuronEdit final : public RowEdit {
 public:
  explicit NeuronEdit(const Perturbation& p) : RowEdit(p), m_neurons(p.neurons), m_goals(p.neurons.size(), 0.0F), m_epsilon(static_cast<float>(p.epsilon)) {
    if (p.method == Method::Mean) {
      if (p.centre.size() != p.neurons.size())
        throw Error("LAC-1201", "perturbation /centre: expected " + std::to_string(p.neurons.size()) + " numbers, found " + std::to_string(p.centre.size()));
      std::transform(p.centre.begin(), p.centre.end(), m_goals.begin(), [](double v) { return static_cast<float>(v); });
    }
    if (p.method == Method::Set) std::fill(m_goals.begin(), m_goals.end(), static_cast<float>(p.value));
    for (const std::int32_t neuron : m_neurons) m_largest = std::max(m_largest, neuron);
  }

 protected:
  void requireWidth(std::int64_t width) const override {
    if (m_largest >= width) refuseWidth("neuron " + std::to_string(m_largest), width);
  }

  void change(std::span<float> row) const override {
    for (std::size_t i = 0; i < m_neurons.size(); ++i) {
      float& h = row[static_cast<std::size_t>(m_neurons[i])];
      h = m_epsilon == 1.0F ? m_goals[i] : h + m_epsilon * (m_goals[i] - h);
    }
  }

 private:
  std::vector<std::int32_t> m_neurons;
  std::vector<float> m_goals;
  float m_epsilon;
  std::int32_t m_largest = -1;
};

/// h − ε·Vᵀ V (h − μ), one row's dot products in fixed lanes.
class ProjectEdit final : public RowEdit {
 public:
  explicit ProjectEdit(const Perturbation& p) : RowEdit(p), m_basis(p.basis.cast<float>()), m_centre(p.centre.begin(), p.centre.end()), m_epsilon(static_cast<float>(p.epsilon)) {
    if (p.basis.rows() > 0 && p.basis.cols() != static_cast<Eigen::Index>(p.centre.size()))
      throw Error("LAC-1201", "perturbation /basis: directions of " + std::to_string(p.basis.cols()) + " numbers and a centre of " + std::to_string(p.centre.size()));
  }

 protected:
  void requireWidth(std::int64_t width) const override {
    if (m_basis.rows() > 0 && m_basis.cols() != width) refuseWidth("directions of " + std::to_string(m_basis.cols()) + " numbers", width);
  }

  void change(std::span<float> row) const override {
    const Eigen::Index rank = m_basis.rows();
    std::vector<float> amounts(static_cast<std::size_t>(rank));
    for (Eigen::Index r = 0; r < rank; ++r) amounts[static_cast<std::size_t>(r)] = -m_epsilon * along(r, row);
    for (Eigen::Index r = 0; r < rank; ++r) {
      const float* direction = m_basis.row(r).data();
      const float amount = amounts[static_cast<std::size_t>(r)];
      for (std::size_t j = 0; j < row.size(); ++j) row[j] += amount * direction[j];
    }
  }

 private:
  float along(Eigen::Index r, std::span<const float> row) const {
    constexpr std::size_t kLanes = 16;
    const float* direction = m_basis.row(r).data();
    float lanes[kLanes] = {};
    std::size_t j = 0;
    for (; j + kLanes <= row.size(); j += kLanes)
      for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += direction[j + lane] * (row[j + lane] - m_centre[j + lane]);
    double sum = 0;
    for (const float lane : lanes) sum += lane;
    for (; j < row.size(); ++j) sum += direction[j] * (row[j] - m_centre[j]);
    return static_cast<float>(sum);
  }

  MatrixF m_basis;
  std::vector<float> m_centre;
  float m_epsilon;
};

/// h + ε·ρ·u.
class ShiftEdit final : public RowEdit {
 public:
  explicit ShiftEdit(const Perturbation& p) : RowEdit(p) {
    for (const double u : p.direction) m_step.push_back(static_cast<float>(p.epsilon * p.rho * u));
  }

 protected:
  void requireWidth(std::int64_t width) const override {
    if (static_cast<std::int64_t>(m_step.size()) != width) refuseWidth("a direction of " + std::to_string(m_step.size()) + " numbers", width);
  }

  void change(std::span<float> row) const override {
    for (std::size_t j = 0; j < row.size(); ++j) row[j] += m_step[j];
  }

 private:
  std::vector<float> m_step;
};

class NoiseEdit final : public RowEdit {
 public:
  explicit NoiseEdit(const Perturbation& p) : RowEdit(p), m_rho(p.epsilon * p.rho), m_seed(p.seed) {}

 protected:
  void requireWidth(std::int64_t) const override {}

  void change(std::span<float> row) const override {
    const std::vector<double> noise = rowNoise(row, m_rho, m_seed);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] += static_cast<float>(noise[j]);
  }

 private:
  double m_rho;
  std::uint64_t m_seed;
};

std::shared_ptr<const model::Edit> makeEdit(const Perturbation& p) {
  if (p.method == Method::Project) return std::make_shared<ProjectEdit>(p);
  if (p.method == Method::Shift) return std::make_shared<ShiftEdit>(p);
  if (p.method == Method::Noise) return std::make_shared<NoiseEdit>(p);
  return std::make_shared<NeuronEdit>(p);
}

}  // namespace

model::Arm makeArm(const Perturbation& p) {
  model::Arm arm;
  if (!p.isNull()) arm.edits.push_back(makeEdit(p));
  return arm;
}

}  // namespace lacuna::perturbation

#include <algorithm>
#include <cmath>
#include <cstring>

#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "lacuna/base/rng.h"
#include "names.h"

namespace lacuna::perturbation {
namespace {

std::vector<float> toFloats(const double* values, std::int64_t count) { return {values, values + count}; }

/// The engine's form of a perturbation: fp32 rows changed in place, each alone.
class RowEdit final : public model::Edit {
 public:
  explicit RowEdit(const Perturbation& p)
      : m_p(p), m_epsilon(static_cast<float>(p.epsilon)), m_centre(p.centre.begin(), p.centre.end()),
        m_basis(toFloats(p.basis.data(), p.basis.size())) {
    for (const double u : p.direction) m_step.push_back(static_cast<float>(p.epsilon * p.rho * u));
  }

  model::Site site() const override { return m_p.site; }
  LayerIndex layer() const override { return m_p.layer; }
  model::TokenScope tokens() const override { return m_p.tokens; }
  bool includeFirst() const override { return m_p.includeFirst; }

  void apply(model::SiteRows rows) const override {
    checkWidth(rows.width);
    for (std::int64_t r = 0; r < rows.rows; ++r) {
      if (!rows.selected[r]) continue;
      float* const h = rows.values + r * rows.width;
      const double before = m_p.keepNorm ? norm(h, rows.width) : 0;
      change(h, rows.width);
      if (m_p.keepNorm) rescale(h, rows.width, before);
    }
  }

 private:
  void checkWidth(std::int64_t width) const {
    const auto bad = [&](std::size_t size) { return size != 0 && static_cast<std::int64_t>(size) != width; };
    const bool neuronOutside = !m_p.neurons.empty() && (m_p.neurons.front() < 0 || *std::max_element(m_p.neurons.begin(), m_p.neurons.end()) >= width);
    const bool wrong = editsNeurons(m_p.method) ? neuronOutside
                       : m_p.method == Method::Project ? bad(m_p.centre.size()) || (m_p.basis.size() > 0 && m_p.basis.cols() != width)
                                                       : bad(m_p.direction.size());
    if (wrong)
      throw Error("LAC-1203", "the perturbation does not fit " + model::siteName(m_p.site) + " of width " + std::to_string(width),
                  "it was made for another model or site");
  }

  void change(float* h, std::int64_t width) const {
    switch (m_p.method) {
      case Method::Zero:
      case Method::Mean:
      case Method::Set: return moveNeurons(h);
      case Method::Project: return project(h, width);
      case Method::Shift:
        for (std::int64_t i = 0; i < width; ++i)
          if (m_step[static_cast<std::size_t>(i)] != 0) h[i] += m_step[static_cast<std::size_t>(i)];
        return;
      case Method::Noise: return addNoise(h, width);
    }
  }

  void moveNeurons(float* h) const {
    for (std::size_t k = 0; k < m_p.neurons.size(); ++k) {
      float& x = h[m_p.neurons[k]];
      const float goal = m_p.method == Method::Zero ? 0.0F : m_p.method == Method::Set ? static_cast<float>(m_p.value) : m_centre[k];
      x = m_p.epsilon == 1 ? goal : x + m_epsilon * (goal - x);
    }
  }

  void project(float* h, std::int64_t width) const {
    const std::int64_t rank = m_p.basis.rows();
    std::vector<double> share(static_cast<std::size_t>(rank), 0.0);
    for (std::int64_t k = 0; k < rank; ++k) {
      const float* const v = m_basis.data() + k * width;
      double sum = 0;
      for (std::int64_t i = 0; i < width; ++i) sum += (static_cast<double>(h[i]) - (m_centre.empty() ? 0.0 : m_p.centre[static_cast<std::size_t>(i)])) * static_cast<double>(v[i]);
      share[static_cast<std::size_t>(k)] = m_p.epsilon * sum;
    }
    for (std::int64_t k = 0; k < rank; ++k) {
      const float* const v = m_basis.data() + k * width;
      for (std::int64_t i = 0; i < width; ++i) h[i] = static_cast<float>(static_cast<double>(h[i]) - share[static_cast<std::size_t>(k)] * static_cast<double>(v[i]));
    }
  }

  /// Noise is keyed by the row's own content, so that it depends on neither batch nor order.
  void addNoise(float* h, std::int64_t width) const {
    const std::string key = contentHash(std::string_view(reinterpret_cast<const char*>(h), static_cast<std::size_t>(width) * sizeof(float)));
    Rng rng(m_p.seed, "noise/" + key);
    std::vector<double> g(static_cast<std::size_t>(width));
    double sum = 0;
    for (double& value : g) {
      value = rng.normal();
      sum += value * value;
    }
    const double scale = m_p.epsilon * m_p.rho * std::sqrt(static_cast<double>(width) / sum);
    for (std::int64_t i = 0; i < width; ++i) h[i] += static_cast<float>(scale * g[static_cast<std::size_t>(i)]);
  }

  static double norm(const float* h, std::int64_t width) {
    double sum = 0;
    for (std::int64_t i = 0; i < width; ++i) sum += static_cast<double>(h[i]) * static_cast<double>(h[i]);
    return std::sqrt(sum);
  }
  static void rescale(float* h, std::int64_t width, double wanted) {
    const double now = norm(h, width);
    if (now == 0) return;
    const auto factor = static_cast<float>(wanted / now);
    for (std::int64_t i = 0; i < width; ++i) h[i] *= factor;
  }

  Perturbation m_p;
  float m_epsilon;
  std::vector<float> m_centre, m_basis, m_step;
};

}  // namespace

model::Arm makeArm(const Perturbation& p) {
  model::Arm arm;
  if (!p.isNull()) arm.edits.push_back(std::make_shared<RowEdit>(p));
  return arm;
}

std::vector<double> applyToRow(const Perturbation& p, std::vector<double> h) {
  const double before = Eigen::Map<const VectorD>(h.data(), static_cast<Eigen::Index>(h.size())).norm();
  const auto at = [&](std::int32_t neuron) -> double& { return h[static_cast<std::size_t>(neuron)]; };
  switch (p.method) {
    case Method::Zero:
      for (const std::int32_t s : p.neurons) at(s) -= p.epsilon * at(s);
      break;
    case Method::Mean:
      for (std::size_t k = 0; k < p.neurons.size(); ++k) at(p.neurons[k]) += p.epsilon * (p.centre[k] - at(p.neurons[k]));
      break;
    case Method::Set:
      for (const std::int32_t s : p.neurons) at(s) += p.epsilon * (p.value - at(s));
      break;
    case Method::Project: {
      Eigen::Map<VectorD> row(h.data(), static_cast<Eigen::Index>(h.size()));
      const VectorD mu = p.centre.empty() ? VectorD::Zero(row.size()) : VectorD(Eigen::Map<const VectorD>(p.centre.data(), row.size()));
      row -= p.epsilon * (p.basis.transpose() * (p.basis * (row - mu)));
      break;
    }
    case Method::Shift:
      for (std::size_t i = 0; i < h.size(); ++i) h[i] += p.epsilon * p.rho * p.direction[i];
      break;
    case Method::Noise: break;  // random: has no reference value
  }
  if (p.keepNorm) {
    Eigen::Map<VectorD> row(h.data(), static_cast<Eigen::Index>(h.size()));
    if (row.norm() > 0) row *= before / row.norm();
  }
  return h;
}

}  // namespace lacuna::perturbation

#include "effect_design.h"

#include <cmath>
#include <functional>

#include "lacuna/statistics/descriptive.h"

namespace lacuna::effects {
namespace {

constexpr std::size_t sizesForASlope = 5;

using Value = std::function<double(const EffectCell&)>;

bool usable(const EffectCell& cell, bool withNeurons) {
  return std::isfinite(cell.effect) && cell.variance > 0 && std::isfinite(cell.lnTokens) && std::isfinite(cell.similarity) &&
         std::isfinite(cell.lnParameters) && std::isfinite(cell.depth) && (!withNeurons || std::isfinite(cell.lnNeurons));
}

class Builder {
 public:
  explicit Builder(std::vector<EffectCell> cells) : m_cells(std::move(cells)) {}

  void add(const std::string& name, const Value& value, bool covariate, bool taskDummy = false) {
    std::vector<double> column;
    for (const EffectCell& cell : m_cells) column.push_back(value(cell));
    if (covariate && distinct(column) < 2) {
      if (name != "depth") notices.push_back("\"" + name + "\" does not vary and was left out");
      return;
    }
    if (name == "similarity") {
      const double mean = statistics::mean(column);
      for (double& x : column) x -= mean;
    }
    columns.push_back(std::move(column));
    names.push_back(name);
    covariates.push_back(covariate);
    taskDummies.push_back(taskDummy);
  }

  /// One column for every level but the first.
  void addDummies(const std::string& what, std::int32_t EffectCell::*level, bool taskDummy) {
    std::set<std::int32_t> levels;
    for (const EffectCell& cell : m_cells) levels.insert(cell.*level);
    for (const std::int32_t one : levels)
      if (one != *levels.begin()) add(what + " " + std::to_string(one), [=](const EffectCell& cell) { return cell.*level == one ? 1.0 : 0.0; }, false, taskDummy);
  }

  void addScale() {
    std::set<double> sizes;
    std::set<std::int32_t> families;
    for (const EffectCell& cell : m_cells) {
      sizes.insert(cell.lnParameters);
      families.insert(cell.family);
    }
    if (sizes.size() < 2) return;
    if (families.size() > 1) notices.emplace_back("no slope over model size: the models are of several families, which differ in corpus and tokenizer too");
    else if (sizes.size() < sizesForASlope) notices.push_back("no slope over model size: " + std::to_string(sizes.size()) + " sizes, 5 are needed; plot the points");
    else add("ln parameters", [](const EffectCell& cell) { return cell.lnParameters; }, true);
  }

  EffectDesign build() {
    EffectDesign design;
    design.x.resize(static_cast<Eigen::Index>(m_cells.size()), static_cast<Eigen::Index>(columns.size()));
    design.y.resize(design.x.rows());
    for (std::size_t i = 0; i < m_cells.size(); ++i) {
      for (std::size_t j = 0; j < columns.size(); ++j) design.x(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = columns[j][i];
      design.y(static_cast<Eigen::Index>(i)) = m_cells[i].effect;
      design.variances.push_back(m_cells[i].variance);
      design.clusters.push_back(m_cells[i].cluster);
      design.tasks.push_back(m_cells[i].task);
    }
    design.names = names;
    design.covariate = covariates;
    design.taskDummy = taskDummies;
    design.notices = notices;
    return design;
  }

  std::vector<std::vector<double>> columns;
  std::vector<std::string> names, notices;
  std::vector<std::uint8_t> covariates, taskDummies;

 private:
  std::vector<EffectCell> m_cells;
};

}  // namespace

EffectDesign effectDesign(std::span<const EffectCell> cells, bool withNeurons) {
  std::vector<EffectCell> kept;
  for (const EffectCell& cell : cells)
    if (usable(cell, withNeurons)) kept.push_back(cell);
  const std::size_t left = cells.size() - kept.size();
  Builder builder(std::move(kept));
  if (left > 0) builder.notices.push_back(std::to_string(left) + " cells without effect, variance or covariate were left out");
  builder.add("intercept", [](const EffectCell&) { return 1.0; }, false);
  builder.add("ln tokens", [](const EffectCell& cell) { return cell.lnTokens; }, true);
  builder.add("similarity", [](const EffectCell& cell) { return cell.similarity; }, true);
  builder.addScale();
  builder.add("depth", [](const EffectCell& cell) { return cell.depth; }, true);
  if (withNeurons) builder.add("ln neurons", [](const EffectCell& cell) { return cell.lnNeurons; }, true);
  builder.addDummies("task", &EffectCell::task, true);
  builder.addDummies("method", &EffectCell::method, false);
  return builder.build();
}

}  // namespace lacuna::effects

#pragma once

#include <span>
#include <string>
#include <vector>

#include "effect_data.h"
#include "lacuna/effects/effect_regression.h"

/// Effects of a study as the regression of methods.md 9 wants them.
namespace lacuna::study {

/// Names behind the numbers of tasks and methods; cells of several studies share them.
struct CellNames {
  std::vector<std::string> tasks, methods;
  std::int32_t task(const std::string& name);      ///< a new name is added
  std::int32_t method(const std::string& name);
};

/// A cell and what it was in its study.
struct StudyCell {
  effects::EffectCell cell;
  const EffectRow* effect = nullptr;
};

/// Margins with controls and a standard deviation of clean outcomes: control-adjusted ACE over that deviation. `effects` must outlive them.
std::vector<StudyCell> studyCells(const EffectData& data, const std::vector<EffectRow>& effects, const store::Store& store, CellNames& names);
std::vector<effects::EffectCell> effectCells(std::span<const StudyCell> cells);

/// Every estimator's coefficients as rows; without a fit one row that says why.
std::vector<RegressionRow> regressionRows(std::span<const effects::EffectCell> cells, const CellNames& names, double level, std::uint64_t seed);

/// Standard deviation of a task's clean margins over its reported items; NaN where there are fewer than two.
double cleanSd(const EffectData& data, const std::string& task);

}  // namespace lacuna::study

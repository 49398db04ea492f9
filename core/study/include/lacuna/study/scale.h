#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "lacuna/base/run_context.h"
#include "lacuna/effects/effect_regression.h"
#include "lacuna/study/results.h"

namespace lacuna::study {

/// One study of a comparison over model size.
struct ScaleModel {
  std::filesystem::path file;
  std::string study, architecture;
  std::int64_t parameters = 0, cells = 0;
  std::int32_t family = 0;                 ///< equal: one architecture and tokenizer
};

/// An effect of one study that at least one other study has too: the same cluster, task, recipe and dose.
struct ScaleCell {
  std::size_t model = 0;                   ///< place in ScaleReport::models
  ClusterId cluster;
  std::string label, task, method;
  LayerIndex layer;
  double dose = 0;
  bool equalDose = false, everywhere = false;   ///< everywhere: all studies have it
  double aceAdjusted = 0;
  std::int64_t n = 0;
  effects::EffectCell cell;                ///< effect: aceAdjusted over the sd of the task's clean outcomes in that model
};

/// Effect against size of one recipe and dose over the cells that every study has: of one cluster and task, or of all of them together.
struct ScaleCurve {
  std::string method, task;                ///< task empty, cluster not valid: all together
  double dose = 0;
  bool equalDose = false;
  ClusterId cluster;
  effects::ScaleLaw law;
};

struct ScaleReport {
  std::vector<ScaleModel> models;          ///< by size
  std::vector<ScaleCell> cells;
  std::vector<RegressionRow> regression;   ///< over all cells: ln tokens, similarity, ln parameters, depth, tasks, methods
  std::vector<ScaleCurve> curves;          ///< those of all cells together first
  std::vector<std::string> notices;        ///< what was left out, and what is taken on trust
};

struct ScaleConfig { double level = 0.95; std::uint64_t seed = 0; };

/// Effects of several studies against the size of their models (methods.md 9). The studies must hold the same clusters, document by document,
/// and the same items of a task they share. Five sizes of one family give a slope, six a law; below, the points alone.
/// Reads study files, no model. Throws LAC-1405 (fewer than two studies, other clusters, other items, nothing in common), LAC-2005 (effects of a
/// study are not up to date), LAC-3001 ….
ScaleReport compareScales(std::span<const std::filesystem::path> studies, const ScaleConfig& config, const RunContext& context);

/// The cells as a tidy CSV with all that the regression read, and a CSVW sidecar beside it.
void writeScaleCells(const ScaleReport& report, const std::filesystem::path& file);

}  // namespace lacuna::study

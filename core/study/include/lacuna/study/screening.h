#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lacuna/base/run_context.h"
#include "lacuna/statistics/estimate.h"
#include "lacuna/study/results.h"
#include "lacuna/study/spec.h"

namespace lacuna::study {

/// Of the cells of every task: the share with the largest |estimate| and a random share of the rest are also run exactly.
struct ScreenConfig { double topShare = 0.20, randomShare = 0.10; };

/// One cell × task: the ACE on the margin, clean − perturbed, over the task's tuning items.
struct ScreenRow {
  ClusterId cluster;
  std::string method, task;
  LayerIndex layer;
  double dose = 0;                         ///< ε, or the relative displacement δ asked for when `equalDose`
  bool equalDose = false;
  double epsilon = 0;
  double estimate = 0, exact = 0;          ///< first order; by running the perturbation (NaN where that was not done)
  std::string verified;                    ///< "top", "random", or empty
  std::int64_t items = 0, leftOut = 0;     ///< tuning items; those without a margin or gradient, which `reason` names (tasks/choice_forests.h)
  std::string status, reason;              ///< NOT_IDENTIFIED: no perturbation; TOO_FEW: no tuning item is left
};

/// Spearman's ρ of estimate and exact effect on the verified cells, and on the random ones alone (the top ones were chosen by the screen).
/// Intervals take cells as independent. Status: TOO_FEW below 4 cells, NOT_IDENTIFIED where one side is constant.
struct ScreenRanking {
  std::string task;                        ///< empty: the cells of all tasks together
  statistics::Estimate verified, random;
};

struct Screen {
  std::vector<ScreenRow> rows;             ///< cells in the order of the grid, tasks within
  std::vector<ScreenRanking> rankings;     ///< all tasks together first, where there are several
};

/// Attribution screening of a spec's whole grid (methods.md 5.6 iv): −Σ g·Δ for every cluster, perturbation and dose at once, on tuning items
/// alone. Stores nothing: an estimate is no effect. The same numbers at any thread count.
/// Throws LAC-2005 (the study does not hold the spec's probes and tasks yet), LAC-3001 …, Cancelled.
Screen screenStudy(const StudySpec& spec, const std::filesystem::path& study, const ScreenConfig& config, const RunContext& context);

/// One sentence.
std::string inWords(const ScreenRanking& ranking);
/// What no screen can see; belongs beside every table of estimates.
std::string screenWarning();

}  // namespace lacuna::study

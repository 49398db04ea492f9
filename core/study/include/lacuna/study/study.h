#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lacuna/base/run_context.h"
#include "lacuna/study/results.h"
#include "lacuna/study/spec.h"

namespace lacuna::study {

/// What a run would do, before it does anything (methods.md 8.5 for the effect sizes).
struct Plan {
  struct Stage { std::string name; bool upToDate = false; std::string why; };
  struct Task { std::string name; std::int64_t items = 0, evaluated = 0, groups = 0; double minimumEffect = 0; };
  std::vector<Stage> stages;
  std::vector<Task> tasks;
  std::int64_t clusters = 0, cells = 0, cellsDone = 0, arms = 0;   ///< arms: targets and controls
  double forwardTokens = 0;              ///< token positions × arms through the layers from the edit on, upper bound
  double flops = 0, seconds = 0;         ///< seconds from a short measurement of this machine
  std::uint64_t memoryBytes = 0;
};
/// `study` may be empty or not exist yet. Computes nothing that is stored. mde: paired mean at power 80 % in units of the outcome's sd,
/// at level alpha / family.
Plan planStudy(const StudySpec& spec, const std::filesystem::path& study, const RunContext& context);

/// The primary analysis, fixed before its results exist (methods.md 0.3): every cluster × task at one method and dose, one outcome,
/// Holm over that family. Everything else is exploratory.
struct PrimaryAnalysis {
  std::string method = "project";
  double epsilon = 1;
  std::string metric = "margin";
  std::vector<std::string> tasks;        ///< empty: all
};
struct LockedPlan {
  PrimaryAnalysis analysis;
  std::string json, hash, created;       ///< canonical; of json; UTC
  bool prospective = true;               ///< false: locked after perturbed outcomes existed; its results stay exploratory
};
/// Locks a study, whose file is made when there is none. LAC-1404: it is locked already; the method, dose or task is not in the spec;
/// or outcomes exist and `afterResults` is false.
LockedPlan lockStudy(const StudySpec& spec, const std::filesystem::path& study, const PrimaryAnalysis& analysis, bool afterResults);

struct RunSummary {
  std::int64_t cellsRun = 0, cellsUpToDate = 0;
  double seconds = 0;
  std::vector<std::string> stagesRun;
  std::vector<SourceRow> sources;        ///< how much of their documents the embedding saw
};
/// Where a program keeps encoders' vectors for StudySpec::cache and Session::open (docs/study-spec.md); empty: it has no such folder.
std::filesystem::path cacheFolder();

/// Runs what is not yet up to date and keeps every finished unit at once; stop and run again to resume: the numbers are the same.
/// Creates the study file when there is none. Throws Cancelled, LAC-….
RunSummary runStudy(const StudySpec& spec, const std::filesystem::path& study, const RunContext& context);

/// What a run did to the model: the target's perturbations as canonical JSON, for logits, generate, score and edit. `includeFirst`: also
/// at the first token of a text, which a perturbation written into weights must. LAC-1404: no such run, or one without a perturbation.
std::string runPerturbation(const std::filesystem::path& study, std::int64_t run, bool includeFirst);

/// Everything a study file holds.
Results readResults(const std::filesystem::path& study);

/// Tidy tables (workbench.md E-6), by name: clusters, documents, probes, neurons, tasks, items, effects, tests, cka, runs,
/// stages, annotations, agreement, edits, rankings, subspaces, controls, curves, specificity, regression, robustness, strength, strength_effects, curation,
/// interactions, mediation; or "all".
/// Format "csv" (with a CSVW sidecar), "json" or "latex". Gives the files written; LAC-1501 names an unknown table.
std::vector<std::filesystem::path> exportStudy(const std::filesystem::path& study, const std::filesystem::path& folder,
                                               const std::vector<std::string>& what, const std::string& format);

/// Writes the demo: model, corpus, tasks and study.json. `resources`: the folder that holds the trained model.
void writeDemo(const std::filesystem::path& folder, const std::filesystem::path& resources, const RunContext& context);

}  // namespace lacuna::study

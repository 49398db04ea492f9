#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lacuna::study {

/// One item under the clean model and under a run's perturbation.
struct ExampleRow {
  std::int64_t item = 0;
  std::string question, gold;            ///< the question without examples
  std::string clean, perturbed;          ///< the chosen choice or the generated text; empty where none was kept
  double cleanScore = 0, perturbedScore = 0;     ///< at the task's metric; NaN: no value
  double cleanMargin = 0, perturbedMargin = 0;   ///< NaN: no value
  int flip = 0;                          ///< −1: right before and wrong after; +1: the other way round; 0: neither, or not known
};

/// The reported items of a task, as stored; largest loss of margin first. Throws LAC-1404 when there is no such run or task.
std::vector<ExampleRow> exampleRows(const std::filesystem::path& study, std::int64_t run, const std::string& task);

}  // namespace lacuna::study

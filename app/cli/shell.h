#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "lacuna/base/run_context.h"

namespace lacuna::cli {

/// What every command may use: results on stdout (human or --json), the run's context with Ctrl-C and progress.
struct Shell {
  bool json = false;
  int verbosity = 0;
  RunContext context;
  std::string dtype = "fp32";              ///< of the model's products
  std::function<void()> work;              ///< set by the command that was chosen
};

/// A sub-command with --json, -v and --threads, whose callback stores `work`.
CLI::App* addCommand(CLI::App& parent, Shell& shell, const std::string& name, const std::string& help, std::function<void()> work);

/// --memory-budget SIZE: "512MiB", "2GiB"; into the run's context.
void addMemoryBudget(CLI::App* command, Shell& shell);

/// --dtype fp32|bf16, into Shell::dtype.
void addDtype(CLI::App* command, Shell& shell);

/// Parses, runs the chosen command's work with Ctrl-C and a progress line, and gives the exit code: 0 done, 1 an error (LAC-nnnn on
/// stderr), 2 bad usage, 130 cancelled.
int runProgram(CLI::App& app, Shell& shell, int argc, char** argv);

}  // namespace lacuna::cli

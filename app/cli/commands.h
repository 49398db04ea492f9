#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lacuna/base/run_context.h"

/// lacuna-cli: each group of commands adds itself to the application; a command's work is a function run after parsing.
namespace lacuna::cli {

/// What every command may use: results on stdout (human or --json), the run's context with Ctrl-C and progress.
struct Shell {
  bool json = false;
  int verbosity = 0;
  RunContext context;
  std::function<void()> work;              ///< set by the command that was chosen
};

void addModelCommands(CLI::App& app, Shell& shell);   ///< inspect, tokenize, logits, generate
void addEmbedCommand(CLI::App& app, Shell& shell);    ///< embed
void addTaskCommands(CLI::App& app, Shell& shell);    ///< score
void addStudyCommands(CLI::App& app, Shell& shell);   ///< demo, plan, lock, run, screen, tune, perturbation, export
void addLabCommands(CLI::App& app, Shell& shell);     ///< lab corpus, lab train
void addBenchCommands(CLI::App& app, Shell& shell);   ///< bench sweep, probes, silhouette, corpus

/// A sub-command with --json, -v and --threads, whose callback stores `work`.
CLI::App* addCommand(CLI::App& parent, Shell& shell, const std::string& name, const std::string& help, std::function<void()> work);

}  // namespace lacuna::cli

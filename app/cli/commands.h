#pragma once

#include <memory>
#include <string>
#include <vector>

#include "shell.h"

/// lacuna-cli: each group of commands adds itself to the application; a command's work is a function run after parsing.
namespace lacuna::cli {

void addInspectCommand(CLI::App& app, Shell& shell);  ///< inspect
void addModelCommands(CLI::App& app, Shell& shell);   ///< tokenize, logits, generate
void addEmbedCommand(CLI::App& app, Shell& shell);    ///< embed
void addTaskCommands(CLI::App& app, Shell& shell);    ///< score
void addStudyCommands(CLI::App& app, Shell& shell);   ///< demo, plan, lock, run, screen, tune, perturbation, export
void addAssignCommand(CLI::App& app, Shell& shell);
void addAnnotateCommands(CLI::App& app, Shell& shell);   ///< annotate sheet, annotate import
void addScaleCommand(CLI::App& app, Shell& shell);    ///< scale
void addLabCommands(CLI::App& app, Shell& shell);     ///< lab: handed to lacuna-lab
void addBenchCommands(CLI::App& app, Shell& shell);   ///< bench sweep, probes, silhouette, corpus

}  // namespace lacuna::cli

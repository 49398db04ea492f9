#include "commands.h"

int main(int argc, char** argv) {
  using namespace lacuna::cli;
  CLI::App app{"Lacuna: which part of the pre-training data does this ability lean on?", "lacuna-cli"};
  Shell shell;
  addInspectCommand(app, shell);
  addModelCommands(app, shell);
  addEmbedCommand(app, shell);
  addTaskCommands(app, shell);
  addStudyCommands(app, shell);
  addAssignCommand(app, shell);
  addAnnotateCommands(app, shell);
  addScaleCommand(app, shell);
  addLabCommands(app, shell);
  addBenchCommands(app, shell);
  return runProgram(app, shell, argc, argv);
}

#include <iostream>

#include "commands.h"
#include "perturb_option.h"
#include "lacuna/tasks/tasks.h"

namespace lacuna::cli {
namespace {

struct ScoreOptions {
  std::string model, task, fewshot, sampler, classifier, perturb, out;
  int shots = 0;
};

void score(const ScoreOptions& o, const Shell& shell) {
  const auto model = model::Model::load(o.model, shell.context, {.precision = model::precisionFromName(shell.dtype)});
  const tasks::Task task = tasks::readTask(o.task, {o.fewshot, o.shots, o.sampler});
  std::vector<model::Arm> arms(1);
  std::vector<std::string> labels = {"clean"};
  if (!o.perturb.empty()) {
    arms.push_back(perturbationArm(o.perturb));
    labels.push_back("perturbed");
  }
  const std::vector<tasks::ArmScores> scores = tasks::scoreTask(*model, task, arms, true, shell.context);
  tasks::writeItemsCsv(o.out, task, labels, scores);
}

}  // namespace

void addTaskCommands(CLI::App& app, Shell& shell) {
  const auto o = std::make_shared<ScoreOptions>();
  CLI::App* command = addCommand(app, shell, "score", "score a model on a task, item by item", [o, &shell] { score(*o, shell); });
  command->add_option("MODEL", o->model, "model folder")->required();
  command->add_option("--task", o->task, "sidecar of the task (task.json)")->required();
  command->add_option("--fewshot", o->fewshot, "file of the examples");
  command->add_option("-k", o->shots, "examples before each question")->check(CLI::NonNegativeNumber);
  command->add_option("--sampler", o->sampler, "lm-eval or first")->check(CLI::IsMember({"lm-eval", "first"}));
  command->add_option("--classifier", o->classifier, "folder of the toxicity classifier");
  command->add_option("--perturb", o->perturb, "perturbation as JSON file: adds the arm 'perturbed'");
  addMemoryBudget(command, shell);
  addDtype(command, shell);
  command->add_option("--out", o->out, "items.csv; choices go beside it")->required();
}

}  // namespace lacuna::cli

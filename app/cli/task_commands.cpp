#include <iostream>

#include "commands.h"
#include "perturb_option.h"
#include "lacuna/base/error.h"
#include "lacuna/effects/task_summary.h"
#include "lacuna/files/files.h"
#include "lacuna/base/log.h"
#include "lacuna/tasks/judges.h"
#include "lacuna/tasks/masked_pairs.h"
#include "lacuna/tasks/tasks.h"

namespace lacuna::cli {
namespace {

struct ScoreOptions {
  std::string model, task, fewshot, sampler, classifier, bleurt, perturb, out, summary;
  tasks::ClassifierChoice choice;
  int shots = 0;
};

void write(const ScoreOptions& o, const tasks::Task& task, const std::vector<std::string>& labels, const std::vector<tasks::ArmScores>& scores) {
  tasks::writeItemsCsv(o.out, task, labels, scores);
  if (task.format == "crows_pairs")
    log::warning("CrowS-Pairs: its authors and others found many pairs that do not measure what they mean to (Blodgett et al. 2021); never let it stand alone");
  if (o.summary.empty()) return;
  std::string csv;
  for (std::size_t arm = 0; arm < scores.size(); ++arm) csv += effects::summaryCsv(task, labels[arm], effects::summarise(task, scores[arm]), arm == 0);
  files::writeFileAtomically(o.summary, csv);
}

void scoreMasked(const ScoreOptions& o, const tasks::Task& task, const Shell& shell) {
  if (!o.perturb.empty())
    throw Error("LAC-1302", "--perturb changes states of a decoder, but " + o.model + " is an encoder.", "Leave --perturb out, or give a causal language model.");
  const auto encoder = model::Encoder::load(o.model, shell.context);
  const std::vector<tasks::ArmScores> scores{tasks::scoreMaskedPairs(*encoder, task, shell.context)};
  const std::vector<std::string> labels = {"clean"};
  write(o, task, labels, scores);
}

void score(const ScoreOptions& o, const Shell& shell) {
  tasks::Task task = tasks::readTask(o.task, {o.fewshot, o.shots, o.sampler});
  if (model::isEncoderFolder(o.model)) return scoreMasked(o, task, shell);
  const tasks::Judges judges = tasks::Judges::load(task, {o.classifier, o.bleurt, o.choice}, shell.context);
  const auto model = model::Model::load(o.model, shell.context, {.precision = model::precisionFromName(shell.dtype)});
  std::vector<model::Arm> arms(1);
  std::vector<std::string> labels = {"clean"};
  if (!o.perturb.empty()) {
    arms.push_back(perturbationArm(o.perturb));
    labels.push_back("perturbed");
  }
  const std::vector<tasks::ArmScores> scores = tasks::scoreTask(*model, task, arms, judges.options(true, shell.context), shell.context);
  write(o, task, labels, scores);
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
  command->add_option("--classifier-label", o->choice.label, "its label that means toxic, where the name does not say so");
  command->add_option("--classifier-rule", o->choice.rule, "softmax, sigmoid or raw, where its config.json does not say")->check(CLI::IsMember({"softmax", "sigmoid", "raw"}));
  command->add_option("--bleurt", o->bleurt, "folder of a BLEURT: adds the metric bleurt to generated texts");
  command->add_option("--perturb", o->perturb, "perturbation as JSON file: adds the arm 'perturbed'");
  addMemoryBudget(command, shell);
  addDtype(command, shell);
  command->add_option("--out", o->out, "items.csv; choices go beside it")->required();
  command->add_option("--summary", o->summary, "means with intervals, by category where there are several (CSV)");
}

}  // namespace lacuna::cli

#include <iostream>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "lacuna/lab/lab.h"

namespace lacuna::cli {
namespace {

struct LabOptions {
  std::string out, corpus, recipe;
  lab::CorpusRecipe corpusRecipe;
};

void printReport(const lab::TrainReport& r) {
  std::cout << nlohmann::ordered_json{{"steps", r.steps}, {"tokens", r.tokens}, {"parameters", r.parameters}, {"last_loss", r.lastLoss},
                                      {"held_out_loss", r.heldOutLoss}, {"seconds", r.seconds}}.dump(2) << '\n';
}

}  // namespace

void addLabCommands(CLI::App& app, Shell& shell) {
  const auto o = std::make_shared<LabOptions>();
  CLI::App* lab = app.add_subcommand("lab", "train tiny language models from scratch");
  lab->require_subcommand(1);

  CLI::App* corpus = addCommand(*lab, shell, "corpus", "write the generated corpus and its tasks", [o, &shell] {
    lab::writeDemoCorpus(o->out, o->corpusRecipe, shell.context);
  });
  corpus->add_option("DIR", o->out, "folder to write into")->required();
  corpus->add_option("--documents", o->corpusRecipe.documents, "how many documents");
  corpus->add_option("--items", o->corpusRecipe.itemsPerTask, "items a task");
  corpus->add_option("--seed", o->corpusRecipe.seed, "seed of the grammars");

  CLI::App* train = addCommand(*lab, shell, "train", "train tokenizer and model; run again to resume", [o, &shell] {
    printReport(lab::train(o->corpus, o->recipe.empty() ? lab::TrainRecipe{} : lab::readRecipe(o->recipe), o->out, shell.context));
  });
  train->add_option("CORPUS", o->corpus, "corpus.jsonl")->required();
  train->add_option("--recipe", o->recipe, "recipe.json; see resources/demo");
  train->add_option("--out", o->out, "model folder to write")->required();
}

}  // namespace lacuna::cli

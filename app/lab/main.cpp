#include <iostream>
#include <nlohmann/json.hpp>

#include "lacuna/demo/demo.h"
#include "lacuna/lab/lab.h"
#include "shell.h"

namespace lacuna::cli {
namespace {

struct LabOptions {
  std::string out, corpus, recipe;
  demo::CorpusRecipe corpusRecipe;
};

void printReport(const lab::TrainReport& r) {
  std::cout << nlohmann::ordered_json{{"steps", r.steps}, {"tokens", r.tokens}, {"parameters", r.parameters}, {"last_loss", r.lastLoss},
                                      {"held_out_loss", r.heldOutLoss}, {"seconds", r.seconds}}.dump(2) << '\n';
}

void addCommands(CLI::App& app, Shell& shell) {
  const auto o = std::make_shared<LabOptions>();
  CLI::App* corpus = addCommand(app, shell, "corpus", "write the generated corpus and its tasks", [o, &shell] {
    demo::writeDemoCorpus(o->out, o->corpusRecipe, shell.context);
  });
  corpus->add_option("DIR", o->out, "folder to write into")->required();
  corpus->add_option("--documents", o->corpusRecipe.documents, "how many documents");
  corpus->add_option("--items", o->corpusRecipe.itemsPerTask, "items a task");
  corpus->add_option("--seed", o->corpusRecipe.seed, "seed of the grammars");

  CLI::App* train = addCommand(app, shell, "train", "train tokenizer and model; run again to resume", [o, &shell] {
    printReport(lab::train(o->corpus, o->recipe.empty() ? lab::TrainRecipe{} : lab::readRecipe(o->recipe), o->out, shell.context));
  });
  train->add_option("CORPUS", o->corpus, "corpus.jsonl")->required();
  train->add_option("--recipe", o->recipe, "recipe.json; see resources/demo");
  train->add_option("--out", o->out, "model folder to write")->required();
}

}  // namespace
}  // namespace lacuna::cli

int main(int argc, char** argv) {
  using namespace lacuna::cli;
  CLI::App app{"Trains tiny language models from scratch, and writes the corpus of the demo.", "lacuna-lab"};
  Shell shell;
  addCommands(app, shell);
  return runProgram(app, shell, argc, argv);
}

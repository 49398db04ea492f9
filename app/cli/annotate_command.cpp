#include <iostream>

#include "commands.h"
#include "lacuna/study/people.h"

namespace lacuna::cli {
namespace {

struct AnnotateOptions { std::string study, rater, file; };

void addCommon(CLI::App* command, const std::shared_ptr<AnnotateOptions>& o) {
  command->add_option("STUDY", o->study, "study file")->required();
  command->add_option("--rater", o->rater, "who answers; the order of the sheet is theirs")->required();
}

void note(std::int64_t n, const char* what) {
  if (n > 0) std::cout << n << " answers " << what << '\n';
}

}  // namespace

void addAnnotateCommands(CLI::App& app, Shell& shell) {
  const auto o = std::make_shared<AnnotateOptions>();
  CLI::App* annotate = app.add_subcommand("annotate", "what people say about clusters: sheets for raters elsewhere");
  annotate->require_subcommand(1);

  CLI::App* sheet = addCommand(*annotate, shell, "sheet", "write a CSV with the documents to judge and the intruder items; its column answer is to be filled in", [o] {
    study::exportSheet(o->study, o->rater, o->file);
    std::cout << o->file << ": answer fits, not or unsure (1, 2, 3); x at the intruder of six; a few words at a topic\n";
  });
  addCommon(sheet, o);
  sheet->add_option("--out", o->file, "the CSV to write")->required();

  CLI::App* imported = addCommand(*annotate, shell, "import", "add the answers of a filled-in sheet to the study's log", [o] {
    const study::SheetImport import = study::importSheet(o->study, o->rater, o->file);
    std::cout << import.rows.size() << " answers of " << study::raterName(o->rater) << " added to " << o->study << '\n';
    note(import.replaced, "took the place of earlier ones");
    note(import.known, "were there already");
    note(import.unasked, "were to questions that are no longer asked; they are kept");
  });
  addCommon(imported, o);
  imported->add_option("FILE", o->file, "the filled-in CSV")->required();
}

}  // namespace lacuna::cli

#include <iostream>

#include "commands.h"
#include "lacuna/study/assign.h"
#include "lacuna/study/study.h"

namespace lacuna::cli {
namespace {

struct Options { std::string study, corpus, out, textField, sourceField; bool noCache = false; };

void assign(const Options& o, const RunContext& context) {
  const study::AssignSummary done =
      study::assignDocuments(o.study, o.corpus, o.out, {o.textField, o.sourceField, o.noCache ? std::filesystem::path() : study::cacheFolder()}, context);
  std::cout << done.assigned << " of " << done.documents << " documents have a cluster of " << o.study << " → " << o.out << '\n';
}

}  // namespace

void addAssignCommand(CLI::App& app, Shell& shell) {
  const auto o = std::make_shared<Options>();
  CLI::App* command = addCommand(app, shell, "assign", "documents that a study has not seen, each to its nearest cluster, with strength", [o, &shell] { assign(*o, shell.context); });
  command->add_option("STUDY", o->study, "study file; its corpus and model lie where they were")->required();
  command->add_option("--corpus", o->corpus, "file or folder of the new documents, as inspect takes it")->required();
  command->add_option("--out", o->out, "the CSV to write")->required();
  command->add_option("--text-field", o->textField, "field of the text, where it is not found by itself");
  command->add_option("--source-field", o->sourceField, "field written as source");
  command->add_flag("--no-cache", o->noCache, "do not use encoders' vectors kept from earlier runs");
}

}  // namespace lacuna::cli

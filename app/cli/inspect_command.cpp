#include <iostream>

#include "commands.h"
#include "inspect.h"
#include "lacuna/base/error.h"

namespace lacuna::cli {
namespace {

struct Inspected {
  std::vector<std::filesystem::path> paths;
  InspectOptions options;
};

void inspect(const Inspected& o, const Shell& shell) {
  const nlohmann::ordered_json found = inspectPaths(o.paths, o.options, shell.context);
  std::cout << (shell.json ? found.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n" : asLines(found));
  if (found.value("sound", true)) return;
  const auto& first = found.at("problems").front();
  throw Error(first.at("code").get<std::string>(), first.at("message").get<std::string>(), first.at("hint").get<std::string>());
}

}  // namespace

void addInspectCommand(CLI::App& app, Shell& shell) {
  const auto o = std::make_shared<Inspected>();
  CLI::App* command = addCommand(app, shell, "inspect", "what a file or folder is, and whether it is sound", [o, &shell] { inspect(*o, shell); });
  command->add_option("PATH", o->paths, "model, tokenizer, corpus, task, safetensors or study; several are one corpus")->required();
  command->add_flag("--full", o->options.full, "read all of a corpus and count; read all weights of a model and warn of NaN");
  command->add_flag("--corpus", o->options.corpus, "it is a corpus, even if it looks like a task or a model");
  command->add_option("--text-field", o->options.textField, "field of the text (default: found by itself)");
  command->add_option("--text-unit", o->options.textUnit, "document of a plain text: file, line or paragraph")
      ->check(CLI::IsMember({"file", "line", "paragraph"}));
  command->add_option("--filter", o->options.filter, "which documents, as language == \"en\" and score >= 3 (docs/corpora.md)");
}

}  // namespace lacuna::cli

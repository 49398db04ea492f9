#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "commands.h"
#include "lacuna/base/error.h"

namespace lacuna::cli {
namespace {

/// The trainer carries libtorch, which takes longer to start than most commands take to run: it is a program of its own, beside this one.
void becomeTrainer(const std::vector<std::string>& arguments) {
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "lacuna-lab";
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  throw Error("LAC-1001", program.string() + " cannot be started: " + std::system_category().message(errno), "install it beside lacuna-cli");
}

}  // namespace

void addLabCommands(CLI::App& app, Shell& shell) {
  CLI::App* lab = app.add_subcommand("lab", "train tiny language models from scratch (lacuna-lab)");
  lab->set_help_flag("");
  lab->prefix_command();
  lab->callback([lab, &shell] { shell.work = [arguments = lab->remaining()] { becomeTrainer(arguments); }; });
}

}  // namespace lacuna::cli

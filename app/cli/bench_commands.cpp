#include "bench.h"
#include "commands.h"
#include "lacuna/base/error.h"

namespace lacuna::cli {

void addBenchCommands(CLI::App& app, Shell& shell) {
  const auto o = std::make_shared<BenchOptions>();
  CLI::App* bench = app.add_subcommand("bench", "one measured piece of work on given arrays");
  bench->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, void (*work)(const BenchOptions&, const RunContext&)) {
    CLI::App* command = addCommand(*bench, shell, name, help, [o, &shell, work] {
      o->dtype = shell.dtype;
      std::filesystem::create_directories(o->out);
      try {
        work(*o, shell.context);
      } catch (const nlohmann::json::exception& e) {
        throw Error("LAC-1012", o->in.string() + ": " + e.what(), "see the benchmark's description");
      }
    });
    command->add_option("--in", o->in, "folder of the input")->required();
    command->add_option("--out", o->out, "empty folder for the output")->required();
    return command;
  };
  addDtype(add("sweep", "perturbations × items at one layer of a decoder", benchSweep), shell);
  add("probes", "L2 logistic probes: clusters × lambda × folds", benchProbes);
  add("silhouette", "exact cosine silhouettes", benchSilhouette);
  add("topics", "UMAP, then HDBSCAN", benchTopics);
  add("corpus", "compressed JSON lines to documents", benchCorpus);
}

}  // namespace lacuna::cli

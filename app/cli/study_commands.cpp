#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/files/files.h"
#include "lacuna/study/study.h"

namespace lacuna::cli {
namespace {

struct StudyOptions {
  std::string spec, study, out, resources, format = "csv", what = "all", device = "cpu", dtype = "fp32";
  std::vector<std::string> overrides;
  study::PrimaryAnalysis primary;
  bool afterResults = false, includeFirst = false;
  std::int64_t run = 0;
};

study::StudySpec specOf(const StudyOptions& o) {
  std::string json = files::readText(o.spec);
  for (const std::string& assignment : o.overrides) json = study::withOverride(json, assignment);
  return study::parseSpec(json, std::filesystem::absolute(o.spec).parent_path());
}

/// The trained demo model: beside the executable's tree when built, under share/ when installed.
std::filesystem::path demoResources(const std::string& given) {
  if (!given.empty()) return given;
  std::error_code failed;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
  for (const std::filesystem::path& candidate : {self / "../share/lacuna/demo", self / "../../../resources/demo", std::filesystem::path("resources/demo")})
    if (std::filesystem::is_directory(candidate / "model", failed)) return candidate.lexically_normal();
  throw Error("LAC-1001", "the demo's model was not found beside " + self.string(), "pass --resources FOLDER (the folder that holds 'model')");
}

void refuseOtherDevices(const StudyOptions& o) {
  if (o.device != "cpu")
    throw Error("LAC-2007", "--device " + o.device + ": this build computes on the CPU only", "leave --device out");
  if (o.dtype != "fp32") throw Error("LAC-2007", "--dtype " + o.dtype + ": this build computes in fp32 only", "leave --dtype out");
}

void printPlan(const study::Plan& plan, bool asJson) {
  nlohmann::ordered_json json = {{"stages", nlohmann::json::array()}, {"tasks", nlohmann::json::array()}, {"clusters", plan.clusters}, {"cells", plan.cells},
                                 {"cells_done", plan.cellsDone}, {"arms", plan.arms}, {"forward_tokens", plan.forwardTokens}, {"flops", plan.flops},
                                 {"seconds", plan.seconds}, {"memory_bytes", plan.memoryBytes}};
  for (const auto& s : plan.stages) json["stages"].push_back({{"name", s.name}, {"up_to_date", s.upToDate}, {"why", s.why}});
  for (const auto& t : plan.tasks)
    json["tasks"].push_back({{"name", t.name}, {"items", t.items}, {"evaluated", t.evaluated}, {"groups", t.groups}, {"mde_sd", t.minimumEffect}});
  if (asJson) {
    std::cout << json.dump(2) << '\n';
    return;
  }
  for (const auto& s : plan.stages) std::cout << (s.upToDate ? "● " : "○ ") << s.name << (s.upToDate ? "  up to date" : "  " + s.why) << '\n';
  std::cout << plan.cells << " cells (" << plan.cellsDone << " done), " << plan.arms << " arms, at most " << formatFixed(plan.forwardTokens / 1e6, 1)
            << " M token forwards, ≈ " << formatFixed(plan.seconds, 0) << " s on this machine, ≈ " << plan.memoryBytes / (1u << 20) << " MiB\n";
  for (const auto& t : plan.tasks)
    std::cout << "  " << t.name << ": " << t.evaluated << " of " << t.items << " items reported, minimum detectable ACE " << formatFixed(t.minimumEffect, 3)
              << " sd (power 80 %, Bonferroni over the grid, items independent)\n";
}

}  // namespace

void addStudyCommands(CLI::App& app, Shell& shell) {
  const auto o = std::make_shared<StudyOptions>();
  CLI::App* demo = addCommand(app, shell, "demo", "write the demo: model, corpus, tasks and study.json", [o, &shell] {
    study::writeDemo(o->out, demoResources(o->resources), shell.context);
    std::cout << "demo written to " << o->out << "; run it with\n  lacuna-cli run " << o->out << "/study.json --study " << o->out << "/demo.lacuna\n";
  });
  demo->add_option("DIR", o->out, "folder to write into")->required();
  demo->add_option("--resources", o->resources, "folder with the trained model");

  CLI::App* plan = addCommand(app, shell, "plan", "what a run would cost and could see; stores nothing", [o, &shell] {
    printPlan(study::planStudy(specOf(*o), o->study, shell.context), shell.json);
  });
  plan->add_option("SPEC", o->spec, "study.json")->required();
  plan->add_option("--study", o->study, "study file that may hold results already");
  plan->add_option("--set", o->overrides, "path=value: change one key of the spec");

  CLI::App* run = addCommand(app, shell, "run", "run what is not up to date; the same command resumes", [o, &shell] {
    refuseOtherDevices(*o);
    const study::RunSummary s = study::runStudy(specOf(*o), o->study, shell.context);
    if (shell.json)
      std::cout << nlohmann::ordered_json{{"cells_run", s.cellsRun}, {"cells_up_to_date", s.cellsUpToDate}, {"stages_run", s.stagesRun}, {"seconds", s.seconds}}.dump(2) << '\n';
    else
      std::cout << s.cellsRun << " cells run, " << s.cellsUpToDate << " were up to date, " << formatFixed(s.seconds, 1) << " s → " << o->study << '\n';
  });
  run->add_option("SPEC", o->spec, "study.json")->required();
  run->add_option("--study", o->study, "study file; made when there is none")->required();
  run->add_option("--set", o->overrides, "path=value: change one key of the spec");
  run->add_option("--device", o->device, "cpu");
  run->add_option("--dtype", o->dtype, "fp32");

  CLI::App* lock = addCommand(app, shell, "lock", "fix the primary analysis before its results exist", [o] {
    const study::LockedPlan locked = study::lockStudy(specOf(*o), o->study, o->primary, o->afterResults);
    std::cout << "locked " << locked.created << "  " << locked.hash << "\n" << locked.json << '\n';
    if (!locked.prospective) std::cout << "outcomes existed already: its results stay exploratory\n";
  });
  lock->add_option("SPEC", o->spec, "study.json")->required();
  lock->add_option("--study", o->study, "study file; made when there is none")->required();
  lock->add_option("--method", o->primary.method, "method of the primary analysis")->required();
  lock->add_option("--epsilon", o->primary.epsilon, "its dose");
  lock->add_option("--metric", o->primary.metric, "its outcome");
  lock->add_option("--task", o->primary.tasks, "its tasks; all when left out");
  lock->add_option("--set", o->overrides, "path=value: change one key of the spec");
  lock->add_flag("--after-results", o->afterResults, "lock although perturbed outcomes exist");

  CLI::App* perturbation = addCommand(app, shell, "perturbation", "what a run did, as JSON for logits, generate, score and edit",
                                      [o] { std::cout << study::runPerturbation(o->study, o->run, o->includeFirst) << '\n'; });
  perturbation->add_option("STUDY", o->study, "study file")->required();
  perturbation->add_option("--run", o->run, "number of the run")->required();
  perturbation->add_flag("--include-first", o->includeFirst, "also at the first token of a text, as weights would");

  CLI::App* exported = addCommand(app, shell, "export", "tidy tables of a study", [o] {
    std::vector<std::string> what;
    for (std::size_t from = 0; from <= o->what.size();) {
      const std::size_t comma = std::min(o->what.find(',', from), o->what.size());
      if (comma > from) what.push_back(o->what.substr(from, comma - from));
      from = comma + 1;
    }
    for (const auto& file : study::exportStudy(o->study, o->out, what, o->format)) std::cout << file.string() << '\n';
  });
  exported->add_option("STUDY", o->study, "study file")->required();
  exported->add_option("--out", o->out, "folder")->required();
  exported->add_option("--what", o->what, "tables, separated by commas, or all");
  exported->add_option("--format", o->format, "csv, json or latex");
}

}  // namespace lacuna::cli

#include <cmath>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/files/files.h"
#include "lacuna/study/screening.h"
#include "lacuna/study/study.h"
#include "lacuna/study/tune.h"
#include "plan_model.h"

namespace lacuna::cli {
namespace {

struct StudyOptions {
  std::string spec, study, out, resources, format = "csv", what = "all", device = "cpu", dtype;
  std::vector<std::string> overrides;
  study::PrimaryAnalysis primary;
  bool includeFirst = false;
  std::int64_t run = 0;
  study::TuneRequest tune;
  study::ScreenConfig screen;
  std::int64_t cluster = 0;
  int layer = -1;
  bool afterResults = false, noCache = false;
};

study::StudySpec specOf(const StudyOptions& o) {
  std::string json = files::readText(o.spec);
  if (!o.dtype.empty()) json = study::withOverride(json, "dtype=" + o.dtype);
  for (const std::string& assignment : o.overrides) json = study::withOverride(json, assignment);
  return study::parseSpec(json, std::filesystem::absolute(o.spec).parent_path());
}

void runSpec(const StudyOptions& o, const Shell& shell) {
  study::StudySpec spec = specOf(o);
  if (!o.noCache) spec.cache = study::cacheFolder();
  const study::RunSummary s = study::runStudy(spec, o.study, shell.context);
  nlohmann::ordered_json sources = nlohmann::ordered_json::array();
  for (const study::SourceRow& row : s.sources)
    if (row.embedded > 0)
      sources.push_back({{"source", row.source}, {"documents", row.embedded}, {"documents_cut", row.cut}, {"tokens", row.tokens}, {"tokens_lost", row.tokensLost}});
  if (shell.json) {
    std::cout << nlohmann::ordered_json{{"cells_run", s.cellsRun}, {"cells_up_to_date", s.cellsUpToDate}, {"stages_run", s.stagesRun}, {"seconds", s.seconds}, {"sources", sources}}
                     .dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    return;
  }
  std::cout << s.cellsRun << " cells run, " << s.cellsUpToDate << " were up to date, " << formatFixed(s.seconds, 1) << " s → " << o.study << '\n';
  for (const study::SourceRow& row : s.sources)
    if (row.cut > 0)
      std::cout << "the embedding saw a part only of " << row.cut << " of " << row.embedded << " documents"
                << (row.source.empty() ? "" : " of " + row.source) << ": " << formatFixed(100 * store::shareLost(row), 1) << " % of their tokens are lost\n";
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

std::string cellText(double value, int decimals) { return std::isfinite(value) ? formatFixed(value, decimals) : "-"; }

void printScreen(const study::Screen& screen) {
  std::cout << "cluster  layer  dose    estimate     exact  run     method / task\n";
  for (const study::ScreenRow& r : screen.rows) {
    std::cout << std::setw(7) << r.cluster.value << std::setw(7) << r.layer.value << "  " << (r.equalDose ? "δ " : "ε ") << std::left << std::setw(6)
              << formatNumber(r.dose) << std::right << std::setw(10) << cellText(r.estimate, 4) << std::setw(10) << cellText(r.exact, 4) << "  " << std::left
              << std::setw(8) << r.verified << std::right << r.method << " / " << r.task;
    if (r.status != "OK") std::cout << "  " << r.status;
    if (!r.reason.empty()) std::cout << "  (" << r.reason << ')';
    std::cout << '\n';
  }
  for (const study::ScreenRanking& ranking : screen.rankings) std::cout << study::inWords(ranking) << '\n';
  std::cout << study::screenWarning() << '\n';
}

nlohmann::ordered_json screenJson(const study::Screen& screen) {
  nlohmann::ordered_json json = {{"rows", nlohmann::json::array()}, {"agreement", nlohmann::json::array()}, {"warning", study::screenWarning()}};
  for (const study::ScreenRow& r : screen.rows)
    json["rows"].push_back({{"cluster", r.cluster.value}, {"method", r.method}, {"layer", r.layer.value}, {"dose", r.dose}, {"equal_dose", r.equalDose},
                            {"epsilon", r.epsilon}, {"task", r.task}, {"estimate", r.estimate}, {"exact", r.exact}, {"verified", r.verified},
                            {"items", r.items}, {"left_out", r.leftOut}, {"status", r.status}, {"reason", r.reason}});
  const auto estimate = [](const statistics::Estimate& e) -> nlohmann::ordered_json {
    return {{"rho", e.value}, {"low", e.low}, {"high", e.high}, {"cells", e.n}, {"status", statistics::statusName(e.status)}};
  };
  for (const study::ScreenRanking& r : screen.rankings)
    json["agreement"].push_back({{"task", r.task}, {"verified", estimate(r.verified)}, {"random", estimate(r.random)}, {"words", study::inWords(r)}});
  return json;
}

nlohmann::ordered_json effectJson(const study::StrengthEffectRow& e) {
  return {{"task", e.task}, {"metric", e.metric}, {"unrelated", e.unrelated}, {"similarity", e.similarity}, {"ace", e.ace}, {"low", e.low}, {"high", e.high},
          {"level", e.level}, {"ci_method", e.intervalMethod}, {"se", e.se}, {"clean", e.clean}, {"perturbed", e.perturbed}, {"n", e.n}, {"n_groups", e.groups},
          {"status", e.status}, {"reason", e.reason}};
}

nlohmann::ordered_json strengthJson(const study::Tuned& tuned) {
  const study::StrengthRow& row = tuned.strength;
  nlohmann::ordered_json effects = nlohmann::ordered_json::array();
  for (const study::StrengthEffectRow& e : tuned.effects) effects.push_back(effectJson(e));
  return {{"cluster", row.cluster.value}, {"method", row.method}, {"layer", row.layer.value}, {"budget", row.budget}, {"epsilon", row.epsilon},
          {"displacement", row.displacement}, {"non_monotone", row.nonMonotone}, {"binding", row.binding}, {"status", row.status}, {"reason", row.reason},
          {"probes", nlohmann::ordered_json::parse(row.probes)}, {"effects", effects}};
}

/// The reason says it in words already where there is no such strength.
std::string strengthInWords(const study::StrengthRow& row) {
  if (row.status != "OK") return row.reason;
  return "the largest strength that keeps the budget" + (row.reason.empty() ? "" : "; " + row.reason);
}

void printEffects(const std::vector<study::StrengthEffectRow>& effects) {
  if (effects.empty()) return;
  std::cout << "at ε*       ACE       low      high   clean  ability / metric\n";
  for (const study::StrengthEffectRow& e : effects) {
    std::cout << std::setw(15) << cellText(e.ace, 5) << std::setw(10) << cellText(e.low, 5) << std::setw(10) << cellText(e.high, 5) << std::setw(8) << cellText(e.clean, 3)
              << "  " << e.task << " / " << e.metric << (e.unrelated ? "  unrelated" : "");
    if (e.status != "OK") std::cout << "  " << e.status;
    if (!e.reason.empty()) std::cout << "  (" << e.reason << ')';
    std::cout << '\n';
  }
}

void printStrength(const study::Tuned& tuned) {
  const study::StrengthRow& row = tuned.strength;
  const nlohmann::json probes = nlohmann::json::parse(row.probes);
  const auto number = [](const nlohmann::json& value) { return value.is_null() ? std::string("-") : cellText(value.get<double>(), 5); };
  std::cout << "cluster " << row.cluster.value << ", " << row.method << ", layer " << row.layer.value << ", budget " << formatNumber(row.budget)
            << " nats a token\n";
  if (!probes.empty()) std::cout << "half            ε   increase  95 % bound        se  worst set\n";
  for (const nlohmann::json& p : probes)
    std::cout << std::left << std::setw(8) << p["half"].get<std::string>() << std::right << std::setw(9) << number(p["epsilon"]) << std::setw(11)
              << number(p["mean"]) << std::setw(12) << number(p["upper"]) << std::setw(10) << number(p["se"]) << "  "
              << p["set"].get<std::string>() << '\n';
  std::cout << "ε* = " << cellText(row.epsilon, 4) << ", relative displacement " << cellText(row.displacement, 4)
            << (row.binding.empty() ? "" : ", limited by " + row.binding) << '\n'
            << row.status << ": " << strengthInWords(row) << '\n';
  printEffects(tuned.effects);
}

void addScreenCommand(CLI::App& app, Shell& shell, const std::shared_ptr<StudyOptions>& o) {
  CLI::App* screen = addCommand(app, shell, "screen", "estimate the whole grid to first order, on tuning items; stores nothing", [o, &shell] {
    const study::Screen found = study::screenStudy(specOf(*o), o->study, o->screen, shell.context);
    if (shell.json) std::cout << screenJson(found).dump(2) << '\n';
    else printScreen(found);
  });
  screen->add_option("SPEC", o->spec, "study.json")->required();
  screen->add_option("--study", o->study, "study file with the spec's probes and tasks")->required();
  screen->add_option("--top", o->screen.topShare, "share of largest estimates that is also run")->check(CLI::Range(0.0, 1.0));
  screen->add_option("--random", o->screen.randomShare, "share of all cells that is drawn from the rest and also run")->check(CLI::Range(0.0, 1.0));
  screen->add_option("--set", o->overrides, "path=value: change one key of the spec");
}

void addTuneCommand(CLI::App& app, Shell& shell, const std::shared_ptr<StudyOptions>& o) {
  CLI::App* tune = addCommand(app, shell, "tune", "the largest strength that keeps a loss budget on unrelated data, and each ability's effect at it", [o, &shell] {
    o->tune.cluster = ClusterId(o->cluster);
    o->tune.layer = LayerIndex(o->layer);
    const study::Tuned tuned = study::tuneStrength(specOf(*o), o->study, o->tune, shell.context);
    if (shell.json) std::cout << strengthJson(tuned).dump(2) << '\n';
    else printStrength(tuned);
  });
  tune->add_option("SPEC", o->spec, "study.json")->required();
  tune->add_option("--study", o->study, "study file with the spec's probes; the result is kept in it")->required();
  tune->add_option("--cluster", o->cluster, "number of the cluster")->required();
  tune->add_option("--method", o->tune.method, "a method, or a recipe of the spec by its name (project:pca3@last)")->required();
  tune->add_option("--layer", o->layer, "layer; left out: the recipe's, else the one with the best probe");
  tune->add_option("--budget", o->tune.budget, "nats a token");
  tune->add_option("--grid", o->tune.grid, "strengths to try first, ascending");
  tune->add_option("--set", o->overrides, "path=value: change one key of the spec");
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
    if (isModel(o->spec)) printModelPlan(o->spec, shell);
    else printPlan(study::planStudy(specOf(*o), o->study, shell.context), shell.json);
  });
  addMemoryBudget(plan, shell);
  plan->add_option("SPEC", o->spec, "study.json; or a model folder, of which config.json is enough")->required();
  plan->add_option("--study", o->study, "study file that may hold results already");
  plan->add_option("--set", o->overrides, "path=value: change one key of the spec");

  CLI::App* run = addCommand(app, shell, "run", "run what is not up to date; the same command resumes", [o, &shell] {
    refuseOtherDevices(*o);
    runSpec(*o, shell);
  });
  addMemoryBudget(run, shell);
  run->add_option("SPEC", o->spec, "study.json")->required();
  run->add_option("--study", o->study, "study file; made when there is none")->required();
  run->add_option("--set", o->overrides, "path=value: change one key of the spec");
  run->add_option("--device", o->device, "cpu");
  run->add_flag("--no-cache", o->noCache, "neither use nor keep vectors of encoders and readings of corpora ($LACUNA_CACHE, $XDG_CACHE_HOME/lacuna or ~/.cache/lacuna)");
  run->add_option("--dtype", o->dtype, "fp32 or bf16 (faster on processors with AMX tiles): for the spec's dtype")->check(CLI::IsMember({"fp32", "bf16"}));

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

  addScreenCommand(app, shell, o);
  addTuneCommand(app, shell, o);

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

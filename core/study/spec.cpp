#include "lacuna/study/spec.h"

#include <algorithm>

#include "lacuna/files/files.h"
#include "lacuna/model/model.h"
#include "lacuna/perturbation/perturbation.h"
#include "clusters_spec.h"
#include "corpus_spec.h"
#include "embedding_spec.h"
#include "spec_reader.h"

namespace lacuna::study {
namespace {

using nlohmann::json;

/// Runs `read` on the object under `key`, when there is one.
template <class Read> void section(SpecReader& reader, const std::string& key, Read&& read) {
  if (const json* object = reader.find(key)) {
    SpecReader inner(*object, reader.pointer(key));
    read(inner);
    inner.finish();
  }
}

void path(SpecReader& reader, const std::string& key, std::filesystem::path& value) {
  std::string text = value.string();
  reader.read(key, text);
  value = text;
}

[[noreturn]] void invalid(const std::string& where, const std::string& what) {
  throw Error("LAC-1401", "study spec: " + where + ": " + what, "see docs/study-spec.md");
}

void oneOf(const std::string& where, const std::string& value, std::initializer_list<const char*> allowed) {
  std::string list;
  for (const char* name : allowed) {
    if (value == name) return;
    list += (list.empty() ? "" : ", ") + std::string(name);
  }
  invalid(where, "expected one of " + list + ", found \"" + value + "\"");
}

probes::TauRule tauRule(const std::string& name) {
  oneOf("/tau/rule", name, {"mass", "topk", "uniform", "perm-null"});
  return tauRuleFromName(name);
}

void readWhat(SpecReader& reader, const std::string& pointer, PerturbationSpec& spec) {
  reader.read("method", spec.method);
  oneOf(pointer + "/method", spec.method, {"zero", "mean", "resample", "project", "leace", "grad_sign", "grad_l2", "flip"});
  spec.site = editsNeurons(spec.method) ? "mlp_hidden" : "resid_post";
  reader.read("site", spec.site);
  if (!model::siteFromName(spec.site)) invalid(pointer + "/site", "unknown site \"" + spec.site + "\"");
  spec.subspace = spec.method == "project" ? "meandiff" : "";
  reader.read("subspace", spec.subspace);
  if (spec.method == "project") oneOf(pointer + "/subspace", spec.subspace, {"meandiff", "probe", "pca", "inlp"});
  else if (!spec.subspace.empty()) invalid(pointer + "/subspace", "only project chooses its subspace; '" + spec.method + "' has its own");
  spec.rank = spec.subspace == "pca" ? 3 : spec.subspace == "inlp" ? 8 : 1;
  reader.read("rank", spec.rank);
  if (spec.rank < 1 || (spec.rank > 1 && spec.subspace != "pca" && spec.subspace != "inlp"))
    invalid(pointer + "/rank", "expected 1, or more with the subspaces pca and inlp");
}

void readWhere(SpecReader& reader, const std::string& pointer, PerturbationSpec& spec) {
  reader.read("tokens", spec.tokens);
  oneOf(pointer + "/tokens", spec.tokens, {"all", "prompt", "last", "answer", "gated"});
  reader.read("keep_norm", spec.keepNorm);
  reader.read("span", spec.span);
  oneOf(pointer + "/span", spec.span, {"single", "window", "onward"});
  reader.read("width", spec.width);
  if (spec.width < 1 || spec.width % 2 == 0) invalid(pointer + "/width", "expected an odd number of layers");
  reader.read("layer", spec.layer);
}

void sortDoses(const std::string& where, std::vector<double>& doses) {
  for (const double dose : doses)
    if (!(dose > 0 && dose <= 10)) invalid(where, "doses lie in (0, 10]; ε = 0 is the clean run, always there");
  std::sort(doses.begin(), doses.end());
  doses.erase(std::unique(doses.begin(), doses.end()), doses.end());
}

void readDoses(SpecReader& reader, const std::string& pointer, PerturbationSpec& spec) {
  reader.read("displacements", spec.displacements);
  if (!spec.displacements.empty()) spec.epsilons.clear();
  reader.read("epsilons", spec.epsilons);
  reader.read("control_epsilon", spec.controlEpsilon);
  if (spec.epsilons.empty() == spec.displacements.empty()) invalid(pointer + "/epsilons", "expected doses, as epsilons or as displacements, not both");
  sortDoses(pointer + "/epsilons", spec.epsilons);
  sortDoses(pointer + "/displacements", spec.displacements);
  const std::vector<double>& doses = spec.doses();
  if (spec.controlEpsilon <= 0)
    for (const double dose : doses)
      if (dose <= 1 || spec.controlEpsilon <= 0) spec.controlEpsilon = dose;
  if (std::find(doses.begin(), doses.end(), spec.controlEpsilon) == doses.end()) invalid(pointer + "/control_epsilon", "must be one of the doses");
}

PerturbationSpec readPerturbation(const json& object, const std::string& pointer) {
  PerturbationSpec spec;
  SpecReader reader(object, pointer);
  readWhat(reader, pointer, spec);
  readWhere(reader, pointer, spec);
  readDoses(reader, pointer, spec);
  reader.finish();
  return spec;
}

/// Canonical: what the method does not have is left out.
json perturbationJson(const PerturbationSpec& p) {
  json out = {{"method", p.method}, {"site", p.site}, {"layer", p.layer}, {"tokens", p.tokens}, {"keep_norm", p.keepNorm}, {"span", p.span},
              {"width", p.width}, {"control_epsilon", p.controlEpsilon}};
  if (p.displacements.empty()) out["epsilons"] = p.epsilons;
  else out["displacements"] = p.displacements;
  if (!p.subspace.empty()) out["subspace"] = p.subspace, out["rank"] = p.rank;
  return out;
}

const char* generateName(Generate generate) {
  return generate == Generate::Never ? "never" : generate == Generate::Always ? "always" : "clean";
}

TaskSpec readTaskSpec(const json& object, const std::string& pointer) {
  TaskSpec task;
  SpecReader reader(object, pointer);
  path(reader, "file", task.file);
  path(reader, "fewshot", task.fewshot);
  reader.read("shots", task.shots);
  reader.read("sampler", task.sampler);
  std::string generate = generateName(task.generate);
  reader.read("generate", generate);
  oneOf(pointer + "/generate", generate, {"never", "clean", "always"});
  task.generate = generate == "never" ? Generate::Never : generate == "always" ? Generate::Always : Generate::Clean;
  reader.finish();
  if (task.file.empty()) invalid(pointer + "/file", "a task needs its file");
  if (task.shots < 0) invalid(pointer + "/shots", "cannot be negative");
  return task;
}

template <class T, class Read> void list(SpecReader& reader, const std::string& key, std::vector<T>& out, Read&& read) {
  const json* array = reader.find(key);
  if (!array) return;
  if (!array->is_array()) throw reader.wrong(key, "a list", *array);
  for (std::size_t i = 0; i < array->size(); ++i) out.push_back(read((*array)[i], reader.pointer(key) + "/" + std::to_string(i)));
}

void readProbeSection(SpecReader& r, StudySpec& spec) {
  r.read("documents", spec.probeDocuments);
  r.read("max_tokens", spec.probeMaxTokens);
  r.read("layers", spec.probeLayers);
  r.read("lambdas", spec.probes.lambdas);
  r.read("folds", spec.probes.folds);
  r.read("tolerance", spec.probes.tolerance);
  r.read("rankings", spec.rankings);
  for (const std::string& ranking : spec.rankings) oneOf("/probes/rankings", ranking, {"probeless", "gradients", "stability"});
  r.read("min_auc", spec.probes.minAuc);
  r.read("min_selectivity", spec.probes.minSelectivity);
  if (spec.probes.folds < 2) invalid("/probes/folds", "expected at least 2");
  if (spec.probes.lambdas.empty()) invalid("/probes/lambdas", "expected at least one value");
}

void readStatisticsSection(SpecReader& r, StudySpec& spec) {
  r.read("bootstrap_draws", spec.bootstrapDraws);
  r.read("level", spec.level);
  r.read("alpha", spec.alpha);
  r.read("tune_share", spec.tuneShare);
  if (!(spec.level > 0 && spec.level < 1)) invalid("/statistics/level", "expected a number between 0 and 1");
  if (!(spec.tuneShare >= 0 && spec.tuneShare < 1)) invalid("/statistics/tune_share", "expected a number in [0, 1)");
  if (spec.bootstrapDraws < 100) invalid("/statistics/bootstrap_draws", "expected at least 100");
}

/// Pairs in ascending order, each once.
void readPairs(SpecReader& r, InteractionSpec& spec) {
  const json* pairs = r.find("pairs");
  if (!pairs) return;
  if (*pairs == "all") {
    spec.all = true;
    return;
  }
  if (!pairs->is_array()) throw r.wrong("pairs", "\"all\" or a list of pairs of clusters, as [[0, 3]]", *pairs);
  for (const json& pair : *pairs) {
    const bool two = pair.is_array() && pair.size() == 2 && pair[0].is_number_unsigned() && pair[1].is_number_unsigned() && pair[0] != pair[1];
    if (!two) throw r.wrong("pairs", "two different clusters by their numbers, as [0, 3]", pair);
    const int first = pair[0].get<int>(), second = pair[1].get<int>();
    spec.pairs.emplace_back(std::min(first, second), std::max(first, second));
  }
  std::sort(spec.pairs.begin(), spec.pairs.end());
  spec.pairs.erase(std::unique(spec.pairs.begin(), spec.pairs.end()), spec.pairs.end());
}

/// The recipe and dose of the pairs, as they are in the grid: what each cluster does alone is one of its cells.
void settleInteractions(StudySpec& spec) {
  InteractionSpec& asked = spec.interactions;
  if (!asked.wanted()) return;
  const auto fits = [&](const PerturbationSpec& p) { return !p.equalDose() && (asked.method.empty() || recipeName(p) == asked.method); };
  const auto recipe = std::find_if(spec.perturbations.begin(), spec.perturbations.end(), fits);
  if (recipe == spec.perturbations.end())
    invalid("/interactions/method", "expected one of the perturbations with doses as epsilons, found \"" + asked.method + "\"");
  asked.method = recipeName(*recipe);
  if (asked.dose == 0) asked.dose = recipe->controlEpsilon;
  if (std::find(recipe->epsilons.begin(), recipe->epsilons.end(), asked.dose) == recipe->epsilons.end())
    invalid("/interactions/dose", "must be one of the epsilons of " + asked.method);
}

json pairsJson(const InteractionSpec& spec) {
  if (spec.all) return "all";
  json pairs = json::array();
  for (const auto& [first, second] : spec.pairs) pairs.push_back({first, second});
  return pairs;
}

/// Where documents may be in several clusters, each cluster has the rest against it and nothing else.
void requireOneAgainstRest(const StudySpec& spec) {
  const std::string why = ", which clusters.multi_label does not allow: documents may be in several clusters";
  if (std::find(spec.rankings.begin(), spec.rankings.end(), "gradients") != spec.rankings.end())
    invalid("/probes/rankings", "found gradients, a probe over all clusters at once" + why);
  for (const PerturbationSpec& p : spec.perturbations)
    if (p.method == "resample") invalid("/perturbations", "found resample, whose donors are of other clusters" + why);
}

}  // namespace

std::string tauRuleName(probes::TauRule rule) {
  switch (rule) {
    case probes::TauRule::Mass: return "mass";
    case probes::TauRule::TopK: return "topk";
    case probes::TauRule::Uniform: return "uniform";
    case probes::TauRule::PermNull: return "perm-null";
  }
  return {};
}

probes::TauRule tauRuleFromName(const std::string& name) {
  for (const probes::TauRule rule : {probes::TauRule::TopK, probes::TauRule::Uniform, probes::TauRule::PermNull})
    if (name == tauRuleName(rule)) return rule;
  return probes::TauRule::Mass;
}

bool editsNeurons(const std::string& method) { return method == "zero" || method == "mean" || method == "resample"; }

std::string recipeName(const PerturbationSpec& p) {
  std::string name = p.method;
  if (!p.subspace.empty() && p.subspace != "meandiff") name += ":" + p.subspace + (p.rank > 1 ? std::to_string(p.rank) : "");
  if (p.tokens != "all") name += "@" + p.tokens;
  if (p.span == "window") name += "+window" + std::to_string(p.width);
  if (p.span == "onward") name += "+onward";
  return p.keepNorm ? name + "=norm" : name;
}

StudySpec parseSpec(const std::string& text, const std::filesystem::path& folder) {
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) throw Error("LAC-1401", (folder / "study.json").string() + ": not valid JSON", "check brackets and commas");
  StudySpec spec;
  spec.folder = folder;
  SpecReader reader(document, "");
  reader.read("name", spec.name);
  path(reader, "model", spec.model);
  std::string dtype = model::precisionName(spec.precision);
  reader.read("dtype", dtype);
  oneOf("/dtype", dtype, {"fp32", "bf16"});
  spec.precision = model::precisionFromName(dtype);
  reader.read("seed", spec.seed);
  section(reader, "corpus", [&](SpecReader& r) { readCorpusSection(r, spec.corpus); });
  section(reader, "embedding", [&](SpecReader& r) { readEmbeddingSection(r, spec.embedding); });
  section(reader, "clusters", [&](SpecReader& r) { readClusterSection(r, spec.clusters); });
  section(reader, "probes", [&](SpecReader& r) { readProbeSection(r, spec); });
  section(reader, "tau", [&](SpecReader& r) {
    std::string rule = tauRuleName(spec.tau.rule);
    r.read("rule", rule);
    spec.tau.rule = tauRule(rule);
    r.read("value", spec.tau.value);
    r.read("permutations", spec.tauPermutations);
    r.read("level", spec.tauLevel);
    if (spec.tauPermutations < 20) invalid("/tau/permutations", "expected at least 20");
    if (!(spec.tauLevel > 0 && spec.tauLevel < 1)) invalid("/tau/level", "expected a number between 0 and 1");
  });
  section(reader, "controls", [&](SpecReader& r) {
    r.read("draws", spec.controlDraws);
    r.read("doses", spec.controlDoses);
    oneOf("/controls/doses", spec.controlDoses, {"reference", "all"});
    r.read("kinds", spec.controlKinds);
    for (const std::string& kind : spec.controlKinds) oneOf("/controls/kinds", kind, {"matched", "permuted", "other", "noise"});
    if (spec.controlKinds.empty()) invalid("/controls/kinds", "expected at least one kind; \"draws\": 0 runs none");
    if (spec.controlDraws < 0) invalid("/controls/draws", "cannot be negative");
  });
  section(reader, "statistics", [&](SpecReader& r) { readStatisticsSection(r, spec); });
  section(reader, "robustness", [&](SpecReader& r) {
    r.read("kept", spec.kept);
    if (!(spec.kept > 0 && spec.kept < 1)) invalid("/robustness/kept", "expected a number between 0 and 1");
  });
  section(reader, "curation", [&](SpecReader& r) {
    r.read("utilities", spec.utilities);
    r.read("eta", spec.eta);
    r.read("corpus_known", spec.corpusKnown);
    oneOf("/curation/corpus_known", spec.corpusKnown, {"exact", "proxy", "unknown"});
  });
  section(reader, "similarity", [&](SpecReader& r) { r.read("documents", spec.ckaDocuments); });
  list(reader, "perturbations", spec.perturbations, readPerturbation);
  if (spec.clusters.multiLabel) requireOneAgainstRest(spec);
  section(reader, "interactions", [&](SpecReader& r) {
    readPairs(r, spec.interactions);
    r.read("method", spec.interactions.method);
    r.read("dose", spec.interactions.dose);
  });
  section(reader, "mediation", [&](SpecReader& r) {
    r.read("run", spec.mediation.run);
    r.read("layer", spec.mediation.layer);
    if (spec.mediation.layer < -1) invalid("/mediation/layer", "expected a layer, or -1 for the one with the best probe");
  });
  list(reader, "tasks", spec.tasks, readTaskSpec);
  reader.finish();
  settleInteractions(spec);
  if (spec.model.empty()) invalid("/model", "the folder of the model is missing");
  if (spec.corpus.path.empty()) invalid("/corpus/path", "the corpus is missing");
  return spec;
}

StudySpec readSpec(const std::filesystem::path& file) {
  return parseSpec(files::readText(file), std::filesystem::absolute(file).parent_path());
}

std::string toJson(const StudySpec& s) {
  json out = {
      {"name", s.name}, {"model", s.model.string()}, {"dtype", model::precisionName(s.precision)}, {"seed", s.seed},
      {"corpus", corpusJson(s.corpus)},
      {"embedding", embeddingJson(s.embedding)},
      {"clusters", clustersJson(s.clusters)},
      {"probes", {{"documents", s.probeDocuments}, {"max_tokens", s.probeMaxTokens}, {"layers", s.probeLayers},
                  {"rankings", s.rankings}, {"lambdas", s.probes.lambdas}, {"folds", s.probes.folds}, {"tolerance", s.probes.tolerance},
                  {"min_auc", s.probes.minAuc}, {"min_selectivity", s.probes.minSelectivity}}},
      {"tau", {{"rule", tauRuleName(s.tau.rule)}, {"value", s.tau.value}, {"permutations", s.tauPermutations}, {"level", s.tauLevel}}},
      {"controls", {{"draws", s.controlDraws}, {"doses", s.controlDoses}, {"kinds", s.controlKinds}}},
      {"statistics", {{"bootstrap_draws", s.bootstrapDraws}, {"level", s.level}, {"alpha", s.alpha}, {"tune_share", s.tuneShare}}},
      {"similarity", {{"documents", s.ckaDocuments}}}, {"robustness", {{"kept", s.kept}}},
      {"curation", {{"utilities", json(s.utilities)}, {"eta", s.eta}, {"corpus_known", s.corpusKnown}}},
      {"interactions", {{"pairs", pairsJson(s.interactions)}, {"method", s.interactions.method}, {"dose", s.interactions.dose}}},
      {"mediation", {{"run", s.mediation.run}, {"layer", s.mediation.layer}}},
      {"perturbations", json::array()}, {"tasks", json::array()}};
  for (const PerturbationSpec& p : s.perturbations)
    out["perturbations"].push_back(perturbationJson(p));
  for (const TaskSpec& t : s.tasks)
    out["tasks"].push_back({{"file", t.file.string()}, {"fewshot", t.fewshot.string()}, {"shots", t.shots}, {"sampler", t.sampler},
                            {"generate", generateName(t.generate)}});
  return out.dump(2);
}

std::string withOverride(const std::string& text, const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0)
    throw Error("LAC-1401", "--set " + assignment + ": expected path=value", "for example --set clusters/k=12");
  json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) throw Error("LAC-1401", "study spec: not valid JSON", "check brackets and commas");
  std::string pointer = assignment.substr(0, equals);
  if (pointer.front() != '/') pointer.insert(pointer.begin(), '/');
  json value = json::parse(assignment.substr(equals + 1), nullptr, false);
  if (value.is_discarded()) value = assignment.substr(equals + 1);
  try {
    document[json::json_pointer(pointer)] = value;
  } catch (const json::exception&) {
    throw Error("LAC-1401", "--set " + assignment + ": there is no place " + pointer + " in the spec", "paths look like clusters/k");
  }
  return document.dump(2);
}

}  // namespace lacuna::study

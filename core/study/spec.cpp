#include "lacuna/study/spec.h"

#include <algorithm>

#include "lacuna/files/files.h"
#include "lacuna/perturbation/perturbation.h"
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
  oneOf("/tau/rule", name, {"mass", "topk", "uniform"});
  return name == "mass" ? probes::TauRule::Mass : name == "topk" ? probes::TauRule::TopK : probes::TauRule::Uniform;
}

const char* tauName(probes::TauRule rule) {
  return rule == probes::TauRule::Mass ? "mass" : rule == probes::TauRule::TopK ? "topk" : "uniform";
}

bool isNeuronMethod(const std::string& method) { return method == "zero" || method == "mean"; }

PerturbationSpec readPerturbation(const json& object, const std::string& pointer) {
  PerturbationSpec spec;
  SpecReader reader(object, pointer);
  reader.read("method", spec.method);
  oneOf(pointer + "/method", spec.method, {"zero", "mean", "project", "grad_sign"});
  spec.site = isNeuronMethod(spec.method) ? "mlp_hidden" : "resid_post";
  reader.read("site", spec.site);
  if (!model::siteFromName(spec.site)) invalid(pointer + "/site", "unknown site \"" + spec.site + "\"");
  reader.read("layer", spec.layer);
  reader.read("epsilons", spec.epsilons);
  reader.read("control_epsilon", spec.controlEpsilon);
  reader.finish();
  if (spec.epsilons.empty()) invalid(pointer + "/epsilons", "expected at least one dose");
  for (const double epsilon : spec.epsilons)
    if (!(epsilon > 0 && epsilon <= 10)) invalid(pointer + "/epsilons", "doses lie in (0, 10]; ε = 0 is the clean run, always there");
  std::sort(spec.epsilons.begin(), spec.epsilons.end());
  spec.epsilons.erase(std::unique(spec.epsilons.begin(), spec.epsilons.end()), spec.epsilons.end());
  if (spec.controlEpsilon <= 0)
    for (const double epsilon : spec.epsilons)
      if (epsilon <= 1 || spec.controlEpsilon <= 0) spec.controlEpsilon = epsilon;
  if (std::find(spec.epsilons.begin(), spec.epsilons.end(), spec.controlEpsilon) == spec.epsilons.end())
    invalid(pointer + "/control_epsilon", "must be one of epsilons");
  return spec;
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

void readCorpusSection(SpecReader& r, StudySpec& spec) {
  path(r, "path", spec.corpus.path);
  r.read("text_field", spec.corpus.textField);
  r.read("source_field", spec.corpus.sourceField);
  r.read("max_documents", spec.corpus.maxDocuments);
  r.read("drop_duplicates", spec.corpus.dropDuplicates);
}

void readClusterSection(SpecReader& r, StudySpec& spec) {
  r.read("method", spec.clusters.method);
  oneOf("/clusters/method", spec.clusters.method, {"kmeans", "metadata"});
  r.read("k", spec.clusters.k);
  r.read("restarts", spec.clusters.restarts);
  r.read("iterations", spec.clusters.iterations);
  r.read("field", spec.clusters.field);
  r.read("min_size", spec.clusters.minSize);
  if (spec.clusters.k < 1) invalid("/clusters/k", "expected at least 1");
}

void readProbeSection(SpecReader& r, StudySpec& spec) {
  r.read("documents", spec.probeDocuments);
  r.read("max_tokens", spec.probeMaxTokens);
  r.read("layers", spec.probeLayers);
  r.read("lambdas", spec.probes.lambdas);
  r.read("folds", spec.probes.folds);
  r.read("tolerance", spec.probes.tolerance);
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

}  // namespace

StudySpec parseSpec(const std::string& text, const std::filesystem::path& folder) {
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) throw Error("LAC-1401", (folder / "study.json").string() + ": not valid JSON", "check brackets and commas");
  StudySpec spec;
  spec.folder = folder;
  SpecReader reader(document, "");
  reader.read("name", spec.name);
  path(reader, "model", spec.model);
  reader.read("seed", spec.seed);
  section(reader, "corpus", [&](SpecReader& r) { readCorpusSection(r, spec); });
  section(reader, "embedding", [&](SpecReader& r) {
    r.read("encoder", spec.embedding.encoder);
    oneOf("/embedding/encoder", spec.embedding.encoder, {"tfidf", "model"});
    r.read("dimensions", spec.embedding.dimensions);
    r.read("buckets", spec.embedding.buckets);
    r.read("layer", spec.embedding.layer);
  });
  section(reader, "clusters", [&](SpecReader& r) { readClusterSection(r, spec); });
  section(reader, "probes", [&](SpecReader& r) { readProbeSection(r, spec); });
  section(reader, "tau", [&](SpecReader& r) {
    std::string rule = tauName(spec.tau.rule);
    r.read("rule", rule);
    spec.tau.rule = tauRule(rule);
    r.read("value", spec.tau.value);
  });
  section(reader, "controls", [&](SpecReader& r) {
    r.read("draws", spec.controlDraws);
    r.read("doses", spec.controlDoses);
    oneOf("/controls/doses", spec.controlDoses, {"reference", "all"});
    if (spec.controlDraws < 0) invalid("/controls/draws", "cannot be negative");
  });
  section(reader, "statistics", [&](SpecReader& r) { readStatisticsSection(r, spec); });
  section(reader, "similarity", [&](SpecReader& r) { r.read("documents", spec.ckaDocuments); });
  list(reader, "perturbations", spec.perturbations, readPerturbation);
  list(reader, "tasks", spec.tasks, readTaskSpec);
  reader.finish();
  if (spec.model.empty()) invalid("/model", "the folder of the model is missing");
  if (spec.corpus.path.empty()) invalid("/corpus/path", "the corpus is missing");
  return spec;
}

StudySpec readSpec(const std::filesystem::path& file) {
  return parseSpec(files::readText(file), std::filesystem::absolute(file).parent_path());
}

std::string toJson(const StudySpec& s) {
  json out = {
      {"name", s.name}, {"model", s.model.string()}, {"seed", s.seed},
      {"corpus", {{"path", s.corpus.path.string()}, {"text_field", s.corpus.textField}, {"source_field", s.corpus.sourceField},
                  {"max_documents", s.corpus.maxDocuments}, {"drop_duplicates", s.corpus.dropDuplicates}}},
      {"embedding", {{"encoder", s.embedding.encoder}, {"dimensions", s.embedding.dimensions}, {"buckets", s.embedding.buckets},
                     {"layer", s.embedding.layer}}},
      {"clusters", {{"method", s.clusters.method}, {"k", s.clusters.k}, {"restarts", s.clusters.restarts},
                    {"iterations", s.clusters.iterations}, {"field", s.clusters.field}, {"min_size", s.clusters.minSize}}},
      {"probes", {{"documents", s.probeDocuments}, {"max_tokens", s.probeMaxTokens}, {"layers", s.probeLayers},
                  {"lambdas", s.probes.lambdas}, {"folds", s.probes.folds}, {"tolerance", s.probes.tolerance},
                  {"min_auc", s.probes.minAuc}, {"min_selectivity", s.probes.minSelectivity}}},
      {"tau", {{"rule", tauName(s.tau.rule)}, {"value", s.tau.value}}},
      {"controls", {{"draws", s.controlDraws}, {"doses", s.controlDoses}}},
      {"statistics", {{"bootstrap_draws", s.bootstrapDraws}, {"level", s.level}, {"alpha", s.alpha}, {"tune_share", s.tuneShare}}},
      {"similarity", {{"documents", s.ckaDocuments}}},
      {"perturbations", json::array()}, {"tasks", json::array()}};
  for (const PerturbationSpec& p : s.perturbations)
    out["perturbations"].push_back({{"method", p.method}, {"site", p.site}, {"layer", p.layer}, {"epsilons", p.epsilons},
                                    {"control_epsilon", p.controlEpsilon}});
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

#include "table_cells.h"

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"

namespace lacuna::study {
namespace {

Table clustersTable(const Results& r, const std::vector<AgreementRow>& agreement) {
  Table t{"clusters", {{"cluster_id", "integer", ""}, {"cluster_label", "string", "top terms, or the name given by hand"},
                       {"n_documents", "integer", ""}, {"silhouette", "number", "mean cosine silhouette"},
                       {"share_negative", "number", "share of documents with a negative silhouette"},
                       {"too_few", "boolean", ""}, {"terms", "string", "c-TF-IDF, best first"}, {"n_raters", "integer", "people who judged it; table agreement has all"},
                       {"share_fits", "number", "of their decided judgements"}, {"kappa", "number", "beyond chance"}, {"observed", "number", "raw agreement"},
                       {"intruders_found", "number", "share; chance is 1/6"}, {"population", "number", "documents of the corpus without copies, estimated from the sample"},
                       {"population_low", "number", ""}, {"population_high", "number", ""}, {"representatives", "string", "document_id of the most typical documents"},
                       {"persistence", "number", "of HDBSCAN"}, {"n_contaminated", "number", "documents nearest to it that were dropped for texts of tasks; empty: not looked for"}}, {}};
  for (std::size_t i = 0; i < r.clusters.size(); ++i) {
    const ClusterRow& c = r.clusters[i];
    const AgreementRow& a = agreement.at(i);
    std::string terms;
    for (const TermRow& term : c.terms) terms += (terms.empty() ? "" : " ") + term.word;
    t.rows.push_back(row(c.id, c.label, c.size, c.silhouette, c.shareNegative, c.tooFew, terms, a.raters, a.fits.value, a.kappa.value, a.observed, a.found.value,
                         c.population, c.populationLow, c.populationHigh, joinedIds(c.representatives), c.persistence, c.contaminated));
  }
  return t;
}

/// Documents by cluster and source.
Table contingencyTable(const Results& r) {
  Table t{"contingency", {{"cluster_id", "integer", "-1: noise or dropped, -2: ambiguous"}, {"source", "string", ""}, {"n_documents", "integer", ""}, {"share_of_cluster", "number", ""}, {"share_of_source", "number", ""}}, {}};
  std::map<std::pair<std::int32_t, std::string>, std::int64_t> counts;
  std::map<std::int32_t, std::int64_t> ofCluster;
  std::map<std::string, std::int64_t> ofSource;
  for (const DocumentRow& d : r.documents) {
    ++ofSource[d.source];
    const auto join = [&](std::int32_t cluster) { ++counts[{cluster, d.source}], ++ofCluster[cluster]; };
    if (d.cluster < 0 || !r.evidence.multiLabel()) join(d.cluster);
    else
      for (const ClusterId id : r.evidence.clustersOf(d)) join(static_cast<std::int32_t>(id.value));
  }
  for (const auto& [place, n] : counts)
    t.rows.push_back(row(std::int64_t{place.first}, place.second, n, static_cast<double>(n) / static_cast<double>(ofCluster[place.first]),
                         static_cast<double>(n) / static_cast<double>(ofSource[place.second])));
  return t;
}

/// How alike clusters and tasks are.
Table relationsTable(const Results& r, const store::Store& store) {
  Table t{"relations", {{"cluster_id", "integer", ""}, {"cluster_label", "string", ""}, {"task", "string", ""},
                        {"similarity", "number", "cosine of the mean texts of both, less what all clusters share"}, {"by", "string", "words or sentence-encoder"}}, {}};
  for (const store::RelationRow& x : store.relations()) t.rows.push_back(row(x.cluster, labelOf(r, x.cluster), x.task, x.similarity, x.by));
  return t;
}

Table documentsTable(const Results& r) {
  Table t{"documents", {{"document_id", "integer", ""}, {"cluster_id", "integer", "-1: noise or dropped, -2: ambiguous"}, {"silhouette", "number", ""}, {"map_x", "number", "first principal component"},
                        {"map_y", "number", "second principal component"}, {"source", "string", ""}, {"role", "string", "fit, tune or evaluate"},
                        {"family_id", "integer", ""}, {"n_tokens", "integer", "0: not read by the model"}, {"weight", "number", "n_s / m_s: documents it stands for"},
                        {"duplicates", "integer", "copies left out in its favour"}, {"chunk", "integer", "part of its document"},
                        {"strength", "number", "of the membership, 0 for noise"}}, {}};
  for (const DocumentRow& d : r.documents)
    t.rows.push_back(row(d.id, d.cluster, d.silhouette, d.x, d.y, d.source, d.role, d.family, d.tokens, d.weight, d.duplicates, d.chunk, d.strength));
  return t;
}

Table sourcesTable(const store::Store& store) {
  Table t{"sources", {{"source", "string", ""}, {"raw", "integer", "documents read"}, {"wanted", "integer", "passed the filter"},
                      {"distinct", "integer", "without exact copies; in a sample: the sample"}, {"unlike", "integer", "without near copies"},
                      {"clean", "integer", "without texts of tasks"}, {"population", "number", "documents without copies that distinct stands for"},
                      {"embedded", "integer", "documents or parts given to the encoder"}, {"cut", "integer", "of them longer than it reads"},
                      {"tokens", "integer", "of all of them; 0: the encoder has no tokens"}, {"tokens_lost", "integer", "that it did not read"},
                      {"share_lost", "number", "of the tokens"}}, {}};
  for (const store::SourceRow& s : store.sources()) {
    t.rows.push_back(row(s.source, s.raw, s.wanted, s.distinct, s.unlike, s.clean, s.population));
    for (const std::int64_t count : {s.embedded, s.cut, s.tokens, s.tokensLost}) t.rows.back().push_back(s.embedded > 0 ? cell(count) : "");
    t.rows.back().push_back(cell(store::shareLost(s)));
  }
  return t;
}

Table corpusFilesTable(const store::Store& store) {
  Table t{"corpus_files", {{"path", "string", ""}, {"documents", "integer", ""}, {"size", "integer", "bytes"},
                           {"modified_ns", "integer", "since 1970"}, {"damaged", "boolean", ""}, {"hash", "string", "XXH3-128 of the bytes on the disk"},
                           {"hash_of", "string", "whole, or sampled: of length, first 8 MiB and 64 stretches of 1 MiB"}}, {}};
  for (const store::CorpusFileRow& f : store.corpusFiles()) t.rows.push_back(row(f.path, f.documents, f.size, f.modified, f.damaged, f.hash, std::string(f.hash.empty() ? "" : f.sampled ? "sampled" : "whole")));
  return t;
}

Table probesTable(const Results& r) {
  Table t{"probes", {{"cluster_id", "integer", ""}, {"cluster_label", "string", ""}, {"site", "string", ""}, {"layer", "integer", "0-based"},
                     {"auc", "number", "held out"}, {"auc_low", "number", ""}, {"auc_high", "number", ""},
                     {"balanced_accuracy", "number", "held out"}, {"selectivity", "number", "accuracy less that on labels shuffled by family"},
                     {"average_precision", "number", "held out"}, {"gain", "number", "auc less the best surface baseline's"}, {"auc_set", "number", "retrained on S alone"},
                     {"auc_complement", "number", "retrained on all but S"}, {"separable", "boolean", ""}, {"null_threshold", "number", "95 % of max |beta| under permuted labels"},
                     {"token_auc", "number", "of the same probe on single held-out tokens"}, {"token_auc_low", "number", ""}, {"token_auc_high", "number", ""},
                     {"effective_count", "number", "1 / sum of squared importances"}, {"gini", "number", ""},
                     {"lambda", "number", ""}, {"n_selected", "integer", "|S| under the study's tau"}, {"tau", "number", "smallest selected importance"},
                     {"passed", "boolean", "probe gate"}, {"reason", "string", ""}, {"status", "string", ""}}, {}};
  for (const ProbeRow& p : r.probes)
    t.rows.push_back(row(p.cluster, labelOf(r, p.cluster), p.site, p.layer, p.auc, p.aucLow, p.aucHigh, p.accuracy, p.selectivity, p.averagePrecision, p.gain, p.aucSet,
                         p.aucComplement, p.separable, p.nullThreshold, p.tokenAuc, p.tokenAucLow, p.tokenAucHigh, p.effectiveCount, p.gini, p.lambda,
                         static_cast<std::int64_t>(p.selected.size()), p.tau, p.passed, p.reason, p.status));
  return t;
}

Table neuronsTable(const Results& r) {
  Table t{"neurons", {{"cluster_id", "integer", ""}, {"site", "string", ""}, {"layer", "integer", ""}, {"neuron", "integer", ""}, {"rank", "integer", "1: most important"},
                      {"importance", "number", "w_ij, share of the sum of |beta| on standardised inputs"}}, {}};
  for (const ProbeRow& p : r.probes)
    for (std::size_t k = 0; k < p.selected.size(); ++k)
      t.rows.push_back(row(p.cluster, p.site, p.layer, p.selected[k], static_cast<std::int64_t>(k + 1),
                           static_cast<double>(p.importance[static_cast<std::size_t>(p.selected[k])])));
  return t;
}

const RunRow* runOf(const Results& r, std::int64_t number) {
  for (const RunRow& run : r.runs)
    if (run.number == number) return &run;
  return nullptr;
}

std::string parameter(const RunRow* run, const char* key) {
  if (!run) return "";
  const nlohmann::json json = nlohmann::json::parse(run->parameters, nullptr, false);
  if (!json.is_object() || !json.contains(key)) return "";
  return json[key].is_number() ? cell(json[key].get<double>()) : json[key].is_string() ? json[key].get<std::string>() : "";
}

Table effectsTable(const Results& r) {
  Table t{"effects", {{"study_id", "string", ""}, {"run_id", "string", "ULID"}, {"run", "integer", "number of the run"}, {"cluster_id", "integer", ""},
                      {"cluster_label", "string", ""}, {"task", "string", ""}, {"method", "string", ""}, {"site", "string", ""}, {"layers", "string", ""},
                      {"epsilon", "number", "strength; 0 is the clean run"}, {"tau_rule", "string", ""}, {"tau", "number", ""}, {"rank", "integer", "of the subspace"},
                      {"n_neurons", "integer", ""}, {"n", "integer", "items"}, {"n_groups", "integer", ""}, {"metric", "string", ""},
                      {"further", "boolean", "a metric beside the margin and the task's own"}, {"estimate", "number", "ACE = E[f(h) - f(h_pert)]; above 0 the perturbation lowers the score"}, {"ci_low", "number", ""}, {"ci_high", "number", ""},
                      {"ci_level", "number", ""}, {"ci_method", "string", ""}, {"clean", "number", "mean outcome"}, {"perturbed", "number", "mean outcome"},
                      {"n_controls", "integer", ""}, {"control_kind", "string", "of the control columns; table controls has all kinds"}, {"control_mean", "number", ""}, {"control_low", "number", "2.5 % of the controls"},
                      {"control_high", "number", "97.5 % of the controls"}, {"ace_adjusted", "number", "estimate - control_mean"},
                      {"p_control", "number", "(1 + #{control >= ACE}) / (R + 1)"}, {"percentile", "number", "of the ACE among its controls"},
                      {"p", "number", ""}, {"p_method", "string", ""}, {"p_adj", "number", ""}, {"p_adj_method", "string", ""}, {"family_size", "integer", ""},
                      {"effect_size", "number", "rank-biserial for margins"}, {"dose", "number", "epsilon, or the relative displacement asked for"},
                      {"equal_dose", "boolean", ""}, {"relative_displacement", "number", "RMS of the edits over RMS of the states they touched"},
                      {"normalised", "number", "estimate over clean less floor"}, {"normalised_status", "string", ""},
                      {"minimum_effect", "number", "detectable with 80 % power at alpha over the family"}, {"analysis", "string", "confirmatory or exploratory"},
                      {"seed", "string", ""}, {"status", "string", ""}, {"reason", "string", "status in words"}}, {}};
  for (const EffectRow& e : r.effects) {
    const RunRow* run = runOf(r, e.run);
    t.rows.push_back(row(r.uuid, run ? run->id : std::string(), e.run, e.cluster, labelOf(r, e.cluster), e.task, e.method, e.site, cell(e.layer), e.epsilon,
                         parameter(run, "tau_rule"), parameter(run, "tau"), e.rank, e.neurons, e.n, e.groups, e.metric, e.further, e.ace, e.low, e.high, e.level,
                         e.intervalMethod, e.clean, e.perturbed, e.controls, e.controlKind, e.controlMean, e.controlLow, e.controlHigh, e.aceAdjusted, e.pControl,
                         e.percentile, e.p, e.pMethod, e.pAdjusted, e.pAdjustedMethod, e.familySize, e.effectSize, e.dose, e.equalDose, e.displacement,
                         e.normalised, e.normalisedStatus, e.minimumEffect, e.analysis, run ? std::to_string(run->seed) : std::string(), e.status, e.reason));
  }
  return t;
}

Table testsTable(const Results& r) {
  Table t{"tests", {{"run", "integer", ""}, {"cluster_id", "integer", ""}, {"task", "string", ""}, {"method", "string", ""}, {"epsilon", "number", ""},
                    {"metric", "string", ""}, {"test", "string", ""}, {"statistic", "number", "W+ of the Wilcoxon test"}, {"n_nonzero", "integer", ""},
                    {"p", "number", ""}, {"p_adj", "number", ""}, {"p_adj_method", "string", ""}, {"family_size", "integer", ""}, {"effect_size", "number", ""},
                    {"status", "string", ""}}, {}};
  for (const EffectRow& e : r.effects)
    t.rows.push_back(row(e.run, e.cluster, e.task, e.method, e.epsilon, e.metric, e.pMethod, e.wilcoxonW, e.nonZero, e.p, e.pAdjusted,
                         e.pAdjustedMethod, e.familySize, e.effectSize, e.status));
  return t;
}

Table ckaTable(const Results& r) {
  Table t{"cka", {{"cluster_id", "integer", ""}, {"method", "string", ""}, {"edited_layer", "integer", ""}, {"layer", "integer", ""}, {"epsilon", "number", ""},
                  {"cka_debiased", "number", "clean against perturbed"}, {"cka_biased", "number", ""}, {"cka_zscored", "number", "debiased, columns scaled by clean sd"},
                  {"relative_displacement", "number", "RMS"}, {"mean_cosine", "number", ""}, {"n", "integer", "documents"}, {"status", "string", ""}}, {}};
  for (const CkaRow& c : r.cka)
    t.rows.push_back(row(c.cluster, c.method, c.editedLayer, c.layer, c.epsilon, c.debiased, c.biased, c.zScored, c.displacement, c.cosine, c.n, c.status));
  return t;
}

Table runsTable(const Results& r) {
  Table t{"runs", {{"run", "integer", ""}, {"run_id", "string", "ULID"}, {"created", "datetime", "UTC"}, {"kind", "string", ""}, {"status", "string", ""},
                   {"cluster_id", "integer", ""}, {"partner_id", "integer", "the other cluster of a pair"}, {"method", "string", ""}, {"site", "string", ""}, {"layer", "integer", ""}, {"epsilon", "number", ""},
                   {"seed", "string", ""}, {"dtype", "string", "of the products"}, {"wall_s", "number", ""}, {"parameters", "json", ""}, {"tags", "string", ""}, {"note", "string", ""}}, {}};
  for (const RunRow& x : r.runs)
    t.rows.push_back(row(x.number, x.id, x.created, x.kind, x.status, x.cluster, x.partner, x.method, x.site, x.layer, x.epsilon, std::to_string(x.seed),
                         x.dtype, x.wallSeconds, x.parameters, x.tags, x.note));
  return t;
}

Table tasksTable(const Results& r) {
  Table t{"tasks", {{"task", "string", ""}, {"format", "string", ""}, {"n_items", "integer", ""}, {"clean_accuracy", "number", ""}, {"chance", "number", ""},
                    {"clean_margin", "number", "mean log-probability margin"}, {"metric", "string", "of clean_accuracy"}, {"shots", "integer", ""}, {"file", "string", "of the items"},
                    {"file_hash", "string", ""}, {"judge", "string", "model that judges texts: label and rule"}, {"judge_hash", "string", "of its config and weights"}}, {}};
  for (const TaskRow& x : r.tasks) t.rows.push_back(row(x.name, x.format, x.items, x.accuracy, x.chance, x.margin, x.metric, x.shots, x.file, x.fileHash, x.judge, x.judgeHash));
  return t;
}

Table stagesTable(const store::Store& store) {
  Table t{"stages", {{"stage", "string", ""}, {"state", "string", ""}, {"input_hash", "string", ""}, {"detail", "string", ""}, {"error_code", "string", ""},
                     {"wall_s", "number", ""}}, {}};
  for (const store::StageRecord& s : store.stages()) t.rows.push_back(row(s.name, s.state, s.inputHash, s.detail, s.errorCode, s.wallSeconds));
  return t;
}

Table itemsTable(const store::Store& store) {
  Table t{"items", {{"task", "string", ""}, {"item", "integer", ""}, {"group", "integer", ""}, {"role", "string", "tune or evaluate"},
                    {"arm", "string", "clean, null, counterfactual, or hash of the perturbation; of a mediation run its hash with /y10 or /y01"}, {"metric", "string", ""}, {"value", "number", ""}, {"status", "string", ""}}, {}};
  t.stream = [&store](const auto& use) {
    std::map<std::string, store::TaskItems> items;
    for (store::TaskItems& entry : store.taskItems()) items[entry.task] = entry;
    for (const store::OutcomeRow& outcome : store.outcomes()) {
      const store::TaskItems& task = items[outcome.task];
      for (std::size_t i = 0; i < outcome.values.size() && i < task.items.size(); ++i) {
        const bool evaluated = task.evaluate[i] != 0;
        if (!evaluated && outcome.arm != "clean") continue;  // only reported items are run under perturbations
        use(row(outcome.task, task.items[i], task.groups[i], std::string(evaluated ? "evaluate" : "tune"), outcome.arm, outcome.metric,
                outcome.values[i], std::string(std::isnan(outcome.values[i]) ? "no_value" : "ok")));
      }
    }
  };
  return t;
}

}  // namespace

const std::vector<std::string>& tableNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all = {"clusters", "documents", "probes", "neurons", "tasks", "items", "effects", "tests", "cka", "runs", "stages", "sources", "corpus_files", "annotations", "agreement", "rater_pairs", "edits",
                                    "contingency", "relations"};
    for (const std::vector<Table>& tables : {evidenceTables({}), analysisTables({})})
      for (const Table& table : tables) all.push_back(table.name);
    return all;
  }();
  return names;
}

Table makeTable(const std::string& name, const Results& r, const store::Store& store) {
  const std::map<std::string, std::function<Table()>> makers = {
      {"clusters", [&] { return clustersTable(r, agreementIn(r, store)); }}, {"documents", [&] { return documentsTable(r); }}, {"probes", [&] { return probesTable(r); }},
      {"neurons", [&] { return neuronsTable(r); }},   {"tasks", [&] { return tasksTable(r); }},         {"items", [&] { return itemsTable(store); }},
      {"effects", [&] { return effectsTable(r); }},   {"tests", [&] { return testsTable(r); }},         {"cka", [&] { return ckaTable(r); }},
      {"runs", [&] { return runsTable(r); }},         {"stages", [&] { return stagesTable(store); }},
      {"sources", [&] { return sourcesTable(store); }}, {"corpus_files", [&] { return corpusFilesTable(store); }},
      {"contingency", [&] { return contingencyTable(r); }}, {"relations", [&] { return relationsTable(r, store); }}};
  if (const auto found = makers.find(name); found != makers.end()) return found->second();
  for (const std::vector<Table>& tables : {evidenceTables(r), analysisTables(r), peopleTables(r, store)})
    for (const Table& table : tables)
      if (table.name == name) return table;
  std::string known;
  for (const std::string& n : tableNames()) known += (known.empty() ? "" : ", ") + n;
  throw Error("LAC-1501", "there is no table '" + name + "'", "known: " + known + ", all");
}

}  // namespace lacuna::study

#include "table_cells.h"

namespace lacuna::study {
namespace {

Table rankingsTable(const Results& r) {
  Table t{"rankings", {{"cluster_id", "integer", ""}, {"cluster_label", "string", ""}, {"site", "string", ""}, {"layer", "integer", "0-based"},
                       {"first", "string", "way of ranking neurons"}, {"second", "string", ""}, {"spearman", "number", "over all neurons"},
                       {"jaccard", "number", "of the leading sets; below 0.3 the ranking is not method-robust"}, {"top", "integer", "size of the leading sets"},
                       {"status", "string", ""}}, {}};
  for (const RankingRow& x : r.rankings)
    t.rows.push_back(row(x.cluster, labelOf(r, x.cluster), x.site, x.layer, x.first, x.second, x.spearman, x.jaccard, x.top, x.status));
  return t;
}

Table subspacesTable(const Results& r) {
  Table t{"subspaces", {{"cluster_id", "integer", ""}, {"cluster_label", "string", ""}, {"site", "string", ""}, {"layer", "integer", "0-based"},
                        {"kind", "string", "how it was built; of an onward recipe its name"},
                        {"start", "integer", "onward: fitted and judged under the edits of all layers from here to the one below; empty: on clean states"},
                        {"rank", "integer", ""}, {"auc", "number", "of a fresh probe on edited states, held out; 0.5: the cluster is erased"}, {"auc_low", "number", ""},
                        {"auc_high", "number", ""}, {"incomplete_erasure", "boolean", "auc above 0.55"}, {"status", "string", ""}, {"reason", "string", ""}}, {}};
  for (const SubspaceRow& x : r.subspaces)
    t.rows.push_back(row(x.cluster, labelOf(r, x.cluster), x.site, x.layer, x.kind, x.start, x.rank, x.auc, x.aucLow, x.aucHigh, x.incomplete, x.status, x.reason));
  return t;
}

Table controlsTable(const Results& r) {
  Table t{"controls", {{"run", "integer", ""}, {"task", "string", ""}, {"metric", "string", ""}, {"kind", "string", "matched, permuted, other or noise"},
                       {"n_controls", "integer", ""}, {"estimate", "number", "ACE of the target"}, {"control_mean", "number", ""},
                       {"control_low", "number", "2.5 % of the controls"}, {"control_high", "number", "97.5 % of the controls"},
                       {"p_control", "number", "(1 + #{control >= ACE}) / (R + 1)"}, {"percentile", "number", ""}}, {}};
  for (const ControlRow& x : r.controls) t.rows.push_back(row(x.run, x.task, x.metric, x.kind, x.controls, x.ace, x.mean, x.low, x.high, x.p, x.percentile));
  return t;
}

Table curvesTable(const Results& r) {
  Table t{"curves", {{"cluster_id", "integer", ""}, {"cluster_label", "string", ""}, {"method", "string", ""}, {"layer", "integer", ""}, {"task", "string", ""},
                     {"metric", "string", ""}, {"n_doses", "integer", "0 included"}, {"area", "number", "under the dose-response curve, over its range"},
                     {"epsilon_half", "number", "where the isotonic fit reaches half of its maximum"}, {"monotonicity", "number", "1 - SSE(isotonic)/SST"},
                     {"status", "string", ""}}, {}};
  for (const CurveRow& x : r.curves)
    t.rows.push_back(row(x.cluster, labelOf(r, x.cluster), x.method, x.layer, x.task, x.metric, x.doses, x.area, x.epsilonHalf, x.monotonicity, x.status));
  return t;
}

Table specificityTable(const Results& r) {
  Table t{"specificity", {{"cluster_id", "integer", ""}, {"cluster_label", "string", ""}, {"method", "string", ""}, {"dose", "number", ""}, {"task", "string", ""},
                          {"standardised", "number", "ACE over the sd of the clean outcomes"}, {"specificity_index", "number", "less the mean over the other tasks"},
                          {"index_low", "number", ""}, {"index_high", "number", ""}, {"double_centred", "number", ""}, {"centred_low", "number", ""},
                          {"centred_high", "number", ""}, {"status", "string", ""}}, {}};
  for (const SpecificityRow& x : r.specificity)
    t.rows.push_back(row(x.cluster, labelOf(r, x.cluster), x.method, x.epsilon, x.task, x.standardised, x.index, x.indexLow, x.indexHigh, x.centred, x.centredLow,
                         x.centredHigh, x.status));
  return t;
}

Table regressionTable(const Results& r) {
  Table t{"regression", {{"model", "string", "estimator"}, {"term", "string", ""}, {"estimate", "number", "of the standardised, control-adjusted ACE"},
                         {"se", "number", ""}, {"ci_low", "number", ""}, {"ci_high", "number", ""}, {"p", "number", ""}, {"vif", "number", ""},
                         {"n", "integer", "cells"}, {"n_clusters", "integer", "of the dimension with fewer"}, {"status", "string", ""}, {"reason", "string", ""}}, {}};
  for (const RegressionRow& x : r.regression)
    t.rows.push_back(row(x.model, x.term, x.estimate, x.se, x.low, x.high, x.p, x.vif, x.n, x.clusters, x.status, x.reason));
  return t;
}

Table robustnessTable(const Results& r) {
  Table t{"robustness", {{"cluster_id", "integer", ""}, {"cluster_label", "string", ""}, {"method", "string", ""}, {"layer", "integer", ""}, {"task", "string", ""},
                         {"kept", "number", "tolerated retention"}, {"tolerance", "number", "largest dose that keeps it"}, {"knee", "number", ""},
                         {"knee_low", "number", ""}, {"knee_high", "number", ""}, {"sup_f", "number", ""}, {"p_knee", "number", "wild bootstrap"},
                         {"n_doses", "integer", ""}, {"status", "string", ""}, {"reason", "string", ""}}, {}};
  for (const RobustnessRow& x : r.robustness)
    t.rows.push_back(row(x.cluster, labelOf(r, x.cluster), x.method, x.layer, x.task, x.kept, x.tolerance, x.knee, x.kneeLow, x.kneeHigh, x.supF, x.pKnee, x.doses, x.status,
                         x.reason));
  return t;
}

Table strengthTable(const Results& r) {
  Table t{"strength", {{"cluster_id", "integer", ""}, {"cluster_label", "string", ""}, {"method", "string", ""}, {"layer", "integer", ""},
                       {"budget", "number", "nats a token"}, {"epsilon", "number", "largest safe strength"}, {"relative_displacement", "number", "at it"},
                       {"non_monotone", "boolean", ""}, {"binding", "string", "what limits it"}, {"probes", "json", "as measured"}, {"status", "string", ""},
                       {"reason", "string", ""}}, {}};
  for (const StrengthRow& x : r.strengths)
    t.rows.push_back(row(x.cluster, labelOf(r, x.cluster), x.method, x.layer, x.budget, x.epsilon, x.displacement, x.nonMonotone, x.binding, x.probes, x.status, x.reason));
  return t;
}

Table strengthEffectsTable(const Results& r) {
  Table t{"strength_effects", {{"cluster_id", "integer", ""}, {"cluster_label", "string", ""}, {"method", "string", ""}, {"layer", "integer", ""},
                               {"budget", "number", "nats a token"}, {"epsilon", "number", "the tuned strength"}, {"task", "string", ""}, {"metric", "string", ""},
                               {"unrelated", "boolean", "in the lowest third of likeness to the cluster: the strength was tuned on its tuning items"},
                               {"similarity", "number", "of the task's prompts to the cluster"}, {"estimate", "number", "ACE on the reported items"},
                               {"ci_low", "number", ""}, {"ci_high", "number", ""}, {"ci_level", "number", ""}, {"ci_method", "string", ""}, {"se", "number", ""},
                               {"clean", "number", "mean outcome"}, {"perturbed", "number", "mean outcome"}, {"n", "integer", "items"}, {"n_groups", "integer", ""},
                               {"status", "string", ""}, {"reason", "string", ""}}, {}};
  for (const StrengthEffectRow& x : r.strengthEffects)
    t.rows.push_back(row(x.cluster, labelOf(r, x.cluster), x.method, x.layer, x.budget, x.epsilon, x.task, x.metric, x.unrelated, x.similarity, x.ace, x.low, x.high,
                         x.level, x.intervalMethod, x.se, x.clean, x.perturbed, x.n, x.groups, x.status, x.reason));
  return t;
}

Table curationTable(const Results& r) {
  Table t{"curation", {{"cluster_id", "integer", ""}, {"cluster_label", "string", ""}, {"share", "number", "of the documents"}, {"new_share", "number", ""},
                       {"multiplier", "number", ""}, {"utility", "number", "posterior, in sd of the outcomes"}, {"p_positive", "number", ""}, {"p_top", "number", ""},
                       {"rank_low", "number", ""}, {"rank_high", "number", ""}, {"verdict", "string", "a hypothesis: an ACE is not the effect of retraining"},
                       {"reason", "string", ""}}, {}};
  for (const CurationRow& x : r.curation)
    t.rows.push_back(row(x.cluster, labelOf(r, x.cluster), x.share, x.newShare, x.multiplier, x.utility, x.probabilityPositive, x.probabilityTop, x.rankLow, x.rankHigh,
                         x.verdict, x.reason));
  return t;
}

Table interactionsTable(const Results& r) {
  Table t{"interactions", {{"run", "integer", "of the joint perturbation"}, {"first_id", "integer", ""}, {"first_label", "string", ""}, {"second_id", "integer", ""},
                           {"second_label", "string", ""}, {"method", "string", ""}, {"epsilon", "number", "of all three perturbations"}, {"task", "string", ""},
                           {"metric", "string", ""}, {"ace_first", "number", "first cluster alone"}, {"first_low", "number", ""}, {"first_high", "number", ""},
                           {"ace_second", "number", "second cluster alone"}, {"second_low", "number", ""}, {"second_high", "number", ""},
                           {"ace_joint", "number", "both together"}, {"joint_low", "number", ""}, {"joint_high", "number", ""},
                           {"interaction", "number", "ace_joint - ace_first - ace_second; above 0 each covers for the other"}, {"ci_low", "number", ""},
                           {"ci_high", "number", ""}, {"se", "number", ""}, {"ci_level", "number", ""}, {"ci_method", "string", ""}, {"n", "integer", "items"},
                           {"n_groups", "integer", ""}, {"status", "string", ""}, {"reason", "string", "status in words"}}, {}};
  for (const InteractionRow& x : r.interactions)
    t.rows.push_back(row(x.run, x.first, labelOf(r, x.first), x.second, labelOf(r, x.second), x.method, x.dose, x.task, x.metric, x.aceFirst.value,
                         x.aceFirst.low, x.aceFirst.high, x.aceSecond.value, x.aceSecond.low, x.aceSecond.high, x.aceJoint.value, x.aceJoint.low, x.aceJoint.high,
                         x.interaction.value, x.interaction.low, x.interaction.high, x.se, x.level, x.intervalMethod, x.n, x.groups, x.status, x.reason));
  return t;
}

Table mediationTable(const Results& r) {
  Table t{"mediation", {{"run", "integer", ""}, {"cluster_id", "integer", ""}, {"cluster_label", "string", ""}, {"task", "string", ""}, {"site", "string", ""},
                        {"layer", "integer", "0-based"}, {"n_neurons", "integer", "the mediator, S_i"}, {"y11", "number", "mean margin of the prompt"},
                        {"y00", "number", "mean margin of its counterfactual"}, {"te", "number", "total effect, Y11 - Y00"}, {"te_low", "number", ""}, {"te_high", "number", ""},
                        {"pnde", "number", "pure direct, Y10 - Y00"}, {"pnde_low", "number", ""}, {"pnde_high", "number", ""}, {"tnie", "number", "total indirect, Y11 - Y10"},
                        {"tnie_low", "number", ""}, {"tnie_high", "number", ""}, {"tnde", "number", "total direct, Y11 - Y01"}, {"tnde_low", "number", ""},
                        {"tnde_high", "number", ""}, {"pnie", "number", "pure indirect, Y01 - Y00"}, {"pnie_low", "number", ""}, {"pnie_high", "number", ""},
                        {"int_med", "number", "tnie - pnie"}, {"int_low", "number", ""}, {"int_high", "number", ""}, {"proportion", "number", "tnie / te, where |te| > 2 se"},
                        {"proportion_low", "number", ""}, {"proportion_high", "number", ""}, {"ci_level", "number", ""}, {"ci_method", "string", ""},
                        {"n", "integer", "items"}, {"n_groups", "integer", ""}, {"left_out", "integer", "items without an aligned counterfactual"}, {"status", "string", ""},
                        {"reason", "string", ""}}, {}};
  for (const MediationRow& x : r.mediation)
    t.rows.push_back(row(x.run, x.cluster, labelOf(r, x.cluster), x.task, x.site, x.layer, x.neurons, x.base, x.counterfactual, x.total.value, x.total.low,
                         x.total.high, x.pureDirect.value, x.pureDirect.low, x.pureDirect.high, x.totalIndirect.value, x.totalIndirect.low, x.totalIndirect.high,
                         x.totalDirect.value, x.totalDirect.low, x.totalDirect.high, x.pureIndirect.value, x.pureIndirect.low, x.pureIndirect.high,
                         x.interaction.value, x.interaction.low, x.interaction.high, x.proportion.value, x.proportion.low, x.proportion.high, x.level,
                         x.intervalMethod, x.n, x.groups, x.leftOut, x.status, x.reason));
  return t;
}

}  // namespace

std::vector<Table> analysisTables(const Results& r) {
  return {rankingsTable(r), subspacesTable(r), controlsTable(r), curvesTable(r), specificityTable(r), regressionTable(r), robustnessTable(r), strengthTable(r),
          strengthEffectsTable(r), curationTable(r), interactionsTable(r), mediationTable(r)};
}

}  // namespace lacuna::study

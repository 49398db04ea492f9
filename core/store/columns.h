#pragma once

#include "lacuna/store/store.h"

/// The columns of every table, said once: schema, writing and reading all walk these lists.
namespace lacuna::store {

template <class V> void visit(V& v, StageRecord& r) {
  v("name", r.name); v("state", r.state); v("input_hash", r.inputHash); v("detail", r.detail);
  v("error_code", r.errorCode); v("wall_s", r.wallSeconds);
}
template <class V> void visit(V& v, DocumentRow& r) {
  v("id", r.id); v("cluster", r.cluster); v("silhouette", r.silhouette); v("x", r.x); v("y", r.y);
  v("source", r.source); v("role", r.role); v("family", r.family); v("tokens", r.tokens); v("text", r.text);
  v("weight", r.weight); v("duplicates", r.duplicates); v("chunk", r.chunk); v("strength", r.strength);
}
template <class V> void visit(V& v, SourceRow& r) {
  v("source", r.source); v("raw", r.raw); v("wanted", r.wanted); v("distinct_documents", r.distinct); v("unlike", r.unlike); v("clean", r.clean);
  v("population", r.population); v("embedded", r.embedded); v("cut", r.cut); v("tokens", r.tokens); v("tokens_lost", r.tokensLost);
}
template <class V> void visit(V& v, CorpusFileRow& r) {
  v("path", r.path); v("documents", r.documents); v("size", r.size); v("modified", r.modified); v("damaged", r.damaged);
  v("hash", r.hash); v("sampled", r.sampled);
}
template <class V> void visit(V& v, ClusterRow& r) {
  v("id", r.id); v("label", r.label); v("size", r.size); v("silhouette", r.silhouette);
  v("share_negative", r.shareNegative); v("too_few", r.tooFew); v("terms", r.terms);
  v("population", r.population); v("population_low", r.populationLow); v("population_high", r.populationHigh); v("colour", r.colour);
  v("representatives", r.representatives); v("persistence", r.persistence); v("contaminated", r.contaminated);
}
template <class V> void visit(V& v, FieldRow& r) { v("name", r.name); v("value_list", r.values); v("codes", r.codes); }
template <class V> void visit(V& v, MembershipRow& r) { v("cluster", r.cluster); v("documents", r.documents); }
template <class V> void visit(V& v, RefineRoundRow& r) {
  v("round", r.round); v("changed", r.changed); v("purity_before", r.purityBefore); v("purity_after", r.purityAfter);
  v("silhouette_before", r.silhouetteBefore); v("silhouette_after", r.silhouetteAfter); v("clusters_before", r.clustersBefore);
  v("clusters_after", r.clustersAfter); v("labels", r.labels);
}
template <class V> void visit(V& v, RefineStepRow& r) {
  v("number", r.number); v("round", r.round); v("action", r.action); v("cluster", r.cluster); v("other", r.other); v("documents", r.documents);
  v("purity", r.purity); v("silhouette", r.silhouette);
}
template <class V> void visit(V& v, AnnotationRow& r) {
  v("number", r.number); v("rater", r.rater); v("kind", r.kind); v("cluster", r.cluster); v("item", r.item); v("documents", r.documents);
  v("expected", r.expected); v("value", r.value); v("seconds", r.seconds); v("clustering", r.clustering); v("created", r.created);
}
template <class V> void visit(V& v, EditRow& r) {
  v("number", r.number); v("kind", r.kind); v("cluster", r.cluster); v("target", r.target); v("documents", r.documents);
  v("before", r.before); v("after", r.after); v("value", r.value); v("former", r.former); v("edit", r.of); v("clustering", r.clustering); v("created", r.created);
}
template <class V> void visit(V& v, ProbeRow& r) {
  v("cluster", r.cluster); v("site", r.site); v("layer", r.layer); v("auc", r.auc); v("auc_low", r.aucLow);
  v("auc_high", r.aucHigh); v("accuracy", r.accuracy); v("selectivity", r.selectivity); v("lambda", r.lambda);
  v("passed", r.passed); v("status", r.status); v("reason", r.reason); v("importance", r.importance);
  v("selected", r.selected); v("tau", r.tau); v("beta", r.beta); v("average_precision", r.averagePrecision);
  v("gain", r.gain); v("auc_set", r.aucSet); v("auc_complement", r.aucComplement); v("null_threshold", r.nullThreshold);
  v("effective_count", r.effectiveCount); v("entropy_count", r.entropyCount); v("gini", r.gini); v("separable", r.separable);
  v("token_auc", r.tokenAuc); v("token_auc_low", r.tokenAucLow); v("token_auc_high", r.tokenAucHigh);
}
template <class V> void visit(V& v, SubspaceRow& r) {
  v("cluster", r.cluster); v("site", r.site); v("layer", r.layer); v("kind", r.kind); v("start", r.start); v("rank", r.rank);
  v("auc", r.auc); v("auc_low", r.aucLow); v("auc_high", r.aucHigh); v("incomplete", r.incomplete); v("status", r.status); v("reason", r.reason);
}
template <class V> void visit(V& v, OnwardRow& r) {
  v("cluster", r.cluster); v("method", r.method); v("site", r.site); v("start", r.start); v("layer", r.layer); v("draw", r.draw);
  v("basis", r.basis); v("readout", r.readout); v("centre", r.centre); v("size", r.size); v("spread", r.spread);
}
template <class V> void visit(V& v, SiteStatsRow& r) {
  v("site", r.site); v("layer", r.layer); v("mean", r.mean); v("sd", r.sd); v("mean_square", r.meanSquare);
  v("output_norm", r.outputNorm); v("covariance", r.covariance); v("rho", r.rho); v("tokens", r.tokens);
}
template <class V> void visit(V& v, DirectionRow& r) {
  v("cluster", r.cluster); v("site", r.site); v("layer", r.layer); v("kind", r.kind); v("vector", r.values);
}
template <class V> void visit(V& v, StateBankRow& r) {
  v("site", r.site); v("layer", r.layer); v("clusters", r.clusters); v("positions", r.positions); v("states", r.states);
}
template <class V> void visit(V& v, TaskRow& r) {
  v("name", r.name); v("format", r.format); v("items", r.items); v("accuracy", r.accuracy); v("chance", r.chance);
  v("margin", r.margin); v("file", r.file); v("file_hash", r.fileHash); v("shots", r.shots); v("metric", r.metric);
  v("judge", r.judge); v("judge_hash", r.judgeHash); v("example", r.example);
}
template <class V> void visit(V& v, TaskItems& r) {
  v("task", r.task); v("items", r.items); v("groups", r.groups); v("evaluate", r.evaluate); v("questions", r.questions); v("golds", r.golds);
}
template <class V> void visit(V& v, OutcomeRow& r) {
  v("arm", r.arm); v("task", r.task); v("metric", r.metric); v("item_values", r.values); v("edited_rows", r.editedRows);
  v("delta_squared", r.deltaSquared); v("state_squared", r.stateSquared); v("answers", r.answers);
}
template <class V> void visit(V& v, ArmRow& r) {
  v("run", r.run); v("draw", r.draw); v("arm", r.arm); v("parameters", r.parameters);
  v("kind", r.kind);
}
template <class V> void visit(V& v, RunRow& r) {
  v("number", r.number); v("ulid", r.id); v("created", r.created); v("kind", r.kind); v("status", r.status);
  v("cluster", r.cluster); v("method", r.method); v("site", r.site); v("layer", r.layer); v("epsilon", r.epsilon);
  v("parameters", r.parameters); v("wall_s", r.wallSeconds); v("seed", r.seed); v("tags", r.tags); v("note", r.note);
  v("dose", r.dose); v("equal_dose", r.equalDose); v("partner", r.partner); v("dtype", r.dtype);
}
template <class V> void visit(V& v, EffectRow& r) {
  v("run", r.run); v("cluster", r.cluster); v("task", r.task); v("method", r.method); v("site", r.site);
  v("metric", r.metric); v("layer", r.layer); v("epsilon", r.epsilon); v("neurons", r.neurons); v("rank", r.rank);
  v("ace", r.ace); v("low", r.low); v("high", r.high); v("se", r.se); v("level", r.level);
  v("interval_method", r.intervalMethod); v("status", r.status); v("n", r.n); v("n_groups", r.groups);
  v("clean", r.clean); v("perturbed", r.perturbed); v("control_mean", r.controlMean); v("control_low", r.controlLow);
  v("control_high", r.controlHigh); v("ace_adjusted", r.aceAdjusted); v("p_control", r.pControl);
  v("percentile", r.percentile); v("controls", r.controls); v("wilcoxon_w", r.wilcoxonW); v("p", r.p);
  v("p_adjusted", r.pAdjusted); v("effect_size", r.effectSize); v("p_method", r.pMethod);
  v("p_adjusted_method", r.pAdjustedMethod); v("non_zero", r.nonZero); v("family_size", r.familySize);
  v("normalised", r.normalised); v("normalised_status", r.normalisedStatus); v("minimum_effect", r.minimumEffect);
  v("displacement", r.displacement); v("analysis", r.analysis); v("reason", r.reason); v("control_kind", r.controlKind);
  v("dose", r.dose); v("equal_dose", r.equalDose); v("further", r.further);
}
template <class V> void visit(V& v, CkaRow& r) {
  v("cluster", r.cluster); v("method", r.method); v("edited_layer", r.editedLayer); v("layer", r.layer);
  v("epsilon", r.epsilon); v("biased", r.biased); v("debiased", r.debiased); v("z_scored", r.zScored);
  v("displacement", r.displacement); v("cosine", r.cosine); v("n", r.n); v("status", r.status);
}
template <class V> void visit(V& v, CkaMatrix& r) {
  v("cluster", r.cluster); v("method", r.method); v("epsilon", r.epsilon); v("debiased", r.debiased);
}
template <class V> void visit(V& v, RankingRow& r) {
  v("cluster", r.cluster); v("site", r.site); v("layer", r.layer); v("first", r.first); v("second", r.second);
  v("spearman", r.spearman); v("jaccard", r.jaccard); v("top", r.top); v("status", r.status);
}
template <class V> void visit(V& v, ControlRow& r) {
  v("run", r.run); v("task", r.task); v("metric", r.metric); v("kind", r.kind); v("controls", r.controls); v("ace", r.ace);
  v("mean", r.mean); v("low", r.low); v("high", r.high); v("p", r.p); v("percentile", r.percentile);
}
template <class V> void visit(V& v, RelationRow& r) {
  v("cluster", r.cluster); v("task", r.task); v("similarity", r.similarity); v("by", r.by);
}
template <class V> void visit(V& v, CurveRow& r) {
  v("cluster", r.cluster); v("method", r.method); v("layer", r.layer); v("task", r.task); v("metric", r.metric);
  v("doses", r.doses); v("area", r.area); v("epsilon_half", r.epsilonHalf); v("monotonicity", r.monotonicity); v("status", r.status);
}
template <class V> void visit(V& v, SpecificityRow& r) {
  v("cluster", r.cluster); v("method", r.method); v("task", r.task); v("epsilon", r.epsilon); v("standardised", r.standardised);
  v("specificity", r.index); v("specificity_low", r.indexLow); v("specificity_high", r.indexHigh); v("centred", r.centred);
  v("centred_low", r.centredLow); v("centred_high", r.centredHigh); v("status", r.status);
}
template <class V> void visit(V& v, RegressionRow& r) {
  v("model", r.model); v("term", r.term); v("estimate", r.estimate); v("se", r.se); v("low", r.low); v("high", r.high); v("p", r.p);
  v("vif", r.vif); v("n", r.n); v("clusters", r.clusters); v("status", r.status); v("reason", r.reason);
}
template <class V> void visit(V& v, RobustnessRow& r) {
  v("cluster", r.cluster); v("method", r.method); v("layer", r.layer); v("task", r.task); v("kept", r.kept);
  v("tolerance", r.tolerance); v("knee", r.knee); v("knee_low", r.kneeLow); v("knee_high", r.kneeHigh); v("sup_f", r.supF);
  v("p_knee", r.pKnee); v("doses", r.doses); v("status", r.status); v("reason", r.reason);
}
template <class V> void visit(V& v, InteractionRow& r) {
  v("run", r.run); v("first", r.first); v("second", r.second); v("method", r.method); v("dose", r.dose); v("task", r.task);
  v("metric", r.metric); v("ace_first", r.aceFirst.value); v("first_low", r.aceFirst.low); v("first_high", r.aceFirst.high);
  v("ace_second", r.aceSecond.value); v("second_low", r.aceSecond.low); v("second_high", r.aceSecond.high);
  v("ace_joint", r.aceJoint.value); v("joint_low", r.aceJoint.low); v("joint_high", r.aceJoint.high);
  v("interaction", r.interaction.value); v("low", r.interaction.low); v("high", r.interaction.high); v("se", r.se); v("level", r.level);
  v("n", r.n); v("n_groups", r.groups); v("interval_method", r.intervalMethod); v("status", r.status); v("reason", r.reason);
}
template <class V> void visit(V& v, MediationRow& r) {
  v("run", r.run); v("cluster", r.cluster); v("task", r.task); v("site", r.site); v("layer", r.layer); v("neurons", r.neurons);
  v("base", r.base); v("counterfactual", r.counterfactual);
  v("total", r.total.value); v("total_low", r.total.low); v("total_high", r.total.high);
  v("pure_direct", r.pureDirect.value); v("pure_direct_low", r.pureDirect.low); v("pure_direct_high", r.pureDirect.high);
  v("total_indirect", r.totalIndirect.value); v("total_indirect_low", r.totalIndirect.low); v("total_indirect_high", r.totalIndirect.high);
  v("total_direct", r.totalDirect.value); v("total_direct_low", r.totalDirect.low); v("total_direct_high", r.totalDirect.high);
  v("pure_indirect", r.pureIndirect.value); v("pure_indirect_low", r.pureIndirect.low); v("pure_indirect_high", r.pureIndirect.high);
  v("interaction", r.interaction.value); v("interaction_low", r.interaction.low); v("interaction_high", r.interaction.high);
  v("proportion", r.proportion.value); v("proportion_low", r.proportion.low); v("proportion_high", r.proportion.high);
  v("level", r.level); v("n", r.n); v("n_groups", r.groups); v("left_out", r.leftOut); v("interval_method", r.intervalMethod);
  v("status", r.status); v("reason", r.reason);
}
template <class V> void visit(V& v, StrengthRow& r) {
  v("cluster", r.cluster); v("method", r.method); v("layer", r.layer); v("budget", r.budget); v("epsilon", r.epsilon);
  v("displacement", r.displacement); v("non_monotone", r.nonMonotone); v("binding", r.binding); v("probes", r.probes);
  v("status", r.status); v("reason", r.reason);
}
template <class V> void visit(V& v, StrengthEffectRow& r) {
  v("cluster", r.cluster); v("method", r.method); v("layer", r.layer); v("budget", r.budget); v("epsilon", r.epsilon); v("task", r.task);
  v("metric", r.metric); v("unrelated", r.unrelated); v("similarity", r.similarity); v("clean", r.clean); v("perturbed", r.perturbed);
  v("ace", r.ace); v("low", r.low); v("high", r.high); v("se", r.se); v("level", r.level); v("n", r.n); v("n_groups", r.groups);
  v("interval_method", r.intervalMethod); v("status", r.status); v("reason", r.reason);
}
template <class V> void visit(V& v, CurationRow& r) {
  v("cluster", r.cluster); v("share", r.share); v("new_share", r.newShare); v("multiplier", r.multiplier); v("utility", r.utility);
  v("p_positive", r.probabilityPositive); v("p_top", r.probabilityTop); v("rank_low", r.rankLow); v("rank_high", r.rankHigh);
  v("verdict", r.verdict); v("reason", r.reason);
}

}  // namespace lacuna::store

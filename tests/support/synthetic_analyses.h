#pragma once

#include <cmath>
#include <limits>
#include <string>

#include "lacuna/study/results.h"

/// What a study derives from probes and effects, made plausible for the synthetic study: validity, rankings, controls, equal doses,
/// regression, robustness, safe strengths, curation. No random draw: each number follows from its row.
namespace lacuna::test {

inline const double missing = std::numeric_limits<double>::quiet_NaN();

/// Early layers fail their gate; of the last cluster the words alone do as well. Layer 1 has no permutation null.
inline void addValidity(study::ProbeRow& p, int cluster, int layer) {
  p.averagePrecision = p.auc - 0.12;
  p.gain = cluster == 6 ? -0.01 * (4 - layer) : 0.02 + 0.03 * layer - 0.004 * cluster;
  p.aucSet = p.auc - 0.02;
  p.aucComplement = p.auc - 0.05 - 0.01 * layer;
  p.lambda = 0.01;
  p.tokenAuc = p.auc - 0.08;
  p.tokenAucLow = p.tokenAuc - 0.04;
  p.tokenAucHigh = p.tokenAuc + 0.04;
  p.separable = layer == 3 && cluster == 0;
  p.gini = 0.8;
  p.effectiveCount = p.entropyCount = 0;
  for (const float w : p.importance) {
    p.beta.push_back(w * 20);
    p.effectiveCount += double{w} * w;
  }
  p.effectiveCount = 1 / p.effectiveCount;
  p.nullThreshold = layer == 1 ? missing : 0.15 + 0.01 * cluster;
}

/// One direction leaves much, LEACE little, eight directions nothing; nothing could be fitted for the last cluster's LEACE at layer 0.
inline void addSubspaces(study::Results& r) {
  const std::pair<const char*, double> kinds[] = {{"probe", 0.92}, {"meandiff", 0.57}, {"leace", 0.53}, {"inlp8", 0.50}};
  for (const auto& c : r.clusters)
    for (const auto& [kind, auc] : kinds)
      for (int layer = 0; layer < 4; ++layer) {
        study::SubspaceRow row;
        row.cluster = c.id;
        row.site = "resid_post";
        row.layer = LayerIndex(layer);
        row.kind = kind;
        row.rank = row.kind == "inlp8" ? 8 : 1;
        row.auc = auc - 0.005 * layer;
        row.aucLow = row.auc - 0.03;
        row.aucHigh = row.auc + 0.03;
        row.incomplete = row.auc > 0.55;
        row.status = "OK";
        if (row.kind == "leace" && layer == 0 && c.id.value == 6) {
          row.auc = row.aucLow = row.aucHigh = missing;
          row.status = "TOO_FEW";
          row.reason = "fewer than 10 documents";
        }
        r.subspaces.push_back(row);
      }
}

inline void addRankings(study::Results& r) {
  const std::string ways[] = {"probe", "probeless", "stability", "gradients"};
  for (const auto& p : r.probes)
    for (int a = 0; a < 4; ++a)
      for (int b = a + 1; b < 4; ++b) {
        const double agreement = 0.9 - 0.12 * (a + b) - 0.03 * p.cluster.value + 0.02 * p.layer.value;
        r.rankings.push_back({p.cluster, p.site, p.layer, ways[a], ways[b], agreement, 0.9 * agreement, 25, "OK"});
      }
}

/// Every kind at full strength; the noise control only on subspaces.
inline void addControls(study::Results& r) {
  const std::string kinds[] = {"matched", "permuted", "other", "noise"};
  for (const auto& e : r.effects) {
    if (e.epsilon != 1 || e.equalDose) continue;
    for (int k = 0; k < (e.method == "grad_sign" ? 4 : 3); ++k) {
      study::ControlRow c;
      c.run = e.run, c.task = e.task, c.metric = e.metric, c.kind = kinds[k];
      c.controls = k == 2 ? 6 : 20;
      c.ace = e.ace;
      c.mean = 0.005 + 0.012 * k;
      c.low = c.mean - 0.035 - 0.01 * k;
      c.high = c.mean + 0.04 + 0.01 * k;
      const bool out = e.ace > c.high;
      c.percentile = out ? 1 : 0.6;
      c.p = out ? 1.0 / (c.controls + 1) : 0.43;
      r.controls.push_back(c);
    }
  }
}

/// Mean ablation and gradient sign once more, at three displacements: runs after all others. Not part of every synthetic study.
inline void addEqualDoses(study::Results& r) {
  std::int64_t run = r.runs.back().number;
  const auto effects = r.effects;
  const auto runs = r.runs;
  for (const double dose : {0.05, 0.1, 0.2})
    for (const auto& row : runs) {
      if (row.epsilon != 1 || row.method == "zero") continue;
      study::RunRow next = row;
      next.number = ++run;
      next.dose = dose;
      next.equalDose = true;
      next.epsilon = dose * (row.method == "mean" ? 4 : 2.5);
      for (study::EffectRow e : effects) {
        if (e.run != row.number) continue;
        const double share = dose / 0.2;
        e.run = run, e.dose = dose, e.equalDose = true, e.epsilon = next.epsilon;
        e.ace *= share, e.low *= share, e.high *= share;
        e.displacement = dose;
        r.effects.push_back(e);
      }
      r.runs.push_back(next);
    }
}

inline void addRegression(study::Results& r) {
  const std::string terms[] = {"intercept", "ln_tokens", "similarity", "method:grad_sign", "task:task-letters"};
  const double estimates[] = {-0.31, 0.04, 0.52, -0.11, 0.02}, errors[] = {0.2, 0.035, 0.09, 0.05, 0.04};
  const std::string models[] = {"ols-hc3", "two-way", "wild-bootstrap", "meta", "mixed"};
  for (int m = 0; m < 5; ++m)
    for (int t = 0; t < 5; ++t) {
      study::RegressionRow row;
      row.model = models[m], row.term = terms[t];
      row.estimate = estimates[t] * (1 + 0.03 * m);
      row.se = errors[t] * (1 + 0.15 * m);
      row.low = row.estimate - 2.1 * row.se, row.high = row.estimate + 2.1 * row.se;
      row.p = std::exp(-2 * std::abs(row.estimate) / row.se);
      row.vif = t == 0 ? missing : 1.2 + 0.15 * t;
      row.n = 98, row.clusters = 7, row.status = "OK";
      if (m == 2) row.se = row.low = row.high = missing;   // a p alone
      if (m == 3) row.p = missing;
      if (m == 4) {
        row.estimate = row.se = row.low = row.high = row.p = missing;
        row.status = "NOT_IDENTIFIED", row.reason = "Mixed model: the variance between tasks did not converge.";
      }
      r.regression.push_back(row);
    }
}

/// The cluster's own task breaks first; others have no knee.
inline void addRobustness(study::Results& r) {
  for (const char* method : {"mean", "zero", "grad_sign"})
    for (const auto& cluster : r.clusters)
      for (std::size_t t = 0; t < r.tasks.size(); ++t) {
        const bool own = cluster.id.value == static_cast<std::int32_t>(t);
        study::RobustnessRow row;
        row.cluster = cluster.id, row.method = method, row.task = r.tasks[t].name, row.layer = LayerIndex(3), row.doses = 6;
        row.tolerance = own ? 0.22 + 0.03 * cluster.id.value : 0.9 - 0.05 * cluster.id.value;
        row.knee = own ? 0.45 + 0.02 * cluster.id.value : missing;
        row.kneeLow = own ? row.knee - 0.08 : missing;
        row.kneeHigh = own ? row.knee + 0.1 : missing;
        row.supF = own ? 41 : 1.3;
        row.pKnee = own ? 0.004 : 0.61;
        row.status = own ? "OK" : "NOT_IDENTIFIED";
        row.reason = own ? "" : "no identifiable knee: a straight line does as well (sup-F p = 0.61)";
        r.robustness.push_back(row);
      }
}

inline std::string measuredPoint(const std::string& half, double epsilon, double mean) {
  return R"({"half":")" + half + R"(","set":"held-out loss","epsilon":)" + std::to_string(epsilon) + R"(,"mean":)" + std::to_string(mean) + R"(,"upper":)" +
         std::to_string(mean + 0.004) + R"(,"se":0.0024})";
}

/// Loss grows as 0.05 ε² (more for later clusters); the last cluster has no safe strength.
inline void addStrengths(study::Results& r) {
  for (const auto& cluster : r.clusters) {
    study::StrengthRow row;
    row.cluster = cluster.id, row.method = "mean", row.layer = LayerIndex(3), row.budget = 0.02;
    const double steepness = cluster.id.value == 6 ? 20 : 0.05 * (1 + 0.4 * cluster.id.value);
    for (const double epsilon : {0.05, 0.1, 0.2, 0.4, 0.8, 1.0}) {
      const double mean = steepness * epsilon * epsilon;
      row.probes += (row.probes.empty() ? "[" : ",") + measuredPoint("tune", epsilon, mean);
    }
    const bool safe = cluster.id.value != 6;
    row.epsilon = safe ? std::sqrt(0.016 / steepness) : 0;
    row.probes += (safe ? "," + measuredPoint("confirm", row.epsilon, 0.015) : "") + "]";
    row.displacement = safe ? 0.25 * row.epsilon : 0;
    row.binding = "held-out loss";
    row.status = safe ? "OK" : "NOT_IDENTIFIED";
    row.reason = safe ? "" : "no safe strength: the smallest ε, 0.05, exceeds the budget";
    r.strengths.push_back(row);
  }
}

inline void addCuration(study::Results& r) {
  double total = 0;
  for (const auto& cluster : r.clusters) {
    const int k = cluster.id.value;
    study::CurationRow row;
    row.cluster = cluster.id;
    row.share = 0.2 - 0.02 * k;
    row.utility = 0.9 - 0.3 * k;
    row.probabilityPositive = 1 / (1 + std::exp(-4 * row.utility));
    row.probabilityTop = std::max(0.0, 0.9 - 0.2 * k);
    row.rankLow = std::max(1, k), row.rankHigh = std::min(7, k + 2);
    row.verdict = k < 2 ? "up" : k == 6 ? "down" : "no change";
    row.reason = k < 2 ? "P(U > 0) = 0.96, beats its controls, specific" : k == 6 ? "P(U < 0) = 0.97, beats its controls"
        : "insufficient evidence: P(U > 0) between 0.1 and 0.9";
    row.multiplier = k < 2 ? 1.5 : k == 6 ? 0.6 : 1;
    total += row.share * row.multiplier;
    r.curation.push_back(row);
  }
  for (auto& row : r.curation) row.newShare = row.share * row.multiplier / total;
  r.caveats = {"An average causal effect on a representation (ACE) is not the effect of training without the data (DAE).",
               "The corpus is a proxy: it is not known to be the model's own training data.",
               "n = 160 items a task; effects below 0.08 could not have been found.",
               "Interactions between clusters were not measured.",
               "Adding data need not do the opposite of removing a representation.",
               "Rankings of small models predict those of larger ones in about four of five pairs."};
}

/// Every pair under mean ablation at full strength, numbered after all runs (which do not list them). The sum of the singles, but for the first two clusters, which
/// cover for each other on the first task, and the last two, which hurt the same thing on it.
inline void addInteractions(study::Results& r) {
  std::int64_t run = r.runs.back().number;
  const auto single = [&](ClusterId cluster, const std::string& task) -> study::Ranged {
    for (const auto& e : r.effects)
      if (e.cluster == cluster && e.task == task && e.method == "mean" && e.dose == 1 && !e.equalDose) return {e.ace, e.low, e.high};
    return {missing, missing, missing};
  };
  for (std::size_t a = 0; a < r.clusters.size(); ++a)
    for (std::size_t b = a + 1; b < r.clusters.size(); ++b) {
      ++run;
      for (std::size_t t = 0; t < r.tasks.size(); ++t) {
        study::InteractionRow row;
        row.run = run, row.first = r.clusters[a].id, row.second = r.clusters[b].id, row.method = "mean", row.metric = "margin", row.task = r.tasks[t].name;
        row.dose = 1, row.n = 160, row.groups = 40, row.intervalMethod = "bca", row.status = "OK", row.se = 0.03;
        row.aceFirst = single(row.first, row.task), row.aceSecond = single(row.second, row.task);
        const double more = t > 0 ? 0.01 : b == 1 ? 0.3 : a + 2 == r.clusters.size() ? -0.12 : 0.01;
        row.interaction = {more, more - 0.06, more + 0.06};
        row.aceJoint.value = row.aceFirst.value + row.aceSecond.value + more;
        row.aceJoint.low = row.aceJoint.value - 0.08, row.aceJoint.high = row.aceJoint.value + 0.08;
        r.interactions.push_back(row);
      }
    }
}

/// The first two tasks have counterfactual prompts: cluster k carries 0.6 of the first one's total effect where k = 0, and less after it;
/// on the second nothing is clear. The last cluster has no neurons.
inline void addMediation(study::Results& r) {
  std::int64_t run = r.runs.back().number + 100;
  for (const auto& cluster : r.clusters) {
    const int k = cluster.id.value;
    ++run;
    for (int t = 0; t < 2; ++t) {
      study::MediationRow row;
      row.run = run, row.cluster = cluster.id, row.task = r.tasks[static_cast<std::size_t>(t)].name, row.site = "mlp_hidden", row.layer = LayerIndex(3);
      const auto set = [](study::Ranged& part, double value, double half) { part = {value, value - half, value + half}; };
      const double total = t == 0 ? 0.8 : 0.05, indirect = total * (t == 0 ? 0.6 / (1 + k) : 0.5), half = t == 0 ? 0.08 : 0.1;
      set(row.total, total, half), set(row.totalIndirect, indirect, half), set(row.pureDirect, total - indirect, half);
      set(row.pureIndirect, indirect - 0.05, half), set(row.totalDirect, total - indirect + 0.05, half), set(row.interaction, 0.05, half);
      row.proportion = t == 0 ? study::Ranged{indirect / total, indirect / total - 0.1, indirect / total + 0.1} : study::Ranged{missing, missing, missing};
      row.base = 1.2, row.counterfactual = 1.2 - total, row.neurons = 37, row.n = 120, row.groups = 30, row.leftOut = 40;
      row.intervalMethod = "bca", row.status = "OK", row.reason = "40 of 160 items have no counterfactual prompt with as many tokens";
      if (k == 6) {
        for (auto* part : {&row.total, &row.pureDirect, &row.totalIndirect, &row.totalDirect, &row.pureIndirect, &row.interaction, &row.proportion})
          *part = {missing, missing, missing};
        row.base = row.counterfactual = missing, row.n = row.groups = row.leftOut = row.neurons = 0;
        row.status = "NOT_IDENTIFIED", row.reason = "S is empty: no neuron was selected";
      }
      r.mediation.push_back(row);
    }
  }
}

/// Evidence for and against the seven clusters: a curve of k, agreement with two fields, a tree of five nodes of which three are clusters, two
/// merges of topics, two rounds of refining.
inline void addEvidence(study::Results& r) {
  study::Evidence& e = r.evidence;
  e.method = "kmeans";
  for (const int k : {2, 4, 7, 10, 14})
    e.curve.push_back({k, k == 4 ? 0.43 : 0.41 - 0.02 * std::abs(k - 7), 0.03, k <= 7 ? 0.97 - 0.02 * k : 0.6, 0.05, 0.3 + 0.05 * std::min(k, 7), k == 7});
  e.stable = true;
  study::Field source{"source", {"web", "books", "code"}, {}}, language{"language", {"en", "de"}, {}};
  for (const auto& d : r.documents) {
    source.codes.push_back(d.source == "web" ? 0 : d.source == "books" ? 1 : 2);
    language.codes.push_back(d.id.value % 11 == 0 ? -1 : d.cluster < 4 ? 0 : 1);
  }
  e.fields = {source, language};
  e.validity = {{"source", 0.36, 0.35, 0.01, 0.002, -0.001, -0.0004, 0.002, 0.001, 2000}, {"language", 1, 0.58, 1, 0.51, 0.51, 0.31, 1, 0.34, 1818}};
  e.tree = {{2000, -1, 2000, 0, 1.5, 1.5, missing, {}}, {2001, 2000, 1200, 1.5, 2.1, 2.4, 700, {}}, {2002, 2000, 700, 1.5, 3.0, 5.0, 900, ClusterId(2)},
            {2003, 2001, 600, 2.4, 4.0, 6.0, 800, ClusterId(0)}, {2004, 2001, 500, 2.4, 3.5, 1e15, 400, ClusterId(1)}};
  e.merges = {{3, 1, 0.91, 40, 120, "plus, sum", "add, plus", ClusterId(0)}, {5, 2, 0.87, 30, 90, "open, close", "bracket, open", ClusterId(1)}};
  e.rounds = {{0, 260, 0.71, 0.83, 0.31, 0.34, 6, 7, {}}, {1, 12, 0.83, 0.835, 0.34, 0.35, 7, 7, {}}};
  e.steps = {{0, 0, "split", 2, 6, 200, 0.52, 0.22}, {1, 0, "ambiguous", 3, -2, 40, 0.8, 0.3}, {2, 0, "merge", 8, 1, 20, 0.9, 0.2}, {3, 1, "drop", 9, -1, 12, 0.9, 0.4}};
  e.stopped = "macro purity gained less than 0.01";
}


inline void addAnalyses(study::Results& r) {
  addEvidence(r);
  addInteractions(r);
  addMediation(r);
  addSubspaces(r);
  addRankings(r);
  addControls(r);
  addRegression(r);
  addRobustness(r);
  addStrengths(r);
  addCuration(r);
}

}  // namespace lacuna::test

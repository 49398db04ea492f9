#pragma once

#include <vector>

#include "selection/study_context.h"

/// What a caption must say about effects, in the words of one sentence each. Rows that could not be computed do not count.
namespace lacuna::ui {

using EffectRows = std::vector<const study::EffectRow*>;

/// "ACE (margin)"; "ACE (accuracy)" where tasks count right answers in different ways.
QString effectAxis(const EffectRows& rows);
/// "ε"; "δ" for the relative displacement of an equal dose.
QString doseSymbol(bool equalDose);
QString doseWords(const Condition& condition);   ///< "ε = 0.5"
QString doseWords(const study::EffectRow& row);  ///< "ε = 0.5", "δ = 0.2 (ε = 0.83)"
/// "20 controls of permuted labels", "20 matched random controls"
QString controlWords(const study::EffectRow& row);
/// "confirmatory", "exploratory"; a dash where the file does not say.
QString analysisWords(const study::EffectRow& row);
/// " Primary analysis locked: …" for captions; empty where nothing was locked.
QString lockWords(const study::Results& results);
/// "mean ablation at ε = 1 on task-arithmetic", "… on 7 tasks"
QString perturbationWords(const EffectRows& rows);
/// "n = 160 items", "n = 120 to 200 items"
QString itemWords(const EffectRows& rows);
/// "95 % BCa intervals"
QString intervalWords(const EffectRows& rows);
/// "p < 0.05 after Holm over the whole family of 49 tests"
QString correctionWords(const EffectRows& rows);
/// The sign convention in words, for every effect axis and caption.
QString signHint();

}  // namespace lacuna::ui

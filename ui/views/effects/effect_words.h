#pragma once

#include <vector>

#include "selection/study_context.h"

/// What a caption must say about effects, in the words of one sentence each. Rows that could not be computed do not count.
namespace lacuna::ui {

using EffectRows = std::vector<const study::EffectRow*>;

/// "ACE (margin)"; "ACE (accuracy)" where tasks count right answers in different ways.
QString effectAxis(const EffectRows& rows);
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

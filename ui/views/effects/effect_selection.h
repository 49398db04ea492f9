#pragma once

#include <vector>

#include "selection/study_context.h"
#include "views/effects/effect_words.h"

namespace lacuna::ui {

/// The stored effects of one method, dose and outcome (and task, unless empty); of several runs of one cell the newest.
std::vector<const study::EffectRow*> effectsUnder(const study::Results& results, const Condition& condition);
/// Methods that were run, in the order of the file.
QStringList methodsOf(const study::Results& results);
/// Doses that were run, ascending: ε, or with `equalDose` relative displacements δ. Never both.
std::vector<double> strengthsOf(const study::Results& results, const QString& method, bool equalDose = false);
bool hasEqualDoses(const study::Results& results);
/// The condition's task; where it shows all tasks, the study's first one.
QString singleTask(const study::Results& results, const Condition& condition);
bool shows(Outcome outcome, const study::EffectRow& row);
bool computed(const study::EffectRow& row);
bool significant(const study::EffectRow& row);      ///< adjusted p below 0.05
QString effectTooltip(const StudyContext& study, const study::EffectRow& row);

}  // namespace lacuna::ui

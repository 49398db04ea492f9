#pragma once

#include "effect_data.h"
#include "lacuna/study/task_pages.h"

/// Task pages of an open study.
namespace lacuna::study {

/// LAC-2005: the study holds no such task.
TaskPage taskPage(const EffectData& data, const tasks::Task& task, const TaskSpec& spec, const StudySpec& study);
ItemView itemView(const model::Model& model, const tasks::Task& task, std::int64_t place, const RunContext& context);

}  // namespace lacuna::study

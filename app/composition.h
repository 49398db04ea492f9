#pragma once

#include <QString>
#include <vector>

#include "selection/study_context.h"

namespace lacuna::ui {
class StagePage;
class ViewFrame;
}  // namespace lacuna::ui

namespace lacuna::app {

struct Stage {
  QString id, title, shortcut;
  std::vector<QString> engineStages;      ///< stages of the study file whose state it shows
  std::vector<QString> views;
  bool blind = false;                     ///< nothing in the window may name clusters or methods: no panel, no chips of the selection
};
/// The stages of the navigator, in the order of the data.
const std::vector<Stage>& stages();
/// One view by its id ("forest"); null when there is none.
ui::ViewFrame* makeView(const QString& id, ui::StudyContext& study, QWidget* parent = nullptr);
ui::StagePage* makePage(const Stage& stage, ui::StudyContext& study);

}  // namespace lacuna::app

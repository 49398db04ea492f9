#pragma once

#include <QJsonObject>
#include <QString>
#include <string>

#include "selection/study_context.h"
#include "views/new_study/cluster_setup_view_model.h"

namespace lacuna::ui {

/// A change of an open study's spec: what the session is told, and what it is in words.
struct SpecChange {
  std::string assignment;
  QString what;
};

/// The section `clusters` of the study's spec.
QJsonObject clustersSection(const study::Results& results);
/// The fields of its documents that purity may go by.
SetupSection::Choices groupingFields(const study::Results& results);

/// k itself, no longer chosen among others.
SpecChange useK(const study::Results& results, int k);
/// k among the setup's grid.
SpecChange chooseAmong(const study::Results& results, const ClusterSetup& setup);
/// Rounds of refining as in the setup; none take them away.
SpecChange refineAs(const study::Results& results, const ClusterSetup& setup);

/// What keeps k from being chosen, or clusters from being refined; empty: nothing.
QString whyNoChoice(const study::Results& results);
QString whyNoRefining(const study::Results& results);

}  // namespace lacuna::ui

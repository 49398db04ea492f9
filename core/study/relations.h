#pragma once

#include <vector>

#include "workspace.h"

namespace lacuna::study {

/// How alike every cluster and every task are: the cosine of their mean texts, both less the mean over clusters, since what all clusters share
/// says nothing about one (methods.md 9). Texts are vectors of the study's sentence encoder where it has one, else hashed words; RelationRow::by
/// says which. A task's texts are its questions, without description and examples; where it asks none, its answers.
std::vector<RelationRow> relationsOf(Workspace& w);

}  // namespace lacuna::study

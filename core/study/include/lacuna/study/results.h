#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lacuna/store/rows.h"

/// Plain values that a study file holds, as the window and the export see them. No torch, no Qt, no file handles.
namespace lacuna::study {

using store::DocumentRow;
using store::TermRow;
using store::ClusterRow;
using store::ProbeRow;
using store::EffectRow;
using store::CkaRow;
using store::CkaMatrix;
using store::RunRow;
using store::StageState;
using store::StageRow;
using store::TaskRow;
using store::ModelRow;

/// Everything the views draw, read once from the study file; immutable.
struct Results {
  std::string name, uuid, path, specJson;
  ModelRow model;
  std::vector<StageRow> stages;
  std::vector<DocumentRow> documents;
  std::int64_t documentsTotal = 0;
  std::vector<ClusterRow> clusters;
  double meanSilhouette = 0, macroSilhouette = 0;
  bool circular = false;
  std::vector<ProbeRow> probes;
  std::vector<TaskRow> tasks;
  std::vector<EffectRow> effects;
  std::vector<CkaRow> cka;
  std::vector<CkaMatrix> ckaMatrices;
  std::vector<RunRow> runs;
};

}  // namespace lacuna::study

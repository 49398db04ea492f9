#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lacuna/store/analysis_rows.h"
#include "lacuna/store/people_rows.h"
#include "lacuna/store/rows.h"
#include "lacuna/study/evidence.h"

/// Plain values that a study file holds, as the window and the export see them. No torch, no Qt, no file handles.
namespace lacuna::study {

using store::DocumentRow;
using store::SourceRow;
using store::CorpusFileRow;
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
using store::RankingRow;
using store::ControlRow;
using store::CurveRow;
using store::SpecificityRow;
using store::RegressionRow;
using store::RobustnessRow;
using store::StrengthRow;
using store::CurationRow;
using store::RelationRow;
using store::SubspaceRow;
using store::StrengthEffectRow;
using store::Ranged;
using store::InteractionRow;
using store::MediationRow;
using store::AnnotationRow;
using store::EditRow;

/// What the reading of the corpus met (docs/corpora.md): rows by kind, and what was said of the first of them, with file and line.
struct ReadingRow {
  std::string kind;                      ///< "unparsable", "invalid_utf8", …; "warning", "damaged" of whole files
  bool delivered = false;                ///< repaired, or a warning: nothing was lost
  std::int64_t rows = 0;
};
struct Reading {
  bool known = false;                    ///< false: nothing was read yet, or by an older version
  std::vector<ReadingRow> rows;
  std::vector<std::string> examples, warnings;   ///< examples: at most 20, "file:line: what"
};

/// Everything the views draw, read once from the study file; immutable.
struct Results {
  std::string name, uuid, path, specJson;
  ModelRow model;
  std::vector<StageRow> stages;
  std::vector<DocumentRow> documents;    ///< in a session `text` is its beginning (textBegun characters); Session::documentText has all
  static constexpr std::int64_t textBegun = 240;
  std::int64_t documentsTotal = 0;
  std::int64_t wholeDocuments = 0;       ///< of which `documents` are parts; as many as these where none was cut
  std::vector<SourceRow> sources;        ///< what was left of each after every step of reading
  std::vector<CorpusFileRow> corpusFiles;
  Reading reading;
  std::vector<ClusterRow> clusters;
  double meanSilhouette = 0, macroSilhouette = 0;   ///< cosine, over documents and over clusters; NaN: not identified, or `moved`
  bool moved = false;                    ///< documents were moved by hand since: what was computed of clusters is known again after an update
  std::string map;                       ///< how the documents' x and y were made, in words
  bool circular = false;
  Evidence evidence;                     ///< for and against the clusters
  std::vector<ProbeRow> probes;
  std::vector<SubspaceRow> subspaces;    ///< erasure checks
  std::vector<TaskRow> tasks;
  std::vector<EffectRow> effects;
  std::vector<CkaRow> cka;
  std::vector<CkaMatrix> ckaMatrices;
  std::vector<RunRow> runs;
  std::vector<RankingRow> rankings;
  std::vector<ControlRow> controls;
  std::vector<CurveRow> curves;
  std::vector<SpecificityRow> specificity;
  std::vector<RegressionRow> regression;
  std::vector<RobustnessRow> robustness;
  std::vector<StrengthRow> strengths;
  std::vector<StrengthEffectRow> strengthEffects;   ///< what every ability loses at those strengths
  std::vector<CurationRow> curation;
  std::vector<InteractionRow> interactions;
  std::vector<MediationRow> mediation;
  std::vector<std::string> caveats;      ///< of the curation report, in words
  std::string lock;                      ///< the locked primary analysis as JSON; empty: none
};

}  // namespace lacuna::study

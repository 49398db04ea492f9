#include "composition.h"

#include <QCheckBox>
#include <QCoreApplication>
#include <functional>
#include <map>

#include "plots/bar_plot.h"
#include "plots/cloud_plot.h"
#include "plots/forest_plot.h"
#include "plots/icicle_plot.h"
#include "plots/knife_plot.h"
#include "plots/matrix_plot.h"
#include "plots/neuron_plot.h"
#include "plots/points_plot.h"
#include "plots/series_plot.h"
#include "views/annotation/agreement_view_models.h"
#include "views/annotation/annotation_view.h"
#include "views/annotation/rating_bar.h"
#include "views/clusters/documents_view.h"
#include "views/effects/controls_view_model.h"
#include "views/effects/effect_view_models.h"
#include "views/interactions/interaction_view_models.h"
#include "views/mediation/mediation_view_models.h"
#include "views/neurons/neuron_view_models.h"
#include "views/neurons/rankings_view_model.h"
#include "views/probes/probe_view_models.h"
#include "views/probes/erasure_view_model.h"
#include "views/probes/validity_view_model.h"
#include "views/report/caveats_view.h"
#include "views/report/robustness_view_model.h"
#include "views/report/strength_view.h"
#include "views/runs/runs_view_model.h"
#include "views/similarity/similarity_view_models.h"
#include "views/sources/source_view_models.h"
#include "views/statistics/regression_view_model.h"
#include "views/statistics/statistics_view_models.h"
#include "views/table_content_view.h"
#include "views/tasks/examples_view.h"
#include "views/tasks/task_item_view.h"
#include "views/topics/topic_cards_view.h"
#include "views/trust/field_box.h"
#include "views/trust/k_curve_view.h"
#include "views/trust/metadata_view_models.h"
#include "views/trust/refine_log_view.h"
#include "views/trust/trust_view_models.h"
#include "widgets/condition_bar.h"
#include "widgets/plot_view.h"
#include "widgets/stage_page.h"

namespace lacuna::app {
namespace {

using namespace ui;
using namespace Qt::Literals::StringLiterals;

QString tr(const char* text) { return QCoreApplication::translate("stages", text); }

using Factory = std::function<ViewFrame*(StudyContext&, QWidget*)>;

template <class View>
Factory factory() {
  return [](StudyContext& study, QWidget* parent) -> ViewFrame* { return new View(study, parent); };
}

ViewFrame* makeMap(StudyContext& study, QWidget* parent) {
  auto* view = new PlotView<MapViewModel, CloudPlot>(study, parent);
  QObject::connect(&view->typedPlot(), &CloudPlot::lassoed, &view->typedModel(), &MapViewModel::select);
  return view;
}

ViewFrame* makeDose(StudyContext& study, QWidget* parent) {
  auto* view = new PlotView<DoseViewModel, SeriesPlot>(study, parent);
  QObject::connect(&view->typedPlot(), &SeriesPlot::lineMoved, &view->typedModel(), &DoseViewModel::moveLine);
  return view;
}

ViewFrame* makeNeuronMap(StudyContext& study, QWidget* parent) {
  auto* view = new PlotView<NeuronMapViewModel, NeuronPlot>(study, parent);
  auto* sorted = new QCheckBox(tr("sorted"));
  sorted->setAccessibleName(tr("Sort by importance"));
  sorted->setToolTip(tr("Sort the neurons of each layer by importance"));
  view->addOption(sorted);
  NeuronMapViewModel* model = &view->typedModel();
  QObject::connect(sorted, &QCheckBox::toggled, model, &NeuronMapViewModel::setSorted);
  QObject::connect(model, &ViewModel::changed, sorted, [sorted, model] { sorted->setChecked(model->sorted()); });
  return view;
}

ViewFrame* makeRank(StudyContext& study, QWidget* parent) {
  auto* view = new PlotView<RankViewModel, SeriesPlot>(study, parent);
  auto* beta = new QCheckBox(u"|β|"_s);
  beta->setAccessibleName(tr("Show |β| instead of its share"));
  beta->setToolTip(tr("|β| on standardised inputs, with the threshold τ_β of permuted labels"));
  view->addOption(beta);
  RankViewModel* model = &view->typedModel();
  QObject::connect(beta, &QCheckBox::toggled, model, &RankViewModel::setShowsBeta);
  QObject::connect(model, &ViewModel::changed, beta, [beta, model] { beta->setChecked(model->showsBeta()); });
  return view;
}

ViewFrame* makeContingency(StudyContext& study, QWidget* parent) {
  auto* view = new PlotView<ContingencyViewModel, MatrixPlot>(study, parent);
  auto* counts = new QCheckBox(tr("counts"));
  counts->setAccessibleName(tr("Show documents instead of shares"));
  counts->setToolTip(tr("Show numbers of documents instead of shares of the cluster"));
  view->addOption(new FieldBox(study, view));
  view->addOption(counts);
  ContingencyViewModel* model = &view->typedModel();
  QObject::connect(counts, &QCheckBox::toggled, model, &ContingencyViewModel::setShowsCounts);
  QObject::connect(model, &ViewModel::changed, counts, [counts, model] { counts->setChecked(model->showsCounts()); });
  return view;
}

/// A view that compares with a field of metadata.
template <class View>
ViewFrame* makeWithField(StudyContext& study, QWidget* parent) {
  auto* view = new View(study, parent);
  view->addOption(new FieldBox(study, view));
  return view;
}

const std::map<QString, Factory>& factories() {
  static const std::map<QString, Factory> all{
      {u"overview"_s, factory<TableContentView<OverviewViewModel>>()},
      {u"tasks"_s, factory<TableContentView<TasksViewModel>>()},
      {u"sources"_s, factory<PlotView<SourcesViewModel, BarPlot>>()},
      {u"reading"_s, factory<TableContentView<ReadingViewModel>>()},
      {u"lengths"_s, factory<PlotView<LengthsViewModel, BarPlot>>()},
      {u"map"_s, makeMap},
      {u"silhouette"_s, factory<PlotView<SilhouetteViewModel, KnifePlot>>()},
      {u"terms"_s, factory<PlotView<TermsViewModel, BarPlot>>()},
      {u"documents"_s, factory<DocumentsView>()},
      {u"topic-cards"_s, factory<TopicCardsView>()},
      {u"k-curve"_s, factory<KCurveView>()},
      {u"cluster-validity"_s, makeWithField<PlotView<ClusterValidityViewModel, ForestPlot>>},
      {u"condensed-tree"_s, factory<PlotView<CondensedTreeViewModel, IciclePlot>>()},
      {u"topic-merges"_s, factory<TableContentView<TopicMergesViewModel>>()},
      {u"refine-log"_s, factory<RefineLogView>()},
      {u"contingency"_s, makeContingency},
      {u"field-validity"_s, makeWithField<PlotView<FieldValidityViewModel, BarPlot>>},
      {u"annotate"_s, factory<AnnotationView>()},
      {u"agreement"_s, factory<PlotView<AgreementViewModel, ForestPlot>>()},
      {u"intruders"_s, factory<PlotView<IntruderViewModel, ForestPlot>>()},
      {u"task-scores"_s, factory<PlotView<TaskScoresViewModel, ForestPlot>>()},
      {u"task-item"_s, factory<TaskItemView>()},
      {u"examples"_s, factory<ExamplesView>()},
      {u"erasure"_s, factory<PlotView<ErasureViewModel, ForestPlot>>()},
      {u"probes"_s, factory<PlotView<ProbeQualityViewModel, SeriesPlot>>()},
      {u"probe-matrix"_s, factory<PlotView<ProbeMatrixViewModel, MatrixPlot>>()},
      {u"validity"_s, factory<TableContentView<ValidityViewModel>>()},
      {u"neurons"_s, makeNeuronMap},
      {u"rankings"_s, factory<PlotView<RankingsViewModel, MatrixPlot>>()},
      {u"rank"_s, makeRank},
      {u"overlap"_s, factory<PlotView<OverlapViewModel, MatrixPlot>>()},
      {u"forest"_s, factory<PlotView<ForestViewModel, ForestPlot>>()},
      {u"controls"_s, factory<PlotView<ControlsViewModel, ForestPlot>>()},
      {u"matrix"_s, factory<PlotView<EffectMatrixViewModel, MatrixPlot>>()},
      {u"dose"_s, makeDose},
      {u"interactions"_s, factory<PlotView<InteractionMatrixViewModel, MatrixPlot>>()},
      {u"two-by-two"_s, factory<PlotView<TwoByTwoViewModel, SeriesPlot>>()},
      {u"pair"_s, factory<PlotView<PairEffectsViewModel, ForestPlot>>()},
      {u"mediated"_s, factory<PlotView<MediatedViewModel, ForestPlot>>()},
      {u"mediation-matrix"_s, factory<PlotView<MediationMatrixViewModel, MatrixPlot>>()},
      {u"mediation-parts"_s, factory<PlotView<MediationPartsViewModel, ForestPlot>>()},
      {u"cka"_s, factory<PlotView<CkaMatrixViewModel, MatrixPlot>>()},
      {u"cka-strength"_s, factory<PlotView<CkaStrengthViewModel, SeriesPlot>>()},
      {u"cka-layers"_s, factory<PlotView<CkaLayersViewModel, SeriesPlot>>()},
      {u"volcano"_s, factory<PlotView<VolcanoViewModel, PointsPlot>>()},
      {u"tests"_s, factory<TableContentView<TestsViewModel>>()},
      {u"regression"_s, factory<PlotView<RegressionViewModel, ForestPlot>>()},
      {u"curation"_s, factory<PlotView<CurationViewModel, BarPlot>>()},
      {u"caveats"_s, factory<CaveatsView>()},
      {u"robustness"_s, factory<PlotView<RobustnessViewModel, ForestPlot>>()},
      {u"strength"_s, factory<StrengthView>()},
      {u"runs"_s, factory<TableContentView<RunsViewModel>>()},
      {u"run-details"_s, factory<TableContentView<RunDetailsViewModel>>()}};
  return all;
}

/// The sheet, or the results in its place.
void addRating(StagePage* page, const std::vector<ViewFrame*>& views) {
  auto* bar = new RatingBar(page);
  page->addBar(bar);
  page->addRow({views[0]});
  page->addRow({views[1], views[2]});
  const std::vector<ViewFrame*> sheet{views[0]}, results{views[1], views[2]};
  QObject::connect(bar, &RatingBar::resultsShown, page, [page, sheet, results](bool shown) {
    page->setHidden(shown ? sheet : results);
    if (!shown) qobject_cast<AnnotationView*>(sheet.front())->takeKeys();
  });
  page->setHidden(results);
}

}  // namespace

const std::vector<Stage>& stages() {
  static const std::vector<Stage> all{
      {u"sources"_s, tr("Sources"), u"Ctrl+1"_s, {u"clusters"_s}, {u"overview"_s, u"sources"_s, u"reading"_s, u"lengths"_s, u"tasks"_s}},
      {u"clusters"_s, tr("Clusters"), u"Ctrl+2"_s, {u"clusters"_s}, {u"map"_s, u"silhouette"_s, u"terms"_s, u"documents"_s}},
      {u"topics"_s, tr("Topics"), u"Ctrl+Shift+K"_s, {u"clusters"_s}, {u"topic-cards"_s}},
      {u"trust"_s, tr("Trust"), u"Ctrl+Shift+R"_s, {u"clusters"_s}, {u"k-curve"_s, u"cluster-validity"_s, u"condensed-tree"_s, u"topic-merges"_s, u"refine-log"_s}},
      {u"metadata"_s, tr("Metadata"), u"Ctrl+Shift+D"_s, {u"clusters"_s}, {u"contingency"_s, u"field-validity"_s}},
      {u"annotate"_s, tr("Annotate"), u"Ctrl+Shift+A"_s, {u"clusters"_s}, {u"annotate"_s, u"agreement"_s, u"intruders"_s}, true},
      {u"tasks"_s, tr("Tasks"), u"Ctrl+Shift+L"_s, {u"tasks"_s}, {u"task-scores"_s, u"task-item"_s, u"examples"_s}},
      {u"probes"_s, tr("Probes"), u"Ctrl+3"_s, {u"probes"_s}, {u"probes"_s, u"probe-matrix"_s, u"validity"_s, u"erasure"_s}},
      {u"neurons"_s, tr("Neurons"), u"Ctrl+4"_s, {u"probes"_s}, {u"neurons"_s, u"rankings"_s, u"rank"_s, u"overlap"_s}},
      {u"effects"_s, tr("Effects"), u"Ctrl+5"_s, {u"tasks"_s, u"cells"_s, u"effects"_s}, {u"forest"_s, u"controls"_s, u"matrix"_s, u"dose"_s}},
      {u"interactions"_s, tr("Interactions"), u"Ctrl+Shift+I"_s, {u"cells"_s, u"effects"_s}, {u"interactions"_s, u"two-by-two"_s, u"pair"_s}},
      {u"mediation"_s, tr("Mediation"), u"Ctrl+Shift+M"_s, {u"cells"_s, u"effects"_s}, {u"mediated"_s, u"mediation-matrix"_s, u"mediation-parts"_s}},
      {u"similarity"_s, tr("Similarity"), u"Ctrl+6"_s, {u"similarity"_s}, {u"cka"_s, u"cka-strength"_s, u"cka-layers"_s}},
      {u"statistics"_s, tr("Statistics"), u"Ctrl+7"_s, {u"effects"_s}, {u"volcano"_s, u"regression"_s, u"tests"_s}},
      {u"report"_s, tr("Report"), u"Ctrl+8"_s, {u"effects"_s}, {u"curation"_s, u"caveats"_s, u"robustness"_s, u"strength"_s}},
      {u"runs"_s, tr("Runs"), u"Ctrl+9"_s, {}, {u"runs"_s, u"run-details"_s}}};
  return all;
}

ViewFrame* makeView(const QString& id, StudyContext& study, QWidget* parent) {
  const auto found = factories().find(id);
  return found == factories().end() ? nullptr : found->second(study, parent);
}

StagePage* makePage(const Stage& stage, StudyContext& study) {
  auto* page = new StagePage(stage.id);
  std::vector<ViewFrame*> v;
  for (const QString& id : stage.views) v.push_back(makeView(id, study, page));
  const auto is = [&stage](QLatin1StringView id) { return stage.id == id; };
  if (is("effects"_L1) || is("interactions"_L1) || is("mediation"_L1) || is("similarity"_L1) || is("statistics"_L1) || is("report"_L1) ||
      is("tasks"_L1))
    page->addBar(new ConditionBar(study, page));
  if (v.size() == 4) {
    const bool wideLeft = is("neurons"_L1) || is("effects"_L1) || is("report"_L1);
    page->addRow({v[0], v[1]}, 1, wideLeft ? std::vector<int>{3, 2} : std::vector<int>{});
    page->addRow({v[2], v[3]}, 1, is("effects"_L1) ? std::vector<int>{3, 2} : std::vector<int>{});
  } else if (is("sources"_L1)) {
    page->addRow({v[0], v[1]}, 3);
    page->addRow({v[2], v[3]}, 3);
    page->addRow({v[4]}, 2);
  } else if (is("trust"_L1)) {
    const bool parts = !study.results().evidence.tree.empty();   // other methods have two words to say there
    page->addRow({v[0], v[1]}, parts ? 3 : 4);
    page->addRow({v[2], v[3]}, parts ? 3 : 1);
    page->addRow({v[4]}, 2);
  } else if (is("metadata"_L1)) {
    page->addRow({v[0]}, 3);
    page->addRow({v[1]}, 2);
  } else if (is("annotate"_L1)) {
    addRating(page, v);
  } else if (is("runs"_L1)) {
    page->addRow({v[0], v[1]}, 1, {3, 1});
  } else if (v.size() == 3) {
    page->addRow({v[0], v[1]}, 1, is("interactions"_L1) ? std::vector<int>{2, 1} : is("mediation"_L1) ? std::vector<int>{3, 2} : std::vector<int>{});
    page->addRow({v[2]});
  } else {
    for (ViewFrame* view : v) page->addRow({view});
  }
  return page;
}

}  // namespace lacuna::app

#include "lacuna/study/session.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <mutex>

#include "cells.h"
#include "item_scores.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/statistics/bootstrap.h"
#include "lacuna/store/document_texts.h"
#include "pairs.h"
#include "people_log.h"
#include "read_results.h"
#include "task_pages.h"
#include "tune.h"

namespace lacuna::study {
namespace {

class StudySession final : public Session {
 public:
  StudySession(const std::filesystem::path& file, bool readOnly, const std::filesystem::path& cache)
      : m_store(store::Store::open(file, readOnly)), m_texts(store::DocumentTexts::open(file)), m_readOnly(readOnly),
        m_material(std::make_shared<const Material>(*m_store)),
        m_results(std::make_shared<Results>(lacuna::study::readResults(*m_store, Texts::Begun))) {
    // Paths of the spec are relative to its folder; a study that moved together with its inputs finds them beside itself.
    std::filesystem::path folder = m_store->meta("folder");
    m_spec = parseSpec(m_results->specJson, folder);
    m_spec.cache = cache;
    const std::filesystem::path beside = std::filesystem::absolute(file).parent_path();
    if (!std::filesystem::exists(folder / m_spec.model) && std::filesystem::exists(beside / m_spec.model)) m_spec.folder = beside;
    m_people = std::make_shared<People>(readPeople(*m_store, *m_results, m_spec.seed));
  }

  std::shared_ptr<const Results> results() const override {
    const std::scoped_lock lock(m_mutex);
    return m_results;
  }
  bool readOnly() const override { return m_readOnly; }

  std::string documentText(DocumentId id) const override { return m_texts->text(id); }
  void eachDocumentText(const std::function<void(DocumentId, std::string_view)>& use, const RunContext& context) const override {
    m_texts->each(use, context);
  }

  std::string viewState(const std::string& view) const override {
    const std::scoped_lock lock(m_mutex);
    return m_store->viewState(view);
  }
  void setViewState(const std::string& view, const std::string& json) override {
    const std::scoped_lock lock(m_mutex);
    if (!m_readOnly) m_store->setViewState(view, json);
  }
  void setRunNote(std::int64_t run, const std::string& tags, const std::string& note) override {
    const std::scoped_lock lock(m_mutex);
    m_store->annotateRun(run, tags, note);
    refresh();
  }

  std::shared_ptr<const People> people() const override {
    const std::scoped_lock lock(m_mutex);
    return m_people;
  }
  void annotate(std::vector<AnnotationRow> rows) override {
    const std::scoped_lock lock(m_mutex);
    auto next = std::make_shared<People>(*m_people);
    addAnswers(*m_store, rows, next->clustering);
    next->annotations.insert(next->annotations.end(), rows.begin(), rows.end());
    m_people = std::move(next);
  }
  void refreshAgreement() override {
    const std::scoped_lock lock(m_mutex);
    auto next = std::make_shared<People>(*m_people);
    next->agreement = agreementOf(m_results->documents, m_results->clusters, next->annotations, next->clustering);
    m_people = std::move(next);
  }
  void editClusters(const ClusterEdit& edit) override {
    const std::scoped_lock lock(m_workMutex, m_mutex);
    lacuna::study::editClusters(*m_store, edit, m_results->documents);
    refresh();
  }
  bool undoEdit() override { return step("undo"); }
  bool redoEdit() override { return step("redo"); }

  std::vector<std::int32_t> select(const PanelParameters& panel) const override {
    return material()->select(panel.cluster, "mlp_hidden", layerOf(panel), tauOf(panel));
  }

  PreviewResult preview(const PanelParameters& panel, std::int64_t n, const RunContext& context) override {
    const std::scoped_lock work(m_workMutex);
    const auto begin = std::chrono::steady_clock::now();
    PreviewResult result;
    result.selected = static_cast<std::int64_t>(select(panel).size());
    if (const ProbeRow* probe = m_material->probe(panel.cluster, "mlp_hidden", layerOf(panel)))
      result.width = static_cast<std::int64_t>(probe->importance.size());
    const Target target = m_material->target(requestOf(panel));
    Workspace& w = workspace(context);
    for (const tasks::Task& task : w.tasks()) {
      if (!wanted(panel, task.name)) continue;
      context.checkpoint();
      PreviewTask row{task.name, std::nan(""), std::nan(""), std::nan(""), 0, target.set.empty() ? target.why : "OK"};
      if (!target.set.empty()) previewTask(task, target.set, n, context, row);
      result.tasks.push_back(row);
    }
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return result;
  }

  std::int64_t run(const PanelParameters& panel, const RunContext& context) override {
    const std::scoped_lock work(m_workMutex);
    requireWritable();
    const Block block = blockOf(panel);
    Workspace w(m_spec, *m_store, context);
    const std::int64_t number = runBlock(w, block).front();
    const auto effects = m_store->stage("effects");
    runEffectStage(*m_store, m_spec, effects ? effects->inputHash : "", context);
    const std::scoped_lock lock(m_mutex);
    refresh();
    return number;
  }

  void update(const RunContext& context) override {
    const std::scoped_lock work(m_workMutex);
    requireWritable();
    m_workspace.reset();
    runStages(m_spec, *m_store, context, [this] { takeMaterial(); });
  }

  StrengthRow tune(const PanelParameters& panel, double budget, const RunContext& context) override {
    const std::scoped_lock work(m_workMutex);
    requireWritable();
    TuneRequest request{panel.cluster, panel.method, panel.layer, tauOf(panel), budget};
    const Tuned tuned = tunedStrength(workspace(context), *m_material, request, context);
    const std::scoped_lock lock(m_mutex);
    m_store->putStrength(tuned.strength, tuned.effects);
    refresh();
    return tuned.strength;
  }

  void runPairs(const RunContext& context) override {
    const std::scoped_lock work(m_workMutex);
    requireWritable();
    const StudySpec spec = m_spec.interactions.wanted() ? m_spec : specWith("interactions/pairs=all");
    Workspace w(spec, *m_store, context);
    const auto cells = m_store->stage("cells"), effects = m_store->stage("effects");
    const std::vector<Block> blocks = planPairs(*m_material, spec, livingClusters(*m_store), cells ? cells->inputHash : "");
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      context.report("Perturbing pairs", b, blocks.size());
      runBlock(w, blocks[b]);
    }
    runEffectStage(*m_store, spec, effects ? effects->inputHash : "", context);
    const std::scoped_lock lock(m_mutex);
    m_store->setMeta("spec", toJson(spec));
    m_spec = spec;
    refresh();
  }

  void changeSpec(const std::string& assignment) override {
    const std::scoped_lock lock(m_workMutex, m_mutex);
    requireWritable();
    const StudySpec spec = specWith(assignment);
    m_store->transaction([&] {
      m_store->setMeta("spec", toJson(spec));
      markStale(*m_store);
    });
    m_spec = spec;
    m_workspace.reset();
    refresh();
  }

  std::optional<std::int64_t> existingRun(const PanelParameters& panel) const override {
    const Block block = blockOf(panel);
    const std::scoped_lock lock(m_mutex);
    const auto number = m_store->findRun(block.runs.front().hash);
    if (!number) return std::nullopt;
    const auto isDone = [&](const RunRow& run) { return run.number == *number && run.status != "queued"; };
    return std::any_of(m_results->runs.begin(), m_results->runs.end(), isDone) ? number : std::nullopt;
  }

  double estimatedSeconds(const PanelParameters& panel) const override {
    // Cells of the grid carry their share of controls: the mean over finished cells of one block is the price of a run.
    const auto r = results();
    double sum = 0;
    std::map<std::string, int> blocks;
    for (const RunRow& run : r->runs)
      if (run.kind == "cell" && run.status == "done" && run.wallSeconds > 0 && run.method == panel.method) {
        sum += run.wallSeconds;
        ++blocks[std::to_string(run.cluster.value) + "/" + std::to_string(run.layer.value)];
      }
    return blocks.empty() ? 0 : sum / static_cast<double>(blocks.size());
  }

  std::string addTask(const std::filesystem::path& file) override {
    const std::scoped_lock work(m_workMutex);
    requireWritable();
    StudySpec spec = m_spec;
    TaskSpec added;
    added.file = std::filesystem::absolute(file);
    spec.tasks.push_back(added);
    const std::string name = readTasks(spec).back().name;
    const std::scoped_lock lock(m_tasksMutex, m_mutex);
    m_store->transaction([&] {
      m_store->setMeta("spec", toJson(spec));
      if (spec.corpus.decontaminate) markStale(*m_store);   // what the corpus loses depends on the tasks
      for (store::StageRecord record : m_store->stages())
        if (record.name == "tasks" || record.name == "cells" || record.name == "effects") {
          record.state = "stale";
          m_store->putStage(record);
        }
    });
    m_spec = std::move(spec);
    m_tasks.reset();
    m_workspace.reset();
    refresh();
    return name;
  }

  std::vector<TaskPage> taskPages() const override {
    const EffectData data = effectData();
    const auto tasks = tasksOfFiles();
    const StudySpec now = spec();
    std::vector<TaskPage> pages;
    for (std::size_t i = 0; i < std::min(tasks->size(), now.tasks.size()); ++i)
      if (data.itemsOf((*tasks)[i].name)) pages.push_back(taskPage(data, (*tasks)[i], now.tasks[i], now));
    return pages;
  }
  ItemView itemView(const std::string& task, std::int64_t place, const RunContext& context) override {
    const std::scoped_lock work(m_workMutex);
    const auto tasks = tasksOfFiles();
    return lacuna::study::itemView(workspace(context).model(), taskNamed(*tasks, task), place, context);
  }
  Examples examples(std::int64_t run, const std::string& task) const override {
    std::string metric;
    for (const TaskRow& row : results()->tasks)
      if (row.name == task) metric = row.metric;
    return {task, metric, exampleRows(m_store->path(), run, task)};
  }

  std::vector<std::filesystem::path> exportTables(const std::filesystem::path& folder, const std::vector<std::string>& what) const override {
    return exportStudy(m_store->path(), folder, what, "csv");
  }

 private:
  EffectData effectData() const {
    const std::scoped_lock lock(m_mutex);
    return EffectData(*m_store);   // made in place
  }
  /// The texts of the items; read once, until a task is added.
  std::shared_ptr<const std::vector<tasks::Task>> tasksOfFiles() const {
    const std::scoped_lock reading(m_tasksMutex);   // not m_mutex: the window does not wait for files
    if (!m_tasks) m_tasks = std::make_shared<const std::vector<tasks::Task>>(readTasks(spec()));
    return m_tasks;
  }
  static const tasks::Task& taskNamed(const std::vector<tasks::Task>& all, const std::string& name) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const tasks::Task& task) { return task.name == name; });
    if (found == all.end()) throw Error("LAC-2005", "the study's spec has no task '" + name + "'", "choose one of its tasks");
    return *found;
  }
  StudySpec spec() const {
    const std::scoped_lock lock(m_mutex);
    return m_spec;
  }
  /// The spec with one key changed; what is not in its JSON stays.
  StudySpec specWith(const std::string& assignment) const {
    StudySpec changed = parseSpec(withOverride(toJson(m_spec), assignment), m_spec.folder);
    changed.cache = m_spec.cache;
    return changed;
  }
  std::shared_ptr<const Material> material() const {
    const std::scoped_lock lock(m_mutex);
    return m_material;
  }
  /// What a stage has just stored.
  void takeMaterial() {
    auto next = std::make_shared<const Material>(*m_store);
    const std::scoped_lock lock(m_mutex);
    m_material = std::move(next);
    refresh();
  }
  void requireWritable() const {
    if (m_readOnly) throw Error("LAC-3005", m_store->path().string() + ": the study is open read-only", "save a copy and run in that");
  }
  LayerIndex layerOf(const PanelParameters& panel) const {
    return panel.layer.valid() ? panel.layer : material()->bestLayer(panel.cluster, recipeOf(panel).site);
  }
  static probes::TauConfig tauOf(const PanelParameters& panel) { return {tauRuleFromName(panel.tauRule), panel.tau}; }
  static bool wanted(const PanelParameters& panel, const std::string& task) {
    return panel.tasks.empty() || std::find(panel.tasks.begin(), panel.tasks.end(), task) != panel.tasks.end();
  }
  PerturbationSpec recipeOf(const PanelParameters& panel) const { return recipeNamed(spec(), panel.method); }   // the window asks while a worker may change the spec
  TargetRequest requestOf(const PanelParameters& panel) const {
    return {panel.cluster, recipeOf(panel), layerOf(panel), tauOf(panel), {panel.epsilon, panel.equalDose}};
  }
  /// A run from the panel is the grid's cell when its parameters are the grid's.
  Block blockOf(const PanelParameters& panel) const {
    PerturbationSpec recipe = recipeOf(panel);
    recipe.epsilons = panel.equalDose ? std::vector<double>{} : std::vector<double>{panel.epsilon};
    recipe.displacements = panel.equalDose ? std::vector<double>{panel.epsilon} : std::vector<double>{};
    recipe.controlEpsilon = panel.epsilon;
    const StudySpec now = spec();
    BlockRequest request{panel.cluster, recipe, layerOf(panel), tauOf(panel), true, now.controlDraws, now.controlKinds, {}, panel.seed, model::precisionName(now.precision)};
    for (const ClusterRow& cluster : livingClusters(*m_store)) request.others.push_back(cluster.id);
    const auto cells = m_store->stage("cells");
    return planBlock(*material(), request, cells ? cells->inputHash : "");
  }
  /// Model and tasks stay loaded between previews.
  Workspace& workspace(const RunContext& context) {
    if (!m_workspace) m_workspace = std::make_unique<Workspace>(m_spec, *m_store, context);
    m_workspace->work(context);
    return *m_workspace;
  }
  void previewTask(const tasks::Task& task, const perturbation::PerturbationSet& target, std::int64_t n, const RunContext& context, PreviewTask& row) {
    const std::vector<std::int64_t> places = previewItems(task, n);
    if (places.empty()) {
      row.status = "TOO_FEW";
      return;
    }
    const model::Arm arms[2] = {{}, perturbation::makeArm(target)};
    const auto scores = tasks::scoreItems(workspace(context).model(), task, places, arms, false, context);
    std::vector<double> difference;
    std::vector<std::int32_t> groups;
    std::map<std::int32_t, std::int32_t> dense;
    const std::vector<std::int32_t> groupOf = groupsOf(task.name);
    const auto clean = marginOf(task, places, scores[0]), perturbed = marginOf(task, places, scores[1]);
    for (std::size_t i = 0; i < clean.size(); ++i)
      if (std::isfinite(clean[i]) && std::isfinite(perturbed[i])) {
        difference.push_back(clean[i] - perturbed[i]);
        groups.push_back(dense.emplace(groupOf.at(i), static_cast<std::int32_t>(dense.size())).first->second);
      }
    const statistics::Estimate e = statistics::bcaMean(difference, groups, {2000, m_spec.level, m_spec.seed});
    row.ace = e.value;
    row.low = e.low;
    row.high = e.high;
    row.n = e.n;
    row.status = statistics::statusName(e.status);
  }
  static std::vector<double> marginOf(const tasks::Task& task, const std::vector<std::int64_t>& places, const tasks::ArmScores& scores) {
    for (const store::OutcomeRow& row : outcomeRows("", task, places, scores))
      if (row.metric == "margin") return row.values;
    return {};
  }
  std::vector<std::int32_t> groupsOf(const std::string& task) const {
    for (const store::TaskItems& items : m_store->taskItems())
      if (items.task == task) return items.groups;
    return {};
  }
  /// A fixed sample of the tuning items: the reported items are never looked at while somebody turns knobs.
  std::vector<std::int64_t> previewItems(const tasks::Task& task, std::int64_t n) const {
    const std::vector<std::int64_t> tune = tuningItems(task, m_store->taskItems());
    if (static_cast<std::int64_t>(tune.size()) <= n) return tune;
    std::vector<std::int64_t> places;
    for (const std::int64_t k : Rng(m_spec.seed, "preview/" + task.name).sample(static_cast<std::int64_t>(tune.size()), n))
      places.push_back(tune[static_cast<std::size_t>(k)]);
    std::sort(places.begin(), places.end());
    return places;
  }
  bool step(const std::string& kind) {
    const std::scoped_lock lock(m_workMutex, m_mutex);
    if (!stepEdits(*m_store, kind)) return false;
    refresh();
    return true;
  }
  void refresh() {
    m_results = std::make_shared<Results>(lacuna::study::readResults(*m_store, Texts::Begun));
    m_people = std::make_shared<People>(readPeople(*m_store, *m_results, m_spec.seed));
  }

  std::unique_ptr<store::Store> m_store;
  std::unique_ptr<const store::DocumentTexts> m_texts;   ///< closed before the store, which then folds its log back
  bool m_readOnly;
  std::shared_ptr<const Material> m_material;
  StudySpec m_spec;
  std::shared_ptr<const Results> m_results;
  std::shared_ptr<const People> m_people;
  std::unique_ptr<Workspace> m_workspace;
  mutable std::shared_ptr<const std::vector<tasks::Task>> m_tasks;
  mutable std::mutex m_mutex;      ///< results, spec and study file
  mutable std::mutex m_tasksMutex;
  std::mutex m_workMutex;          ///< one piece of work with the model at a time
};

}  // namespace

std::shared_ptr<Session> Session::open(const std::filesystem::path& file, bool readOnly, const std::filesystem::path& cache) {
  return std::make_shared<StudySession>(file, readOnly, cache);
}

}  // namespace lacuna::study

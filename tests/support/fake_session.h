#pragma once

#include <atomic>
#include <chrono>
#include <cmath>
#include <map>
#include <mutex>
#include <thread>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/study/session.h"
#include "synthetic_analyses.h"

namespace lacuna::test {

/// A study of 7 clusters, 4 layers × 512 neurons, 7 tasks and 2,000 documents, the same at every call. Cluster k matters for task k.
/// What is derived from probes and effects: synthetic_analyses.h.
inline study::Results syntheticResults() {
  study::Results r;
  r.name = "synthetic";
  r.uuid = "00000000-0000-4000-8000-000000000001";
  r.path = "/nowhere/synthetic.lacuna";
  r.model = {"/models/tiny-neox", "gpt_neox", "abc", 4, 128, 512, 1234567};
  const std::vector<std::string> names{"arithmetic", "brackets", "calendar", "colours", "kinship", "letters", "recipes"};
  const std::vector<std::string> words{"plus", "open", "month", "red", "mother", "vowel", "flour"};
  Rng rng(7, "synthetic");
  for (int k = 0; k < 7; ++k) {
    study::ClusterRow c;
    c.id = ClusterId(k);
    c.label = names[static_cast<std::size_t>(k)];
    c.silhouette = 0.5 - 0.05 * k;
    for (int t = 0; t < 12; ++t) c.terms.push_back({t == 0 ? words[static_cast<std::size_t>(k)] : names[static_cast<std::size_t>(k)].substr(0, 4) + std::to_string(t), 0.9 / (1 + 0.4 * t)});
    r.clusters.push_back(c);
    r.tasks.push_back({"task-" + names[static_cast<std::size_t>(k)], "multiple_choice", 200 + 10 * k, 0.85 - 0.03 * k, 0.25, 1.2});
  }
  for (int i = 0; i < 2000; ++i) {
    study::DocumentRow d;
    d.id = DocumentId(i);
    d.cluster = i % 7;
    const double angle = 6.283 * d.cluster / 7, spread = 0.25 + 0.1 * d.cluster / 7;
    d.x = std::cos(angle) + spread * rng.normal();
    d.y = std::sin(angle) + spread * rng.normal();
    d.silhouette = std::max(-0.4, 0.5 - 0.05 * d.cluster + 0.18 * rng.normal());
    d.source = i % 3 == 0 ? "web" : i % 3 == 1 ? "books" : "code";
    d.role = i % 5 == 0 ? "evaluate" : "fit";
    d.text = "The " + words[static_cast<std::size_t>(d.cluster)] + " of document " + std::to_string(i) + " is about " + names[static_cast<std::size_t>(d.cluster)] + ".";
    d.tokens = 12 + static_cast<int>(rng.below(60));
    auto& c = r.clusters[static_cast<std::size_t>(d.cluster)];
    ++c.size;
    c.shareNegative += d.silhouette < 0 ? 1 : 0;
    r.documents.push_back(d);
  }
  for (auto& c : r.clusters) c.shareNegative /= static_cast<double>(c.size);
  r.documentsTotal = 20000;
  r.meanSilhouette = 0.35;
  r.macroSilhouette = 0.35;
  for (const char* stage : {"corpus", "embeddings", "clusters", "activations", "probes", "tasks", "effects", "similarity", "statistics"})
    r.stages.push_back({stage, stage, std::string(stage) == "similarity" ? study::StageState::Stale : study::StageState::UpToDate, "", ""});
  for (int k = 0; k < 7; ++k)
    for (int l = 0; l < 4; ++l) {
      study::ProbeRow p;
      p.cluster = ClusterId(k);
      p.site = "mlp_hidden";
      p.layer = LayerIndex(l);
      p.auc = 0.62 + 0.09 * l - 0.012 * k;
      p.aucLow = p.auc - 0.03;
      p.aucHigh = p.auc + 0.03;
      p.accuracy = p.auc - 0.02;
      p.selectivity = 0.2 + 0.03 * l;
      p.passed = p.auc > 0.65;
      if (!p.passed) p.reason = "selectivity below 0.25";
      p.status = "OK";
      double total = 0;
      for (int n = 0; n < 512; ++n) {
        p.importance.push_back(static_cast<float>(std::pow(rng.uniform(), 9)));
        total += p.importance.back();
      }
      for (float& w : p.importance) w = static_cast<float>(w / total);
      for (int n = 0; n < 512; ++n)
        if (p.importance[static_cast<std::size_t>(n)] > 0.012F) p.selected.push_back(n);
      p.tau = 0.012;
      addValidity(p, k, l);
      r.probes.push_back(p);
    }
  std::int64_t run = 0;
  for (const char* method : {"mean", "zero", "grad_sign"})
    for (int k = 0; k < 7; ++k)
      for (const double epsilon : {0.25, 0.5, 0.75, 1.0}) {
        study::RunRow row;
        row.number = ++run;
        row.id = "01J" + std::to_string(1000 + run);
        row.created = "2025-01-01T00:00:00Z";
        row.kind = "cell";
        row.status = "done";
        row.cluster = ClusterId(k);
        row.method = method;
        row.site = "mlp_hidden";
        row.parameters = R"({"epsilon":)" + std::to_string(epsilon) + R"(,"tau":{"rule":"mass","value":0.25}})";
        row.layer = LayerIndex(3);
        row.dose = row.epsilon = epsilon;
        row.wallSeconds = 12.5;
        r.runs.push_back(row);
        for (int t = 0; t < 7; ++t) {
          study::EffectRow e;
          e.run = run;
          e.cluster = ClusterId(k);
          e.task = r.tasks[static_cast<std::size_t>(t)].name;
          e.method = method;
          e.site = "mlp_hidden";
          e.metric = "margin";
          e.layer = LayerIndex(3);
          e.dose = e.epsilon = epsilon;
          e.analysis = "exploratory";
          e.neurons = 37;
          e.ace = epsilon * ((k == t ? 0.45 - 0.04 * k : 0.02) + 0.015 * rng.normal());
          e.se = 0.02;
          e.low = e.ace - 0.05;
          e.high = e.ace + 0.06;
          e.intervalMethod = "BCa";
          e.status = "OK";
          e.n = 160;
          e.groups = 40;
          e.clean = 1.2;
          e.perturbed = 1.2 - e.ace;
          e.controlLow = -0.03;
          e.controlHigh = 0.04;
          e.controlMean = 0.005;
          e.controls = 20;
          e.pControl = k == t ? 0.048 : 0.4;
          e.wilcoxonW = 4000;
          e.p = std::exp(-40 * std::abs(e.ace));
          e.pAdjusted = std::min(1.0, 20 * e.p);
          e.effectSize = std::tanh(3 * e.ace);
          e.pMethod = "Wilcoxon";
          e.pAdjustedMethod = "Holm";
          e.nonZero = 150;
          e.familySize = 49;
          r.effects.push_back(e);
        }
        for (int l = 0; l < 4; ++l) {
          study::CkaRow c;
          c.cluster = ClusterId(k);
          c.method = method;
          c.editedLayer = LayerIndex(1);
          c.layer = LayerIndex(l);
          c.epsilon = epsilon;
          c.debiased = l < 1 ? 1 : 1 - epsilon * 0.1 * l;
          c.biased = c.debiased + 0.01;
          c.zScored = l < 1 ? 1 : 1 - epsilon * 0.16 * l;
          c.displacement = l < 1 ? 0 : epsilon * 0.2;
          c.cosine = 0.98;
          c.n = 400;
          c.status = "OK";
          r.cka.push_back(c);
        }
        if (epsilon == 1.0) {
          MatrixD m(4, 4);
          for (int a = 0; a < 4; ++a)
            for (int b = 0; b < 4; ++b) m(a, b) = std::max(0.0, 1 - 0.2 * std::abs(a - b) - 0.07 * b);
          r.ckaMatrices.push_back({ClusterId(k), method, epsilon, m});
        }
      }
  addAnalyses(r);
  return r;
}

inline study::Results syntheticWithEqualDoses() {
  study::Results r = syntheticResults();
  addEqualDoses(r);
  return r;
}

/// A session on synthetic results, with scripted latency and failure; view state is kept in memory.
class FakeSession : public study::Session {
 public:
  explicit FakeSession(study::Results results = syntheticResults()) : m_results(std::make_shared<study::Results>(std::move(results))) {}

  std::chrono::milliseconds previewTime{5};
  std::string failure;                 ///< a code: the next run or preview throws it
  std::vector<std::string> assignments;   ///< to the spec
  std::atomic<int> previewsFinished{0}, runs{0}, updates{0};

  std::shared_ptr<const study::Results> results() const override {
    const std::lock_guard lock(m_mutex);
    return m_results;
  }
  std::string documentText(DocumentId id) const override {
    for (const study::DocumentRow& d : m_results->documents)
      if (d.id == id) return d.text;
    return {};
  }
  void eachDocumentText(const std::function<void(DocumentId, std::string_view)>& use, const RunContext& context) const override {
    for (const study::DocumentRow& d : m_results->documents) context.checkpoint(), use(d.id, d.text);
  }
  bool readOnly() const override { return false; }
  std::string viewState(const std::string& view) const override {
    const std::lock_guard lock(m_mutex);
    const auto found = m_state.find(view);
    return found == m_state.end() ? std::string() : found->second;
  }
  void setViewState(const std::string& view, const std::string& json) override {
    const std::lock_guard lock(m_mutex);
    m_state[view] = json;
  }
  std::string addTask(const std::filesystem::path& file) override {
    const std::lock_guard lock(m_mutex);
    auto next = std::make_shared<study::Results>(*m_results);
    next->tasks.push_back({file.stem().string(), "multiple_choice", 10, std::nan(""), 0.25, std::nan("")});
    m_results = std::move(next);
    return file.stem().string();
  }
  void update(const RunContext&) override { ++updates; }
  void setRunNote(std::int64_t, const std::string&, const std::string&) override {}

  std::shared_ptr<const study::People> people() const override {
    const std::lock_guard lock(m_mutex);
    return m_people;
  }
  void annotate(std::vector<study::AnnotationRow> rows) override {
    const std::lock_guard lock(m_mutex);
    auto next = std::make_shared<study::People>(*m_people);
    for (study::AnnotationRow& row : rows) {
      row.number = std::ssize(next->annotations) + 1;
      if (row.clustering.empty()) row.clustering = next->clustering;
      next->annotations.push_back(row);
    }
    m_people = next;
  }
  void refreshAgreement() override {
    const std::lock_guard lock(m_mutex);
    auto next = std::make_shared<study::People>(*m_people);
    next->agreement = study::agreementOf(m_results->documents, m_results->clusters, next->annotations, next->clustering);
    m_people = next;
  }
  /// Labels and colours change; documents stay where they are, as the engine's own tests move them.
  void editClusters(const study::ClusterEdit& edit) override {
    if (!failure.empty()) throw Error(failure, "scripted failure", "nothing to do");
    const std::lock_guard lock(m_mutex);
    study::ClusterEdit asked = edit;
    if (edit.kind == "revert") asked.labels.assign(m_results->documents.size(), 0);   // before refining there was one cluster
    study::EditRow row = study::plannedEdit(asked, m_results->clusters, m_results->documents);
    row.number = std::ssize(m_people->edits) + 1;
    logEdit(row, row, true);
  }
  bool undoEdit() override { return step("undo"); }
  bool redoEdit() override { return step("redo"); }

  std::vector<study::TaskPage> taskPages() const override {
    std::vector<study::TaskPage> pages;
    for (const auto& task : results()->tasks) {
      study::TaskPage page;
      page.name = task.name;
      page.format = task.format;
      page.file = "tasks/" + task.name + ".json";
      page.description = "Choose the answer that belongs to " + task.name + ".";
      page.items = task.items;
      page.reported = page.n = task.items - 40;
      page.groups = 40;
      page.metrics = {"acc"};
      page.metric = "acc";
      page.clean = {task.accuracy, task.accuracy - 0.05, task.accuracy + 0.04};
      page.chance = task.chance;
      page.margin = {task.margin, task.margin - 0.1, task.margin + 0.1};
      pages.push_back(page);
    }
    return pages;
  }
  study::ItemView itemView(const std::string& task, std::int64_t place, const RunContext&) override {
    study::ItemView view;
    view.item = place;
    for (int choice = 0; choice < 2; ++choice) {
      study::TokenText text;
      for (const std::string& word : {std::string("Question"), std::string(" "), std::to_string(place), std::string(" of"), " " + task, std::string(":\n")}) text.pieces.push_back({word, false});
      for (const char* word : {" seven", " plus", choice == 0 ? " two" : " three"}) text.pieces.push_back({word, true});
      text.gold = choice == 1;
      view.texts.push_back(text);
    }
    return view;
  }
  /// Ten items: the first two lose a right answer, the last wins one.
  study::Examples examples(std::int64_t run, const std::string& task) const override {
    if (!failure.empty()) throw Error(failure, "scripted failure", "nothing to do");
    study::Examples out{task, "acc", {}};
    for (int i = 0; i < 10; ++i)
      out.rows.push_back({i, "Prompt " + std::to_string(i) + " of run " + std::to_string(run), "gold " + std::to_string(i), i == 9 ? "wrong" : "right", i < 2 ? "wrong" : "right",
                          i == 9 ? 0.0 : 1.0, i < 2 ? 0.0 : 1.0, 1.0, 0.1 * i, i < 2 ? -1 : i == 9 ? 1 : 0});
    return out;
  }

  std::vector<std::int32_t> select(const study::PanelParameters& panel) const override {
    return std::vector<std::int32_t>(static_cast<std::size_t>(panel.tau * 148));
  }
  study::PreviewResult preview(const study::PanelParameters& panel, std::int64_t n, const RunContext& context) override {
    if (!failure.empty()) throw Error(failure, "scripted failure", "nothing to do");
    const auto until = std::chrono::steady_clock::now() + previewTime;
    while (std::chrono::steady_clock::now() < until) {
      context.checkpoint();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    study::PreviewResult result;
    for (const std::string& task : panel.tasks) result.tasks.push_back({task, 0.2 * panel.epsilon, 0.1 * panel.epsilon, 0.3 * panel.epsilon, n, "OK"});
    result.selected = 37;
    result.width = 512;
    result.seconds = 0.01;
    ++previewsFinished;
    return result;
  }
  std::int64_t run(const study::PanelParameters& panel, const RunContext& context) override {
    if (!failure.empty()) throw Error(failure, "scripted failure", "nothing to do");
    for (int i = 0; i < 10; ++i) {
      context.report("Scoring", static_cast<std::uint64_t>(i + 1), 10);
      context.checkpoint();
    }
    ++runs;
    const std::lock_guard lock(m_mutex);
    auto next = std::make_shared<study::Results>(*m_results);
    study::RunRow row = next->runs.back();
    row.number += 1;
    row.cluster = panel.cluster;
    row.method = panel.method;
    row.dose = panel.epsilon;
    row.equalDose = panel.equalDose;
    row.epsilon = panel.equalDose ? 4 * panel.epsilon : panel.epsilon;
    row.layer = panel.layer;
    next->runs.push_back(row);
    m_results = next;
    return row.number;
  }
  study::StrengthRow tune(const study::PanelParameters& panel, double budget, const RunContext& context) override {
    if (!failure.empty()) throw Error(failure, "scripted failure", "nothing to do");
    context.checkpoint();
    study::StrengthRow row;
    row.cluster = panel.cluster;
    row.method = panel.method;
    row.layer = panel.layer;
    row.budget = budget;
    row.epsilon = 0.4;
    row.displacement = 0.1;
    row.binding = "held-out documents of other clusters";
    row.probes = R"([{"half":"tune","set":"held-out documents of other clusters","epsilon":0.4,"mean":0.01,"upper":0.015,"se":0.003},)"
                 R"({"half":"tune","set":"held-out documents of other clusters","epsilon":0.8,"mean":0.04,"upper":0.05,"se":0.006}])";
    row.status = "OK";
    const std::lock_guard lock(m_mutex);
    auto next = std::make_shared<study::Results>(*m_results);
    next->strengths.push_back(row);
    m_results = next;
    return row;
  }
  void runPairs(const RunContext& context) override {
    if (!failure.empty()) throw Error(failure, "scripted failure", "nothing to do");
    context.checkpoint();
    const std::lock_guard lock(m_mutex);
    auto next = std::make_shared<study::Results>(*m_results);
    addInteractions(*next);
    m_results = next;
  }
  void changeSpec(const std::string& assignment) override {
    const std::lock_guard lock(m_mutex);
    assignments.push_back(assignment);
  }
  std::optional<std::int64_t> existingRun(const study::PanelParameters& panel) const override {
    const std::lock_guard lock(m_mutex);
    for (const auto& row : m_results->runs)
      if (row.cluster == panel.cluster && row.method == panel.method && row.dose == panel.epsilon && row.equalDose == panel.equalDose &&
          row.layer == panel.layer)
        return row.number;
    return std::nullopt;
  }
  double estimatedSeconds(const study::PanelParameters&) const override { return 40; }
  std::vector<std::filesystem::path> exportTables(const std::filesystem::path&, const std::vector<std::string>&) const override { return {}; }

 private:
  void logEdit(study::EditRow logged, const study::EditRow& edit, bool forward) {
    auto next = std::make_shared<study::Results>(*m_results);
    for (auto& c : next->clusters) {
      if (c.id != edit.cluster) continue;
      if (edit.kind == "rename") c.label = forward ? edit.value : edit.former;
      if (edit.kind == "recolour") c.colour = std::stoi(forward ? edit.value : edit.former);
    }
    m_results = next;
    auto people = std::make_shared<study::People>(*m_people);
    logged.clustering = people->clustering;
    people->edits.push_back(std::move(logged));
    m_people = people;
  }
  bool step(const std::string& kind) {
    const std::lock_guard lock(m_mutex);
    const study::EditHistory history = study::historyOf(m_people->edits, m_people->clustering);
    const auto& from = kind == "undo" ? history.done : history.undone;
    if (from.empty()) return false;
    study::EditRow row;
    row.number = std::ssize(m_people->edits) + 1;
    row.kind = kind;
    row.of = from.back().number;
    const study::EditRow edit = from.back();
    logEdit(row, edit, kind == "redo");
    return true;
  }
  static std::shared_ptr<const study::People> noPeople(const study::Results& results) {
    auto people = std::make_shared<study::People>();
    people->clustering = "synthetic";
    people->agreement = study::agreementOf(results.documents, results.clusters, {}, people->clustering);
    return people;
  }

  mutable std::mutex m_mutex;
  std::shared_ptr<const study::Results> m_results;
  std::shared_ptr<const study::People> m_people = noPeople(*m_results);
  std::map<std::string, std::string> m_state;
};

/// Answers of two raters to every sheet: they differ on a document in ten, and find fewer intruders of each further cluster.
inline std::vector<study::AnnotationRow> syntheticAnswers(const study::Results& results) {
  std::vector<ClusterId> clusters;
  for (const auto& c : results.clusters) clusters.push_back(c.id);
  std::vector<study::AnnotationRow> rows;
  for (const std::string rater : {"ann", "bob"})
    for (const std::string kind : {"fits", "intruder"})
      for (const study::SheetItem& item : study::drawSheets(results.documents, clusters, kind, 0)) {
        study::AnnotationRow row;
        row.rater = rater;
        row.kind = item.kind;
        row.cluster = item.cluster;
        row.item = item.item;
        for (const DocumentId id : item.documents) row.documents.push_back(id.value);
        if (item.intruder.valid()) row.expected = std::to_string(item.intruder.value);
        const bool first = rater == "ann";
        if (item.kind == "topic") row.value = first ? results.clusters[item.cluster.index()].label : "all about " + results.clusters[item.cluster.index()].label;
        else if (item.kind == "fits") row.value = item.item % 5 == 0 ? "not" : item.item % 10 == 3 && !first ? "not" : "fits";
        else row.value = item.item < 9 - item.cluster.value ? row.expected : std::to_string(row.documents[row.documents[0] == item.intruder.value ? 1 : 0]);
        row.seconds = 2;
        rows.push_back(std::move(row));
      }
  return rows;
}

}  // namespace lacuna::test

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "lacuna/activations/activations.h"
#include "lacuna/corpus/corpus.h"
#include "lacuna/files/files.h"
#include "lacuna/perturbation/perturbation.h"
#include "lacuna/probes/subspaces.h"
#include "lacuna/statistics/auc.h"
#include "lacuna/store/store.h"
#include "lacuna/study/session.h"
#include "lacuna/study/study.h"
#include "tiny_study.h"

using namespace lacuna;
using namespace lacuna::study;

namespace {

constexpr int kDraws = 3;

using Edits = perturbation::PerturbationSet;

}  // namespace

/// Subspaces of a whole study: do they erase, also one layer after another, and do all kinds have their controls?
class SubspacesTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::filesystem::path m_spec, m_file;
  Results m_results;
  std::unique_ptr<store::Store> m_store;
  std::shared_ptr<const model::Model> m_model;
  corpus::Corpus m_corpus;

  const SubspaceRow* checked(ClusterId cluster, LayerIndex layer, const std::string& kind, LayerIndex start = {}) const {
    for (const SubspaceRow& row : m_results.subspaces)
      if (row.cluster == cluster && row.site == "resid_post" && row.layer == layer && row.kind == kind && row.start == start) return &row;
    return nullptr;
  }
  const RunRow& run(const std::string& method, ClusterId cluster) const {
    for (const RunRow& row : m_results.runs)
      if (row.method == method && row.cluster == cluster && !row.equalDose) return row;
    qFatal("no run of %s", method.c_str());
  }
  std::vector<store::ArmRow> armsOf(const RunRow& row) const {
    std::vector<store::ArmRow> arms;
    for (const store::ArmRow& arm : m_store->arms())
      if (arm.run == row.number) arms.push_back(arm);
    return arms;
  }
  static Edits editsOf(const store::ArmRow& arm) { return perturbation::setFromJson(nlohmann::json::parse(arm.parameters)); }

  /// Means over documents at the end of a layer under a set.
  MatrixF pooled(const Edits& set, LayerIndex layer) const {
    activations::ActivationConfig config;
    config.sites = {{model::Site::ResidPost, layer}};
    config.maxTokens = 32;
    const model::Arm arm = perturbation::makeArm(set);
    return activations::collectUnder(m_corpus, *m_model, config, std::span(&arm, 1), {})[0].sites[0].pooled;
  }
  /// Labels, families and roles as the probes had them.
  probes::ProbeInput inputOf(MatrixF x) const {
    std::map<std::int64_t, const DocumentRow*> rows;
    for (const DocumentRow& row : m_results.documents) rows[row.id.value] = &row;
    probes::ProbeInput input;
    input.x = std::move(x);
    input.clusters = static_cast<int>(m_results.clusters.size());
    for (const corpus::Document& document : m_corpus.documents) {
      const DocumentRow& row = *rows.at(document.id.value);
      input.labels.push_back(row.cluster);
      input.families.push_back(row.family);
      input.roles.push_back(row.role == "fit" ? probes::SplitRole::Fit : row.role == "tune" ? probes::SplitRole::Tune : probes::SplitRole::Evaluate);
    }
    return input;
  }
  /// Length of the difference between the cluster's mean and the rest's, over the documents of role Fit.
  double meanGap(const MatrixF& x, ClusterId cluster) const {
    const probes::ProbeInput input = inputOf(x);
    VectorD sums[2] = {VectorD::Zero(x.cols()), VectorD::Zero(x.cols())};
    double counts[2] = {0, 0};
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      if (input.roles[at] != probes::SplitRole::Fit) continue;
      const int side = input.labels[at] == cluster.value ? 0 : 1;
      sums[side] += x.row(i).cast<double>().transpose();
      ++counts[side];
    }
    return (sums[0] / counts[0] - sums[1] / counts[1]).norm();
  }
  /// The edits of a target as they would be with every layer fitted on clean states.
  Edits cleanlyFitted(Edits set, ClusterId cluster) const {
    for (perturbation::Perturbation& p : set) {
      for (const store::DirectionRow& row : m_store->directions())
        if (row.cluster == cluster && row.site == "resid_post" && row.layer == p.layer && row.kind == "meandiff") p.basis = probes::orthonormalRows(row.values.transpose());
      for (const store::SiteStatsRow& row : m_store->siteStats())
        if (row.site == "resid_post" && row.layer == p.layer) p.centre.assign(row.mean.begin(), row.mean.end());
    }
    return set;
  }

 private Q_SLOTS:
  void initTestCase() {
    const std::filesystem::path folder = m_folder.path().toStdString();
    m_spec = tests::writeTinyStudy(folder, LACUNA_TEST_DATA "/models/gpt2_default");
    auto spec = nlohmann::json::parse(files::readText(m_spec));
    spec["controls"] = {{"draws", kDraws}, {"kinds", {"matched", "permuted", "other", "noise"}}};
    spec["similarity"] = {{"documents", 0}};
    spec["perturbations"] = nlohmann::json::parse(R"([
      {"method": "project", "epsilons": [1.0], "layer": 0}, {"method": "leace", "epsilons": [1.0], "layer": 0},
      {"method": "project", "subspace": "probe", "epsilons": [1.0], "layer": 0},
      {"method": "project", "subspace": "pca", "rank": 2, "epsilons": [1.0], "span": "window"},
      {"method": "project", "subspace": "pca", "rank": 1, "epsilons": [1.0], "layer": 0},
      {"method": "project", "subspace": "inlp", "rank": 2, "epsilons": [1.0]},
      {"method": "grad_sign", "epsilons": [0.1], "layer": 0}, {"method": "flip", "epsilons": [1.0], "layer": 0}, {"method": "mean", "epsilons": [1.0], "layer": 0},
      {"method": "project", "span": "onward", "epsilons": [1.0], "layer": 0}, {"method": "leace", "span": "onward", "epsilons": [1.0], "layer": 0},
      {"method": "project", "span": "onward", "displacements": [0.05], "layer": 0},
      {"method": "project", "subspace": "inlp", "rank": 2, "span": "onward", "epsilons": [1.0], "layer": 0}])");
    files::writeFileAtomically(m_spec, spec.dump());
    m_file = folder / "subspaces.lacuna";
    runStudy(readSpec(m_spec), m_file, {});
    m_results = readResults(m_file);
    m_store = store::Store::open(m_file, true);
    m_model = model::Model::load(LACUNA_TEST_DATA "/models/gpt2_default", {});
    corpus::CorpusConfig config = readSpec(m_spec).corpus;
    config.path = folder / config.path;
    m_corpus = corpus::readCorpus(config, {});
  }

  /// The stored number is that of the probe library on the states, directions and moments of the study.
  void everyFittedSubspaceIsChecked() {
    int seen = 0;
    for (const ProbeRow& probe : m_results.probes) {
      if (probe.site != "resid_post" || probe.status != "OK") continue;
      for (const char* kind : {"meandiff", "probe", "leace", "pca2", "pca1", "inlp2"}) QVERIFY2(checked(probe.cluster, probe.layer, kind), kind);
      const SubspaceRow& row = *checked(probe.cluster, probe.layer, "meandiff");
      QCOMPARE(row.status, std::string("OK"));
      QVERIFY(row.rank == 1 && row.aucLow <= row.auc && row.auc <= row.aucHigh);
      QCOMPARE(row.incomplete, row.auc > 0.55);
      QCOMPARE(row.reason.empty(), !row.incomplete);
      Edits set = editsOf(armsOf(run("project", probe.cluster)).front());
      set.front().layer = probe.layer;
      const perturbation::Perturbation p = cleanlyFitted(set, probe.cluster).front();
      const VectorD centre = Eigen::Map<const VectorD>(p.centre.data(), static_cast<Eigen::Index>(p.centre.size()));
      const probes::ErasureCheck wanted =
          probes::checkErasure(inputOf(pooled({}, probe.layer)), probe.cluster, probes::orthogonalErasure(p.basis, centre), probe.lambda, 0.55, {});
      QVERIFY(std::abs(row.auc - wanted.auc.value) < 1e-9);
      ++seen;
    }
    QVERIFY(seen >= 6);
    QVERIFY(checked(ClusterId(0), LayerIndex(0), "pca2")->rank == 2 && checked(ClusterId(0), LayerIndex(0), "pca1")->rank == 1);
  }

  void probesAreReadTokenByToken() {
    activations::ActivationConfig config;
    config.maxTokens = 32;
    corpus::Corpus held;
    std::vector<std::int32_t> labels;
    const probes::ProbeInput all = inputOf(MatrixF());
    for (std::size_t i = 0; i < m_corpus.documents.size(); ++i) {
      if (all.roles[i] != probes::SplitRole::Evaluate) continue;
      held.documents.push_back(m_corpus.documents[i]);
      labels.push_back(all.labels[i]);
    }
    RunContext context;
    context.seed = readSpec(m_spec).seed;
    int seen = 0;
    for (const ProbeRow& probe : m_results.probes) {
      if (probe.status != "OK") continue;
      QVERIFY(probe.tokenAucLow <= probe.tokenAuc && probe.tokenAuc <= probe.tokenAucHigh);
      config.sites = {{*model::siteFromName(probe.site), probe.layer}};
      const activations::TokenStates tokens = activations::collectTokens(held, *m_model, config, 8, context);
      std::vector<double> scores;
      std::vector<std::uint8_t> inside;
      for (const store::DirectionRow& row : m_store->directions()) {
        if (row.cluster != probe.cluster || row.site != probe.site || row.layer != probe.layer || row.kind != "probe") continue;
        for (std::size_t t = 0; t < tokens.documents.size(); ++t) {
          scores.push_back(tokens.states[0].row(static_cast<Eigen::Index>(t)).cast<double>().dot(row.values));
          inside.push_back(labels[static_cast<std::size_t>(tokens.documents[t])] == probe.cluster.value);
        }
      }
      QVERIFY(std::abs(probe.tokenAuc - statistics::auc(scores, inside)) < 1e-9);
      ++seen;
    }
    QVERIFY(seen >= 12);
  }

  /// Fitted on clean states, a layer's subspace is not where the cluster is once the layer below was edited: its means still differ. Refitted
  /// layer by layer, they do not.
  void onwardEditsEraseWhatCleanFitsLeave() {
    const LayerIndex last(m_results.model.layers - 1);
    for (const ClusterRow& cluster : m_results.clusters) {
      const Edits refitted = editsOf(armsOf(run("project+onward", cluster.id)).front()), clean = cleanlyFitted(refitted, cluster.id);
      QCOMPARE(refitted.size(), static_cast<std::size_t>(m_results.model.layers));
      QVERIFY(refitted.front().basis.isApprox(clean.front().basis, 1e-9));   // below it nothing is edited
      const double before = meanGap(pooled({}, last), cluster.id);
      QVERIFY(meanGap(pooled(refitted, last), cluster.id) < 1e-5 * before);
      QVERIFY2(meanGap(pooled(clean, last), cluster.id) > 0.02 * before, qPrintable(QString::number(meanGap(pooled(clean, last), cluster.id) / before)));
    }
  }

  void onwardFitsAreCheckedUnderTheEditsBelow() {
    for (const char* kind : {"project+onward", "leace+onward", "project:inlp2+onward"})
      for (const ClusterRow& cluster : m_results.clusters)
        for (std::int64_t layer = 1; layer < m_results.model.layers; ++layer) {
          const SubspaceRow* row = checked(cluster.id, LayerIndex(layer), kind, LayerIndex(0));
          QVERIFY2(row, kind);
          QVERIFY(row->status == "OK" || row->rank == 0);
        }
    const ClusterId cluster(1);
    Edits set = editsOf(armsOf(run("project+onward", cluster)).front());
    const perturbation::Perturbation second = set[1];
    set.resize(1);
    const VectorD centre = Eigen::Map<const VectorD>(second.centre.data(), static_cast<Eigen::Index>(second.centre.size()));
    double lambda = 0;
    for (const ProbeRow& probe : m_results.probes)
      if (probe.cluster == cluster && probe.site == "resid_post" && probe.layer == second.layer) lambda = probe.lambda;
    const auto wanted = probes::checkErasure(inputOf(pooled(set, second.layer)), cluster, probes::orthogonalErasure(second.basis, centre), lambda, 0.55, {});
    QVERIFY(std::abs(checked(cluster, second.layer, "project+onward", LayerIndex(0))->auc - wanted.auc.value) < 1e-9);
  }

  void equalDosesOfOnwardEditsMoveWhatTheyWereFittedOn() {
    const RunRow* dosed = nullptr;
    for (const RunRow& row : m_results.runs)
      if (row.method == "project+onward" && row.equalDose && row.cluster == ClusterId(0) && row.status == "done") dosed = &row;
    QVERIFY(dosed);
    const Edits set = editsOf(armsOf(*dosed).front());
    for (const store::OnwardRow& row : m_store->onward()) {
      if (row.cluster != ClusterId(0) || row.method != "project+onward" || row.draw >= 0 || row.start != LayerIndex(0)) continue;
      QVERIFY(row.size > 0 && row.size < row.spread);
      for (const perturbation::Perturbation& p : set)
        if (p.layer == row.layer) QVERIFY(std::abs(p.epsilon * row.size / row.spread - 0.05) < 1e-9);
    }
  }

  void everyKindHasEveryControl() {
    for (const RunRow& row : m_results.runs) {
      if (row.status != "done") continue;
      std::map<std::string, int> kinds;
      for (const store::ArmRow& arm : armsOf(row)) ++kinds[arm.kind];
      for (const char* kind : {"matched", "permuted", "noise"}) QVERIFY2(kinds[kind] == kDraws, qPrintable(QString::fromStdString(row.method + " " + kind + ": " + row.note)));
      QVERIFY2(kinds["other"] == 2 || !row.note.empty(), row.method.c_str());
    }
  }

  /// A control of permuted labels takes as many directions as its target, at as many layers, and others.
  void permutedSubspacesHaveTheTargetsRank() {
    int seen = 0;
    for (const char* method : {"project:pca2+window3", "project:pca", "project:inlp2", "project+onward", "leace+onward", "project:inlp2+onward"})
      for (const ClusterRow& cluster : m_results.clusters) {
        const auto arms = armsOf(run(method, cluster.id));
        if (arms.empty()) continue;
        const Edits target = editsOf(arms.front());
        for (const store::ArmRow& arm : arms) {
          if (arm.kind != "permuted") continue;
          const Edits control = editsOf(arm);
          QCOMPARE(control.size(), target.size());
          for (std::size_t i = 0; i < target.size(); ++i) {
            QCOMPARE(control[i].basis.rows(), target[i].basis.rows());
            QVERIFY(!control[i].basis.isApprox(target[i].basis, 1e-3));
          }
          ++seen;
        }
      }
    QVERIFY(seen >= 4 * kDraws);
  }

  void aStartThatWasNotFittedIsRefusedInWords() {
    const auto session = Session::open(m_file, true);
    PanelParameters panel;
    panel.cluster = ClusterId(0);
    panel.method = "project+onward";
    panel.layer = LayerIndex(1);
    const PreviewResult last = session->preview(panel, 4, {});   // nothing lies above: nothing had to be fitted
    panel.layer = LayerIndex(0);
    const PreviewResult first = session->preview(panel, 4, {});
    QVERIFY(std::isfinite(first.tasks.at(0).ace));
    if (m_results.model.layers > 2) QVERIFY(last.tasks.at(0).status.find("under edits from layer 1") != std::string::npos);
    else QVERIFY(std::isfinite(last.tasks.at(0).ace));
  }

  void bothAreExported() {
    const std::filesystem::path out = m_folder.path().toStdString() + "/tables";
    exportStudy(m_file, out, {"subspaces", "probes"}, "csv");
    const std::string subspaces = files::readText(out / "subspaces.csv"), probes = files::readText(out / "probes.csv");
    QVERIFY(subspaces.find("incomplete_erasure") != std::string::npos && subspaces.find("leace+onward") != std::string::npos);
    QVERIFY(probes.find("token_auc,token_auc_low,token_auc_high") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(SubspacesTest)
#include "subspaces_test.moc"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <SQLiteCpp/Database.h>
#include <cmath>
#include <fstream>

#include "lacuna/base/error.h"
#include "lacuna/store/store.h"

using namespace lacuna;
using namespace lacuna::store;

namespace {

std::string codeOf(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& e) {
    return e.code();
  }
  return "no error";
}

EffectRow effect(std::int64_t run, const char* task) {
  EffectRow row;
  row.run = run;
  row.cluster = ClusterId(2);
  row.task = task;
  row.metric = "margin";
  row.ace = 0.1;
  row.pControl = std::nan("");
  row.status = "OK";
  return row;
}

StrengthEffectRow effectAt(const char* task) {
  StrengthEffectRow row;
  row.cluster = ClusterId(1);
  row.method = "project";
  row.layer = LayerIndex(2);
  row.budget = 0.02;
  row.task = task;
  row.metric = "margin";
  row.unrelated = true;
  row.similarity = std::nan("");
  return row;
}

}  // namespace

class StoreTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::filesystem::path file(const char* name) const { return (m_folder.path() + "/" + name).toStdString(); }

 private Q_SLOTS:
  void rowsComeBackAsTheyWere() {
    const auto path = file("round.lacuna");
    SiteStatsRow stats;
    stats.site = "resid_post";
    stats.layer = LayerIndex(1);
    stats.mean = VectorD::LinSpaced(3, 0.1, 0.3);
    stats.covariance = MatrixD::Random(3, 3);
    stats.rho = 1.25;
    ProbeRow probe;
    probe.cluster = ClusterId(1);
    probe.site = "mlp_hidden";
    probe.importance = {0.25F, 0.75F};
    probe.selected = {1, 0};
    {
      const auto store = Store::create(path);
      store->putClusters({{ClusterId(0), "a \"label\", with comma", 7, 0.5, 0.25, true, {{"wörd", 1.5}, {"x", -0.0}}}});
      store->putProbes({probe}, {stats}, {{ClusterId(1), "mlp_hidden", LayerIndex(0), "probe", VectorD::Ones(2)}});
      store->putOutcomes({{"clean", "dyck", "margin", {1.5, std::nan(""), -2}, 3, 4.5, 6}});
      store->putEffects({effect(1, "dyck")});
    }
    const auto store = Store::open(path, true);
    const ClusterRow cluster = store->clusters().at(0);
    QCOMPARE(cluster.label, std::string("a \"label\", with comma"));
    QCOMPARE(cluster.terms.at(0).word, std::string("wörd"));
    QVERIFY(cluster.tooFew);
    QCOMPARE(store->probes().at(0).importance, probe.importance);
    QCOMPARE(store->probes().at(0).selected, probe.selected);
    QVERIFY(store->siteStats().at(0).covariance == stats.covariance);
    QVERIFY(store->siteStats().at(0).mean == stats.mean);
    QCOMPARE(store->directions().at(0).values.size(), 2);
    const OutcomeRow outcome = store->outcomes().at(0);
    QCOMPARE(outcome.values.at(0), 1.5);
    QVERIFY(std::isnan(outcome.values.at(1)));
    QCOMPARE(outcome.editedRows, std::int64_t(3));
    QVERIFY(std::isnan(store->effects().at(0).pControl));
    QCOMPARE(store->effects().at(0).ace, 0.1);
  }

  void whatPeopleSaidAndDidIsOnlyAddedTo() {
    const auto path = file("people.lacuna");
    AnnotationRow answer;
    answer.rater = "ann";
    answer.kind = "intruder";
    answer.cluster = ClusterId(3);
    answer.documents = {5, 2, 9};
    answer.expected = "2";
    answer.seconds = std::nan("");
    EditRow edit;
    edit.kind = "merge";
    edit.target = ClusterId(-2);
    edit.documents = {1, 2};
    edit.before = {0, 1};
    {
      const auto store = Store::create(path);
      QCOMPARE(store->addAnnotations({answer, answer}), std::int64_t(2));
      QCOMPARE(store->addAnnotations({answer}), std::int64_t(3));
      QCOMPARE(store->addEdit(edit), std::int64_t(1));
      const auto rows = store->annotations();
      QCOMPARE(rows.size(), std::size_t(3));
      QCOMPARE(rows[2].number, std::int64_t(3));
      QCOMPARE(rows[2].documents, answer.documents);
      QVERIFY(std::isnan(rows[2].seconds));
      QCOMPARE(store->edits().at(0).before, edit.before);
      QCOMPARE(store->edits().at(0).target.value, -2);
    }
    SQLite::Database db(path.string(), SQLite::OPEN_READWRITE);
    for (const char* sql : {"DELETE FROM annotation", "UPDATE annotation SET value = 'x'", "DELETE FROM edit", "UPDATE edit SET kind = 'x'"})
      QVERIFY_EXCEPTION_THROWN(db.exec(sql), SQLite::Exception);
  }

  void documentsMoveAndForgetTheirSilhouettes() {
    const auto store = Store::create(file("moved.lacuna"));
    DocumentRow a, b;
    a.id = DocumentId(1), b.id = DocumentId(2);
    a.cluster = b.cluster = 0;
    a.silhouette = b.silhouette = 0.5;
    store->putDocuments({a, b});
    store->moveDocuments({2}, {7});
    const auto rows = store->documents();
    QCOMPARE(rows[0].silhouette, 0.5);
    QCOMPARE(rows[1].cluster, 7);
    QVERIFY(std::isnan(rows[1].silhouette));
    ClusterRow cluster;
    cluster.id = ClusterId(7);
    cluster.colour = 4;
    store->putCluster(cluster);
    QCOMPARE(store->clusters().at(0).colour, 4);
  }

  void aClosedStudyIsOneFile() {
    const auto path = file("one.lacuna");
    Store::create(path)->setMeta("name", "x");
    QVERIFY(!std::filesystem::exists(path.string() + "-wal"));
    QVERIFY(!std::filesystem::exists(path.string() + ".lock"));
    std::ifstream in(path, std::ios::binary);
    std::string head(72, '\0');
    in.read(head.data(), 72);
    QCOMPARE(head.substr(0, 15), std::string("SQLite format 3"));
    QCOMPARE(head.substr(68, 4), std::string("LACN"));
  }

  void aFailedTransactionLeavesNothing() {
    const auto store = Store::create(file("rollback.lacuna"));
    store->setMeta("name", "before");
    QCOMPARE(codeOf([&] {
               store->transaction([&] {
                 store->setMeta("name", "after");
                 throw Error("LAC-9999", "stop");
               });
             }),
             std::string("LAC-9999"));
    QCOMPARE(store->meta("name"), std::string("before"));
  }

  void runsAreNumberedAndFoundByHash() {
    const auto store = Store::create(file("runs.lacuna"));
    RunRow run;
    run.status = "queued";
    run.parameters = "{}";
    QCOMPARE(store->addRun(run, "h1", {{0, -1, "arm", "{}"}}), std::int64_t(1));
    QCOMPARE(store->addRun(run, "h2", {}), std::int64_t(2));
    QCOMPARE(*store->findRun("h2"), std::int64_t(2));
    QVERIFY(!store->findRun("h3"));
    store->finishRun(1, "done", 0.5);
    store->annotateRun(1, "paper", "a note");
    QCOMPARE(store->runs().at(0).tags, std::string("paper"));
    QCOMPARE(store->arms().at(0).run, std::int64_t(1));
    store->putOutcomes({{"clean", "t", "margin", {1}, 0, 0, 0}, {"arm", "t", "margin", {1}, 0, 0, 0}});
    store->dropOutcomes(true);
    QVERIFY(store->hasOutcome("clean", "t"));
    QVERIFY(!store->hasOutcome("arm", "t"));
    QVERIFY(!store->findRun("h1"));
    QCOMPARE(store->runs().at(0).status, std::string("stale"));
  }

  void aSecondWriterIsRefused() {
    const auto path = file("locked.lacuna");
    const auto store = Store::create(path);
    QCOMPARE(codeOf([&] { Store::open(path, false); }), std::string("LAC-3001"));
    QVERIFY(Store::open(path, true) != nullptr);
  }

  void readOnlyRefusesToWrite() {
    const auto path = file("readonly.lacuna");
    Store::create(path);
    const auto store = Store::open(path, true);
    QCOMPARE(codeOf([&] { store->setMeta("name", "x"); }), std::string("LAC-3005"));
  }

  void whatIsNoStudyIsRefused() {
    QCOMPARE(codeOf([&] { Store::open(file("absent.lacuna"), true); }), std::string("LAC-3004"));
    std::ofstream(file("text.lacuna")) << std::string(4096, 'x');
    QCOMPARE(codeOf([&] { Store::open(file("text.lacuna"), true); }), std::string("LAC-3004"));
    const auto newer = file("newer.lacuna");
    Store::create(newer);
    std::fstream bytes(newer, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(60);  // user_version, big-endian
    bytes.write("\0\0\0\x63", 4);
    bytes.close();
    QCOMPARE(codeOf([&] { Store::open(newer, true); }), std::string("LAC-3003"));
  }

  void anOlderStudyIsBroughtUpToDateOnce() {
    const auto path = file("older.lacuna");
    Store::create(path)->putClusters({{ClusterId(0), "kept", 7, 0.5, 0.25, true, {}}});
    std::fstream bytes(path, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(60);  // user_version
    bytes.write("\0\0\0\1", 4);
    bytes.close();
    QCOMPARE(codeOf([&] { Store::open(path, true); }), std::string("LAC-3006"));
    QCOMPARE(Store::open(path, false)->clusters().at(0).label, std::string("kept"));
    QVERIFY(std::filesystem::exists(path.string() + ".v1.bak"));
    QCOMPARE(Store::open(path, true)->clusters().at(0).label, std::string("kept"));
  }

  /// A file of schema 2: the tables and columns of schema 3 are added, and numbers that it never had are missing, not 0.
  void aStudyWithoutTheNewTablesGetsThem() {
    const auto path = file("two.lacuna");
    {
      const auto store = Store::create(path);
      ProbeRow probe;
      probe.cluster = ClusterId(1);
      probe.site = "mlp_hidden";
      probe.auc = 0.9;
      store->putProbes({probe}, {}, {});
    }
    {
      SQLite::Database db(path.string(), SQLite::OPEN_READWRITE);
      for (const char* table : {"subspace", "onward", "strength_effect"}) db.exec(std::string("DROP TABLE ") + table);
      for (const char* column : {"token_auc", "token_auc_low", "token_auc_high"}) db.exec(std::string("ALTER TABLE probe DROP COLUMN ") + column);
      db.exec("PRAGMA user_version = 2");
    }
    const auto store = Store::open(path, false);
    QVERIFY(std::filesystem::exists(path.string() + ".v2.bak"));
    QCOMPARE(store->probes().at(0).auc, 0.9);
    QVERIFY(std::isnan(store->probes().at(0).tokenAuc) && std::isnan(store->probes().at(0).tokenAucHigh));
    QVERIFY(store->subspaces().empty() && store->onward().empty() && store->strengthEffects().empty());
  }

  void subspacesComeBackAsTheyWere() {
    const auto store = Store::create(file("subspaces.lacuna"));
    SubspaceRow row;
    row.cluster = ClusterId(1);
    row.kind = "leace";
    row.auc = 0.52;
    row.status = "OK";
    store->putSubspaces({row});
    store->putOnward({{ClusterId(1), "leace+onward", "resid_post", LayerIndex(0), LayerIndex(1), -1, MatrixD::Ones(1, 3), MatrixD::Random(1, 3), VectorD::Ones(3)},
                      {ClusterId(1), "leace+onward", "resid_post", LayerIndex(0), LayerIndex(1), 0, MatrixD(0, 3), MatrixD(), VectorD::Ones(3)}});
    QCOMPARE(store->subspaces().at(0).auc, 0.52);
    QVERIFY(!store->subspaces().at(0).start.valid());
    QCOMPARE(store->onward().size(), std::size_t(2));
    QVERIFY(store->onward().at(0).basis == MatrixD::Ones(1, 3) && store->onward().at(0).centre == VectorD::Ones(3));
    QCOMPARE(store->onward().at(1).basis.rows(), Eigen::Index(0));
    QCOMPARE(store->onward().at(1).basis.cols(), Eigen::Index(3));
  }

  void analysisComesBackAsItWas() {
    const auto store = Store::create(file("analysis.lacuna"));
    Analysis analysis;
    analysis.controls.push_back({3, "dyck", "margin", "permuted", 20, 0.5, 0.1, -0.1, 0.3, 1.0 / 21, 1});
    analysis.regression.push_back({"ols-hc3", "ln_tokens", 0.2, 0.1, 0, 0.4, 0.05, std::nan(""), 49, 7, "OK", ""});
    store->putAnalysis(analysis);
    store->putStrength({ClusterId(1), "project", LayerIndex(2), 0.02, 0.7, 0.4, true, "wiki", "[]", "OK", ""}, {effectAt("dyck"), effectAt("gsm8k")});
    store->putStrength({ClusterId(1), "project", LayerIndex(2), 0.02, 0.6, 0.4, true, "wiki", "[]", "OK", ""}, {effectAt("dyck")});
    QCOMPARE(store->analysis().controls.at(0).kind, std::string("permuted"));
    QVERIFY(std::isnan(store->analysis().regression.at(0).vif));
    QCOMPARE(store->strengths().size(), std::size_t(1));
    QCOMPARE(store->strengths().at(0).epsilon, 0.6);
    QCOMPARE(store->strengthEffects().size(), std::size_t(1));   // those of the replaced row went with it
    QCOMPARE(store->strengthEffects().at(0).task, std::string("dyck"));
    QVERIFY(store->strengthEffects().at(0).unrelated && std::isnan(store->strengthEffects().at(0).similarity));
  }

  void aDamagedBlobIsNamed() {
    const auto path = file("blob.lacuna");
    {
      const auto store = Store::create(path);
      store->putCka({}, {{ClusterId(0), "mean", 1, MatrixD::Ones(2, 2)}});
    }
    std::fstream bytes(path, std::ios::in | std::ios::out | std::ios::binary);
    std::string all((std::istreambuf_iterator<char>(bytes)), {});
    const std::string shape("\2\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 16);
    const std::size_t at = all.find(shape);
    QVERIFY(at != std::string::npos);
    bytes.clear();
    bytes.seekp(static_cast<std::streamoff>(at));
    bytes.write("\3", 1);
    bytes.close();
    const auto store = Store::open(path, true);
    QCOMPARE(codeOf([&] { store->ckaMatrices(); }), std::string("LAC-3004"));
  }
};

QTEST_GUILESS_MAIN(StoreTest)
#include "store_test.moc"

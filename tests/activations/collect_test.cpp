#include <QtTest>

#include <QDirIterator>
#include <QTemporaryDir>
#include <cmath>
#include <map>
#include <set>

#include "batches.h"
#include "lacuna/activations/activations.h"
#include "lacuna/base/error.h"
#include "lacuna/base/log.h"
#include "lacuna/base/rng.h"

using namespace lacuna;
using namespace lacuna::activations;
using model::Site;

namespace {

corpus::Corpus sentences(int count) {
  corpus::Corpus corpus;
  for (int i = 0; i < count; ++i) {
    corpus::Document document;
    document.id = DocumentId(i);
    document.text = "sentence " + std::to_string(i * i) + " says " + std::string(static_cast<std::size_t>(i % 9), 'b') + "<|endoftext|>";
    document.role = static_cast<corpus::Role>(i % 3);
    corpus.documents.push_back(document);
  }
  return corpus;
}

ActivationConfig allSites() {
  ActivationConfig config;
  for (const Site site : {Site::ResidPre, Site::ResidPost, Site::MlpHidden, Site::AttnOut, Site::MlpOut}) config.sites.push_back({site, LayerIndex(1)});
  config.sites.push_back({Site::ResidPost, LayerIndex(0)});
  return config;
}

RunContext withThreads(int threads) {
  RunContext context;
  context.threads = threads;
  return context;
}

void compareBits(const ActivationSet& a, const ActivationSet& b) {
  QCOMPARE(a.tokens, b.tokens);
  QCOMPARE(a.usable, b.usable);
  QCOMPARE(a.truncated, b.truncated);
  QCOMPARE(a.sites.size(), b.sites.size());
  for (std::size_t s = 0; s < a.sites.size(); ++s) {
    const SiteStats &x = a.sites[s].stats, &y = b.sites[s].stats;
    QVERIFY(a.sites[s].pooled == b.sites[s].pooled);
    QVERIFY(x.mean == y.mean && x.sd == y.sd && x.meanSquare == y.meanSquare && x.covariance == y.covariance);
    QVERIFY(x.rho == y.rho && x.tokens == y.tokens);
  }
}

/// Halves the stream after block 0.
class Halved final : public model::Edit {
 public:
  Site site() const override { return Site::ResidPost; }
  LayerIndex layer() const override { return LayerIndex(0); }
  void apply(model::SiteRows rows) const override {
    for (std::int64_t r = 0; r < rows.rows; ++r)
      for (std::int64_t j = 0; j < rows.width && rows.selected[r] != 0; ++j) rows.values[r * rows.width + j] /= 2;
  }
};

}  // namespace

class CollectTest : public QObject {
  Q_OBJECT

  std::shared_ptr<const model::Model> m_model;

  /// The states of one document, run alone.
  MatrixF statesOf(const corpus::Document& document, model::Capture site) const {
    const auto ids = m_model->tokenizer().encode(document.text, {.addSpecial = true, .specialAsText = true}).ids;
    model::ForwardRequest request;
    request.captures = {site};
    const model::Arm clean;
    return model::forward(*m_model, {{ids, -1, false}}, std::span(&clean, 1), request, {}).captured[0][0];
  }

 private Q_SLOTS:
  void initTestCase() { m_model = model::Model::load(LACUNA_TEST_DATA "/models/gpt2_default", {}); }
  void cleanup() { log::setSink({}); }

  void pooledRowsAreMeansWithoutTheFirstToken() {
    const auto corpus = sentences(20);
    const ActivationSet set = collect(corpus, *m_model, allSites(), {});
    for (const SiteActivations& site : set.sites)
      for (std::size_t i = 0; i < corpus.documents.size(); ++i) {
        const MatrixF states = statesOf(corpus.documents[i], site.site);
        QCOMPARE(set.tokens[i], static_cast<std::int32_t>(states.rows()));
        const VectorD mean = states.bottomRows(states.rows() - 1).cast<double>().colwise().mean().transpose();
        QVERIFY((site.pooled.row(static_cast<Eigen::Index>(i)).cast<double>().transpose() - mean).cwiseAbs().maxCoeff() < 1e-6);
      }
  }

  void momentsAreOfFitDocumentsAlone() {
    auto corpus = sentences(30);
    const ActivationSet set = collect(corpus, *m_model, allSites(), {});
    const SiteActivations& site = set.at({Site::ResidPost, LayerIndex(1)});
    VectorD sum = VectorD::Zero(m_model->info().width);
    double tokens = 0;
    for (const auto& document : corpus.documents) {
      if (document.role != corpus::Role::Fit) continue;
      const MatrixF states = statesOf(document, site.site);
      sum += states.bottomRows(states.rows() - 1).cast<double>().colwise().sum().transpose();
      tokens += static_cast<double>(states.rows() - 1);
    }
    QCOMPARE(static_cast<double>(site.stats.tokens), tokens);
    QVERIFY((site.stats.mean - sum / tokens).cwiseAbs().maxCoeff() < 1e-9);
    QVERIFY(site.stats.covariance.size() > 0 && site.stats.rho > 0);
    QCOMPARE(set.at({Site::MlpHidden, LayerIndex(1)}).stats.covariance.size(), Eigen::Index{0});
  }

  void sameBitsAtAnyThreadCount() {
    const auto corpus = sentences(400);
    compareBits(collect(corpus, *m_model, allSites(), withThreads(1)), collect(corpus, *m_model, allSites(), withThreads(2)));
  }

  void permutedDocumentsPermuteRows() {
    const auto corpus = sentences(250);
    const auto order = Rng(1, "test.order").permutation(250);
    corpus::Corpus shuffled;
    for (const std::int64_t i : order) shuffled.documents.push_back(corpus.documents[static_cast<std::size_t>(i)]);
    const ActivationSet before = collect(corpus, *m_model, allSites(), {}), after = collect(shuffled, *m_model, allSites(), {});
    for (std::size_t s = 0; s < before.sites.size(); ++s) {
      for (Eigen::Index i = 0; i < 250; ++i)
        QVERIFY(after.sites[s].pooled.row(i) == before.sites[s].pooled.row(order[static_cast<std::size_t>(i)]));
      QVERIFY((after.sites[s].stats.mean - before.sites[s].stats.mean).cwiseAbs().maxCoeff() < 1e-9);
    }
  }

  void longDocumentsAreCutAndShortOnesLeftOut() {
    auto corpus = sentences(4);
    corpus.documents[1].text = "";
    corpus.documents[2].text = std::string(400, 'q');
    auto config = allSites();
    config.maxTokens = 12;
    const ActivationSet set = collect(corpus, *m_model, config, {});
    QCOMPARE(set.usable, (std::vector<std::uint8_t>{1, 0, 1, 1}));
    QCOMPARE(set.tokens[2], 12);
    QVERIFY(set.truncated >= 1);
    QVERIFY(set.sites[0].pooled.row(1).isZero());
    config.maxTokens = 4096;   // the model's own limit of positions holds then
    QCOMPARE(collect(corpus, *m_model, config, {}).tokens[2], static_cast<std::int32_t>(m_model->info().maxPositions));
  }

  /// One edit below the site that is read: every arm has the states that a forward under it alone has.
  void statesUnderEditsAreThoseOfTheirArm() {
    const auto corpus = sentences(40);
    ActivationConfig config;
    config.sites = {{Site::ResidPost, LayerIndex(1)}};
    const std::vector<model::Arm> arms{{}, {{std::make_shared<Halved>()}}};
    const auto sets = collectUnder(corpus, *m_model, config, arms, withThreads(2));
    QCOMPARE(sets.size(), std::size_t(2));
    compareBits(sets[0], collect(corpus, *m_model, config, {}));
    compareBits(sets[1], collectUnder(corpus, *m_model, config, std::span(arms).subspan(1), withThreads(1))[0]);
    const auto ids = m_model->tokenizer().encode(corpus.documents[7].text, {.addSpecial = true, .specialAsText = true}).ids;
    model::ForwardRequest request;
    request.captures = config.sites;
    const MatrixF alone = model::forward(*m_model, {{ids, -1, false}}, std::span(arms).subspan(1), request, {}).captured[0][0];
    const VectorD mean = alone.bottomRows(alone.rows() - 1).cast<double>().colwise().mean().transpose();
    QVERIFY((sets[1].sites[0].pooled.row(7).cast<double>().transpose() - mean).cwiseAbs().maxCoeff() < 1e-6);
    QVERIFY((sets[0].sites[0].pooled.row(7) - sets[1].sites[0].pooled.row(7)).norm() > 1e-3F);
  }

  void tokensAreDrawnByDocumentAndCarryTheirStates() {
    auto corpus = sentences(60);
    corpus.documents[5].text = "";
    const TokenStates drawn = collectTokens(corpus, *m_model, allSites(), 3, withThreads(2));
    QCOMPARE(drawn.documents.size(), drawn.positions.size());
    QCOMPARE(drawn.states.size(), allSites().sites.size());
    std::map<std::int32_t, std::set<std::int32_t>> places;
    for (std::size_t t = 0; t < drawn.documents.size(); ++t) {
      QVERIFY(t == 0 || drawn.documents[t] >= drawn.documents[t - 1]);
      QVERIFY(drawn.positions[t] >= 1 && places[drawn.documents[t]].insert(drawn.positions[t]).second);
    }
    QVERIFY(!places.contains(5));
    for (const auto& [document, positions] : places) QCOMPARE(positions.size(), std::size_t(3));
    const MatrixF states = statesOf(corpus.documents[11], allSites().sites[2]);
    for (std::size_t t = 0; t < drawn.documents.size(); ++t)
      if (drawn.documents[t] == 11) QVERIFY(drawn.states[2].row(static_cast<Eigen::Index>(t)) == states.row(drawn.positions[t]));
    // A document's draw is its own: neighbours and threads change nothing.
    corpus::Corpus one;
    one.documents = {corpus.documents[11]};
    const TokenStates alone = collectTokens(one, *m_model, allSites(), 3, withThreads(1));
    QCOMPARE(std::set<std::int32_t>(alone.positions.begin(), alone.positions.end()), places[11]);
    const TokenStates whole = collectTokens(one, *m_model, allSites(), 100000, {});
    QCOMPARE(static_cast<Eigen::Index>(whole.positions.size()), states.rows() - 1);
  }

  void batchesKeepOrderAndBudget() {
    Texts texts;
    for (const std::size_t length : {5U, 1U, 90U, 30U, 0U, 20U, 60U, 2U}) texts.ids.emplace_back(length, 7);
    const auto batches = batchesOf(texts, 64);
    std::vector<std::size_t> documents;
    for (const Batch& batch : batches) {
      std::size_t tokens = 0;
      for (const auto& segment : batch.forest) tokens += segment.ids.size();
      QVERIFY(tokens <= 64 || batch.documents.size() == 1);
      documents.insert(documents.end(), batch.documents.begin(), batch.documents.end());
    }
    QCOMPARE(documents, (std::vector<std::size_t>{0, 2, 3, 5, 6, 7}));
    QVERIFY(batchesOf({}, 64).empty());
  }

  void theCacheGivesTheSameBits() {
    QTemporaryDir folder;
    auto config = allSites();
    config.cacheFolder = folder.path().toStdString();
    const auto corpus = sentences(40);
    const ActivationSet computed = collect(corpus, *m_model, config, {});
    int steps = 0;
    RunContext context;
    context.progress = [&](const Progress&) { ++steps; };
    compareBits(computed, collect(corpus, *m_model, config, context));
    QCOMPARE(steps, 0);   // nothing was read again
  }

  void theCacheKnowsWhatItIsOf_data() {
    QTest::addColumn<int>("change");
    QTest::newRow("text") << 0;
    QTest::newRow("role") << 1;
    QTest::newRow("sites") << 2;
    QTest::newRow("length limit") << 3;
  }
  void theCacheKnowsWhatItIsOf() {
    QFETCH(int, change);
    QTemporaryDir folder;
    auto config = allSites();
    config.cacheFolder = folder.path().toStdString();
    auto corpus = sentences(10);
    collect(corpus, *m_model, config, {});
    if (change == 0) corpus.documents[3].text += " more";
    if (change == 1) corpus.documents[3].role = corpus::Role::Evaluate, corpus.documents[4].role = corpus::Role::Fit;
    if (change == 2) config.sites.pop_back();
    if (change == 3) config.maxTokens = 5;
    const ActivationSet cached = collect(corpus, *m_model, config, {});
    config.cacheFolder.clear();
    compareBits(cached, collect(corpus, *m_model, config, {}));
  }

  void aDamagedCacheIsComputedAgain_data() {
    QTest::addColumn<bool>("cut");
    QTest::addColumn<int>("at");
    QTest::newRow("flipped byte in the middle") << false << 2000;
    QTest::newRow("flipped byte at the end") << false << -3;
    QTest::newRow("cut short") << true << 1500;
    QTest::newRow("empty") << true << 0;
  }
  void aDamagedCacheIsComputedAgain() {
    QFETCH(bool, cut);
    QFETCH(int, at);
    log::setSink([](log::Level, const std::string&) {});
    QTemporaryDir folder;
    auto config = allSites();
    config.cacheFolder = folder.path().toStdString();
    const auto corpus = sentences(10);
    const ActivationSet computed = collect(corpus, *m_model, config, {});
    QDirIterator files(folder.path(), QDir::Files);
    QFile file(files.next());
    QVERIFY(file.open(QIODevice::ReadOnly));
    QByteArray bytes = file.readAll();
    file.close();
    if (cut) bytes.truncate(at);
    else bytes[at < 0 ? bytes.size() + at : at] = static_cast<char>(bytes[at < 0 ? bytes.size() + at : at] ^ 1);
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    file.write(bytes);
    file.close();
    compareBits(computed, collect(corpus, *m_model, config, {}));
  }

  void anUnknownSiteIsAnError() { QVERIFY_THROWS_EXCEPTION(Error, collect(sentences(3), *m_model, allSites(), {}).at({Site::AttnOut, LayerIndex(0)})); }

  void canBeCancelled() {
    std::stop_source stop;
    RunContext context;
    context.stop = stop.get_token();
    context.progress = [&](const Progress& progress) {
      if (progress.done > 0) stop.request_stop();
    };
    QTemporaryDir folder;
    auto config = allSites();
    config.cacheFolder = folder.path().toStdString();
    QVERIFY_THROWS_EXCEPTION(Cancelled, collect(sentences(900), *m_model, config, context));
    QVERIFY(QDir(folder.path()).isEmpty());
  }
};

QTEST_GUILESS_MAIN(CollectTest)
#include "collect_test.moc"

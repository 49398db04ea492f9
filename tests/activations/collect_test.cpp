#include <QtTest>

#include <QDirIterator>
#include <QTemporaryDir>
#include <cmath>

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

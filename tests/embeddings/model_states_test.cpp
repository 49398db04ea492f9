#include <QtTest>

#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/embeddings/embeddings.h"
#include "lacuna/model/forward.h"

using namespace lacuna;
using namespace lacuna::embeddings;

namespace {

corpus::Corpus corpusOf(const std::vector<std::string>& texts) {
  corpus::Corpus corpus;
  for (const std::string& text : texts) {
    corpus.documents.emplace_back();
    corpus.documents.back().text = text;
  }
  return corpus;
}

corpus::Corpus sentences() {
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i) texts.push_back("sentence " + std::to_string(i * i) + " says " + std::string(static_cast<std::size_t>(i % 7), 'a'));
  return corpusOf(texts);
}

RunContext withThreads(int threads) {
  RunContext context;
  context.threads = threads;
  return context;
}

EmbeddingConfig atLayer(int layer) {
  EmbeddingConfig config;
  config.layer = layer;
  return config;
}

std::shared_ptr<const model::Model> tinyModel() { return model::Model::load(LACUNA_TEST_DATA "/models/gpt2_default", {}); }

}  // namespace

class ModelStatesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void rowsAreCentredMeansOfStates() {
    const auto model = tinyModel();
    const auto corpus = corpusOf({"red apples", "a b c d e f", "zzz zzz"});
    MatrixD means(3, model->info().width);
    for (Eigen::Index i = 0; i < 3; ++i) {
      const auto ids = model->tokenizer().encode(corpus.documents[static_cast<std::size_t>(i)].text).ids;
      model::ForwardRequest request;
      request.captures = {{model::Site::ResidPost, LayerIndex(1)}};
      const model::Arm clean;
      const MatrixF states = model::forward(*model, {{ids, -1, false}}, std::span(&clean, 1), request, {}).captured[0][0];
      means.row(i) = states.bottomRows(states.rows() - 1).cast<double>().colwise().mean();
    }
    means.rowwise() -= means.colwise().mean().eval();
    const EmbeddingSet set = embedWithModel(corpus, *model, atLayer(1), {});
    for (Eigen::Index i = 0; i < 3; ++i) QVERIFY((set.vectors.row(i).cast<double>() - means.row(i).normalized()).norm() < 1e-5);
    QVERIFY(set.circular);
  }

  void theMiddleLayerIsTheDefault() {
    const auto model = tinyModel();
    const auto corpus = sentences();
    QCOMPARE(embedWithModel(corpus, *model, {}, {}).vectors, embedWithModel(corpus, *model, atLayer(1), {}).vectors);
    QVERIFY(embedWithModel(corpus, *model, atLayer(2), {}).vectors != embedWithModel(corpus, *model, atLayer(1), {}).vectors);
    QVERIFY_THROWS_EXCEPTION(Error, embedWithModel(corpus, *model, atLayer(3), {}));
  }

  void sameBitsAtAnyThreadCount() {
    const auto model = tinyModel();
    QCOMPARE(embedWithModel(sentences(), *model, {}, withThreads(1)).vectors, embedWithModel(sentences(), *model, {}, withThreads(2)).vectors);
  }

  void documentsWithoutStatesAreDegenerate() {
    const EmbeddingSet set = embedWithModel(corpusOf({"some words", "", "other words", "more of them"}), *tinyModel(), {}, {});
    QCOMPARE(set.degenerate, (std::vector<std::uint8_t>{0, 1, 0, 0}));
    QVERIFY(set.vectors.row(1).isZero());
  }

  void canBeCancelled() {
    std::stop_source stop;
    RunContext context;
    context.stop = stop.get_token();
    context.progress = [&](const Progress& progress) {
      if (progress.done > 0) stop.request_stop();
    };
    QVERIFY_THROWS_EXCEPTION(Cancelled, embedWithModel(sentences(), *tinyModel(), {}, context));
  }
};

QTEST_GUILESS_MAIN(ModelStatesTest)
#include "model_states_test.moc"

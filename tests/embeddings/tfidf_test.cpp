#include <QtTest>

#include <Eigen/SVD>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/embeddings/embeddings.h"
#include "randomised_svd.h"
#include "tfidf.h"

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

/// Documents of 30 words, each from one of `topics` vocabularies or from a common one.
corpus::Corpus topicalCorpus(int documents, int topics) {
  Rng rng(3, "test.topics");
  std::vector<std::string> texts;
  for (int i = 0; i < documents; ++i) {
    std::string text;
    for (int w = 0; w < 30; ++w) {
      const bool own = rng.uniform() < .6;
      text += (own ? "topic" + std::to_string(i % topics) + "word" : std::string("common")) + std::to_string(rng.below(60)) + ' ';
    }
    texts.push_back(text);
  }
  return corpusOf(texts);
}

MatrixD dense(const SparseRows& x) {
  MatrixD out = MatrixD::Zero(x.rows(), x.columnCount);
  for (std::int64_t r = 0; r < x.rows(); ++r)
    for (auto k = static_cast<std::size_t>(x.offsets[static_cast<std::size_t>(r)]); k < static_cast<std::size_t>(x.offsets[static_cast<std::size_t>(r) + 1]); ++k)
      out(r, x.columns[k]) = static_cast<double>(x.values[k]);
  return out;
}

RunContext withThreads(int threads) {
  RunContext context;
  context.threads = threads;
  return context;
}

}  // namespace

class TfIdfTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void weightsFollowTheFormula() {
    const TfIdf result = tfIdf(corpusOf({"apple apple pear", "pear", ""}), 1 << 18, {});
    const MatrixD x = dense(result.rows);
    QCOMPARE(x.cols(), Eigen::Index{2});
    const double apple = (1 + std::log(2.0)) * (std::log(4.0 / 2) + 1), pear = std::log(4.0 / 3) + 1, norm = std::hypot(apple, pear);
    const Eigen::Index pearColumn = x(1, 0) > 0 ? 0 : 1;
    QVERIFY(std::abs(x(0, 1 - pearColumn) - apple / norm) < 1e-6);
    QVERIFY(std::abs(x(0, pearColumn) - pear / norm) < 1e-6);
    QVERIFY(std::abs(x(1, pearColumn) - 1) < 1e-6);
    QCOMPARE(x.row(2).norm(), 0.0);
  }

  void productsEqualTheDenseOnes() {
    const TfIdf result = tfIdf(topicalCorpus(70, 3), 1 << 18, {});
    const MatrixD x = dense(result.rows);
    const MatrixF y = MatrixF::Random(70, 5), z = MatrixF::Random(result.rows.columnCount, 5);
    const SparseRows xt = transposed(result.rows);
    QVERIFY((multiply(result.rows, z, {}).cast<double>() - x * z.cast<double>()).cwiseAbs().maxCoeff() < 1e-5);
    QVERIFY((multiply(xt, y, {}).cast<double>() - x.transpose() * y.cast<double>()).cwiseAbs().maxCoeff() < 1e-5);
    QVERIFY((multiplyByGram(result.rows, xt, y, {}).cast<double>() - x * x.transpose() * y.cast<double>()).cwiseAbs().maxCoeff() < 1e-4);
  }

  void blocksOfColumnsAreOneProduct() {
    SparseRows x;   // wider than one block of columns
    x.columnCount = 70000;
    x.offsets = {0, 3, 5};
    x.columns = {1, 40000, 69999, 40000, 69998};
    x.values = {1, 2, 3, 4, 5};
    MatrixF y(2, 1);
    y << 1, 10;
    const MatrixF product = multiplyByGram(x, transposed(x), y, {});
    QCOMPARE(product(0, 0), 14.F + 80.F);
    QCOMPARE(product(1, 0), 8.F + 410.F);
  }

  void leadingSingularValuesAreExact() {
    const TfIdf result = tfIdf(topicalCorpus(300, 4), 1 << 18, {});
    const Eigen::JacobiSVD<Eigen::MatrixXd> svd{Eigen::MatrixXd(dense(result.rows))};
    const MatrixF reduced = randomisedSvd(result.rows, result.buckets, 20, {});
    QCOMPARE(reduced.cols(), Eigen::Index{20});
    for (Eigen::Index k = 0; k < 4; ++k)
      QVERIFY2(std::abs(static_cast<double>(reduced.col(k).norm()) / svd.singularValues()[k] - 1) < 1e-3, qPrintable(QString::number(k)));
    for (Eigen::Index k = 4; k < 20; ++k)
      QVERIFY2(std::abs(static_cast<double>(reduced.col(k).norm()) / svd.singularValues()[k] - 1) < .1, qPrintable(QString::number(k)));
  }

  void fullRankKeepsEveryInnerProduct() {
    const TfIdf result = tfIdf(topicalCorpus(40, 2), 1 << 18, {});
    const MatrixD x = dense(result.rows), reduced = randomisedSvd(result.rows, result.buckets, 64, {}).cast<double>();
    QVERIFY(reduced.cols() <= 40);
    QVERIFY((reduced * reduced.transpose() - x * x.transpose()).cwiseAbs().maxCoeff() < 1e-4);
  }

  void topicsAreApart() {
    const auto corpus = topicalCorpus(400, 4);
    EmbeddingConfig config;
    config.dimensions = 16;
    const MatrixF v = embedTfIdf(corpus, config, {}).vectors;
    const MatrixF cosines = v * v.transpose();
    double same = 0, other = 0;
    for (Eigen::Index i = 0; i < 400; ++i)
      for (Eigen::Index j = 0; j < i; ++j) (i % 4 == j % 4 ? same : other) += static_cast<double>(cosines(i, j));
    QVERIFY(same / 19800 > other / 60000 + .4);
  }

  void sameBitsAtAnyThreadCount() {
    const auto corpus = topicalCorpus(3000, 6);
    EmbeddingConfig config;
    config.dimensions = 24;
    const EmbeddingSet one = embedTfIdf(corpus, config, withThreads(1)), two = embedTfIdf(corpus, config, withThreads(2));
    QCOMPARE(std::memcmp(one.vectors.data(), two.vectors.data(), static_cast<std::size_t>(one.vectors.size()) * sizeof(float)), 0);
  }

  void permutedDocumentsPermuteRows() {
    auto corpus = topicalCorpus(200, 3);
    EmbeddingConfig config;
    config.dimensions = 12;
    const MatrixF before = embedTfIdf(corpus, config, {}).vectors;
    const auto order = Rng(1, "test.order").permutation(200);
    corpus::Corpus shuffled;
    for (const std::int64_t i : order) shuffled.documents.push_back(corpus.documents[static_cast<std::size_t>(i)]);
    const MatrixF after = embedTfIdf(shuffled, config, {}).vectors;
    for (Eigen::Index i = 0; i < 200; ++i) QVERIFY((after.row(i) - before.row(order[static_cast<std::size_t>(i)])).norm() < 1e-3F);
  }

  void rowsAreUnitOrDegenerate() {
    const EmbeddingSet set = embedTfIdf(corpusOf({"red green", "green blue", "?!", "blue red"}), {}, {});
    QCOMPARE(set.degenerate, (std::vector<std::uint8_t>{0, 0, 1, 0}));
    QCOMPARE(set.vectors.row(2).norm(), 0.F);
    QVERIFY(std::abs(set.vectors.row(0).norm() - 1) < 1e-6F);
    QVERIFY(!set.circular);
  }

  /// A document that was left out lies where its copy in the corpus lies, and moves nothing.
  void contaminatedDocumentsAreOnlyPlaced() {
    corpus::Corpus corpus = topicalCorpus(200, 3);
    EmbeddingConfig config;
    config.dimensions = 12;
    for (const bool centred : {false, true}) {
      if (centred) config.post = std::vector<std::string>{"centre"};
      corpus.contaminated.clear();
      const MatrixF before = embedTfIdf(corpus, config, {}).vectors;
      corpus.contaminated = {corpus.documents[7], corpus.documents[150]};
      corpus.contaminated.emplace_back().text = "words nobody else has";
      const EmbeddingSet set = embedTfIdf(corpus, config, {});
      QCOMPARE(set.vectors, before);
      QCOMPARE(set.contaminated.rows(), Eigen::Index{3});
      const MatrixF cosines = set.contaminated.topRows(2) * before.transpose();   // nearest to itself; the SVD is an approximation
      for (const auto& [row, own] : {std::pair<Eigen::Index, Eigen::Index>{0, 7}, {1, 150}}) {
        QVERIFY2(cosines(row, own) > .98F, qPrintable(QString::number(static_cast<double>(cosines(row, own)))));
        QCOMPARE(cosines.row(row).maxCoeff(), cosines(row, own));
      }
      QVERIFY(set.contaminated.row(2).isZero(0) || centred);
    }
  }

  void nothingToEmbedIsAnError() {
    QVERIFY_THROWS_EXCEPTION(Error, embedTfIdf(corpusOf({"...", ""}), {}, {}));
    EmbeddingConfig config;
    config.dimensions = 0;
    QVERIFY_THROWS_EXCEPTION(Error, embedTfIdf(corpusOf({"word"}), config, {}));
  }

  void oneDocumentIsEnough() {
    const EmbeddingSet set = embedTfIdf(corpusOf({"a single document"}), {}, {});
    QCOMPARE(set.vectors.cols(), Eigen::Index{1});
    QCOMPARE(std::abs(set.vectors(0, 0)), 1.F);
  }

  void projectionKeepsTheTwoWidestDirections() {
    Rng rng(5, "test.project");
    MatrixF x(500, 6);
    for (Eigen::Index i = 0; i < 500; ++i)
      for (Eigen::Index j = 0; j < 6; ++j) x(i, j) = static_cast<float>(rng.normal() * (j == 4 ? 9 : j == 1 ? 4 : .2) + 30);
    const MatrixF map = project2d(x);
    for (Eigen::Index i = 0; i < 500; ++i) {
      QVERIFY(std::abs(map(i, 0) - (x(i, 4) - x.col(4).mean())) < 1.5F);
      QVERIFY(std::abs(map(i, 1) - (x(i, 1) - x.col(1).mean())) < 1.5F);
    }
    QCOMPARE(project2d(MatrixF::Ones(1, 3)), MatrixF(MatrixF::Zero(1, 2)));
    QVERIFY(project2d(MatrixF::Random(5, 1)).col(1).isZero());
  }
};

QTEST_GUILESS_MAIN(TfIdfTest)
#include "tfidf_test.moc"

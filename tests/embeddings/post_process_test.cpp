#include <QTest>

#include <cmath>

#include <Eigen/Eigenvalues>
#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/embeddings/post_process.h"
#include "lacuna/files/files.h"
#include "unit_rows.h"

using namespace lacuna;
using namespace lacuna::embeddings;

namespace {

using Steps = std::vector<std::string>;

MatrixF cloud(Eigen::Index n, Eigen::Index d, std::uint64_t stream = 0) {
  Rng rng(7, "test.post", stream);
  MatrixF x(n, d);
  for (Eigen::Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(3 + rng.normal() * (1 + static_cast<double>(i % 3)));
  return x;
}

EmbeddingSet processed(const MatrixF& x, const Steps& steps, int components = 0, std::int64_t documents = -1, int threads = 0) {
  EmbeddingConfig config;
  config.post = steps;
  config.topComponents = components;
  RunContext context;
  context.threads = threads;
  return unitRows(x, documents < 0 ? x.rows() : documents, config, "rows", context);
}

std::string codeOf(const Steps& steps, int components) {
  try {
    processed(cloud(20, 5), steps, components);
  } catch (const Error& error) {
    return error.code();
  }
  return "none";
}

}  // namespace

/// Steps between an encoder's vectors and their length of 1.
class PostProcessTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void agreesWithNumpy_data() {
    QTest::addColumn<int>("index");
    const auto cases = reference()["cases"];
    for (std::size_t i = 0; i < cases.size(); ++i) QTest::newRow(cases[i]["name"].get<std::string>().c_str()) << static_cast<int>(i);
  }
  void agreesWithNumpy() {
    QFETCH(int, index);
    const auto all = reference();
    const auto& one = all["cases"][static_cast<std::size_t>(index)];
    const auto hundredths = one["hundredths"].get<std::vector<std::vector<int>>>();
    MatrixF x(std::ssize(hundredths), std::ssize(hundredths[0]));
    for (Eigen::Index i = 0; i < x.size(); ++i)
      x.data()[i] = static_cast<float>(hundredths[static_cast<std::size_t>(i / x.cols())][static_cast<std::size_t>(i % x.cols())]) / 100;
    const EmbeddingSet set = processed(x, one["steps"].get<Steps>(), one["top_components"].get<int>());
    const auto rows = one["rows"].get<std::vector<std::vector<double>>>();
    QVERIFY(rows.size() >= 6);
    double worst = 0;
    for (std::size_t r = 0; r < rows.size(); ++r)
      for (std::size_t j = 0; j < rows[r].size(); ++j) {
        const auto row = static_cast<Eigen::Index>(r) * one["every"].get<int>();
        worst = std::max(worst, std::abs(static_cast<double>(set.vectors(row, static_cast<Eigen::Index>(j))) - rows[r][j]));
      }
    QVERIFY2(worst < 2e-6, qPrintable(QString::number(worst)));
  }

  void whatWasTakenOffIsGone() {
    const MatrixF x = cloud(200, 10);
    const PostProcess post = PostProcess::fit(x, 200, Steps{"all-but-the-top"}, 3, {});
    MatrixD out(200, 10);
    for (Eigen::Index i = 0; i < 200; ++i) out.row(i) = post.apply(x.row(i)).transpose();
    QVERIFY(out.colwise().mean().cwiseAbs().maxCoeff() < 1e-9);
    const VectorD left = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(out.transpose() * out).eigenvalues();
    QVERIFY(left.head(3).cwiseAbs().maxCoeff() < 1e-9 * left[9]);   // three directions fewer
    QVERIFY(left[3] > 1e-3 * left[9]);
  }

  void noStepsLeaveTheRowsAsTheyAre() {
    const MatrixF x = cloud(50, 8);
    const EmbeddingSet set = processed(x, {});
    for (Eigen::Index i = 0; i < 50; ++i) QVERIFY((set.vectors.row(i) - x.row(i).normalized()).norm() < 1e-6F);
    QCOMPARE(set.description, std::string("rows, rows of length 1"));
    QCOMPARE(processed(x, {"centre"}).description, std::string("rows, centred, rows of length 1"));
    QCOMPARE(processed(x, {"all-but-the-top"}, 2).description, std::string("rows, without the mean and 2 principal components, rows of length 1"));
  }

  void rowsWithoutADirectionAreDegenerateAndNotFitted() {
    const MatrixF x = cloud(40, 6);
    MatrixF with = MatrixF::Zero(43, 6);
    with.topRows(40) = x;
    with(41, 2) = std::nanf("");
    with(42, 3) = INFINITY;
    for (const Steps& steps : {Steps{}, Steps{"centre"}, Steps{"all-but-the-top"}}) {
      const EmbeddingSet set = processed(with, steps, 1), clean = processed(x, steps, 1);
      QVERIFY(set.vectors.topRows(40).isApprox(clean.vectors, 1e-6F));
      QVERIFY(set.vectors.bottomRows(3).isZero(0));
      for (std::size_t i = 0; i < 43; ++i) QCOMPARE(int(set.degenerate[i]), i < 40 ? 0 : 1);
    }
  }

  void aRowThatIsTheMeanHasNoDirection() {
    MatrixF same = MatrixF::Constant(7, 5, 1.1F);
    QCOMPARE(processed(same, {"centre"}).degenerate, std::vector<std::uint8_t>(7, 1));
    MatrixF line(9, 5);   // on a line: one component takes everything
    for (Eigen::Index i = 0; i < 9; ++i) line.row(i) = Eigen::RowVectorXf::LinSpaced(5, .3F, 1.7F) * static_cast<float>(i + 1);
    const EmbeddingSet set = processed(line, {"all-but-the-top"}, 1);
    QCOMPARE(set.degenerate, std::vector<std::uint8_t>(9, 1));
    QVERIFY(set.vectors.isZero(0));
    QCOMPARE(processed(cloud(1, 5), {"centre"}).degenerate, std::vector<std::uint8_t>(1, 1));
  }

  void rowsBehindTheDocumentsFitNothing() {
    const MatrixF x = cloud(60, 6), other = cloud(9, 6, 1) * 50;
    MatrixF both(69, 6);
    both << x, other;
    for (const Steps& steps : {Steps{}, Steps{"centre"}, Steps{"all-but-the-top"}}) {
      const EmbeddingSet set = processed(both, steps, 2, 60);
      QCOMPARE(set.vectors, processed(x, steps, 2).vectors);
      QCOMPARE(set.contaminated.rows(), Eigen::Index{9});
      QCOMPARE(set.degenerate.size(), std::size_t{60});
      const PostProcess post = PostProcess::fit(x, 60, steps, 2, {});
      for (Eigen::Index i = 0; i < 9; ++i) QVERIFY((set.contaminated.row(i).cast<double>() - post.apply(other.row(i)).normalized().transpose()).norm() < 1e-6);
    }
  }

  void sameBitsAtAnyThreadCount() {
    const MatrixF x = cloud(3000, 40);
    for (const Steps& steps : {Steps{"centre"}, Steps{"all-but-the-top"}}) QCOMPARE(processed(x, steps, 4, -1, 1).vectors, processed(x, steps, 4, -1, 3).vectors);
  }

  void refusals() {
    QCOMPARE(codeOf({"whiten"}, 0), std::string("LAC-1401"));
    QCOMPARE(codeOf({"all-but-the-top"}, 5), std::string("LAC-1401"));
    QCOMPARE(codeOf({"all-but-the-top"}, -1), std::string("LAC-1401"));
    QCOMPARE(codeOf({"all-but-the-top", "all-but-the-top"}, 3), std::string("LAC-1401"));
    QCOMPARE(codeOf({"centre"}, 5), std::string("none"));
    QCOMPARE(codeOf({"all-but-the-top"}, 4), std::string("none"));
  }

 private:
  static nlohmann::json reference() { return nlohmann::json::parse(files::readText(std::filesystem::path(LACUNA_TEST_DATA) / "post_reference.json")); }
};

QTEST_GUILESS_MAIN(PostProcessTest)
#include "post_process_test.moc"

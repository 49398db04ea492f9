#include <QTest>

#include <cmath>

#include "fixtures.h"
#include "kernels.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/model/gradient.h"
#include "planted_lm.h"
#include "slope.h"

using namespace lacuna;
using namespace lacuna::model;

namespace {

const std::vector<std::string> names{"gpt2_default", "gpt2_inverse_layer", "neox_parallel", "neox_sequential", "llama_mha", "llama_gqa_llama3", "llama_bias_linear",
                                     "llama_dynamic", "llama_yarn", "mistral_window", "qwen2_tied", "gptj", "opt_small", "opt_350m_like"};
const std::vector<Site> everySite{Site::ResidPre, Site::ResidPost, Site::MlpHidden, Site::AttnOut, Site::MlpOut, Site::LastHidden};

/// Adds a matrix [tokens, width] to the states of a site: row r of the matrix to forest row r. One thread, rows in order.
class AddEdit final : public Edit {
 public:
  AddEdit(Capture at, MatrixF step) : m_at(at), m_step(std::move(step)) {}
  Site site() const override { return m_at.site; }
  LayerIndex layer() const override { return m_at.layer; }
  bool includeFirst() const override { return true; }
  void apply(SiteRows rows) const override {
    for (std::int64_t r = 0; r < rows.rows; ++r, m_next = (m_next + 1) % m_step.rows())
      for (std::int64_t i = 0; i < rows.width; ++i) rows.values[r * rows.width + i] += m_step(m_next, i);
  }

 private:
  Capture m_at;
  MatrixF m_step;
  mutable Eigen::Index m_next = 0;
};

RunContext oneThread() {
  RunContext context;
  context.threads = 1;
  return context;
}

/// A prompt with two answers that share it, and a second text; weights of both signs. Longer than the sliding window of the fixtures.
struct Example {
  Forest forest{{someIds(9, 1), -1, false}, {someIds(3, 2), 0, true}, {someIds(2, 5), 0, true}, {someIds(6, 3), -1, false}};
  GradientRequest request;
  Example() {
    request.scored = {{0, 4}, {1, 0}, {1, 1}, {1, 2}, {2, 0}, {2, 1}, {3, 3}, {3, 5}};
    request.weights = [](std::span<const float> logProbs) {
      std::vector<double> weights;
      for (std::size_t i = 0; i < logProbs.size(); ++i) weights.push_back(i % 3 == 1 ? -1.5 : 1.0 - 0.1 * static_cast<double>(i));
      return weights;
    };
  }
  double outcome(const Model& model, const Arm& arm) const {
    ForwardRequest wanted;
    wanted.scored = request.scored;
    const auto logProbs = forward(model, forest, {&arm, 1}, wanted, oneThread()).logProbs[0];
    const auto weights = request.weights(logProbs);
    double sum = 0;
    for (std::size_t s = 0; s < weights.size(); ++s) sum += weights[s] * static_cast<double>(logProbs[s]);
    return sum;
  }
};

/// Central difference of the outcome along a direction.
double centralDifference(const Model& model, const Example& example, const Capture& at, const MatrixF& direction, float size) {
  const Arm up{{std::make_shared<AddEdit>(at, direction * size)}}, down{{std::make_shared<AddEdit>(at, direction * -size)}};
  return (example.outcome(model, up) - example.outcome(model, down)) / (2 * static_cast<double>(size));
}

/// Two step sizes, extrapolated to none (Richardson): the error is of the fourth order.
double difference(const Model& model, const Example& example, const Capture& at, const MatrixF& direction, float size) {
  return (4 * centralDifference(model, example, at, direction, size / 2) - centralDifference(model, example, at, direction, size)) / 3;
}

/// The gradient's own direction, and others that the gradient has no part in choosing.
std::vector<MatrixF> directions(const MatrixF& gradient, std::uint64_t seed) {
  std::vector<MatrixF> out{gradient / gradient.norm()};
  for (int k = 0; k < 3; ++k) {
    Rng rng(seed, "gradient test", static_cast<std::uint64_t>(k));
    MatrixF random(gradient.rows(), gradient.cols());
    for (Eigen::Index i = 0; i < random.size(); ++i) random.data()[i] = static_cast<float>(rng.normal());
    out.push_back(random / random.norm());
  }
  return out;
}

}  // namespace

/// The sweep back against central differences of the forward engine, which parity_test compares with the reference implementation.
class GradientTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void agreesWithFiniteDifferences_data() {
    QTest::addColumn<QString>("name");
    for (const std::string& name : names) QTest::newRow(name.c_str()) << QString::fromStdString(name);
  }
  void agreesWithFiniteDifferences() {
    QFETCH(QString, name);
    const auto model = loadFixture(name.toStdString());
    const Gradients gradients(*model, LayerIndex(0));
    Example example;
    for (const Site site : everySite)
      for (int layer = 0; layer < (site == Site::LastHidden ? 1 : model->info().layers); ++layer) example.request.captures.push_back({site, LayerIndex(layer)});
    const GradientResult result = gradients.of(example.forest, example.request, oneThread());
    for (std::size_t c = 0; c < result.sites.size(); ++c) {
      const Capture& at = example.request.captures[c];
      const MatrixF& gradient = result.sites[c].gradient;
      const double norm = static_cast<double>(gradient.norm());
      QVERIFY2(norm > 1e-4, qPrintable(QString::fromStdString(siteName(at.site))));
      const float size = 5e-4F * std::max(1e-2F, result.sites[c].state.norm());
      for (const MatrixF& direction : directions(gradient, c)) {
        const double along = static_cast<double>(gradient.cwiseProduct(direction).sum()), measured = difference(*model, example, at, direction, size);
        QVERIFY2(std::abs(along - measured) <= 1e-2 * norm, qPrintable(QString("%1 %2: %3, differences give %4; norm %5")
            .arg(QString::fromStdString(siteName(at.site))).arg(at.layer.value).arg(along).arg(measured).arg(norm)));
      }
    }
  }

  void statesAndLogProbsAreTheForwardRunsOwn() {
    const auto model = loadFixture("llama_gqa_llama3");
    Example example;
    example.request.captures = {{Site::MlpHidden, LayerIndex(1)}, {Site::LastHidden, {}}};
    const GradientResult result = Gradients(*model, LayerIndex(1)).of(example.forest, example.request, oneThread());
    ForwardRequest request;
    request.scored = example.request.scored;
    request.captures = example.request.captures;
    const Arm clean;
    const auto forwardRun = forward(*model, example.forest, {&clean, 1}, request, {});
    QVERIFY(result.logProbs == forwardRun.logProbs[0]);
    for (std::size_t c = 0; c < 2; ++c) QVERIFY(sameBits(result.sites[c].state, forwardRun.captured[0][c]));
  }

  void sameBitsAtAnyThreadCountAndBesideAnyNeighbour() {
    const auto model = loadFixture("mistral_window");
    const Gradients gradients(*model, LayerIndex(0));
    Example example;
    example.request.captures = {{Site::ResidPre, LayerIndex(0)}, {Site::MlpHidden, LayerIndex(1)}};
    RunContext many;
    many.threads = 3;
    const auto one = gradients.of(example.forest, example.request, oneThread()), three = gradients.of(example.forest, example.request, many);
    Example alone;
    alone.forest = {example.forest[3]};
    alone.request.scored = {{0, 3}, {0, 5}};
    alone.request.captures = example.request.captures;
    alone.request.weights = [&](std::span<const float>) {
      const auto all = example.request.weights(one.logProbs);
      return std::vector<double>{all[6], all[7]};
    };
    const auto single = gradients.of(alone.forest, alone.request, many);
    for (std::size_t c = 0; c < 2; ++c) {
      QVERIFY(sameBits(one.sites[c].gradient, three.sites[c].gradient));
      QVERIFY(sameBits(single.sites[c].gradient, MatrixF(one.sites[c].gradient.bottomRows(6))));
    }
  }

  void sharedBeginningsUnderDynamicScalingAddUp() {
    const auto model = loadFixture("llama_dynamic");
    const auto past = static_cast<int>(model->decoder().rope.originalPositions) + 4;
    const Forest shared{{someIds(past, 1), -1, false}, {someIds(2, 2), 0, true}, {someIds(5, 4), 0, true}};
    const Gradients gradients(*model, LayerIndex(0));
    GradientRequest request;
    request.captures = {{Site::ResidPost, LayerIndex(0)}};
    const auto oneEach = [](std::span<const float> logProbs) { return std::vector<double>(logProbs.size(), 1.0); };
    request.weights = oneEach;
    request.scored = {{1, 0}, {1, 1}, {2, 2}};
    const auto both = gradients.of(shared, request, {});
    request.scored = {{1, 0}, {1, 1}};
    const auto first = gradients.of({shared[0], shared[1]}, request, {});
    request.scored = {{1, 2}};
    Segment second = shared[2];
    const auto other = gradients.of({shared[0], second}, request, {});
    const MatrixF sum = first.sites[0].gradient.topRows(past) + other.sites[0].gradient.topRows(past);
    QVERIFY(sum.norm() > 0);
    QVERIFY((both.sites[0].gradient.topRows(past) - sum).norm() <= 1e-6F * sum.norm());
    QVERIFY(sameBits(MatrixF(both.sites[0].gradient.bottomRows(5)), MatrixF(other.sites[0].gradient.bottomRows(5))));
  }

  void layersLeftInTheFilesGiveTheSameBits() {
    const auto held = loadFixture("neox_parallel");
    const auto streamed = Model::load(fixture("neox_parallel"), {}, {0, Residence::LayersInFiles, true});
    QVERIFY(streamed->decoder().readLayer != nullptr);
    Example example;
    example.request.captures = {{Site::ResidPre, LayerIndex(0)}};
    QVERIFY(sameBits(Gradients(*held, LayerIndex(0)).of(example.forest, example.request, {}).sites[0].gradient,
                     Gradients(*streamed, LayerIndex(0)).of(example.forest, example.request, {}).sites[0].gradient));
    const auto headless = Model::load(fixture("neox_parallel"), {}, {0, Residence::TablesInFiles, true});
    QVERIFY_THROWS_EXCEPTION(Error, Gradients(*headless, LayerIndex(0)));
  }

  /// relu(s) − relu(s − 1) at s = 2 is flat, although both units together carry the whole outcome.
  void saturatedUnitsHaveNoGradient() {
    const auto model = planted::makeSaturatingPair();
    GradientRequest request;
    request.scored = {{0, 2}};
    request.captures = {{Site::MlpHidden, LayerIndex(0)}, {Site::MlpHidden, LayerIndex(1)}};
    request.weights = [](std::span<const float>) { return std::vector<double>{1}; };
    const auto result = Gradients(*model, LayerIndex(0)).of({{{2, 0, 1}, -1, false}}, request, {});
    QCOMPARE(result.sites[0].state.row(1).sum(), 2.0F);
    QCOMPARE(result.sites[0].gradient.norm(), 0.0F);
    QVERIFY(result.sites[1].gradient.norm() > 0.0F);
  }

  void wrongRequestsAreRefused() {
    const auto model = planted::makePlantedLm();
    GradientRequest request;
    request.scored = {{0, 2}};
    request.weights = [](std::span<const float>) { return std::vector<double>{}; };
    const Forest forest{{{planted::kStart, 0, planted::kFirstSymbol}, -1, false}};
    QVERIFY_THROWS_EXCEPTION(Error, Gradients(*model, LayerIndex(1)));
    const Gradients gradients(*model, LayerIndex(0));
    QVERIFY_THROWS_EXCEPTION(Error, gradients.of(forest, request, {}));
    request.weights = [](std::span<const float>) { return std::vector<double>{1}; };
    request.captures = {{Site::AttnOut, LayerIndex(0)}};
    QVERIFY_THROWS_EXCEPTION(Error, gradients.of(forest, request, {}));
    request.captures = {{Site::ResidPre, LayerIndex(7)}};
    QVERIFY_THROWS_EXCEPTION(Error, gradients.of(forest, request, {}));
  }

  void activationSlopes_data() {
    QTest::addColumn<int>("activation");
    for (int a = 0; a <= static_cast<int>(Activation::Gelu10); ++a) QTest::newRow(qPrintable(QString::number(a))) << a;
  }
  void activationSlopes() {
    QFETCH(int, activation);
    const auto kind = static_cast<Activation>(activation);
    for (float x = -12.125F; x < 12.5F; x += 0.25F) {
      float pair[2]{x + 0.01F, x - 0.01F};
      kernels().activate(pair, 2, kind);
      const double measured = (static_cast<double>(pair[0]) - static_cast<double>(pair[1])) / (static_cast<double>(x + 0.01F) - static_cast<double>(x - 0.01F));
      QVERIFY2(std::abs(static_cast<double>(activationSlope(kind, x)) - measured) < 2e-4, qPrintable(QString("at %1: %2").arg(static_cast<double>(x)).arg(measured)));
    }
    QCOMPARE(activationSlope(Activation::Relu, 0.0F), 0.0F);
  }

  void editedRowsFollowScopeAndFirstPosition() {
    const auto model = planted::makePlantedLm();
    const Forest forest{{{planted::kStart, 0, 1}, -1, false}, {{33, 34}, 0, true}};
    auto edit = makeEdit(Site::MlpHidden, 0, {0}, 0);
    edit->everyPosition = false;
    using Rows = std::vector<std::uint8_t>;
    QCOMPARE(editedRows(*model, forest, *edit), (Rows{0, 1, 1, 1, 1}));
    edit->scope = TokenScope::Last;
    QCOMPARE(editedRows(*model, forest, *edit), (Rows{0, 0, 1, 0, 0}));
    edit->scope = TokenScope::Answer;
    QCOMPARE(editedRows(*model, forest, *edit), (Rows{0, 0, 0, 1, 1}));
    edit->scope = TokenScope::Prompt;
    edit->everyPosition = true;
    QCOMPARE(editedRows(*model, forest, *edit), (Rows{1, 1, 1, 0, 0}));
  }
};

QTEST_GUILESS_MAIN(GradientTest)
#include "gradient_test.moc"

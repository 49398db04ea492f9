#include <QTest>

#include <cmath>

#include "optimiser.h"

using namespace lacuna::lab;

class OptimiserTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void rate_warmsUpThenFallsToATenth() {
    TrainRecipe recipe;
    recipe.steps = 1000;
    recipe.warmup = 0.1;
    recipe.learningRate = 2.0;
    QCOMPARE(learningRate(recipe, 0), 0.02);
    QCOMPARE(learningRate(recipe, 99), 2.0);
    QVERIFY(std::abs(learningRate(recipe, 549) - (0.2 + 0.9)) < 1e-12);  // half way down the cosine
    QVERIFY(std::abs(learningRate(recipe, 999) - 0.2) < 1e-12);
    for (std::int64_t step = 100; step < 999; ++step) QVERIFY(learningRate(recipe, step + 1) < learningRate(recipe, step));
  }

  void step_firstIsTheSignTimesTheRate() {
    // With bias correction the first update is lr · g / |g|, whatever the size of g.
    TrainRecipe recipe;
    recipe.steps = 1;
    recipe.weightDecay = 0;
    recipe.clip = 1e9;
    std::vector<float> values{1, 1, 1};
    AdamW(recipe, {1, 1, 1}).step(values, std::vector<float>{0.5f, -3.0f, 0.01f}, 0);
    const auto rate = static_cast<float>(recipe.learningRate);
    QVERIFY(std::abs(values[0] - (1 - rate)) < 1e-6f && std::abs(values[1] - (1 + rate)) < 1e-6f && std::abs(values[2] - (1 - rate)) < 1e-5f);
  }

  void step_decaysMatricesAlone() {
    TrainRecipe recipe;
    recipe.steps = 1;
    recipe.weightDecay = 0.5;
    std::vector<float> values{2, 2};
    AdamW(recipe, {1, 0}).step(values, std::vector<float>{0, 0}, 0);
    QVERIFY(std::abs(values[0] - static_cast<float>(2 * (1 - recipe.learningRate * 0.5))) < 1e-6f);
    QCOMPARE(values[1], 2.0f);
  }

  void step_clipsByTheWholeNorm() {
    TrainRecipe recipe;
    recipe.clip = 1;
    AdamW clipped(recipe, {0, 0}), plain(recipe, {0, 0});
    std::vector<float> a{0, 0}, b{0, 0};
    QCOMPARE(clipped.step(a, std::vector<float>{30, 40}, 0), 50.0);
    plain.step(b, std::vector<float>{0.6f, 0.8f}, 0);
    for (std::size_t i = 0; i < 2; ++i) QVERIFY(std::abs(clipped.first()[i] - plain.first()[i]) < 1e-6f);
  }

  void step_findsTheBottomOfABowl() {
    TrainRecipe recipe;
    recipe.steps = 800;
    recipe.learningRate = 0.05;
    recipe.weightDecay = 0;
    AdamW optimiser(recipe, {1, 1});
    std::vector<float> x{5, -4};
    for (std::int64_t i = 0; i < recipe.steps; ++i) optimiser.step(x, std::vector<float>{x[0] - 3, 10 * (x[1] - 1)}, i);
    QVERIFY2(std::abs(x[0] - 3) < 0.02f && std::abs(x[1] - 1) < 0.02f, std::to_string(x[0]).c_str());
  }
};

QTEST_GUILESS_MAIN(OptimiserTest)
#include "optimiser_test.moc"

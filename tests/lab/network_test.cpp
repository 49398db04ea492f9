#include <cmath>

#include "network.h"

// After libtorch, whose headers use Qt's names as their own.
#include <QTest>

using namespace lacuna::lab;

class NetworkTest : public QObject {
  Q_OBJECT

  static TrainRecipe tiny() {
    TrainRecipe recipe;
    recipe.layers = 2;
    recipe.width = 16;
    recipe.heads = 2;
    recipe.mlpWidth = 32;
    recipe.vocabulary = 300;
    recipe.context = 12;
    return recipe;
  }
  static at::Tensor row(std::initializer_list<std::int64_t> values) {
    at::Tensor t = at::empty({1, static_cast<std::int64_t>(values.size())}, at::kLong);
    std::copy(values.begin(), values.end(), t.data_ptr<std::int64_t>());
    return t;
  }

 private Q_SLOTS:
  void network_parametersFillTheFlatVector() {
    Network network(tiny());
    std::int64_t n = 0;
    for (const auto& p : network.parameters()) n += p.value.numel();
    QCOMPARE(n, network.values().numel());
    // 2 V d + 2 d + L (12 d² … with F = 2 d: 3d² + 3d + d² + d + 2 d F + F + d + 4 d)
    const std::int64_t d = 16, f = 32, v = 300;
    QCOMPARE(n, 2 * v * d + 2 * d + 2 * (4 * d * d + 4 * d + 2 * d * f + f + d + 4 * d));
    network.values().fill_(0.5f);
    QCOMPARE(network.parameters()[3].value.view(-1)[0].item<float>(), 0.5f);
  }

  void network_sameSeedSameStart() {
    TrainRecipe other = tiny();
    other.seed = 2;
    QVERIFY(at::equal(Network(tiny()).values(), Network(tiny()).values()));
    QVERIFY(!at::equal(Network(tiny()).values(), Network(other).values()));
  }

  void logits_doNotDependOnOtherDocumentsOfTheRow() {
    const at::NoGradGuard noGradients;
    const Network network(tiny());
    const at::Tensor alone = row({7, 8, 9, 10, 11}), packed = row({21, 22, 23, 0, 24, 7, 8, 9, 10, 11});
    const at::Tensor segments = row({0, 0, 0, 1, 1, 2, 2, 2, 2, 2});
    const at::Tensor expected = network.logits(alone, documentMask(at::zeros_like(alone)))[0];
    const at::Tensor found = network.logits(packed, documentMask(segments))[0].narrow(0, 5, 5);
    QVERIFY((expected - found).abs().max().item<float>() < 1e-4f);
    // Without the mask between documents they do depend on them, so the test can fail.
    const at::Tensor open = network.logits(packed, documentMask(at::zeros_like(packed)))[0].narrow(0, 5, 5);
    QVERIFY((expected - open).abs().max().item<float>() > 1e-3f);
  }

  void logits_areCausal() {
    const at::NoGradGuard noGradients;
    const Network network(tiny());
    const at::Tensor mask = documentMask(row({0, 0, 0, 0}));
    const at::Tensor a = network.logits(row({5, 6, 7, 8}), mask)[0], b = network.logits(row({5, 6, 7, 200}), mask)[0];
    QVERIFY((a.narrow(0, 0, 3) - b.narrow(0, 0, 3)).abs().max().item<float>() < 1e-6f);
    QVERIFY((a[3] - b[3]).abs().max().item<float>() > 1e-3f);
  }

  void gradients_areThoseOfFiniteDifferences() {
    Network network(tiny());
    const at::Tensor ids = row({5, 6, 7, 8, 9, 10}), targets = row({6, 7, 8, 9, 10, 0}), mask = documentMask(row({0, 0, 0, 0, 1, 1}));
    network.loss(ids, mask, targets).backward();
    const at::NoGradGuard noGradients;
    int compared = 0;
    for (std::int64_t i = 4801; i < network.values().numel() - 4800; i += 97) {  // between the two embeddings
      float& value = network.values().data_ptr<float>()[i];
      const float before = value, h = 1e-2f;
      value = before + h;
      const double above = network.loss(ids, mask, targets).item<double>();
      value = before - h;
      const double below = network.loss(ids, mask, targets).item<double>();
      value = before;
      const double expected = (above - below) / (2 * h), found = network.gradients()[i].item<double>();
      QVERIFY2(std::abs(expected - found) < 2e-3 + 0.02 * std::abs(expected), std::to_string(i).c_str());
      compared += std::abs(expected) > 1e-2 ? 1 : 0;
    }
    QVERIFY(compared > 5);
  }

  void loss_leavesOutTargetsBelowZero() {
    const at::NoGradGuard noGradients;
    const Network network(tiny());
    const at::Tensor ids = row({5, 6, 7}), mask = documentMask(row({0, 0, 0}));
    const at::Tensor all = at::log_softmax(network.logits(ids, mask)[0], -1);
    QVERIFY(std::abs(network.loss(ids, mask, row({-1, 7, -1})).item<double>() + all[1][7].item<double>()) < 1e-5);
  }
};

QTEST_GUILESS_MAIN(NetworkTest)
#include "network_test.moc"

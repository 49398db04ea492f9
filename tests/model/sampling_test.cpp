#include <QTest>

#include <cmath>
#include <set>

#include "fixtures.h"
#include "lacuna/base/error.h"

using namespace lacuna;
using namespace lacuna::model;

namespace {

using Ids = std::vector<std::int32_t>;

nlohmann::json reference() {
  std::ifstream file(LACUNA_TEST_DATA "/sampling_reference.json");
  return nlohmann::json::parse(file);
}

GenerateOptions sampled(std::size_t prompts, int tokens) {
  GenerateOptions options;
  options.maxNewTokens = tokens;
  options.sampling = Sampling{0.9, 0.95, 0, 7, "test"};
  for (std::size_t i = 0; i < prompts; ++i) options.draws.push_back(i);
  return options;
}

}  // namespace

class SamplingTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// A fine comb of draws meets exactly the tokens that the reference leaves, each as often as it is probable.
  void tokensAndProbabilitiesAreTheReference_data() {
    QTest::addColumn<int>("row");
    for (int i = 0; i < static_cast<int>(reference().size()); ++i) QTest::addRow("row %d", i) << i;
  }
  void tokensAndProbabilitiesAreTheReference() {
    QFETCH(int, row);
    const auto wanted = reference().at(static_cast<std::size_t>(row));
    const auto logits = wanted.at("logits").get<std::vector<float>>();
    const Sampling sampling{wanted.at("temperature"), wanted.at("top_p"), wanted.at("top_k"), 0, {}};
    constexpr int draws = 20000;
    std::map<std::int32_t, int> counts;
    for (int i = 0; i < draws; ++i) ++counts[drawnToken(logits, sampling, (i + 0.5) / draws)];
    for (const auto& [id, probability] : wanted.at("kept").items()) {
      const double share = static_cast<double>(counts[std::stoi(id)]) / draws;
      QVERIFY2(std::abs(share - probability.get<double>()) <= 1.01 / draws, qPrintable(QString("token %1: %2").arg(id.c_str()).arg(share)));
    }
    for (const auto& [id, count] : counts) QVERIFY(count == 0 || wanted.at("kept").contains(std::to_string(id)));
  }

  void drawsRunThroughTheTokensInOrder() {
    const std::vector<float> logits{0, 0, 0, 0};
    const Sampling all{1, 1, 0, 0, {}};
    QCOMPARE(drawnToken(logits, all, 0), 0);
    QCOMPARE(drawnToken(logits, all, 0.49), 1);
    QCOMPARE(drawnToken(logits, all, 0.999999), 3);
    // Equal tokens at the border of top-k all stay; the nucleus takes the smaller ids first.
    QCOMPARE(drawnToken(logits, {1, 1, 2, 0, {}}, 0.999999), 3);
    QCOMPARE(drawnToken(logits, {1, 0.5, 0, 0, {}}, 0.999999), 1);
  }

  void aTextDependsOnItsOwnDrawsAlone() {
    const auto model = loadFixture("llama_gqa_llama3");
    std::vector<Ids> prompts;
    for (int i = 0; i < 130; ++i) prompts.push_back(someIds(3 + i % 4, i % 6));   // more than grow together, most of them several times
    const GenerateOptions options = sampled(prompts.size(), 5);
    const auto together = generate(*model, prompts, {}, options, {});
    std::set<Ids> different;
    for (std::size_t i = 0; i < prompts.size(); i += 9) {
      GenerateOptions own = options;
      own.draws = {i};
      QCOMPARE(generate(*model, std::span(&prompts[i], 1), {}, own, {})[0], together[i]);
      different.insert(together[i]);
    }
    QVERIFY(different.size() > 10);
    GenerateOptions other = options;
    other.sampling->seed = 8;
    QVERIFY(generate(*model, prompts, {}, other, {}) != together);
  }

  void armsShareTheirDraws() {
    const auto model = loadFixture("gpt2_default");
    const std::vector<Ids> prompts(12, someIds(6, 2));
    const GenerateOptions options = sampled(prompts.size(), 8);
    const auto clean = generate(*model, prompts, {}, options, {});
    auto nothing = makeEdit(Site::ResidPost, 0, {1}, 0);
    nothing->keep = true;
    QVERIFY(generate(*model, prompts, {{nothing}}, options, {}) == clean);
    QVERIFY(generate(*model, prompts, {{makeEdit(Site::ResidPost, 0, {1, 2, 3}, 4)}}, options, {}) != clean);
    QVERIFY(std::set<Ids>(clean.begin(), clean.end()).size() > 1);   // the same prompt, other draws
  }

  void aSmallNucleusIsGreedy() {
    const auto model = loadFixture("neox_parallel");
    const std::vector<Ids> prompts{someIds(4, 1), someIds(9, 3)};
    GenerateOptions options = sampled(2, 6);
    options.sampling->topP = 1e-9;
    GenerateOptions greedy;
    greedy.maxNewTokens = 6;
    QVERIFY(generate(*model, prompts, {}, options, {}) == generate(*model, prompts, {}, greedy, {}));
  }

  void wrongSettingsAreRefused() {
    const auto model = loadFixture("gpt2_default");
    const std::vector<Ids> prompts{someIds(4, 1)};
    for (const Sampling& wrong : {Sampling{0, 1, 0, 0, {}}, Sampling{1, 0, 0, 0, {}}, Sampling{1, 1.1, 0, 0, {}}, Sampling{1, 1, -1, 0, {}}}) {
      GenerateOptions options = sampled(1, 3);
      options.sampling = wrong;
      QVERIFY_EXCEPTION_THROWN(generate(*model, prompts, {}, options, {}), Error);
    }
    QVERIFY_EXCEPTION_THROWN(generate(*model, prompts, {}, sampled(2, 3), {}), Error);
  }
};

QTEST_GUILESS_MAIN(SamplingTest)
#include "sampling_test.moc"

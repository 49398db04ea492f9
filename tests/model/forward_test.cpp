#include <QTest>

#include <cmath>

#include "fixtures.h"
#include "lacuna/base/error.h"

using namespace lacuna;
using namespace lacuna::model;

namespace {

RunContext threads(int count) {
  RunContext context;
  context.threads = count;
  return context;
}

Arm arm(std::shared_ptr<const Edit> edit) { return {{std::move(edit)}}; }

/// Logits of all tokens of a text alone under one arm.
MatrixF alone(const Model& model, const std::vector<std::int32_t>& ids, const Arm& one, bool answerFrom = false, std::size_t cut = 0) {
  Forest forest;
  if (!answerFrom) {
    forest = {{ids, -1, false}};
  } else {
    const auto at = ids.begin() + static_cast<std::ptrdiff_t>(cut);
    forest = {{{ids.begin(), at}, -1, false}, {{at, ids.end()}, 0, true}};
  }
  ForwardRequest request;
  for (std::size_t s = 0; s < forest.size(); ++s)
    for (const TokenAt token : everyToken(static_cast<int>(s), forest[s].ids.size())) request.logitsAt.push_back(token);
  return forward(model, forest, std::span(&one, 1), request, threads(1)).logits[0];
}

std::vector<std::int32_t> joined(std::vector<std::int32_t> a, const std::vector<std::int32_t>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const std::vector<std::string> families{"gpt2_default", "neox_parallel", "llama_gqa_llama3", "mistral_window", "gptj", "opt_350m_like"};

}  // namespace

/// What the engine promises in forward.h, bit for bit.
class ForwardTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void textsDoNotDependOnTheirNeighbours_data() { rows(); }
  void textsDoNotDependOnTheirNeighbours();
  void sharedBeginningsEqualSeparateTexts_data() { rows(); }
  void sharedBeginningsEqualSeparateTexts();
  void armsDoNotDependOnOtherArms_data() { rows(); }
  void armsDoNotDependOnOtherArms();
  void threadsDoNotMatter();
  void manyArmsInSeveralStacksEqualOneByOne();
  void scoresAreLogProbabilitiesOfTheLogits();
  void greedyFlagMarksTheArgmax();
  void tokenScopesSelectTheirRows();
  void positionZeroIsSparedUnlessAsked();
  void editsAtSeveralLayersAllHappen();
  void reportMeasuresTheChange();
  void capturesAreTakenAfterTheEdit();
  void earlyCapturesNeedNoHigherLayers();
  void dynamicRopeBeyondItsLengthUnsharesTexts();
  void badRequestsAreRefused();
  void infiniteStatesAreAnError();

 private:
  static void rows() {
    QTest::addColumn<QString>("name");
    for (const std::string& name : families) QTest::newRow(name.c_str()) << QString::fromStdString(name);
  }
};

void ForwardTest::textsDoNotDependOnTheirNeighbours() {
  QFETCH(QString, name);
  const auto model = loadFixture(name.toStdString());
  const std::vector<int> order{3, 0, 6, 2, 5, 1, 4};
  std::vector<std::vector<std::int32_t>> texts;
  for (int i = 0; i < 7; ++i) texts.push_back(someIds(5 + (i * 11) % 23, i));
  Forest forest;
  ForwardRequest request;
  for (const int i : order) {
    for (const TokenAt token : everyToken(static_cast<int>(forest.size()), texts[static_cast<std::size_t>(i)].size())) request.logitsAt.push_back(token);
    forest.push_back({texts[static_cast<std::size_t>(i)], -1, false});
  }
  const std::vector<Arm> arms{{}, arm(makeEdit(Site::MlpHidden, 0, {1, 5}, 2)), arm(makeEdit(Site::ResidPost, 1, {3}, -1))};
  const auto together = forward(*model, forest, arms, request, threads(2));
  for (std::size_t a = 0; a < arms.size(); ++a) {
    Eigen::Index row = 0;
    for (const int i : order) {
      const auto& ids = texts[static_cast<std::size_t>(i)];
      const MatrixF part = together.logits[a].middleRows(row, static_cast<Eigen::Index>(ids.size()));
      QVERIFY(sameBits(part, alone(*model, ids, arms[a])));
      row += part.rows();
    }
  }
}

void ForwardTest::sharedBeginningsEqualSeparateTexts() {
  QFETCH(QString, name);
  const auto model = loadFixture(name.toStdString());
  const auto preamble = someIds(13, 1), question = someIds(6, 2), other = someIds(3, 3);
  const std::vector<std::vector<std::int32_t>> choices{someIds(4, 4), someIds(1, 5), someIds(7, 6)};
  Forest forest{{preamble, -1, false}, {question, 0, false}, {other, 0, false}};
  ForwardRequest request;
  std::vector<std::vector<std::int32_t>> texts;
  for (const int parent : {1, 2})
    for (const auto& choice : choices) {
      for (const TokenAt token : everyToken(static_cast<int>(forest.size()), choice.size())) request.logitsAt.push_back(token);
      forest.push_back({choice, parent, true});
      texts.push_back(joined(joined(preamble, parent == 1 ? question : other), choice));
    }
  auto answers = makeEdit(Site::ResidPost, 0, {2, 4}, 1.5F);
  answers->scope = TokenScope::Answer;
  const std::vector<Arm> arms{{}, arm(answers), arm(makeEdit(Site::AttnOut, 1, {7}, 0.5F))};
  const auto shared = forward(*model, forest, arms, request, threads(1));
  for (std::size_t a = 0; a < arms.size(); ++a) {
    Eigen::Index row = 0;
    for (std::size_t t = 0; t < texts.size(); ++t) {
      const auto& choice = choices[t % choices.size()];
      const MatrixF whole = alone(*model, texts[t], arms[a], true, texts[t].size() - choice.size());
      const MatrixF tail = whole.bottomRows(static_cast<Eigen::Index>(choice.size()));
      const MatrixF part = shared.logits[a].middleRows(row, tail.rows());
      QVERIFY(sameBits(part, tail));
      row += tail.rows();
    }
  }
}

void ForwardTest::armsDoNotDependOnOtherArms() {
  QFETCH(QString, name);
  const auto model = loadFixture(name.toStdString());
  const auto ids = someIds(17, 2);
  const int last = static_cast<int>(model->info().layers) - 1;
  auto nothing = makeEdit(Site::MlpHidden, 0, {0}, 0);
  nothing->keep = true;
  std::vector<Arm> arms{arm(nothing), {}};
  for (const Site site : {Site::ResidPre, Site::ResidPost, Site::MlpHidden, Site::AttnOut, Site::MlpOut, Site::LastHidden})
    for (const int layer : {0, last}) arms.push_back(arm(makeEdit(site, layer, {1, 6}, 0.75F)));
  ForwardRequest request;
  request.logitsAt = everyToken(0, ids.size());
  const auto result = forward(*model, {{ids, -1, false}}, arms, request, threads(1));
  QVERIFY(sameBits(result.logits[0], result.logits[1]));  // an edit that changes no bit is the clean run
  QCOMPARE(result.edits[0].rows, static_cast<std::int64_t>(ids.size()));
  QCOMPARE(result.edits[0].deltaSquared, 0.0);
  for (std::size_t a = 1; a < arms.size(); ++a) {
    QVERIFY(sameBits(result.logits[a], alone(*model, ids, arms[a])));
    if (a > 1) QVERIFY(!sameBits(result.logits[a], result.logits[1]));
  }
}

void ForwardTest::threadsDoNotMatter() {
  for (const std::string& name : families) {
    const auto model = loadFixture(name);
    Forest forest{{someIds(20, 1), -1, false}};
    ForwardRequest request;
    request.captures = {{Site::MlpHidden, LayerIndex(1)}};
    request.greedy = true;
    for (int i = 0; i < 9; ++i) {
      forest.push_back({someIds(3 + i, i + 2), 0, true});
      for (int t = 0; t < 3 + i; ++t) request.scored.push_back({i + 1, t});
    }
    const std::vector<Arm> arms{{}, arm(makeEdit(Site::MlpHidden, 1, {1, 5}, 2)), arm(makeEdit(Site::ResidPost, 0, {3}, -1))};
    const auto one = forward(*model, forest, arms, request, threads(1)), two = forward(*model, forest, arms, request, threads(2));
    for (std::size_t a = 0; a < arms.size(); ++a) {
      QVERIFY(sameBits(one.logProbs[a], two.logProbs[a]));
      QCOMPARE(one.isGreedy[a], two.isGreedy[a]);
      QVERIFY(sameBits(one.captured[a][0], two.captured[a][0]));
      QCOMPARE(one.edits[a].deltaSquared, two.edits[a].deltaSquared);
    }
    QVERIFY(sameBits(loadFixture(name, 2)->decoder().layers[0].up.bias, model->decoder().layers[0].up.bias));
  }
}

void ForwardTest::manyArmsInSeveralStacksEqualOneByOne() {
  const auto model = loadFixture("neox_sequential");
  const auto ids = someIds(40, 3);
  Forest forest;
  for (int i = 0; i < 10; ++i) forest.push_back({someIds(40, 3 + i), -1, false});
  ForwardRequest request;
  request.logitsAt = {{9, 39}, {0, 39}};
  std::vector<Arm> arms;
  for (int a = 0; a < 25; ++a) arms.push_back(arm(makeEdit(a % 2 ? Site::ResidPost : Site::MlpHidden, a % 2, {a % 20}, 0.5F)));  // 25 · 400 rows: several stacks
  const auto result = forward(*model, forest, arms, request, threads(1));
  for (std::size_t a = 0; a < arms.size(); ++a) {
    const MatrixF first = result.logits[a].bottomRows(1), expected = alone(*model, ids, arms[a]).bottomRows(1);
    QVERIFY(sameBits(first, expected));
  }
}

void ForwardTest::scoresAreLogProbabilitiesOfTheLogits() {
  const auto model = loadFixture("gpt2_default");
  const auto prompt = someIds(6, 1), answer = someIds(5, 2);
  ForwardRequest request;
  for (int t = 0; t < 5; ++t) request.scored.push_back({1, 4 - t});
  request.logitsAt = {{0, 5}, {1, 0}, {1, 1}, {1, 2}, {1, 3}};
  const std::vector<Arm> arms{{}, arm(makeEdit(Site::ResidPost, 1, {3}, 4))};
  const auto result = forward(*model, {{prompt, -1, false}, {answer, 0, true}}, arms, request, threads(1));
  for (std::size_t a = 0; a < 2; ++a)
    for (std::size_t t = 0; t < 5; ++t) {
      const auto row = result.logits[a].row(static_cast<Eigen::Index>(t)).cast<double>().eval();
      const double expected = row[answer[t]] - (row.maxCoeff() + std::log((row.array() - row.maxCoeff()).exp().sum()));
      QVERIFY(std::abs(static_cast<double>(result.logProbs[a][4 - t]) - expected) < 2e-6);
    }
}

void ForwardTest::greedyFlagMarksTheArgmax() {
  const auto model = loadFixture("qwen2_tied");
  const Expected expected("qwen2_tied");
  const auto ids = expected.ids("case0.ids");
  const auto text = expected.ids("case0.greedy");
  ForwardRequest request;
  request.greedy = true;
  for (std::size_t t = 1; t < text.size(); ++t) request.scored.push_back({0, static_cast<int>(t)});
  const Arm clean;
  const auto result = forward(*model, {{text, -1, false}}, std::span(&clean, 1), request, threads(1));
  for (std::size_t t = ids.size(); t < text.size(); ++t) QCOMPARE(result.isGreedy[0][t - 1], std::uint8_t{1});
  QVERIFY(std::count(result.isGreedy[0].begin(), result.isGreedy[0].end(), 0) > 0);
}

void ForwardTest::tokenScopesSelectTheirRows() {
  const auto model = loadFixture("llama_mha");
  const Forest forest{{someIds(4, 1), -1, false}, {someIds(3, 2), 0, false}, {someIds(2, 3), 1, true}, {someIds(5, 4), 1, true}, {someIds(6, 5), 0, false}};
  const std::vector<std::pair<TokenScope, std::int64_t>> counts{{TokenScope::All, 20}, {TokenScope::Prompt, 13}, {TokenScope::Answer, 7}, {TokenScope::Last, 2}};
  std::vector<Arm> arms;
  for (const auto& [scope, rows] : counts) {
    auto edit = makeEdit(Site::ResidPre, 1, {1}, 3);
    edit->scope = scope;
    arms.push_back(arm(edit));
  }
  ForwardRequest request;
  request.captures = {{Site::ResidPre, LayerIndex(1)}};
  const auto result = forward(*model, forest, arms, request, threads(1));
  for (std::size_t a = 0; a < arms.size(); ++a) {
    QCOMPARE(result.edits[a].rows, counts[a].second);
    QCOMPARE((result.captured[a][0].col(1).array() == 3.0F).count(), counts[a].second);
  }
  QCOMPARE(result.captured[3][0](6, 1), 3.0F);    // the question's last token
  QCOMPARE(result.captured[3][0](19, 1), 3.0F);   // the prompt that nothing follows
}

void ForwardTest::positionZeroIsSparedUnlessAsked() {
  const auto model = loadFixture("llama_mha");
  auto edit = makeEdit(Site::MlpOut, 0, {2}, 5);
  edit->everyPosition = false;
  ForwardRequest request;
  request.captures = {{Site::MlpOut, LayerIndex(0)}};
  const Arm one = arm(edit);
  const auto result = forward(*model, {{someIds(4, 1), -1, false}, {someIds(3, 2), 0, true}, {someIds(2, 7), -1, false}}, std::span(&one, 1), request, threads(1));
  QCOMPARE(result.edits[0].rows, 7);
  QVERIFY(result.captured[0][0](0, 2) != 5.0F);
  QVERIFY(result.captured[0][0](7, 2) != 5.0F);
  QCOMPARE(result.captured[0][0](4, 2), 5.0F);
}

void ForwardTest::editsAtSeveralLayersAllHappen() {
  const auto model = loadFixture("gpt2_inverse_layer");
  const auto ids = someIds(11, 4);
  const Arm several{{makeEdit(Site::ResidPost, 2, {1}, 7), makeEdit(Site::MlpHidden, 0, {3}, 8), makeEdit(Site::LastHidden, 3, {5}, 9)}};
  ForwardRequest request;
  request.captures = {{Site::ResidPost, LayerIndex(2)}, {Site::MlpHidden, LayerIndex(0)}, {Site::LastHidden, LayerIndex(3)}};
  request.scored = {{0, 10}};
  const auto result = forward(*model, {{ids, -1, false}}, std::span(&several, 1), request, threads(1));
  QCOMPARE((result.captured[0][0].col(1).array() == 7.0F).count(), 11);
  QCOMPARE((result.captured[0][1].col(3).array() == 8.0F).count(), 11);
  QCOMPARE((result.captured[0][2].col(5).array() == 9.0F).count(), 11);
  QCOMPARE(result.edits[0].rows, 33);
}

void ForwardTest::reportMeasuresTheChange() {
  const auto model = loadFixture("opt_small");
  const auto ids = someIds(9, 1);
  const std::vector<Arm> arms{{}, arm(makeEdit(Site::MlpHidden, 1, {0, 8}, 2))};
  ForwardRequest request;
  request.captures = {{Site::MlpHidden, LayerIndex(1)}};
  const auto result = forward(*model, {{ids, -1, false}}, arms, request, threads(1));
  const MatrixD before = result.captured[0][0].cast<double>(), after = result.captured[1][0].cast<double>();
  QVERIFY(std::abs(result.edits[1].deltaSquared - (after - before).squaredNorm()) < 1e-9);
  QVERIFY(std::abs(result.edits[1].stateSquared - before.squaredNorm()) < 1e-9);
  QCOMPARE(result.edits[0].rows, 0);
}

void ForwardTest::capturesAreTakenAfterTheEdit() {
  const auto model = loadFixture("gptj");
  const std::vector<Arm> arms{{}, arm(makeEdit(Site::ResidPost, 0, {4}, 6))};
  ForwardRequest request;
  request.captures = {{Site::ResidPost, LayerIndex(0)}, {Site::ResidPre, LayerIndex(1)}, {Site::ResidPre, LayerIndex(0)}};
  const auto result = forward(*model, {{someIds(8, 1), -1, false}}, arms, request, threads(1));
  QVERIFY((result.captured[1][0].col(4).array() == 6.0F).all());
  QVERIFY(sameBits(result.captured[1][0], result.captured[1][1]));
  QVERIFY(sameBits(result.captured[0][2], result.captured[1][2]));
  QVERIFY(!sameBits(result.captured[0][0], result.captured[1][0]));
}

void ForwardTest::earlyCapturesNeedNoHigherLayers() {
  const auto model = loadFixture("gptj");
  const Arm clean;
  ForwardRequest early, late;
  early.captures = {{Site::ResidPost, LayerIndex(0)}};
  late.captures = {{Site::ResidPost, LayerIndex(0)}, {Site::LastHidden, LayerIndex(1)}};
  late.logitsAt = {{0, 3}};
  const Forest forest{{someIds(8, 1), -1, false}};
  QVERIFY(sameBits(forward(*model, forest, std::span(&clean, 1), early, threads(1)).captured[0][0],
                   forward(*model, forest, std::span(&clean, 1), late, threads(1)).captured[0][0]));
}

void ForwardTest::dynamicRopeBeyondItsLengthUnsharesTexts() {
  const auto model = loadFixture("llama_dynamic");  // trained for 24 positions
  const auto prompt = someIds(20, 1), shortAnswer = someIds(3, 2), longAnswer = someIds(9, 3);
  ForwardRequest request;
  for (const TokenAt token : everyToken(1, 3)) request.logitsAt.push_back(token);
  for (const TokenAt token : everyToken(2, 9)) request.logitsAt.push_back(token);
  request.captures = {{Site::ResidPost, LayerIndex(1)}};
  const Arm clean;
  const auto result = forward(*model, {{prompt, -1, false}, {shortAnswer, 0, true}, {longAnswer, 0, true}}, std::span(&clean, 1), request, threads(1));
  const MatrixF first = result.logits[0].topRows(3), second = result.logits[0].bottomRows(9);
  QVERIFY(sameBits(first, MatrixF(alone(*model, joined(prompt, shortAnswer), clean).bottomRows(3))));
  QVERIFY(sameBits(second, MatrixF(alone(*model, joined(prompt, longAnswer), clean).bottomRows(9))));
  QCOMPARE(result.captured[0][0].rows(), 32);
}

void ForwardTest::badRequestsAreRefused() {
  const auto model = loadFixture("gpt2_default");  // 48 positions, 331 rows
  const Arm clean;
  const auto code = [&](const Forest& forest, const ForwardRequest& request, const Arm& one) {
    try {
      forward(*model, forest, std::span(&one, 1), request, threads(1));
    } catch (const Error& error) {
      return error.code();
    }
    return std::string("none");
  };
  const Forest good{{someIds(5, 1), -1, false}};
  QCOMPARE(code(good, {}, clean), std::string("none"));
  QCOMPARE(code({{{}, -1, false}}, {}, clean), std::string("LAC-1004"));
  QCOMPARE(code({{{1, 331}, -1, false}}, {}, clean), std::string("LAC-1004"));
  QCOMPARE(code({{{1, -1}, -1, false}}, {}, clean), std::string("LAC-1004"));
  QCOMPARE(code({{someIds(40, 1), -1, false}, {someIds(9, 1), 0, false}}, {}, clean), std::string("LAC-1004"));
  QCOMPARE(code({{someIds(40, 1), 0, false}}, {}, clean), std::string("LAC-1004"));
  ForwardRequest first, outside, layer;
  first.scored = {{0, 0}};
  outside.logitsAt = {{0, 5}};
  layer.captures = {{Site::ResidPost, LayerIndex(3)}};
  QCOMPARE(code(good, first, clean), std::string("LAC-1004"));
  QCOMPARE(code(good, outside, clean), std::string("LAC-1004"));
  QCOMPARE(code(good, layer, clean), std::string("LAC-1004"));
  QCOMPARE(code(good, {}, arm(makeEdit(Site::ResidPost, 3, {0}, 1))), std::string("LAC-1004"));
}

void ForwardTest::infiniteStatesAreAnError() {
  const auto model = loadFixture("gpt2_default");
  const Arm broken = arm(makeEdit(Site::ResidPost, 0, {1}, INFINITY));
  ForwardRequest request;
  request.scored = {{0, 4}};
  try {
    forward(*model, {{someIds(5, 1), -1, false}}, std::span(&broken, 1), request, threads(1));
    QFAIL("no error");
  } catch (const Error& error) {
    QCOMPARE(error.code(), std::string("LAC-2002"));
  }
}

QTEST_GUILESS_MAIN(ForwardTest)
#include "forward_test.moc"

#include <QTest>

#include <cmath>

#include "fixtures.h"

using namespace lacuna;
using namespace lacuna::model;

namespace {

const std::vector<std::string> names{"gpt2_default", "gpt2_inverse_layer", "neox_parallel", "neox_sequential", "llama_mha", "llama_gqa_llama3", "llama_bias_linear",
                                     "llama_dynamic", "llama_yarn", "mistral_window", "qwen2_tied", "gptj", "opt_small", "opt_350m_like"};

/// Largest |a − b| / max(1, |b|).
double distance(const MatrixF& a, const MatrixF& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return INFINITY;
  double worst = 0;
  for (Eigen::Index i = 0; i < a.size(); ++i) {
    const double want = static_cast<double>(b.data()[i]), apart = std::abs(static_cast<double>(a.data()[i]) - want) / std::max(1.0, std::abs(want));
    worst = apart <= worst ? worst : apart;  // NaN counts as apart
  }
  return worst;
}

constexpr double tolerance = 1e-4;

}  // namespace

/// Every fixture against the reference implementation's numbers: logits, every site, both edits, greedy continuations.
class ParityTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void statesAndLogits_data() { rows(); }
  void statesAndLogits();
  void edits_data() { rows(); }
  void edits();
  void greedyContinuations_data() { rows(); }
  void greedyContinuations();
  void tokenizerIsThatOfTheFolder();

 private:
  static void rows() {
    QTest::addColumn<QString>("name");
    for (const std::string& name : names) QTest::newRow(name.c_str()) << QString::fromStdString(name);
  }
};

void ParityTest::statesAndLogits() {
  QFETCH(QString, name);
  const auto model = loadFixture(name.toStdString());
  const Expected expected(name.toStdString());
  int cases = 0;
  for (; expected.has("case" + std::to_string(cases) + ".ids"); ++cases) {
    const std::string at = "case" + std::to_string(cases) + ".";
    const auto ids = expected.ids(at + "ids");
    ForwardRequest request;
    request.logitsAt = everyToken(0, ids.size());
    std::vector<std::string> captured;
    for (const Site site : {Site::ResidPre, Site::ResidPost, Site::AttnOut, Site::MlpOut, Site::MlpHidden})
      for (int layer = 0; layer < model->info().layers; ++layer) {
        request.captures.push_back({site, LayerIndex(layer)});
        captured.push_back(at + siteName(site) + "." + std::to_string(layer));
      }
    const Arm clean;
    const auto result = forward(*model, {{ids, -1, false}}, std::span(&clean, 1), request, {});
    const double logits = distance(result.logits[0], expected.matrix(at + "logits"));
    QVERIFY2(logits <= tolerance, qPrintable(QString("logits %1").arg(logits)));
    for (std::size_t c = 0; c < captured.size(); ++c) {
      const double states = distance(result.captured[0][c], expected.matrix(captured[c]));
      QVERIFY2(states <= tolerance, qPrintable(QString("%1 %2").arg(QString::fromStdString(captured[c])).arg(states)));
    }
    ForwardRequest alone;
    alone.logitsAt = request.logitsAt;
    QVERIFY(sameBits(forward(*model, {{ids, -1, false}}, std::span(&clean, 1), alone, {}).logits[0], result.logits[0]));
  }
  QVERIFY(cases >= 2);
}

void ParityTest::edits() {
  QFETCH(QString, name);
  const auto model = loadFixture(name.toStdString());
  const Expected expected(name.toStdString());
  const std::vector<Arm> arms{editedArm(name.toStdString(), "edit_resid"), editedArm(name.toStdString(), "edit_mlp")};
  for (int k = 0; expected.has("case" + std::to_string(k) + ".ids"); ++k) {
    const std::string at = "case" + std::to_string(k) + ".";
    const auto ids = expected.ids(at + "ids");
    ForwardRequest request;
    request.logitsAt = everyToken(0, ids.size());
    const auto result = forward(*model, {{ids, -1, false}}, arms, request, {});
    for (std::size_t arm = 0; arm < 2; ++arm) {
      const double apart = distance(result.logits[arm], expected.matrix(at + (arm == 0 ? "edit_resid" : "edit_mlp") + ".logits"));
      QVERIFY2(apart <= tolerance, qPrintable(QString("arm %1: %2").arg(arm).arg(apart)));
      QCOMPARE(result.edits[arm].rows, static_cast<std::int64_t>(ids.size()));
      QVERIFY(result.edits[arm].deltaSquared > 0 && result.edits[arm].stateSquared > 0);
    }
  }
}

void ParityTest::greedyContinuations() {
  QFETCH(QString, name);
  const auto model = loadFixture(name.toStdString());
  const Expected expected(name.toStdString());
  GenerateOptions options;
  options.maxNewTokens = 12;
  int compared = 0;
  for (int k = 0; expected.has("case" + std::to_string(k) + ".ids"); ++k) {
    const std::string at = "case" + std::to_string(k) + ".";
    if (!expected.has(at + "greedy")) continue;
    auto text = expected.ids(at + "ids");
    const auto made = generateGreedy(*model, std::span(&text, 1), {}, options, {});
    text.insert(text.end(), made[0].begin(), made[0].end());
    QCOMPARE(text, expected.ids(at + "greedy"));
    ++compared;
  }
  QVERIFY(compared >= 1);
}

void ParityTest::tokenizerIsThatOfTheFolder() {
  const auto model = loadFixture("gpt2_default");
  QVERIFY(model->hasTokenizer());
  std::ifstream file(fixture("gpt2_default") / "texts.json");
  for (const auto& text : nlohmann::json::parse(file))
    QCOMPARE(model->tokenizer().encode(text.at("text").get<std::string>()).ids, text.at("ids").get<std::vector<std::int32_t>>());
  QVERIFY(!loadFixture("gptj")->hasTokenizer());
}

QTEST_GUILESS_MAIN(ParityTest)
#include "parity_test.moc"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "fixtures.h"

using namespace lacuna;
using namespace lacuna::model;

namespace {

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

void addFixtures(const std::filesystem::path& folder, std::vector<std::string>& names) {
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (std::filesystem::exists(entry.path() / "edit.json")) names.push_back(entry.path().string());  // decoders alone have edits
}

/// The decoders of tests/data/models, and those of a folder that LACUNA_PARITY_MODELS names (a larger set of the same form).
std::vector<std::string> everyFixture() {
  std::vector<std::string> names;
  addFixtures(std::filesystem::path(LACUNA_TEST_DATA) / "models", names);
  if (const char* const more = std::getenv("LACUNA_PARITY_MODELS")) addFixtures(more, names);
  std::sort(names.begin(), names.end());
  return names;
}

/// Next-token logits, or for a body without a head the states after the final norm.
std::string outputName(const Expected& expected) { return expected.has("case0.logits") ? "logits" : "last_hidden"; }

void ask(ForwardRequest& request, const Model& model, const std::string& output, std::size_t tokens) {
  if (output == "logits") request.logitsAt = everyToken(0, tokens);
  else request.captures.push_back({Site::LastHidden, LayerIndex(static_cast<int>(model.info().layers) - 1)});
}

const MatrixF& given(const ForwardResult& result, std::size_t arm, const std::string& output) {
  return output == "logits" ? result.logits[arm] : result.captured[arm].back();
}

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
    for (const std::string& name : everyFixture())
      QTest::newRow(std::filesystem::path(name).filename().c_str()) << QString::fromStdString(name);
  }
};

void ParityTest::statesAndLogits() {
  QFETCH(QString, name);
  const auto model = loadFixture(name.toStdString());
  const Expected expected(name.toStdString());
  const std::string output = outputName(expected);
  double worst = 0;
  int cases = 0;
  for (; expected.has("case" + std::to_string(cases) + ".ids"); ++cases) {
    const std::string at = "case" + std::to_string(cases) + ".";
    const auto ids = expected.ids(at + "ids");
    ForwardRequest request;
    std::vector<std::string> captured;
    for (const Site site : {Site::ResidPre, Site::ResidPost, Site::AttnOut, Site::MlpOut, Site::MlpHidden})
      for (int layer = 0; layer < model->info().layers; ++layer) {
        request.captures.push_back({site, LayerIndex(layer)});
        captured.push_back(at + siteName(site) + "." + std::to_string(layer));
      }
    ask(request, *model, output, ids.size());
    const Arm clean;
    const auto result = forward(*model, {{ids, -1, false}}, std::span(&clean, 1), request, {});
    const double outcome = distance(given(result, 0, output), expected.matrix(at + output));
    QVERIFY2(outcome <= tolerance, qPrintable(QString("%1 %2").arg(QString::fromStdString(output)).arg(outcome)));
    worst = std::max(worst, outcome);
    for (std::size_t c = 0; c < captured.size(); ++c) {
      const double states = distance(result.captured[0][c], expected.matrix(captured[c]));
      QVERIFY2(states <= tolerance, qPrintable(QString("%1 %2").arg(QString::fromStdString(captured[c])).arg(states)));
      worst = std::max(worst, states);
    }
    ForwardRequest alone;
    ask(alone, *model, output, ids.size());
    QVERIFY(sameBits(given(forward(*model, {{ids, -1, false}}, std::span(&clean, 1), alone, {}), 0, output), given(result, 0, output)));
  }
  QVERIFY(cases >= 2);
  qInfo("largest error of a logit or state: %.1e", worst);
}

void ParityTest::edits() {
  QFETCH(QString, name);
  const auto model = loadFixture(name.toStdString());
  const Expected expected(name.toStdString());
  const std::string output = outputName(expected);
  const std::vector<Arm> arms{editedArm(name.toStdString(), "edit_resid"), editedArm(name.toStdString(), "edit_mlp")};
  for (int k = 0; expected.has("case" + std::to_string(k) + ".ids"); ++k) {
    const std::string at = "case" + std::to_string(k) + ".";
    const auto ids = expected.ids(at + "ids");
    ForwardRequest request;
    ask(request, *model, output, ids.size());
    const auto result = forward(*model, {{ids, -1, false}}, arms, request, {});
    for (std::size_t arm = 0; arm < 2; ++arm) {
      const MatrixF wanted = expected.matrix(at + (arm == 0 ? "edit_resid." : "edit_mlp.") + output);
      const double apart = distance(given(result, arm, output), wanted);
      QVERIFY2(apart <= tolerance, qPrintable(QString("arm %1: %2").arg(arm).arg(apart)));
      QCOMPARE(result.edits[arm].rows, static_cast<std::int64_t>(ids.size()));
      const bool idle = wanted == expected.matrix(at + output);  // neurons that relu had set to zero already
      QVERIFY((result.edits[arm].deltaSquared > 0) != idle && result.edits[arm].stateSquared > 0);
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
    const auto made = generate(*model, std::span(&text, 1), {}, options, {});
    text.insert(text.end(), made[0].begin(), made[0].end());
    QCOMPARE(text, expected.ids(at + "greedy"));
    ++compared;
  }
  if (compared == 0) QSKIP("no head, or the reference's cached keys would keep old angles");
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

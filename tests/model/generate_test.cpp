#include <QTest>

#include "fixtures.h"
#include "lacuna/base/error.h"

using namespace lacuna;
using namespace lacuna::model;

namespace {

using Ids = std::vector<std::int32_t>;

/// Greedy decoding without a cache: the whole text through forward() for every token, generated tokens as the answer.
Ids slowly(const Model& model, const Ids& prompt, const Arm& arm, int count) {
  Ids made;
  for (int i = 0; i < count; ++i) {
    Forest forest{{prompt, -1, false}};
    if (!made.empty()) forest.push_back({made, 0, true});
    ForwardRequest request;
    request.logitsAt = {{static_cast<int>(forest.size()) - 1, static_cast<int>(forest.back().ids.size()) - 1}};
    const auto result = forward(model, forest, std::span(&arm, 1), request, {});
    Eigen::Index best = 0;
    result.logits[0].row(0).maxCoeff(&best);
    made.push_back(static_cast<std::int32_t>(best));
  }
  return made;
}

Arm edited(TokenScope scope) {
  auto edit = makeEdit(Site::MlpHidden, 1, {1, 4, 9}, 1.5F);
  edit->scope = scope;
  return {{edit, makeEdit(Site::ResidPost, 0, {2}, -0.5F)}};
}

}  // namespace

class GenerateTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void cacheEqualsWholeTexts_data();
  void cacheEqualsWholeTexts();
  void promptsDoNotDependOnTheirNeighbours();
  void commonBeginningsAreReadOnce();
  void placesAreTakenAgain();
  void endsAfterStopIdsAndStopFunction();
  void endsWhereLearnedPositionsEnd();
  void countsEditedRows();
  void canBeCancelled();
};

void GenerateTest::cacheEqualsWholeTexts_data() {
  QTest::addColumn<QString>("name");
  for (const char* const name : {"gpt2_default", "neox_parallel", "llama_gqa_llama3", "mistral_window", "gptj", "opt_small", "opt_350m_like", "llama_yarn"})
    QTest::newRow(name) << QString(name);
}

void GenerateTest::cacheEqualsWholeTexts() {
  QFETCH(QString, name);
  const auto model = loadFixture(name.toStdString());
  GenerateOptions options;
  options.maxNewTokens = 9;
  for (const Arm& arm : {Arm{}, edited(TokenScope::All), edited(TokenScope::Answer), edited(TokenScope::Last)}) {
    const Ids prompt = someIds(14, 3);
    QCOMPARE(generate(*model, std::span(&prompt, 1), arm, options, {})[0], slowly(*model, prompt, arm, 9));
  }
}

void GenerateTest::promptsDoNotDependOnTheirNeighbours() {
  const auto model = loadFixture("llama_gqa_llama3");
  std::vector<Ids> prompts;
  for (int i = 0; i < 7; ++i) prompts.push_back(someIds(1 + 3 * i, i));
  GenerateOptions options;
  options.maxNewTokens = 20;
  options.stopIds = {5, 11, 40};  // some end early, the others go on
  const Arm arm = edited(TokenScope::All);
  RunContext two;
  two.threads = 2;
  const auto together = generate(*model, prompts, arm, options, two);
  RunContext one;
  one.threads = 1;
  for (std::size_t i = 0; i < prompts.size(); ++i)
    QCOMPARE(generate(*model, std::span(&prompts[i], 1), arm, options, one)[0], together[i]);
}

void GenerateTest::commonBeginningsAreReadOnce() {
  const auto model = loadFixture("mistral_window");
  std::vector<Ids> prompts;
  for (int i = 0; i < 3; ++i) {
    Ids prompt = someIds(30, 1);
    const Ids rest = someIds(2 + i, i);
    prompt.insert(prompt.end(), rest.begin(), rest.end());
    prompts.push_back(prompt);
  }
  GenerateOptions options;
  options.maxNewTokens = 6;
  EditReport report;
  const Arm arm = edited(TokenScope::Prompt);
  const auto together = generate(*model, prompts, arm, options, {}, &report);
  for (std::size_t i = 0; i < prompts.size(); ++i) QCOMPARE(together[i], slowly(*model, prompts[i], arm, 6));
  QCOMPARE(report.rows, (30 + 2 + 3 + 4) * 2 + 3 * 5);  // prompt rows for both edits, generated rows for the one of all tokens
}

void GenerateTest::placesAreTakenAgain() {
  const auto model = loadFixture("gpt2_default");
  std::vector<Ids> prompts;   // more than grow together; a common beginning; some come twice; ends all over
  for (int i = 0; i < 250; ++i) {
    Ids prompt = someIds(20, 1);
    const Ids rest = someIds(1 + i % 7, i % 41);
    prompt.insert(prompt.end(), rest.begin(), rest.end());
    prompts.push_back(prompt);
  }
  GenerateOptions options;
  options.maxNewTokens = 12;
  options.stop = [](std::span<const std::int32_t> made) { return made.back() % 5 == 0; };
  const Arm arm = edited(TokenScope::Last);
  const auto together = generate(*model, prompts, arm, options, {});
  for (std::size_t i = 0; i < prompts.size(); i += 17) QCOMPARE(generate(*model, std::span(&prompts[i], 1), arm, options, {})[0], together[i]);
}

void GenerateTest::endsAfterStopIdsAndStopFunction() {
  const auto model = loadFixture("gpt2_default");
  const Ids prompt = someIds(8, 1);
  GenerateOptions options;
  options.maxNewTokens = 10;
  const Ids all = generate(*model, std::span(&prompt, 1), {}, options, {})[0];
  QCOMPARE(all.size(), std::size_t{10});
  const auto firstAt = static_cast<std::size_t>(std::find(all.begin(), all.end(), all[4]) - all.begin());
  options.stopIds = {all[4]};
  QCOMPARE(generate(*model, std::span(&prompt, 1), {}, options, {})[0], Ids(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(firstAt) + 1));
  options.stopIds.clear();
  options.stop = [](std::span<const std::int32_t> made) { return made.size() == 3; };
  QCOMPARE(generate(*model, std::span(&prompt, 1), {}, options, {})[0].size(), std::size_t{3});
  options.maxNewTokens = 0;
  QVERIFY(generate(*model, std::span(&prompt, 1), {}, options, {})[0].empty());
}

void GenerateTest::endsWhereLearnedPositionsEnd() {
  const auto model = loadFixture("gpt2_default");  // 48 positions
  const Ids prompt = someIds(45, 1), tooLong = someIds(49, 1);
  const auto made = generate(*model, std::span(&prompt, 1), {}, {}, {});
  QCOMPARE(made[0].size(), std::size_t{4});  // the last of them comes from position 47
  QVERIFY_EXCEPTION_THROWN(generate(*model, std::span(&tooLong, 1), {}, {}, {}), Error);
  const Ids empty;
  QVERIFY_EXCEPTION_THROWN(generate(*model, std::span(&empty, 1), {}, {}, {}), Error);
}

void GenerateTest::countsEditedRows() {
  const auto model = loadFixture("neox_parallel");
  const Ids prompt = someIds(10, 1);
  GenerateOptions options;
  options.maxNewTokens = 5;
  auto edit = makeEdit(Site::ResidPost, 1, {2}, 3);
  edit->everyPosition = false;
  EditReport report;
  generate(*model, std::span(&prompt, 1), {{edit}}, options, {}, &report);
  QCOMPARE(report.rows, 9 + 4);  // the fifth new token is never read
  QVERIFY(report.deltaSquared > 0);
}

void GenerateTest::canBeCancelled() {
  const auto model = loadFixture("gptj");
  std::stop_source stop;
  stop.request_stop();
  RunContext context;
  context.stop = stop.get_token();
  const Ids prompt = someIds(5, 1);
  QVERIFY_EXCEPTION_THROWN(generate(*model, std::span(&prompt, 1), {}, {}, context), Cancelled);
}

QTEST_GUILESS_MAIN(GenerateTest)
#include "generate_test.moc"

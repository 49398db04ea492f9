#include <QtTest/QtTest>

#include <QTemporaryDir>

#include "lacuna/base/error.h"
#include "task_fixtures.h"

using namespace lacuna;
using namespace lacuna::tasks;
using fixtures::Json;

class ReadTaskTest : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_folder;

  /// JSON with ' for ", which moc reads where raw strings trip it.
  std::filesystem::path write(const char* name, std::string text) {
    std::replace(text.begin(), text.end(), '\'', '"');
    const std::filesystem::path path = std::filesystem::path(m_folder.path().toStdString()) / name;
    std::ofstream(path) << text;
    return path;
  }
  static std::string messageOf(const std::filesystem::path& sidecar, const TaskOptions& options = {}) {
    try {
      readTask(sidecar, options);
    } catch (const Error& error) {
      return error.code() + " " + error.message();
    }
    return "no error";
  }
  static void compareItem(const Item& item, const Json& wanted) {
    QCOMPARE(QString::fromStdString(item.prompt), QString::fromStdString(wanted.value("prompt", std::string())));
    if (wanted.contains("fewshot")) QCOMPARE(item.fewshot, wanted.at("fewshot").get<std::vector<std::int64_t>>());
    if (wanted.contains("gold") && wanted.at("gold").is_number()) QCOMPARE(item.gold, wanted.at("gold").get<int>());
    if (!wanted.contains("choices")) return;
    QCOMPARE(item.choices.size(), wanted.at("choices").size());
    for (std::size_t i = 0; i < item.choices.size(); ++i)
      QCOMPARE(QString::fromStdString(item.choices[i]), QString::fromStdString(wanted.at("choices")[i].at("choice").get<std::string>()));
  }

 private Q_SLOTS:
  void promptsExamplesAndChoicesAreTheHarness_data() {
    QTest::addColumn<int>("run");
    int n = 0;
    for (const auto& run : fixtures::taskRuns()) QTest::newRow(run.name().c_str()) << n++;
    QVERIFY(n > 10);
  }
  void promptsExamplesAndChoicesAreTheHarness() {
    QFETCH(int, run);
    const fixtures::TaskRun fixture = fixtures::taskRuns().at(static_cast<std::size_t>(run));
    const Task task = fixture.task();
    std::map<std::int64_t, const Item*> items;
    for (const Item& item : task.items) items[item.index] = &item;
    for (const Json& wanted : fixture.run.at("items")) {
      QVERIFY2(items.contains(fixtures::itemIndex(wanted)), wanted.dump().substr(0, 60).c_str());
      compareItem(*items.at(fixtures::itemIndex(wanted)), wanted);
      if (QTest::currentTestFailed()) return;
    }
  }

  void unknownKeysAreNamedAtOnce() {
    const std::string message = messageOf(write("unknown.json", "{'format': 'gsm8k', 'name': 'x', 'file': 'd', 'shots': 3, 'generation': {'untill': []}}"));
    QVERIFY2(message.starts_with("LAC-1301") && message.find("/shots") != std::string::npos && message.find("/generation/untill") != std::string::npos, message.c_str());
  }

  void wrongTypesSayWhereAndWhat_data() {
    QTest::addColumn<QString>("sidecar");
    QTest::addColumn<QString>("said");
    QTest::newRow("no name") << "{'format': 'gsm8k', 'file': 'd'}" << "/name: missing";
    QTest::newRow("format") << "{'format': 'mmlu', 'name': 'x', 'file': 'd'}" << "\"mmlu\" is not known";
    QTest::newRow("type") << "{'format': 'gsm8k', 'name': 'x', 'file': 'd', 'generation': {'max_new_tokens': '9'}}" << "/generation/max_new_tokens: expected a whole number, found \"9\"";
    QTest::newRow("mode of another format") << "{'format': 'crows_pairs', 'name': 'x', 'file': 'd', 'mode': 'cot'}" << "/mode: \"cot\" is of bbh alone";
    QTest::newRow("mode") << "{'format': 'bbh', 'name': 'x', 'file': 'd', 'mode': 'long'}" << "/mode: expected one of direct, cot";
    QTest::newRow("json") << "{'format':" << ":1: expected a JSON object";
    QTest::newRow("regex") << "{'format': 'generation', 'name': 'x', 'file': 'd', 'exact_match': {'regexes_to_ignore': ['(']}}" << "regular expression";
    QTest::newRow("data file") << "{'name': 'x', 'examples': []}" << "holds no records";
  }
  void wrongTypesSayWhereAndWhat() {
    QFETCH(QString, sidecar);
    QFETCH(QString, said);
    const std::string message = messageOf(write("wrong.json", sidecar.toStdString()));
    QVERIFY2(QString::fromStdString(message).contains(said), message.c_str());
  }

  void brokenRecordsAreNamedByPosition_data() {
    QTest::addColumn<QString>("data");
    QTest::addColumn<QString>("said");
    QTest::newRow("line") << "{'question': 'q', 'choices': ['a'], 'answer': 0}\n{'question\n" << "data.jsonl:2: not valid JSON";
    QTest::newRow("answer") << "{'question': 'q', 'choices': ['a', 'b'], 'answer': 'C'}" << "data.jsonl:1: the answer \"C\" is none of the 2 choices";
    QTest::newRow("choices") << "{'question': 'q', 'answer': 0}" << "expected one of the fields \"choices\", \"options\", found \"question\", \"answer\"";
    QTest::newRow("counterfactual") << "{'question': 'q', 'choices': ['a'], 'answer': 0, 'counterfactual': 3}" << "expected a text or an object of fields, found 3";
    QTest::newRow("counterfactual's field") << "{'question': 'q', 'choices': ['a'], 'answer': 0, 'counterfactual': {'pasage': 'B'}}"
                                            << "the field \"pasage\" is not one of the record's";
    QTest::newRow("empty") << "\n\n" << "holds no records";
  }
  void brokenRecordsAreNamedByPosition() {
    QFETCH(QString, data);
    QFETCH(QString, said);
    write("data.jsonl", data.toStdString());
    const std::string message = messageOf(write("task.json", "{'format': 'multiple_choice', 'name': 'x', 'file': 'data.jsonl'}"));
    QVERIFY2(QString::fromStdString(message).contains(said), message.c_str());
  }

  void examplesNeedAFileAndAKnownSampler() {
    write("data.jsonl", "{'question': 'q', 'choices': ['a', 'b'], 'answer': 1}");
    const auto sidecar = write("task.json", "{'format': 'multiple_choice', 'name': 'x', 'file': 'data.jsonl'}");
    QVERIFY(messageOf(sidecar, {.fewshotFile = {}, .shots = 1, .sampler = {}}).find("no file they come from") != std::string::npos);
    const auto pool = write("pool.jsonl", "{'question': 'p', 'choices': {'A': 'x', 'B': 'y'}, 'answer': 'B'}");
    QVERIFY(messageOf(sidecar, {.fewshotFile = pool, .shots = 1, .sampler = "best"}).find("sampler") != std::string::npos);
    QVERIFY(messageOf(sidecar, {.fewshotFile = pool, .shots = 2, .sampler = {}}).find("pool has only 1") != std::string::npos);
    const Task task = readTask(sidecar, {.fewshotFile = pool, .shots = 1, .sampler = "first"});
    QCOMPARE(task.items.at(0).prompt, std::string("Question: p\nAnswer: y\n\nQuestion: q\nAnswer:"));
    QCOMPARE(chanceLevel(task), 0.5);
  }

  void counterfactualsGoThroughTheSameTemplate() {
    write("swap.jsonl", "{'question': 'p', 'passage': 'A', 'choices': ['x', 'y'], 'answer': 0, 'counterfactual': 'r'}\n"
                        "{'question': 'q', 'passage': 'A', 'choices': ['x', 'y'], 'answer': 1, 'counterfactual': {'passage': 'B'}}\n"
                        "{'question': 's', 'passage': 'A', 'choices': ['x', 'y'], 'answer': 1}\n");
    const Task task = readTask(write("swap.json", "{'format': 'multiple_choice', 'name': 'swap', 'file': 'swap.jsonl', 'prompt': '{passage}: {question}?'}"));
    QCOMPARE(task.items[0].prompt, std::string("A: p?"));
    QCOMPARE(task.items[0].counterfactual, std::string("A: r?"));
    QCOMPARE(task.items[1].counterfactual, std::string("B: q?"));
    QVERIFY(task.items[2].counterfactual.empty());
    // Examples stay in front of it.
    const auto shots = write("shots.json", "{'format': 'multiple_choice', 'name': 'swap', 'file': 'swap.jsonl', 'prompt': '{question}', 'fewshot': {'file': 'swap.jsonl', 'sampler': 'first'}}");
    const Item item = readTask(shots, {{}, 1, {}}).items.at(0);
    QVERIFY(item.prompt.ends_with("\n\np") && item.counterfactual == item.prompt.substr(0, item.prompt.size() - 1) + "r");
  }

  void itemsOfOnePremiseShareTheirGroup() {
    write("data.json", "{'metrics': ['multiple_choice_grade'], 'examples': [ {'input': 'p', 'target_scores': {'a': 1, 'b': 0}}, {'input': 'p', 'target_scores': {'b': 1, 'c': 0}}, {'input': 'r', 'target_scores': {'a': 1}}]}");
    const Task task = readTask(write("task.json", "{'format': 'bigbench', 'name': 'x', 'file': 'data.json'}"));
    QCOMPARE(task.items.at(0).group, task.items.at(1).group);
    QVERIFY(task.items.at(0).group != task.items.at(2).group);
  }

  void unknownMetricsAreRefused() {
    write("data.jsonl", "{'question': 'q', 'choices': ['a', 'b'], 'answer': 1}");
    QVERIFY(messageOf(write("task.json", "{'format': 'multiple_choice', 'name': 'x', 'file': 'data.jsonl', 'metric': ['acc', 'bleu']}")).find("\"bleu\"") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(ReadTaskTest)
#include "read_task_test.moc"

#include <QtTest/QtTest>

#include <QTemporaryDir>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/tasks/rendered_item.h"
#include "task_fixtures.h"

using namespace lacuna;
using namespace lacuna::tasks;
using fixtures::Json;
namespace fs = std::filesystem;

/// Task files as they are distributed, without a sidecar or with a mapping in it.
class TaskFilesTest : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir m_folder;

  /// ' stands for ", which moc reads where raw strings trip it.
  fs::path write(const std::string& name, std::string text, char quote = '\'') {
    std::replace(text.begin(), text.end(), quote, '"');
    const fs::path path = fs::path(m_folder.path().toStdString()) / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path;
  }
  static std::string messageOf(const fs::path& path, const TaskOptions& options = {}) {
    try {
      readTask(path, options);
    } catch (const Error& error) {
      return error.message() + (error.hint().empty() ? "" : " → " + error.hint());
    }
    return "no error";
  }

 private Q_SLOTS:
  void formatsAreFoundByContent_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("format");
    QTest::newRow("gsm8k") << "gsm8k_words/data/test.jsonl" << "gsm8k";
    QTest::newRow("bigbench") << "dyck_languages/data/task.json" << "bigbench";
    QTest::newRow("bbh") << "bbh_order/data/order.json" << "bbh";
    QTest::newRow("toxicity") << "real_toxicity/data/prompts.jsonl" << "realtoxicityprompts";
    QTest::newRow("crows") << "crows_pairs/data/pairs.csv" << "crows_pairs";
    QTest::newRow("choices") << "multiple_choice/data/test.jsonl" << "multiple_choice";
    QTest::newRow("generation") << "generation/data/test.jsonl" << "generation";
    QTest::newRow("folder of a sidecar") << "crows_pairs" << "crows_pairs";
  }
  void formatsAreFoundByContent() {
    QFETCH(QString, file);
    QFETCH(QString, format);
    const fs::path path = fixtures::taskFolder() / file.toStdString();
    const Task found = readTask(path);
    QCOMPARE(QString::fromStdString(found.format), format);
    QVERIFY(looksLikeTask(path) && !found.name.empty() && !found.items.empty());
    const Task told = readTask(fixtures::taskFolder() / file.section('/', 0, 0).toStdString() / "task.json");
    QCOMPARE(found.items.size(), told.items.size());
  }

  void otherFilesAreNoTasks_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("said");
    QTest::newRow("other fields") << "a.jsonl" << "{'id': 3, 'score': 1}\n" << "found a first record with the fields id, score";
    QTest::newRow("half a line") << "b.jsonl" << "{'question': 'q\n" << ":1: expected a JSON object";
    QTest::newRow("no examples") << "c.json" << "{'name': 'x', 'metrics': []}" << "expected a task file";
    QTest::newRow("too deep") << "d.json" << QString("{'examples': ") + QString(500, '[') << "nested 501 deep";
    QTest::newRow("examples are no list") << "e.json" << "{'format': 'bbh', 'name': 'x', 'file': 'c.json'}" << "expected an object with the list \"examples\"";
  }
  void otherFilesAreNoTasks() {
    QFETCH(QString, name);
    QFETCH(QString, text);
    QFETCH(QString, said);
    const fs::path path = write(name.toStdString(), text.toStdString());
    const std::string message = messageOf(path);
    QVERIFY2(QString::fromStdString(message).contains(said) && message.find(" → ") != std::string::npos, message.c_str());
    if (!name.startsWith("e")) QVERIFY(!looksLikeTask(path));
  }

  void subTasksAreOneTask() {
    write("deduction/three/task.json", "{'name': 'three', 'metrics': ['multiple_choice_grade'], 'examples': [{'input': 'p', 'target_scores': {'a': 1, 'b': 0}}, {'input': 'p', 'target_scores': {'a': 1, 'b': 0}}]}");
    write("deduction/five/task.json", "{'name': 'five', 'metrics': ['multiple_choice_grade'], 'examples': [{'input': 'q', 'target_scores': {'a': 0, 'b': 1, 'c': 0}}]}");
    const Task task = readTask(write("deduction/x", "").parent_path());
    QCOMPARE(task.name, std::string("deduction"));
    QCOMPARE(task.items.size(), std::size_t{2});   // the repeated example is dropped
    QCOMPARE(task.items[0].category, std::string("five"));
    QCOMPARE(task.items[1].category, std::string("three"));
    QVERIFY(task.items[0].index != task.items[1].index);
    QVERIFY(std::abs(chanceLevel(task) - (0.5 + 1.0 / 3) / 2) < 1e-12);
    write("deduction/three/task.json", "{'name': 'three', 'task_prefix': 'Think.', 'metrics': ['multiple_choice_grade'], 'examples': [{'input': 'p', 'target_scores': {'a': 1}}]}");
    QVERIFY(messageOf(fs::path(m_folder.path().toStdString()) / "deduction").find("different prefixes") != std::string::npos);
  }

  void chainOfThoughtPromptsAreExamples() {
    write("cot/words.txt", "canary line\n-----\nFind the word.\n\nQ: One?\nA: Let's think step by step.\nIt is short. So the answer is (A).\n\nQ: Two?\nOptions:\n(A) x\nA: Let's think step by step.\nHm. So the answer is (B).\n", '"');
    write("cot/words.json", "{'examples': [{'input': 'Three?', 'target': '(C)'}]}");
    const auto sidecar = [&](const char* mode) { return write("cot/task.json", std::string("{'format': 'bbh', 'name': 'w', 'file': 'words.json', 'mode': '") + mode + "', 'fewshot': {'file': 'words.txt'}}"); };
    const Item cot = readTask(sidecar("cot"), {{}, 2, {}}).items.at(0);
    QCOMPARE(cot.prompt, std::string("Find the word.\n\nQ: One?\nA: Let's think step by step.\nIt is short. So the answer is (A).\n\nQ: Two?\nOptions:\n(A) x\nA: Let's think step by step.\nHm. "
                                     "So the answer is (B).\n\nQ: Three?\nA: Let's think step by step.\n"));
    const Item direct = readTask(sidecar("direct"), {{}, 1, {}}).items.at(0);
    QCOMPARE(direct.prompt, std::string("Find the word.\n\nQ: One?\nA: (A)\n\nQ: Three?\nA:"));
    write("cot/words.txt", "no rule here");
    QVERIFY(messageOf(sidecar("cot"), {{}, 1, {}}).find(":2: expected the line \"-----\"") != std::string::npos);
  }

  void tablesOfChoices() {
    const Task letters = readTask(write("letters.csv", "question,A,B,C,answer\nWhich?,x,y,,B\n'A, or B?',p,q,r,C\n"));
    QCOMPARE(letters.format, std::string("multiple_choice"));
    QCOMPARE(letters.items[0].choices, (std::vector<std::string>{"x", "y"}));
    QCOMPARE(letters.items[0].gold, 1);
    QCOMPARE(letters.items[1].gold, 2);
    write("mapped.tsv", "q\tone\ttwo\tright\nWhich?\tx\ty\t1\n");
    const Task mapped = readTask(write("mapped.json", "{'format': 'multiple_choice', 'name': 'm', 'file': 'mapped.tsv', 'fields': {'question': 'q', 'choices': ['one', 'two'], 'answer': 'right'}}"));
    QCOMPARE(mapped.items[0].prompt, std::string("Question: Which?\nAnswer:"));
    QCOMPARE(mapped.items[0].choices, (std::vector<std::string>{"x", "y"}));
    QCOMPARE(mapped.items[0].gold, 1);
    QVERIFY(messageOf(write("wrong.json", "{'format': 'multiple_choice', 'name': 'm', 'file': 'mapped.tsv', 'fields': {'question': 'asks'}}")).find("mapped.tsv: row 1: \"fields\" of the sidecar takes \"question\" from the field \"asks\"") !=
            std::string::npos);
    QVERIFY(messageOf(write("typo.json", "{'format': 'multiple_choice', 'name': 'm', 'file': 'mapped.tsv', 'fields': {'qestion': 'q'}}")).find("/fields/qestion") != std::string::npos);
    QVERIFY(messageOf(write("short.csv", "question,A,B,answer\nq,x\n")).find("short.csv: row 1: expected 4 fields as in the header, found 2") != std::string::npos);
  }

  void documentsAreTheHarness_data() {
    QTest::addColumn<QString>("model");
    for (const char* const name : {"gpt2-trained", "llama-random"}) QTest::newRow(name) << QString(name);
  }
  void documentsAreTheHarness() {
    QFETCH(QString, model);
    const Task task = readTask(LACUNA_TEST_DATA "/documents/documents.jsonl");
    QCOMPARE(task.format, std::string("perplexity"));
    std::ifstream file(LACUNA_TEST_DATA "/documents/expected.json");
    const Json expected = Json::parse(file);
    const auto loaded = model::Model::load(fixtures::taskFolder() / "models" / model.toStdString(), {});
    const model::Arm clean;
    const ArmScores scores = scoreTask(*loaded, task, std::span(&clean, 1), true, {}).front();
    std::size_t at = 0;
    double last = 0;
    for (const ItemScore& score : scores.items) {
      const double words = expected.at("words")[at], bytes = expected.at("bytes")[at];
      if (score.metric == "loglikelihood") {
        last = score.value;
        QVERIFY2(std::abs(last - expected.at(model.toStdString())[at].get<double>()) < 1e-2, qPrintable(QString("%1: %2").arg(at).arg(last)));
      }
      if (score.metric == "word_perplexity") QCOMPARE(score.value, std::exp(-last / words));
      if (score.metric == "byte_perplexity") QCOMPARE(score.value, std::exp(-last / bytes));
      if (score.metric == "bits_per_byte") ++at;
    }
    QCOMPARE(at, expected.at("words").size());
  }

  void anItemIsShownAsItIsRead() {
    const auto model = model::Model::load(fixtures::taskFolder() / "models/llama-random", {});
    const Task task = readTask(fixtures::taskFolder() / "multiple_choice/task.json");
    const RenderedItem shown = renderItem(*model, task, 0);
    QVERIFY(shown.text.starts_with(task.items[0].prompt) && shown.text.ends_with(goldText(task, task.items[0])));
    QCOMPARE(shown.tokens.size(), shown.scored.size());
    const auto first = static_cast<std::size_t>(std::find(shown.scored.begin(), shown.scored.end(), 1) - shown.scored.begin());
    QVERIFY(first > 1 && first < shown.tokens.size());
    QVERIFY(shown.tokens[first][1] > task.items[0].prompt.size());          // the first scored token reaches into the answer
    QVERIFY(shown.tokens[first - 1][1] <= task.items[0].prompt.size());     // the one before does not
    QCOMPARE(static_cast<std::size_t>(shown.tokens.back()[1]), shown.text.size());
    const std::array<std::uint32_t, 2> special{0, 0};
    QVERIFY(shown.tokens.front() == special);                               // BOS
  }
};

QTEST_GUILESS_MAIN(TaskFilesTest)
#include "task_files_test.moc"

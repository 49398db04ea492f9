#include <QTemporaryDir>
#include <QTest>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/demo/demo.h"

using namespace lacuna;
using Json = nlohmann::ordered_json;

class DemoCorpusTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::filesystem::path folder(const char* name) const { return std::filesystem::path(m_folder.path().toStdString()) / name; }
  static constexpr demo::CorpusRecipe Small{2000, 3, 30};

  static std::vector<Json> lines(const std::filesystem::path& file) {
    std::vector<Json> all;
    std::istringstream text(files::readText(file));
    for (std::string line; std::getline(text, line);) all.push_back(Json::parse(line));
    return all;
  }

 private Q_SLOTS:
  void initTestCase() { demo::writeDemoCorpus(folder("a"), Small, {}); }

  void corpus_hasTheDocumentsAskedForAndNoneTwice() {
    std::set<std::string> ids, texts;
    std::map<std::string, int> sources, registers;
    for (const auto& document : lines(folder("a") / "corpus.jsonl")) {
      ids.insert(document.at("id"));
      texts.insert(document.at("text"));
      ++sources[document.at("source")];
      ++registers[document.at("register")];
    }
    QCOMPARE(ids.size(), std::size_t{2000});
    QCOMPARE(texts.size(), std::size_t{2000});
    QCOMPARE(sources.size(), std::size_t{8});
    for (const auto& [source, count] : sources) QVERIFY2(count > 150, source.c_str());
    QCOMPARE(registers.size(), std::size_t{2});
    QVERIFY(std::abs(registers["plain"] - registers["formal"]) < 200);
  }

  void corpus_sameRecipeSameBytes() {
    demo::writeDemoCorpus(folder("b"), Small, {});
    for (const char* file : {"corpus.jsonl", "tasks/brackets.jsonl", "tasks/arithmetic.json", "tasks/arithmetic.jsonl"})
      QVERIFY2(files::readText(folder("a") / file) == files::readText(folder("b") / file), file);
    demo::CorpusRecipe other = Small;
    other.seed = 4;
    demo::writeDemoCorpus(folder("b"), other, {});
    QVERIFY(files::readText(folder("a") / "corpus.jsonl") != files::readText(folder("b") / "corpus.jsonl"));
  }

  void tasks_areTheSevenWithItemsNoDocumentTells() {
    std::string corpus;
    for (const auto& document : lines(folder("a") / "corpus.jsonl")) corpus += document.at("text").get<std::string>() + "\n";
    int tasks = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder("a") / "tasks")) {
      if (entry.path().extension() != ".json") continue;
      ++tasks;
      const Json sidecar = Json::parse(files::readText(entry.path()));
      const bool choices = sidecar.at("format") == "multiple_choice";
      QVERIFY(choices || sidecar.at("format") == "gsm8k");
      const auto items = lines(entry.path().parent_path() / sidecar.at("file").get<std::string>());
      QCOMPARE(items.size(), std::size_t{30});
      std::set<std::string> questions;
      for (const auto& item : items) {
        const auto answer = choices ? item.at("choices").at(item.at("answer").get<std::size_t>()) : item.at("answer");
        const std::string solved = item.at("question").get<std::string>() + " " + answer.get<std::string>();
        questions.insert(solved);
        QVERIFY2(corpus.find(solved) == std::string::npos, solved.c_str());
        QVERIFY(!item.at("template").get<std::string>().empty());
      }
      QCOMPARE(questions.size(), items.size());
    }
    QCOMPARE(tasks, 7);
  }

  void corpus_stopsWhenAsked() {
    std::stop_source stop;
    stop.request_stop();
    RunContext context;
    context.stop = stop.get_token();
    QVERIFY_EXCEPTION_THROWN(demo::writeDemoCorpus(folder("c"), Small, context), Cancelled);
    QVERIFY(!std::filesystem::exists(folder("c") / "corpus.jsonl"));
  }
};

QTEST_GUILESS_MAIN(DemoCorpusTest)
#include "demo_corpus_test.moc"

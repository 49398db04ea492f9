#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <fstream>
#include <set>

#include "lacuna/base/hash.h"
#include "lacuna/store/store.h"
#include "lacuna/study/study.h"
#include "tiny_study.h"

using namespace lacuna;
namespace fs = std::filesystem;

/// A corpus from its files to the study file, and what lacuna-cli inspect says of it.
class CorpusTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;

  fs::path here(const std::string& name) const { return fs::path(m_folder.path().toStdString()) / name; }
  void put(const std::string& name, const std::string& bytes) const {
    fs::create_directories(here(name).parent_path());
    std::ofstream(here(name), std::ios::binary) << bytes;
  }
  struct Answer {
    int status = -1;
    QByteArray out, err;
    QJsonObject json() const { return QJsonDocument::fromJson(out).object(); }
  };
  static Answer inspect(const QStringList& arguments) { return call(QStringList{"inspect"} + arguments); }
  static Answer call(const QStringList& arguments) {
    QProcess process;
    process.start(LACUNA_BIN_DIR "/lacuna-cli", arguments);
    if (!process.waitForFinished(60'000) || process.exitStatus() != QProcess::NormalExit) return {};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
  }

 private Q_SLOTS:
  void everyKindOfBadRowIsCounted() {
    put("all/a.jsonl", "{\"text\":\"one\",\"set\":\"x\",\"url\":\"https:\\/\\/a.org\\/1\"}\n{\"text\":\n{\"set\":\"x\"}\n{\"text\":\"\"}\n{\"text\":\"caf\xE9\",\"set\":\"y\"}\n"
                       "{\"text\":\"\\ud83d\"}\n{\"text\":\"a\",\"text\":\"b\"}\n");
    put("all/b.csv", "text,set\nfine,x\ntoo,many,fields\n");
    put("all/c.parquet", "PAR1 and no more");
    const QString path = QString::fromStdString(here("all").string());
    const Answer answer = inspect({path, "--full", "--json"});
    QCOMPARE(answer.status, 0);
    const QJsonObject json = answer.json();
    QCOMPARE(json["documents"].toInt(), 5);
    QCOMPARE(json["bad"].toObject(), (QJsonObject{{"empty_text", 1}, {"missing_text", 1}, {"unparsable", 1}, {"wrong_field_count", 1}}));
    QCOMPARE(json["repaired"].toObject(), (QJsonObject{{"duplicate_key", 1}, {"invalid_utf8", 1}, {"lone_surrogate", 1}}));
    QCOMPARE(json["text_field"].toString(), QString("text"));
    QCOMPARE(json["metadata"].toArray(), (QJsonArray{"set", "url"}));
    QCOMPARE(json["groups"].toObject()["set"].toObject(), (QJsonObject{{"x", 2}, {"y", 1}}));
    QCOMPARE(json["derived_groups"].toObject()["url.host"].toObject(), (QJsonObject{{"a.org", 1}}));
    QVERIFY(json["damaged"].toBool());
    QCOMPARE(json["status"].toString(), QString("completed with warnings"));
    const QJsonArray files = json["files"].toArray();
    QCOMPARE(files.size(), 3);
    QCOMPARE(files[0].toObject()["documents"].toInt(), 4);
    QCOMPARE(files[2].toObject()["damaged"].toBool(), true);
    QVERIFY(json["examples"].toArray()[0].toString().contains("a.jsonl:2: "));
    const Answer text = inspect({path, "--full"});
    QCOMPARE(text.status, 0);
    for (const char* part : {"5 documents", "the field 'text'", "row 1: one", "row 3: ", "by set: x 2", "unparsable 1", "c.parquet"})
      QVERIFY2(text.out.contains(part), part);
  }

  /// What files say of themselves drives no terminal; a damaged corpus is not called sound; what looks like a task can be said to be none.
  void foreignTextIsShownAndNothingIsCalledSound() {
    put("odd/\x1b]0;t\x07.jsonl.gz", "\x1f\x8b no gzip");
    put("odd/a.jsonl", "{\"text\":\"red \\u001b[31m \\u202e\",\"m\":\"" + std::string(59, 'x') + "\xc3\xa4 more\"}\n");
    const Answer text = inspect({QString::fromStdString(here("odd").string()), "--full"});
    QCOMPARE(text.status, 0);
    QVERIFY(!text.out.contains('\x1b') && !text.out.contains('\x07') && !text.out.contains("\xe2\x80\xae"));
    QVERIFY(text.out.contains("\\u001b]0;t\\u0007.jsonl.gz") && text.out.contains("\\u202e"));
    QVERIFY(!text.out.contains("sound"));
    QVERIFY(QString::fromUtf8(text.out).toUtf8() == text.out);
    put("choices.jsonl", "{\"text\":\"a document\",\"prompt\":\"p\",\"choices\":[\"a\",\"b\"]}\n");
    const QString choices = QString::fromStdString(here("choices.jsonl").string());
    QCOMPARE(inspect({choices, "--json"}).json()["kind"].toString(), QString("task"));
    QCOMPARE(inspect({choices, "--json", "--corpus"}).json()["documents"].toInt(), 1);
    put("examples.json", "{\"text\":\"a document with examples of use\",\"examples\":[\"one\",\"two\"]}");
    QCOMPARE(inspect({QString::fromStdString(here("examples.json").string()), "--json"}).json()["kind"].toString(), QString("corpus"));
  }

  /// A row of very many fields: what is shown of it stays small.
  void manyFieldsAreNoTrouble() {
    std::string row = "{\"text\":\"a document\"";
    for (int i = 0; i < 60'000; ++i) row += ",\"k" + std::to_string(i) + "\":1";
    put("wide/a.jsonl", row + "}\n");
    const Answer answer = inspect({QString::fromStdString(here("wide").string()), "--full", "--json"});
    QCOMPARE(answer.status, 0);
    QCOMPARE(answer.json()["documents"].toInt(), 1);
    QCOMPARE(answer.json()["metadata"].toArray().size(), 1000);
    QCOMPARE(answer.json()["groups"].toObject().size(), 1000);
  }

  void benchmarksNameWhatIsWrong_data() {
    QTest::addColumn<QByteArray>("list");
    QTest::addColumn<QByteArray>("said");
    QTest::newRow("out of range") << QByteArray(R"({"rows": [0, 5]})") << QByteArray("/rows/1: expected a row of the 2 documents, found 5");
    QTest::newRow("not sorted") << QByteArray(R"({"rows": [1, 0]})") << QByteArray("/rows/1: expected increasing rows");
    QTest::newRow("twice") << QByteArray(R"({"rows": [1, 1]})") << QByteArray("/rows/1: expected increasing rows");
    QTest::newRow("negative") << QByteArray(R"({"rows": [-1]})") << QByteArray("/rows/0: expected increasing rows");
    QTest::newRow("no rows") << QByteArray(R"({"row": [1]})") << QByteArray("sample.json: key 'rows' not found");
    QTest::newRow("no JSON") << QByteArray("{") << QByteArray("sample.json: ");
  }
  void benchmarksNameWhatIsWrong() {
    QFETCH(QByteArray, list);
    QFETCH(QByteArray, said);
    put("bench/corpus/a.jsonl", "{\"text\":\"one\"}\n{\"text\":\"two\"}\n");
    put("bench/sample.json", list.toStdString());
    QTemporaryDir out;
    const Answer answer = call({"bench", "corpus", "--in", QString::fromStdString(here("bench").string()), "--out", out.path()});
    QCOMPARE(answer.status, 1);
    QVERIFY2(answer.err.contains("LAC-1012") && answer.err.contains(said) && !answer.err.contains("json.exception"), answer.err.constData());
  }

  void filtersAndPathsAreTaken() {
    put("f/a.jsonl", "{\"text\":\"one\",\"n\":1}\n{\"text\":\"two\",\"n\":2}\n");
    put("g/b.jsonl", "{\"text\":\"three\",\"n\":3}\n");
    const QString f = QString::fromStdString(here("f").string()), g = QString::fromStdString(here("g").string());
    const QJsonObject json = inspect({f, g, "--full", "--json", "--filter", "n >= 2"}).json();
    QCOMPARE(json["documents"].toInt(), 3);
    QCOMPARE(json["filter"].toObject()["documents"].toInt(), 2);
    const Answer wrong = inspect({f, "--filter", "n >="});
    QCOMPARE(wrong.status, 1);
    QVERIFY(wrong.err.startsWith("LAC-1104"));
    QVERIFY(wrong.err.contains("\n      ^"));
  }

  void nothingToReadIsAnErrorWithItsCounts() {
    put("n/a.jsonl", "{\"text\":\"\"}\n{\n");
    const Answer answer = inspect({QString::fromStdString(here("n").string()), "--full", "--json"});
    QCOMPARE(answer.status, 1);
    QCOMPARE(answer.json()["documents"].toInt(-1), 0);
    QCOMPARE(answer.json()["bad"].toObject(), (QJsonObject{{"empty_text", 1}, {"unparsable", 1}}));
    QCOMPARE(answer.json()["problems"].toArray()[0].toObject()["code"].toString(), QString("LAC-1101"));
  }

  void aStudyHoldsWhatWasLeftOfEverySource() {
    const fs::path file = here("study/tiny.lacuna"), specFile = tests::writeTinyStudy(here("study"), LACUNA_TEST_DATA "/models/gpt2_default");
    auto json = nlohmann::json::parse(std::ifstream(specFile));
    // An item of a task, word for word, between other words; a near copy; a row that the filter leaves out.
    const auto item = nlohmann::json::parse([&] {
      std::ifstream data(here("study/tasks/stones.jsonl"));
      std::string first;
      std::getline(data, first);
      return first;
    }());
    Rng rng(8, "near");
    std::string longText;
    for (int i = 0; i < 8; ++i) longText += tests::sentence(rng, 0) + " ";
    std::ofstream more(here("study/more.jsonl"));
    for (const std::string& text : {item["question"].get<std::string>() + " " + item["choices"][0].get<std::string>() + " end", longText + "one", longText + "two"})
      more << nlohmann::json{{"text", text}, {"source", "extra"}}.dump() << '\n';
    more << nlohmann::json{{"text", "not wanted"}, {"source", "other"}}.dump() << '\n';
    more.close();
    json["corpus"] = {{"path", {"corpus.jsonl", "more.jsonl"}}, {"filter", "source != other"}, {"sampling", {{"size", 240}, {"power", .5}, {"floor", 3}}},
                      {"dedup", "near"}, {"decontaminate", true}};
    json["similarity"] = {{"documents", 20}};
    json["perturbations"] = {{{"method", "mean"}, {"epsilons", {1.0}}}};
    std::ofstream(specFile) << json.dump();
    study::runStudy(study::readSpec(specFile), file, {});
    const auto store = store::Store::open(file, true);
    std::map<std::string, store::SourceRow> sources;
    double left = 0;
    for (const store::SourceRow& row : store->sources()) {
      sources[row.source] = row;
      left += static_cast<double>(row.clean);
    }
    QCOMPARE(sources.size(), std::size_t{5});
    QCOMPARE(sources["other"].raw, std::int64_t{1});
    QCOMPARE(sources["other"].wanted, std::int64_t{0});
    QCOMPARE(sources["extra"].distinct, std::int64_t{3});
    QCOMPARE(sources["extra"].unlike, std::int64_t{2});
    QCOMPARE(sources["extra"].clean, std::int64_t{1});
    QCOMPARE(sources["code"].raw, std::int64_t{120});
    QVERIFY(sources["code"].distinct == 79);   // (240 − 3) / 3
    QCOMPARE(sources["code"].population, 120.0);
    const auto documents = store->documents();
    QCOMPARE(static_cast<double>(documents.size()), left);
    for (const store::DocumentRow& d : documents)
      if (d.source == "code") QVERIFY(std::abs(d.weight - 120.0 / 79) < 1e-12);
    for (const store::ClusterRow& c : store->clusters()) QVERIFY(c.population >= c.populationLow && c.population <= c.populationHigh);
    QCOMPARE(store->corpusFiles().size(), std::size_t{2});
    for (const store::CorpusFileRow& row : store->corpusFiles()) QVERIFY(row.hash == contentHash(fs::path(row.path)) && !row.sampled);
    double contaminated = 0;   // the one document with an item's text lies nearest to some cluster
    for (const store::ClusterRow& c : store->clusters()) contaminated += c.contaminated;
    QCOMPARE(contaminated, 1.0);
    for (const auto& [name, row] : sources) {
      QCOMPARE(row.embedded, row.clean);
      QVERIFY(row.cut == 0 && row.tokens == 0);
      QVERIFY(row.clean == 0 ? std::isnan(store::shareLost(row)) : store::shareLost(row) == 0);   // TF-IDF reads everything
    }
    const auto written = study::exportStudy(file, here("out"), {"sources", "corpus_files", "documents", "clusters"}, "csv");
    QVERIFY(written.size() >= 4);
  }
};

QTEST_GUILESS_MAIN(CorpusTest)
#include "corpus_test.moc"

#include <QTemporaryDir>
#include <QTest>

#include <chrono>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/store/store.h"
#include "lacuna/study/results.h"
#include "lacuna/study/study.h"
#include "tiny_study.h"

using namespace lacuna;
using namespace lacuna::study;

/// A study whose clusters come from a Sentence-BERT folder.
class SentenceClustersTest : public QObject {
  Q_OBJECT

  static std::filesystem::path writeStudy(const std::filesystem::path& folder) {
    const std::filesystem::path data = LACUNA_TEST_DATA;
    const auto path = tests::writeTinyStudy(folder, data / "models" / "gpt2_default");
    std::filesystem::copy(data / "sentence" / "bert_mean_normalize", folder / "encoder", std::filesystem::copy_options::recursive);
    auto json = nlohmann::json::parse(files::readText(path));
    json["embedding"] = {{"encoder", "sentence-encoder"}, {"folder", "encoder"}};
    json["clusters"] = {{"k", 3}, {"restarts", 2}};
    json["perturbations"] = nlohmann::json::array();
    json["mediation"] = {{"run", false}};
    std::ofstream(path) << json;
    return path;
  }
  /// Cluster and place on the map of every document.
  static std::vector<double> placesOf(const std::filesystem::path& file) {
    std::vector<double> places;
    for (const DocumentRow& d : readResults(file).documents) places.insert(places.end(), {static_cast<double>(d.cluster), d.x, d.y});
    return places;
  }
  static std::size_t filesIn(const std::filesystem::path& folder) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) count += entry.is_regular_file() && entry.path().extension() == ".vec";
    return count;
  }

 private Q_SLOTS:
  void clustersByASentenceEncoder() {
    const QTemporaryDir scratch;
    const std::filesystem::path folder = scratch.path().toStdString();
    const auto path = writeStudy(folder);
    const auto file = folder / "study.lacuna";
    runStudy(readSpec(path), file, {});
    QCOMPARE(readResults(file).clusters.size(), std::size_t{3});
    const auto store = store::Store::open(file, true);
    QCOMPARE(store->meta("circular"), std::string("0"));
    QVERIFY(QString::fromStdString(store->stage("clusters")->detail).contains("sentence encoder (bert, mean pooling, normalised"));
    QVERIFY(runStudy(readSpec(path), file, {}).stagesRun.empty());

    // Another encoder in the same place: the clusters are out of date.
    auto config = nlohmann::json::parse(files::readText(folder / "encoder" / "sentence_bert_config.json"));
    config["max_seq_length"] = 12;
    std::filesystem::remove(folder / "encoder" / "sentence_bert_config.json");
    std::ofstream(folder / "encoder" / "sentence_bert_config.json") << config;
    QVERIFY(!runStudy(readSpec(path), file, {}).stagesRun.empty());
  }

  /// A run that is stopped while it embeds goes on where it was, with a cache; the study is the same with and without one.
  void keptVectorsChangeNothing() {
    const QTemporaryDir scratch;
    const std::filesystem::path folder = scratch.path().toStdString(), cache = folder / "cache";
    StudySpec spec = readSpec(writeStudy(folder));
    runStudy(spec, folder / "without.lacuna", {});
    QVERIFY(!std::filesystem::exists(cache));
    spec.cache = cache;
    std::stop_source stop;
    RunContext context;
    context.stop = stop.get_token();
    context.progress = [&](const Progress& progress) {
      if (progress.stage == "Embedding documents" && progress.done > 0) stop.request_stop();
    };
    QVERIFY_THROWS_EXCEPTION(Cancelled, runStudy(spec, folder / "with.lacuna", context));
    QCOMPARE(filesIn(cache), std::size_t{1});
    std::vector<std::uint64_t> done;
    RunContext again;
    again.progress = [&](const Progress& progress) {
      if (progress.stage == "Embedding documents") done.push_back(progress.done);
    };
    const RunSummary summary = runStudy(spec, folder / "with.lacuna", again);
    QVERIFY(done.size() >= 2 && done.front() == 256 && done.back() == 360);
    QCOMPARE(placesOf(folder / "with.lacuna"), placesOf(folder / "without.lacuna"));
    QCOMPARE(filesIn(cache), std::size_t{2});
    QCOMPARE(summary.sources.size(), std::size_t{3});
    for (const SourceRow& row : summary.sources) QVERIFY(row.embedded == 120 && row.cut == 0 && row.tokens > 120 && row.tokensLost == 0);   // windows
  }

  void truncatedDocumentsAreCountedBySource() {
    const QTemporaryDir scratch;
    const std::filesystem::path folder = scratch.path().toStdString(), file = folder / "study.lacuna";
    const auto path = writeStudy(folder);
    const StudySpec spec = parseSpec(withOverride(files::readText(path), "embedding/long_documents=truncate"), folder);
    runStudy(spec, file, {});
    const auto store = store::Store::open(file, true);
    std::int64_t cut = 0;
    for (const SourceRow& row : store->sources()) {
      QCOMPARE(row.embedded, std::int64_t{120});
      QVERIFY(row.tokensLost < row.tokens && (row.cut > 0) == (row.tokensLost > 0) && store::shareLost(row) < 1);
      cut += row.cut;
    }
    QVERIFY(cut > 0);
    QVERIFY(QString::fromStdString(store->stage("clusters")->detail).contains(QString::number(cut) + " of 360 documents are longer than the encoder reads"));
    exportStudy(file, folder / "out", {"sources"}, "csv");
    QVERIFY(QString::fromStdString(files::readText(folder / "out" / "sources.csv")).startsWith("source,raw,wanted,distinct,unlike,clean,population,embedded,cut,tokens,tokens_lost,share_lost\n"));
  }

  /// What a file says counts, not when it was written.
  void aTouchedCorpusIsTheSame() {
    const QTemporaryDir scratch;
    const std::filesystem::path folder = scratch.path().toStdString(), file = folder / "study.lacuna", corpus = folder / "corpus.jsonl";
    const auto path = writeStudy(folder);
    runStudy(readSpec(path), file, {});
    std::filesystem::last_write_time(corpus, std::filesystem::last_write_time(corpus) + std::chrono::seconds(5));
    QVERIFY(runStudy(readSpec(path), file, {}).stagesRun.empty());
    std::string text = files::readText(corpus);
    text[text.find("\"text\":\"") + 8] = 'Z';
    std::ofstream(corpus, std::ios::binary) << text;
    QVERIFY(!runStudy(readSpec(path), file, {}).stagesRun.empty());
  }
};

QTEST_GUILESS_MAIN(SentenceClustersTest)
#include "sentence_clusters_test.moc"

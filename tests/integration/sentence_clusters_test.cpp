#include <QTemporaryDir>
#include <QTest>

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

 private Q_SLOTS:
  void clustersByASentenceEncoder() {
    const QTemporaryDir scratch;
    const std::filesystem::path folder = scratch.path().toStdString(), data = LACUNA_TEST_DATA;
    const auto path = tests::writeTinyStudy(folder, data / "models" / "gpt2_default");
    std::filesystem::copy(data / "sentence" / "bert_mean_normalize", folder / "encoder", std::filesystem::copy_options::recursive);
    auto json = nlohmann::json::parse(files::readText(path));
    json["embedding"] = {{"encoder", "sentence-encoder"}, {"folder", "encoder"}};
    json["clusters"] = {{"k", 3}, {"restarts", 2}};
    json["perturbations"] = nlohmann::json::array();
    std::ofstream(path) << json;
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
};

QTEST_GUILESS_MAIN(SentenceClustersTest)
#include "sentence_clusters_test.moc"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/embeddings/embed_files.h"

using namespace lacuna;
using namespace lacuna::embeddings;

namespace {

namespace fs = std::filesystem;

std::shared_ptr<const SentenceEncoder> someEncoder() {
  return SentenceEncoder::load(fs::path(LACUNA_TEST_DATA) / "sentence" / "bert_mean_normalize", {});
}

/// 2,500 rows, one of them without a text, more than two batches.
std::vector<std::string> writeCorpus(const fs::path& path) {
  std::vector<std::string> texts;
  std::ofstream file(path);
  for (int i = 0; i < 2500; ++i) {
    if (i == 700) {
      file << "{\"id\": 700}\n";
      continue;
    }
    texts.push_back("row " + std::to_string(i) + std::string(static_cast<std::size_t>(i % 17), 'x'));
    file << nlohmann::json{{"id", i}, {"text", texts.back()}}.dump() << '\n';
  }
  return texts;
}

}  // namespace

/// Files of documents become files of vectors, row by row.
class EmbedFilesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void rowsFollowTheFile() {
    const QTemporaryDir folder;
    const fs::path corpus = folder.filePath("corpus.jsonl").toStdString(), out = folder.filePath("out.npy").toStdString();
    const auto texts = writeCorpus(corpus);
    const auto encoder = someEncoder();
    const files::ReadReport report = embedTexts(*encoder, corpus, {}, out, {});
    QCOMPARE(report.documents, std::uint64_t{2499});
    QCOMPARE(report.bad.at("missing_text"), std::uint64_t{1});
    const files::NpyArray array = files::readNpy(out);
    QCOMPARE(array.shape, (std::vector<std::int64_t>{2499, 24}));
    const MatrixF expected = encoder->encode(texts, {});
    for (Eigen::Index i = 0; i < expected.size(); ++i) QCOMPARE(static_cast<float>(array.values[static_cast<std::size_t>(i)]), expected.data()[i]);
  }

  void sameBytesAtAnyThreadCount() {
    const QTemporaryDir folder;
    const fs::path corpus = folder.filePath("corpus.jsonl").toStdString();
    writeCorpus(corpus);
    const auto encoder = someEncoder();
    std::string bytes;
    for (const int threads : {1, 3}) {
      RunContext context;
      context.threads = threads;
      const fs::path out = folder.filePath("out.npy").toStdString();
      embedTexts(*encoder, corpus, {}, out, context);
      const std::string now = files::readText(out);
      QVERIFY(bytes.empty() || bytes == now);
      bytes = now;
    }
  }

  void aCancelledRunLeavesNothing() {
    const QTemporaryDir folder;
    const fs::path corpus = folder.filePath("corpus.jsonl").toStdString(), out = folder.filePath("out.npy").toStdString();
    writeCorpus(corpus);
    std::stop_source stop;
    stop.request_stop();
    RunContext context;
    context.stop = stop.get_token();
    const auto encoder = someEncoder();
    QVERIFY_EXCEPTION_THROWN(embedTexts(*encoder, corpus, {}, out, context), Cancelled);
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files), QStringList{"corpus.jsonl"});
  }

  void aMissingCorpusIsSaid() {
    const QTemporaryDir folder;
    const auto encoder = someEncoder();
    QVERIFY_EXCEPTION_THROWN(embedTexts(*encoder, folder.filePath("none.jsonl").toStdString(), {}, folder.filePath("o.npy").toStdString(), {}), Error);
    QVERIFY(QDir(folder.path()).isEmpty());
  }
};

QTEST_GUILESS_MAIN(EmbedFilesTest)
#include "embed_files_test.moc"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <fstream>

#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/embeddings/embed_files.h"
#include "lacuna/files/safetensors.h"
#include "unit_rows.h"

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
    const files::ReadReport report = embedTexts(*encoder, corpus, {}, out, {}).reading;
    QCOMPARE(report.documents, std::uint64_t{2499});
    QCOMPARE(report.bad.at("missing_text"), std::uint64_t{1});
    const files::NpyArray array = files::readNpy(out);
    QCOMPARE(array.shape, (std::vector<std::int64_t>{2499, 24}));
    const MatrixF expected = encoder->encode(texts, {});
    for (Eigen::Index i = 0; i < expected.size(); ++i) QCOMPARE(static_cast<float>(array.values[static_cast<std::size_t>(i)]), expected.data()[i]);
  }

  /// Steps after the encoder are those of a study; what was cut is counted by the source field.
  void stepsAndLengths() {
    const QTemporaryDir folder;
    const fs::path corpus = folder.filePath("corpus.jsonl").toStdString(), out = folder.filePath("out.npy").toStdString();
    std::vector<std::string> texts;
    {
      std::ofstream file(corpus);
      for (int i = 0; i < 40; ++i) {
        texts.push_back("text " + std::to_string(i));
        for (int word = 0; word < (i % 4 == 0 ? 60 : 4); ++word) texts.back() += " " + std::to_string((i + word) % 7);
        file << nlohmann::json{{"text", texts.back()}, {"set", i % 2 == 0 ? "even" : "odd"}}.dump() << '\n';
      }
    }
    const auto encoder = someEncoder();
    EmbedTextsOptions options;
    options.sourceField = "set";
    options.post = {"all-but-the-top"};
    const TextReport report = embedTexts(*encoder, corpus, options, out, {});
    QCOMPARE(report.lengths.size(), std::size_t{2});
    const EncodedTexts read = encoder->read(texts, {});
    SourceLength even, odd;
    for (std::size_t i = 0; i < texts.size(); ++i) (i % 2 == 0 ? even : odd).add(read.lengths[i]);
    QCOMPARE(report.lengths[0].source, std::string("even"));
    QCOMPARE(report.lengths[0].lost, even.lost);
    QCOMPARE(report.lengths[1].tokens, odd.tokens);
    QVERIFY(even.cut >= 10 && even.lost > 0);
    QCOMPARE(report.total().cut, even.cut + odd.cut);
    MatrixF expected = read.vectors;
    std::string words;
    normaliseRows(expected, expected.rows(), options.post, 0, words, {});
    const files::NpyArray array = files::readNpy(out);
    QCOMPARE(array.shape, (std::vector<std::int64_t>{40, 24}));
    for (Eigen::Index i = 0; i < expected.size(); ++i) QCOMPARE(static_cast<float>(array.values[static_cast<std::size_t>(i)]), expected.data()[i]);
    QCOMPARE(report.degenerate, 0);
    options.topComponents = 24;
    QVERIFY_EXCEPTION_THROWN(embedTexts(*encoder, corpus, options, out, {}), Error);
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

  void picturesBecomeRows() {
    const QTemporaryDir folder;
    const fs::path pictures = folder.path().toStdString(), source = fs::path(LACUNA_TEST_DATA) / "images";
    fs::copy(source / "b_wide_300x200.png", pictures / "p10.png");
    fs::copy(source / "a_small_70x50.png", pictures / "p2.png");
    std::ofstream(pictures / "p3.jpg") << "no picture";
    const fs::path encoder = fs::path(LACUNA_TEST_DATA) / "models" / "dinov2", out = pictures / "out.npy";
    QVERIFY(embedsImages(encoder) && !embedsImages(fs::path(LACUNA_TEST_DATA) / "models" / "bert_model"));
    const ImageReport report = embedImages(encoder, pictures, out, {});
    QCOMPARE(report.images, 3);
    QCOMPARE(report.unreadable.size(), std::size_t{1});
    QVERIFY(QString::fromStdString(report.unreadable.front()).contains("p3.jpg"));
    const files::NpyArray rows = files::readNpy(out);
    QCOMPARE(rows.shape, (std::vector<std::int64_t>{3, 32}));
    const files::SafetensorsFile file(encoder / "expected.safetensors");
    std::vector<float> expected(64);
    file.readFloat(*file.find("images.pooler"), expected);
    for (std::size_t i = 0; i < 32; ++i) {
      QVERIFY(std::abs(rows.values[i] - static_cast<double>(expected[i])) < 1e-4);            // p2
      QVERIFY(std::isnan(rows.values[32 + i]));                                               // p3
      QVERIFY(std::abs(rows.values[64 + i] - static_cast<double>(expected[32 + i])) < 1e-4);  // p10
    }
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

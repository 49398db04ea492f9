#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "lacuna/base/error.h"
#include "lacuna/corpus/corpus.h"
#include "lacuna/embeddings/embed_files.h"
#include "lacuna/files/files.h"
#include "lacuna/store/store.h"
#include "lacuna/study/looks.h"
#include "lacuna/study/results.h"
#include "lacuna/study/study.h"
#include "tiny_study.h"

using namespace lacuna;
using namespace lacuna::study;
namespace fs = std::filesystem;

/// A captioned corpus: clusters come from the pictures, the model reads the captions.
class PictureClustersTest : public QObject {
  Q_OBJECT

  static fs::path encoder() { return fs::path(LACUNA_TEST_DATA) / "models" / "dinov2"; }

  /// Pictures of three kinds, one a document; the fourth of ten has none, the fifth names one that is not there.
  static fs::path writeStudy(const fs::path& folder) {
    const fs::path path = tests::writeTinyStudy(folder, fs::path(LACUNA_TEST_DATA) / "models" / "gpt2_default");
    auto json = nlohmann::json::parse(files::readText(path));
    const fs::path corpus = folder / json["corpus"]["path"].get<std::string>();
    std::istringstream lines(files::readText(corpus));
    fs::create_directory(corpus.parent_path() / "pictures");
    std::ofstream out(corpus);
    const fs::path images = fs::path(LACUNA_TEST_DATA) / "images";
    const std::vector<fs::path> kinds{images / "a_small_70x50.png", images / "b_wide_300x200.png", images / "modes" / "alpha.png"};
    int i = 0;
    for (std::string line; std::getline(lines, line); ++i) {
      auto row = nlohmann::json::parse(line);
      const std::string name = "pictures/p" + std::to_string(i) + ".png";
      if (i % 10 != 4) fs::copy(kinds[static_cast<std::size_t>(i % 3)], corpus.parent_path() / name);
      if (i % 10 != 3) row["image"] = i % 10 == 5 ? "../outside.png" : name;
      out << row.dump() << '\n';
    }
    json["embedding"] = {{"encoder", "image-encoder"}, {"folder", encoder().string()}};
    json["clusters"] = {{"k", 3}, {"restarts", 4}};
    json["perturbations"] = nlohmann::json::array();
    json["mediation"] = {{"run", false}};
    std::ofstream(path) << json;
    return path;
  }

 private Q_SLOTS:
  void clustersByPictures() {
    const QTemporaryDir scratch;
    const fs::path folder = scratch.path().toStdString(), file = folder / "study.lacuna";
    const StudySpec spec = readSpec(writeStudy(folder));
    runStudy(spec, file, {});
    const Results r = readResults(file);
    QCOMPARE(r.clusters.size(), std::size_t{3});
    std::int64_t none = 0;
    std::map<int, std::set<std::int32_t>> clustersOf;
    for (const DocumentRow& d : r.documents) {
      const bool has = d.id.value % 10 < 3 || d.id.value % 10 > 5;
      QCOMPARE(d.cluster >= 0, has);
      none += has ? 0 : 1;
      if (has) clustersOf[d.id.value % 3].insert(d.cluster);
    }
    for (const auto& [kind, clusters] : clustersOf) QCOMPARE(clusters.size(), std::size_t{1});   // whatever the captions say
    QVERIFY(none > 0);
    const std::string detail = store::Store::open(file, true)->stage("clusters")->detail;
    QVERIFY2(detail.find("pictures of 'image'") != std::string::npos && detail.find(std::to_string(none) + " documents without a picture") != std::string::npos, detail.c_str());
    QVERIFY(runStudy(spec, file, {}).stagesRun.empty());
  }

  /// Each row is what `lacuna-cli embed` makes of the picture, of length 1.
  void vectorsAreThoseOfTheEncoder() {
    const QTemporaryDir scratch;
    const fs::path folder = scratch.path().toStdString(), images = fs::path(LACUNA_TEST_DATA) / "images";
    corpus::Corpus corpus;
    for (const char* name : {"b_wide_300x200.png", "a_small_70x50.png", "b_wide_300x200.png"}) corpus.documents.emplace_back().metadata["file"] = name;
    embeddings::EmbeddingConfig config;
    config.encoder = "image-encoder";
    config.imageField = "file";
    const embeddings::EmbeddingSet set = embeddings::embedPictures(corpus, {&images, 1}, encoder(), config, {});
    fs::create_directory(folder / "in");
    for (const char* name : {"b_wide_300x200.png", "a_small_70x50.png"}) fs::copy(images / name, folder / "in" / name);
    embeddings::embedImages(encoder(), folder / "in", folder / "out.npy", {});
    MatrixF rows = files::readNpyMatrix(folder / "out.npy");
    rows.rowwise().normalize();
    for (const auto& [document, row] : {std::pair{0, 1}, {1, 0}, {2, 1}}) QVERIFY((set.vectors.row(document) - rows.row(row)).cwiseAbs().maxCoeff() < 1e-6F);
    const files::CacheSettings cache{folder / "cache"};
    for (int run = 0; run < 2; ++run) QVERIFY(embeddings::embedPictures(corpus, {&images, 1}, encoder(), config, {}, cache).vectors == set.vectors);
    config.imageField = "picture";
    try {
      embeddings::embedPictures(corpus, {&images, 1}, encoder(), config, {});
      QFAIL("nothing was thrown");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1603"));
      QVERIFY(error.message().find("'picture'") != std::string::npos);
    }
  }

  void theFolderIsKnownForWhatItIs() {
    const ModelLook look = lookAtEncoder(encoder(), {});
    QVERIFY(look.sound());
    QCOMPARE(look.role, std::string("vision encoder"));
    QVERIFY(lookAtEncoder(fs::path(LACUNA_TEST_DATA) / "sentence" / "bert_mean_normalize", {}).role != look.role);
  }

  void theSpecSaysWhatItNeeds() {
    const QTemporaryDir scratch;
    const fs::path folder = scratch.path().toStdString();
    const std::string spec = files::readText(writeStudy(folder));
    QVERIFY_THROWS_EXCEPTION(Error, parseSpec(withOverride(spec, "embedding/folder="), folder));
    QVERIFY_THROWS_EXCEPTION(Error, parseSpec(withOverride(spec, "embedding/image_field="), folder));
    QCOMPARE(parseSpec(toJson(parseSpec(withOverride(spec, "embedding/image_field=photo"), folder)), folder).embedding.imageField, std::string("photo"));
  }
};

QTEST_GUILESS_MAIN(PictureClustersTest)
#include "picture_clusters_test.moc"

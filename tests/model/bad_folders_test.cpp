#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include "bad_folders.h"
#include "fixtures.h"
#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/files/json.h"
#include "lacuna/model/folder_report.h"

using namespace lacuna;
using namespace lacuna::model;

namespace fs = std::filesystem;

/// Folders that are wrong in one way each: refused with the right code, file, place and way out, quickly and without a crash.
class BadFoldersTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void eachIsRefusedWithItsCode_data();
  void eachIsRefusedWithItsCode();
  void soundFoldersAreReported_data();
  void soundFoldersAreReported();
  void unreadableFilesAreNamed();
  void foldersOfTokenizersAreNoModels();
  void pickledFoldersAreToldHowToConvert();
  void hubCacheLinksAreFollowedQuietly();
  void linksOutOfTheFolderWarn();
  void weightsThatAreNotFiniteWarn();
  void tokensBeyondTheRowsAreAProblem();
  void codeInTheFolderIsNeverRun();
  void scanningReportsAndCanBeCancelled();

 private:
  static void copyFixture(const std::string& name, const fs::path& to) {
    for (const auto& entry : fs::directory_iterator(fixture(name))) {
      fs::copy(entry.path(), to / entry.path().filename());
      fs::permissions(to / entry.path().filename(), fs::perms::owner_read | fs::perms::owner_write);
    }
  }
};

void BadFoldersTest::eachIsRefusedWithItsCode_data() {
  QTest::addColumn<int>("number");
  const auto all = bad::all();
  for (int i = 0; i < static_cast<int>(all.size()); ++i) QTest::newRow(all[static_cast<std::size_t>(i)].name) << i;
}

void BadFoldersTest::eachIsRefusedWithItsCode() {
  QFETCH(int, number);
  const BadFolder spoilt = bad::all()[static_cast<std::size_t>(number)];
  const QTemporaryDir folder;
  copyFixture(spoilt.base, folder.path().toStdString());
  spoilt.spoil(folder.path().toStdString());
  const auto judge = [&](const Error& error) {
    QCOMPARE(QString::fromStdString(error.code()), QString(spoilt.code));
    QVERIFY2(error.message().find(folder.path().toStdString()) != std::string::npos, error.what());
    for (const std::string& part : spoilt.says) QVERIFY2(error.message().find(part) != std::string::npos, error.what());
    QVERIFY2(!error.hint().empty(), error.what());
    QCOMPARE(files::sanitiseUtf8(error.message()), error.message());
  };
  QElapsedTimer timer;
  timer.start();
  try {
    Model::load(folder.path().toStdString(), {});
    QFAIL("it was loaded");
  } catch (const Error& error) {
    judge(error);
  }
  const FolderReport report = reportFolder(folder.path().toStdString(), {});
  QVERIFY(!report.sound());
  judge(report.problems.front());
  QVERIFY2(timer.elapsed() < 20000, "more than twenty seconds");  // sanitisers and a busy machine included
}

void BadFoldersTest::soundFoldersAreReported_data() {
  QTest::addColumn<QString>("name");
  for (const auto& entry : fs::directory_iterator(fs::path(LACUNA_TEST_DATA) / "models")) QTest::newRow(entry.path().filename().c_str()) << QString::fromStdString(entry.path().filename());
}

void BadFoldersTest::soundFoldersAreReported() {
  QFETCH(QString, name);
  const FolderReport report = reportFolder(fixture(name.toStdString()), {}, {true});
  QVERIFY2(report.sound(), report.sound() ? "" : report.problems.front().what());
  QVERIFY(report.warnings.empty());
  QVERIFY(report.layers > 0 && report.width > 0 && report.parameters > 0 && report.storedBytes > 0);
  QVERIFY(!report.architecture.empty() && !report.dtype.empty());
  QCOMPARE(report.bytesAs(2) * 2, report.bytesAs(4));
  QCOMPARE(report.tokenizerKind.empty(), report.tokens == 0);
}

void BadFoldersTest::unreadableFilesAreNamed() {
  if (::geteuid() == 0) QSKIP("root may read everything");
  for (const char* const name : {"config.json", "model.safetensors"}) {
    const QTemporaryDir folder;
    copyFixture(bad::oneFile, folder.path().toStdString());
    fs::permissions(fs::path(folder.path().toStdString()) / name, fs::perms::none);
    const FolderReport report = reportFolder(folder.path().toStdString(), {});
    QVERIFY(!report.sound());
    QCOMPARE(report.problems.front().code(), std::string("LAC-1105"));
    QVERIFY(report.problems.front().message().find(name) != std::string::npos);
  }
}

void BadFoldersTest::foldersOfTokenizersAreNoModels() {
  for (const char* const name : {"files_gpt2", "bert_cased", "files_llama"}) {
    const FolderReport report = reportFolder(fs::path(LACUNA_TEST_DATA) / "tokenizers" / name, {});
    QVERIFY(report.sound());
    QCOMPARE(roleName(report.role), std::string("tokenizer"));
    QVERIFY(report.tokens > 0 && !report.tokenizerKind.empty());
  }
}

void BadFoldersTest::pickledFoldersAreToldHowToConvert() {
  const QTemporaryDir folder;
  bad::write(fs::path(folder.path().toStdString()) / "pytorch_model.bin", "PK");
  const FolderReport report = reportFolder(folder.path().toStdString(), {});
  QCOMPARE(report.problems.size(), std::size_t{2});
  QVERIFY(report.problems.front().hint().starts_with("convert to safetensors first"));
}

// models--x--y/snapshots/<revision>/<file> → ../../blobs/<hash>
void BadFoldersTest::hubCacheLinksAreFollowedQuietly() {
  const QTemporaryDir cache;
  const fs::path root = cache.path().toStdString(), snapshot = root / "models--x--y" / "snapshots" / "0123", blobs = root / "models--x--y" / "blobs";
  fs::create_directories(snapshot);
  fs::create_directories(blobs);
  int number = 0;
  for (const auto& entry : fs::directory_iterator(fixture(bad::shards))) {
    const fs::path blob = blobs / std::to_string(number++);
    fs::copy(entry.path(), blob);
    fs::create_symlink(fs::path("../../blobs") / blob.filename(), snapshot / entry.path().filename());
  }
  const FolderReport report = reportFolder(snapshot, {});
  QVERIFY(report.sound());
  QVERIFY(report.warnings.empty());
  QCOMPARE(Model::load(snapshot, {})->info().parameters, report.parameters);
}

void BadFoldersTest::linksOutOfTheFolderWarn() {
  const QTemporaryDir folder, elsewhere;
  copyFixture(bad::oneFile, folder.path().toStdString());
  const fs::path here = folder.path().toStdString(), there = fs::path(elsewhere.path().toStdString()) / "weights.safetensors";
  fs::rename(here / "model.safetensors", there);
  fs::create_symlink(there, here / "model.safetensors");
  const FolderReport report = reportFolder(here, {});
  QVERIFY(report.sound());
  QCOMPARE(report.warnings.size(), std::size_t{1});
  QVERIFY(report.warnings.front().find(there.string()) != std::string::npos);
}

void BadFoldersTest::weightsThatAreNotFiniteWarn() {
  const QTemporaryDir folder;
  copyFixture(bad::oneFile, folder.path().toStdString());
  const fs::path here = folder.path().toStdString();
  bad::edit("model.safetensors", [](std::string& s) {
    const float values[] = {NAN, INFINITY, -INFINITY};
    std::memcpy(s.data() + s.size() - sizeof values, values, sizeof values);
  })(here);
  const auto loaded = Model::load(here, {})->warnings();
  const FolderReport quick = reportFolder(here, {}), full = reportFolder(here, {}, {true});
  QVERIFY(quick.sound() && quick.warnings.empty());
  QCOMPARE(full.warnings.size(), std::size_t{1});
  for (const auto* const warnings : {&loaded, &full.warnings}) {
    QCOMPARE(warnings->size(), std::size_t{1});
    QVERIFY(warnings->front().starts_with("3 weights are not finite"));
  }
}

void BadFoldersTest::tokensBeyondTheRowsAreAProblem() {
  const QTemporaryDir folder;
  copyFixture(bad::oneFile, folder.path().toStdString());
  const fs::path here = folder.path().toStdString();
  fs::copy(fixture(bad::shards) / "tokenizer.json", here / "tokenizer.json");
  const FolderReport report = reportFolder(here, {});
  QCOMPARE(report.problems.size(), std::size_t{1});
  QCOMPARE(report.problems.front().code(), std::string("LAC-1003"));
  for (const char* const part : {"384 tokens", "127 rows"}) QVERIFY(report.problems.front().message().find(part) != std::string::npos);
  QCOMPARE(Model::load(here, {})->warnings().size(), std::size_t{1});
}

void BadFoldersTest::codeInTheFolderIsNeverRun() {
  const QTemporaryDir folder;
  copyFixture(bad::oneFile, folder.path().toStdString());
  bad::config(R"({"auto_map":{"AutoModel":"modeling.Model"}})")(folder.path().toStdString());
  const FolderReport report = reportFolder(folder.path().toStdString(), {});
  QVERIFY(report.sound());
  QCOMPARE(report.warnings.size(), std::size_t{1});
  QVERIFY(report.warnings.front().find("never run") != std::string::npos);
}

void BadFoldersTest::scanningReportsAndCanBeCancelled() {
  std::uint64_t last = 0, total = 0;
  RunContext context;
  context.progress = [&](const Progress& progress) {
    QVERIFY(progress.done >= last);
    last = progress.done;
    total = progress.total;
  };
  const FolderReport report = reportFolder(fixture(bad::shards), context, {true});
  QCOMPARE(last, total);
  QCOMPARE(total, report.storedBytes);
  std::stop_source stop;
  stop.request_stop();
  context.stop = stop.get_token();
  QVERIFY_EXCEPTION_THROWN(reportFolder(fixture(bad::shards), context, {true}), Cancelled);
}

QTEST_GUILESS_MAIN(BadFoldersTest)
#include "bad_folders_test.moc"

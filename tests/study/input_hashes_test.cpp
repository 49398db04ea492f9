#include <QTemporaryDir>
#include <QTest>

#include <fstream>

#include "input_hashes.h"
#include "lacuna/base/error.h"

using namespace lacuna;
using namespace lacuna::study;

namespace fs = std::filesystem;

/// Input files are read for their hashes only when they may have changed.
class InputHashesTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  fs::path write(const std::string& bytes) const {
    const fs::path path = m_folder.filePath("corpus.jsonl").toStdString();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  static store::CorpusFileRow rowOf(const fs::path& path, const std::string& hash) {
    const files::FileStamp stamp = files::stampOf(path);
    store::CorpusFileRow row;
    row.path = path.string();
    row.size = static_cast<std::int64_t>(stamp.size);
    row.modified = stamp.modified;
    row.hash = hash;
    return row;
  }

 private Q_SLOTS:
  void aKnownFileIsNotReadAgain() {
    const fs::path path = write("some documents");
    InputHashes known({rowOf(path, "of before")});
    QCOMPARE(known.of(path).hex, std::string("of before"));
    QCOMPARE(known.filesRead(), std::int64_t{0});
    InputHashes unknown({rowOf(path, "")});   // a study of an older version has no hash
    QCOMPARE(unknown.of(path).hex, contentHash("some documents"));
    unknown.of(path);
    QCOMPARE(unknown.filesRead(), std::int64_t{1});
  }

  void aChangedOneIs() {
    const fs::path path = write("some documents");
    const store::CorpusFileRow row = rowOf(path, "of before");
    InputHashes hashes({row});
    fs::last_write_time(path, fs::last_write_time(path) - std::chrono::seconds(9));
    QCOMPARE(hashes.of(path).hex, contentHash("some documents"));
    write("other documents altogether");
    QCOMPARE(hashes.of(path).hex, contentHash("other documents altogether"));
    QCOMPARE(hashes.filesRead(), std::int64_t{2});
    fs::remove(path);
    QVERIFY_EXCEPTION_THROWN(hashes.of(path), Error);
  }
};

QTEST_GUILESS_MAIN(InputHashesTest)
#include "input_hashes_test.moc"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/files/file_hash.h"

using namespace lacuna;
using namespace lacuna::files;

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

void write(const fs::path& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

void change(const fs::path& path, std::uint64_t at) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(at));
  file << '!';
}

}  // namespace

/// What tells one input file from another.
class FileHashTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  fs::path here(const char* name) const { return m_folder.filePath(name).toStdString(); }

 private Q_SLOTS:
  void aSmallFileIsHashedWhole() {
    write(here("a"), "");
    QCOMPARE(hashFile(here("a")).hex, std::string("99aa06d3014798d86001c324468d497f"));   // XXH3-128 of nothing, as the specification gives it
    write(here("a"), "the bytes of a file");
    const FileHash hash = hashFile(here("a"));
    QVERIFY(!hash.sampled);
    QCOMPARE(hash.hex, contentHash("the bytes of a file"));
    write(here("a"), "the bytes of a film");
    QVERIFY(hashFile(here("a")).hex != hash.hex);
  }

  void aLargeOneByItsParts() {
    const std::uint64_t size = 140 * kMiB;
    write(here("large"), std::string(size, 'x'));
    std::set<std::string> hashes{hashFile(here("large"), kMiB).hex};
    QVERIFY(hashFile(here("large"), kMiB).sampled);
    QVERIFY(!hashFile(here("large"), size).sampled);
    for (const std::uint64_t at : {std::uint64_t{0}, 8 * kMiB - 1, size - 200}) {   // the head, and the last stretch
      change(here("large"), at);
      QVERIFY(hashes.insert(hashFile(here("large"), kMiB).hex).second);
    }
    fs::resize_file(here("large"), size - 1);
    QVERIFY(hashes.insert(hashFile(here("large"), kMiB).hex).second);
    write(here("short"), std::string(9 * kMiB, 'x'));   // no room for stretches: whole
    QVERIFY(!hashFile(here("short"), kMiB).sampled);
  }

  void stampsFollowSizeAndTime() {
    write(here("s"), "1234");
    const FileStamp stamp = stampOf(here("s"));
    QCOMPARE(stamp.size, std::uint64_t{4});
    QVERIFY(stamp == stampOf(here("s")));
    fs::last_write_time(here("s"), fs::last_write_time(here("s")) - std::chrono::seconds(3));
    QCOMPARE(stamp.modified - stampOf(here("s")).modified, std::int64_t{3'000'000'000});
    QVERIFY(stampOf(here("nothing")) == FileStamp());
  }

  void whatCannotBeReadIsSaid() { QVERIFY_EXCEPTION_THROWN(hashFile(here("nothing")), Error); }
};

QTEST_GUILESS_MAIN(FileHashTest)
#include "file_hash_test.moc"

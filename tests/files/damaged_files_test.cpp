#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <fstream>

#include <zlib.h>
#include <zstd.h>

#include "gzip.h"
#include "lacuna/base/error.h"
#include "lacuna/files/files.h"

using namespace lacuna;
using namespace lacuna::files;
using tests::gzip;
namespace fs = std::filesystem;

namespace {

/// One frame with a checksum.
std::string zstd(const std::string& text) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress2(context.get(), out.data(), out.size(), text.data(), text.size()));
  return out;
}

/// What zstd makes of a frame that is handed to it byte by byte.
std::string unpackedByteByByte(const std::string& packed) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  std::string text;
  std::vector<char> buffer(1 << 18);
  for (const char& byte : packed) {
    ZSTD_inBuffer in{&byte, 1, 0};
    ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
    if (ZSTD_isError(ZSTD_decompressStream(context.get(), &out, &in))) break;
    text.append(buffer.data(), out.pos);
  }
  return text;
}

std::string jsonLines(int rows) {
  std::string text;
  std::uint32_t state = 1;
  for (int i = 0; i < rows; ++i) {
    text += "{\"text\":\"document " + std::to_string(i);
    for (int word = 0; word < 12; ++word) {
      state = state * 1664525u + 1013904223u;
      text += " " + std::to_string(state >> 12);
    }
    text += "\"}\n";
  }
  return text;
}

}  // namespace

/// Damage costs what lies behind it and nothing else, however the bytes come.
class DamagedFilesTest : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> m_folder;

  fs::path put(const std::string& name, const std::string& bytes) const {
    const fs::path path = fs::path(m_folder->path().toStdString()) / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  static ReadReport read(const fs::path& path, int threads = 1, std::vector<std::string>* texts = nullptr) {
    RunContext context;
    context.threads = threads;
    return readRecords(path, {.mayBeEmpty = true}, context, [&](Record&& record) {
      if (texts) texts->push_back(std::move(record.text));
      return true;
    });
  }

 private Q_SLOTS:
  void init() { m_folder = std::make_unique<QTemporaryDir>(); }

  void everyRowBeforeTheDamageOfAFrameIsGiven_data() {
    QTest::addColumn<double>("where");
    QTest::addColumn<bool>("cut");
    for (const double where : {.31, .5, .77, .98}) {
      QTest::addRow("changed at %g", where) << where << false;
      QTest::addRow("cut at %g", where) << where << true;
    }
  }
  void everyRowBeforeTheDamageOfAFrameIsGiven() {
    QFETCH(double, where);
    QFETCH(bool, cut);
    std::string packed = zstd(jsonLines(20000));
    const auto at = static_cast<std::size_t>(static_cast<double>(packed.size()) * where);
    if (cut) packed.resize(at);
    else
      for (std::size_t i = 0; i < 64; ++i) packed[at + i] = '\xFF';
    const std::string before = unpackedByteByByte(packed);
    const auto rows = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    QVERIFY(rows > 1000 && rows < 20000);
    const fs::path path = put("a.jsonl.zst", packed);
    for (const int threads : {1, 2, 3}) {
      const ReadReport report = read(path, threads);
      QCOMPARE(report.documents, rows);
      QVERIFY(report.damaged() && report.bad.empty());
    }
  }

  void aWrongChecksumCostsNoRow_data() {
    QTest::addColumn<bool>("zstd");
    QTest::addColumn<int>("rows");
    for (const int rows : {1, 100, 20000}) {
      QTest::addRow("zstd, %d rows", rows) << true << rows;
      QTest::addRow("gzip, %d rows", rows) << false << rows;
    }
  }
  void aWrongChecksumCostsNoRow() {
    QFETCH(bool, zstd);
    QFETCH(int, rows);
    std::string packed = zstd ? ::zstd(jsonLines(rows)) : gzip(jsonLines(rows));
    const std::size_t at = packed.size() - (zstd ? 2 : 6);
    packed[at] = static_cast<char>(packed[at] ^ 1);
    const fs::path path = put("a.jsonl", packed);
    for (const int threads : {1, 2, 3}) {
      const ReadReport report = read(path, threads);
      QCOMPARE(report.documents, static_cast<std::uint64_t>(rows));
      QVERIFY(report.damaged());
    }
  }

  void aCutMemberIsTheSameAtAnyThreadCount() {
    const std::string packed = gzip(jsonLines(20000));
    for (const std::size_t cut : {packed.size() / 3, packed.size() / 2, packed.size() - 20}) {
      const fs::path path = put("a.jsonl.gz", packed.substr(0, cut));
      std::vector<std::string> one, two;
      QVERIFY(read(path, 1, &one).damaged() && read(path, 2, &two).damaged());
      QVERIFY(one.size() > 1000);
      QCOMPARE(two, one);
    }
  }
};

QTEST_GUILESS_MAIN(DamagedFilesTest)
#include "damaged_files_test.moc"

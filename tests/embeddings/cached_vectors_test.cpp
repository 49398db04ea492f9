#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <set>

#include "cached_vectors.h"
#include "embed_documents.h"
#include "lacuna/base/error.h"
#include "lacuna/base/log.h"
#include "lacuna/files/files.h"

using namespace lacuna;
using namespace lacuna::embeddings;
using files::CacheSettings;
using files::FolderLock;

namespace {

namespace fs = std::filesystem;

/// Makes vectors of what a text says, and counts how many it made.
class CountingEncoder final : public TextEncoder {
 public:
  explicit CountingEncoder(std::string name = "counting") : m_name(std::move(name)) {}
  std::int64_t dimensions() const override { return 6; }
  std::string hash() const override { return m_name; }
  EncodedTexts read(std::span<const std::string> texts, const RunContext& context) const override {
    context.checkpoint();
    EncodedTexts out{MatrixF(std::ssize(texts), 6), {}};
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const TextKey key = TextKey::of(texts[i] + m_name);
      for (Eigen::Index j = 0; j < 6; ++j) out.vectors(static_cast<Eigen::Index>(i), j) = static_cast<float>((key.low >> (8 * j)) & 255) - 100.5F;
      if (texts[i].empty()) out.vectors.row(static_cast<Eigen::Index>(i)).setConstant(std::numeric_limits<float>::quiet_NaN());
      out.lengths.push_back({std::ssize(texts[i]), std::min<std::int64_t>(9, std::ssize(texts[i]))});
      ++made;
      seen.insert(texts[i]);
    }
    return out;
  }
  mutable std::int64_t made = 0;
  mutable std::set<std::string> seen;

 private:
  std::string m_name;
};

corpus::Corpus numbered(int from, int to) {
  corpus::Corpus corpus;
  for (int i = from; i < to; ++i) {
    corpus.documents.emplace_back();
    corpus.documents.back().text = i == 3 ? "" : "document " + std::to_string(i);
  }
  return corpus;
}

bool same(const EncodedTexts& a, const EncodedTexts& b) {
  const auto bytes = static_cast<std::size_t>(a.vectors.size()) * sizeof(float);
  const auto equal = [](const TextLength& x, const TextLength& y) { return x.tokens == y.tokens && x.read == y.read; };
  return a.vectors.rows() == b.vectors.rows() && std::memcmp(a.vectors.data(), b.vectors.data(), bytes) == 0 &&
         std::equal(a.lengths.begin(), a.lengths.end(), b.lengths.begin(), b.lengths.end(), equal);
}

std::vector<fs::path> shardsBelow(const fs::path& root) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (entry.is_regular_file() && entry.path().extension() == ".vec") out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

std::uint64_t bytesOf(const std::vector<fs::path>& paths) {
  std::uint64_t sum = 0;
  for (const fs::path& path : paths) sum += fs::file_size(path);
  return sum;
}

/// Warnings of the log while it lives.
class Warnings {
 public:
  Warnings() {
    log::setSink([this](log::Level level, const std::string& line) {
      if (level == log::Level::Warning) lines.push_back(line);
    });
  }
  ~Warnings() { log::setSink({}); }
  std::vector<std::string> lines;
};

}  // namespace

/// Vectors that are kept between runs: what a run finds is what it would make.
class CachedVectorsTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_scratch;
  int m_folders = 0;

  CacheSettings fresh(std::uint64_t cap = std::uint64_t{1} << 30) { return {fs::path(m_scratch.path().toStdString()) / std::to_string(m_folders++), cap}; }

 private Q_SLOTS:
  void sameBytesWithAndWithout() {
    const CacheSettings cache = fresh();
    const corpus::Corpus corpus = numbered(0, 700);
    const CountingEncoder encoder;
    const EncodedTexts without = readDocuments(corpus, encoder, {}, {});
    QCOMPARE(encoder.made, 700);
    QVERIFY(same(readDocuments(corpus, encoder, {}, cache), without));
    QCOMPARE(encoder.made, 1400);
    QVERIFY(same(readDocuments(corpus, encoder, {}, cache), without));
    QCOMPARE(encoder.made, 1400);   // nothing was made again
    QVERIFY(std::isnan(without.vectors(3, 0)));
    QCOMPARE(without.lengths[5].tokens, 10);
    QCOMPARE(without.lengths[5].read, 9);
  }

  void onlyWhatIsNewIsMade() {
    const CacheSettings cache = fresh();
    const CountingEncoder encoder;
    readDocuments(numbered(0, 400), encoder, {}, cache);
    QCOMPARE(encoder.made, 400);
    const EncodedTexts more = readDocuments(numbered(200, 900), encoder, {}, cache);   // another sample
    QCOMPARE(encoder.made, 900);
    QVERIFY(same(more, readDocuments(numbered(200, 900), CountingEncoder(), {}, {})));
    const CountingEncoder other("another");
    QVERIFY(!same(readDocuments(numbered(200, 900), other, {}, cache), more));
    QCOMPARE(other.made, 700);
  }

  void aStoppedRunGoesOn_data() {
    QTest::addColumn<int>("shards");
    for (const int shards : {0, 1, 3}) QTest::newRow(std::to_string(shards).c_str()) << shards;
  }
  void aStoppedRunGoesOn() {
    QFETCH(int, shards);
    const CacheSettings cache = fresh();
    const corpus::Corpus corpus = numbered(0, 1100);
    const CountingEncoder encoder;
    std::stop_source stop;
    RunContext context;
    context.stop = stop.get_token();
    context.progress = [&](const Progress& progress) {
      if (progress.done >= static_cast<std::uint64_t>(256 * shards)) stop.request_stop();
    };
    QVERIFY_THROWS_EXCEPTION(Cancelled, readDocuments(corpus, encoder, context, cache));
    QCOMPARE(encoder.made, 256 * shards);
    std::uint64_t first = 1;
    RunContext again;
    again.progress = [&](const Progress& progress) { first = first == 1 ? progress.done : first; };
    const CountingEncoder rest;
    const EncodedTexts resumed = readDocuments(corpus, rest, again, cache);
    QCOMPARE(rest.made, 1100 - 256 * shards);
    QCOMPARE(first, static_cast<std::uint64_t>(256 * shards));   // progress begins where the last run ended
    QVERIFY(std::none_of(rest.seen.begin(), rest.seen.end(), [&](const std::string& text) { return encoder.seen.contains(text); }));
    QVERIFY(same(resumed, readDocuments(corpus, CountingEncoder(), {}, {})));
  }

  void repeatedTextsAreMadeOnce() {
    corpus::Corpus corpus = numbered(0, 50);
    const auto copies = corpus.documents;
    corpus.documents.insert(corpus.documents.end(), copies.begin(), copies.end());
    corpus.contaminated = {copies[7], copies[8]};
    const CountingEncoder encoder;
    const EncodedTexts read = readDocuments(corpus, encoder, {}, {});
    QCOMPARE(encoder.made, 50);
    QCOMPARE(read.vectors.rows(), Eigen::Index{102});
    QVERIFY(read.vectors.row(57) == read.vectors.row(7) && read.vectors.row(100) == read.vectors.row(7) && read.vectors.row(101) == read.vectors.row(8));
  }

  void damagedFilesAreMadeAgain_data() {
    QTest::addColumn<QString>("how");
    for (const char* how : {"cut", "one byte", "a bit of a vector", "a bit of a key", "empty", "garbage", "rows", "longer", "folder", "tokens", "dimensions"})
      QTest::newRow(how) << QString(how);
  }
  void damagedFilesAreMadeAgain() {
    QFETCH(QString, how);
    const CacheSettings cache = fresh();
    const corpus::Corpus corpus = numbered(0, 600);
    readDocuments(corpus, CountingEncoder(), {}, cache);
    const std::vector<fs::path> shards = shardsBelow(cache.folder);
    QCOMPARE(shards.size(), std::size_t{3});
    std::int64_t lost = 0;
    {
      std::string bytes = files::readText(shards[1]);
      std::uint32_t rows = 0;
      std::memcpy(&rows, bytes.data() + 12, 4);
      lost = rows;
      damage(how, bytes);
      fs::remove(shards[1]);
      if (how == "folder") fs::create_directories(shards[1] / "inside");
      else std::ofstream(shards[1], std::ios::binary) << bytes;
    }
    Warnings warnings;
    const CountingEncoder again;
    const EncodedTexts read = readDocuments(corpus, again, {}, cache);
    QCOMPARE(again.made, lost);
    QCOMPARE(warnings.lines.size(), how == "folder" ? std::size_t{2} : std::size_t{1});   // a folder in its place cannot be written over either
    QVERIFY(QString::fromStdString(warnings.lines[0]).contains("1 files of kept vectors are damaged"));
    QVERIFY(same(read, readDocuments(corpus, CountingEncoder(), {}, {})));
  }

  void anUnwritableFolderIsOneWarning() {
    const fs::path file = fs::path(m_scratch.path().toStdString()) / "a file";
    std::ofstream(file) << "in the way";
    Warnings warnings;
    const CountingEncoder encoder;
    const EncodedTexts read = readDocuments(numbered(0, 600), encoder, {}, {file / "cache"});
    QCOMPARE(encoder.made, 600);
    QVERIFY(same(read, readDocuments(numbered(0, 600), CountingEncoder(), {}, {})));
    QCOMPARE(warnings.lines.size(), std::size_t{1});
    QVERIFY(QString::fromStdString(warnings.lines[0]).contains("LACUNA_CACHE"));
  }

  void theOldestGoFirst() {
    CacheSettings cache = fresh();
    const CountingEncoder first("first"), second("second"), third("third");
    readDocuments(numbered(0, 256), first, {}, cache);
    readDocuments(numbered(0, 256), second, {}, cache);
    const std::vector<fs::path> two = shardsBelow(cache.folder);
    QCOMPARE(two.size(), std::size_t{2});
    const std::uint64_t each = fs::file_size(two[0]);
    for (const fs::path& path : two) fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(5));
    readDocuments(numbered(0, 256), first, {}, cache);   // of use again: the second is the older one now
    cache.capBytes = 2 * each;
    readDocuments(numbered(0, 256), third, {}, cache);
    QVERIFY(bytesOf(shardsBelow(cache.folder)) <= cache.capBytes);
    readDocuments(numbered(0, 256), first, {}, cache);
    readDocuments(numbered(0, 256), third, {}, cache);
    QCOMPARE(first.made, 256);
    QCOMPARE(third.made, 256);
    readDocuments(numbered(0, 256), second, {}, cache);
    QCOMPARE(second.made, 512);
  }

  void nothingIsRemovedWhileItIsRead() {
    CacheSettings cache = fresh();
    const CountingEncoder first("first"), second("second");
    readDocuments(numbered(0, 256), first, {}, cache);
    const std::vector<fs::path> shards = shardsBelow(cache.folder);
    cache.capBytes = fs::file_size(shards[0]) + 10;
    {
      const FolderLock reader(shards[0].parent_path(), FolderLock::Kind::Shared);
      QVERIFY(reader.held());
      Warnings warnings;
      const EncodedTexts read = readDocuments(numbered(0, 600), second, {}, cache);   // no room: it goes on without
      QVERIFY(same(read, readDocuments(numbered(0, 600), CountingEncoder("second"), {}, {})));
      QCOMPARE(shardsBelow(cache.folder), shards);
      QCOMPARE(warnings.lines.size(), std::size_t{1});
    }
    readDocuments(numbered(0, 256), second, {}, cache);
    QVERIFY(shardsBelow(cache.folder) != shards);
    QVERIFY(bytesOf(shardsBelow(cache.folder)) <= cache.capBytes);
  }

  void leftoversOfADeadRunGo() {
    const CacheSettings cache = fresh();
    readDocuments(numbered(0, 10), CountingEncoder("first"), {}, cache);
    const fs::path folder = shardsBelow(cache.folder)[0].parent_path(), old = folder / "x.vec.tmp-1-0", young = folder / "y.vec.tmp-2-0";
    for (const fs::path& path : {old, young}) std::ofstream(path) << "half a file";
    fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(30));
    readDocuments(numbered(0, 10), CountingEncoder("second"), {}, cache);
    QVERIFY(!fs::exists(old));
    QVERIFY(fs::exists(young));   // somebody may be writing it
  }

 private:
  static void damage(const QString& how, std::string& bytes) {
    const auto number = [&](std::size_t at, std::uint32_t value) { std::memcpy(bytes.data() + at, &value, 4); };
    if (how == "cut") bytes.resize(bytes.size() / 2);
    if (how == "one byte") bytes.pop_back();
    if (how == "a bit of a vector") bytes[bytes.size() - 40] = static_cast<char>(bytes[bytes.size() - 40] ^ 4);
    if (how == "a bit of a key") bytes[20] = static_cast<char>(bytes[20] ^ 1);
    if (how == "empty") bytes.clear();
    if (how == "garbage") bytes.assign(5000, 'x');
    if (how == "rows") number(12, 4'000'000'000U);
    if (how == "longer") bytes += "more";
    if (how == "tokens") bytes[16 + 31] = '\x7f';
    if (how == "dimensions") number(8, 0x7fffffffU);
  }
};

QTEST_GUILESS_MAIN(CachedVectorsTest)
#include "cached_vectors_test.moc"
